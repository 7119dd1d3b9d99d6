# What PGXN reads (META.json, specification 1.0.0) agrees with the tree.
use strict;
use warnings;
use JSON::PP;
use Test::More;

sub content
{
	my ($file) = @_;
	open my $in, '<:raw', $file or die "$file: $!\n";
	local $/;
	return scalar <$in>;
}

my $meta = decode_json(content('META.json'));
my ($version) = content('btwin.control') =~ /^default_version\s*=\s*'([^']+)'/m;

like($version, qr/^\d+\.\d+\.\d+$/, 'the control file has a semantic version');
is($meta->{version}, $version, 'META.json has the version of the control file');
is($meta->{provides}{btwin}{version}, $version, 'so has what it provides');
is_deeply([ sort keys %{ $meta->{provides} } ], ['btwin'], 'one extension is provided');

# the fields that the specification requires
ok(length($meta->{$_} // ''), "META.json has $_") foreach qw(name abstract version maintainer license);
is($meta->{name}, 'btwin', 'named as the extension');
is($meta->{license}, 'postgresql', 'licence by its PGXN name');
is($meta->{'meta-spec'}{version}, '1.0.0', 'version of the specification');
like($meta->{'meta-spec'}{url}, qr{^https?://pgxn\.org/}, 'address of the specification');
like($meta->{prereqs}{runtime}{requires}{PostgreSQL}, qr/^15\./, 'oldest PostgreSQL');

my $file = $meta->{provides}{btwin}{file};
ok($file =~ /^sql\/btwin--(.*)\.sql$/ && $1 eq $version, 'provided file is what the Makefile builds');
ok(-e $meta->{provides}{btwin}{docfile}, 'document exists');
like(content('CHANGELOG.md'), qr/^## \Q$version\E\b/m, 'CHANGELOG has an entry for the version');

done_testing();
