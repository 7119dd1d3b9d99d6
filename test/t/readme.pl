# The SQL in README.md runs as it stands, one statement after the other, and
# every question there has an answer.
use strict;
use warnings;
use Test::More;

open my $in, '<', 'README.md' or die "README.md: $!\n";
my (@blocks, $open);
while (my $line = <$in>)
{
	if ($line =~ s/^    //) { push @blocks, '' unless $open; $blocks[-1] .= $line; $open = 1; }
	elsif ($line =~ /\S/ || !$open) { $open = 0; }
}
close $in;
my @statements = grep { /^(--[^\n]*\n)*(SELECT|CREATE|INSERT|CALL)\b/ } map { split /(?<=;)\n\s*/ } @blocks;
cmp_ok(scalar @statements, '>=', 5, scalar(@statements) . ' statements');
cmp_ok(scalar(grep { /^(--[^\n]*\n)*SELECT/ } @statements), '>=', 4, 'with questions among them');

sub psql
{
	my ($database, $statement) = @_;
	local $ENV{PGOPTIONS} = '-c client_min_messages=warning';
	open my $psql, '-|', 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', $database, '-c', $statement or die "psql: $!\n";
	local $/;
	my $output = <$psql> // '';
	close $psql;
	return ($?, $output);
}

psql('postgres', 'DROP DATABASE IF EXISTS readme');
is((psql('postgres', 'CREATE DATABASE readme TEMPLATE template0'))[0], 0, 'a database');
is((psql('readme', 'CREATE EXTENSION btwin'))[0], 0, 'the extension');
foreach my $statement (@statements)
{
	my ($first) = $statement =~ /^(?:--[^\n]*\n)*(.*)/;
	my ($status, $output) = psql('readme', $statement);
	is($status, 0, "runs: $first");
	like($output, qr/[^\s|]/, "has an answer: $first") if $first =~ /^SELECT/;
	like($output, qr/^18\|21\|0\.\d+\|(1|0\.\d+)\|$/m, 'the hours are those that the text says') if $statement =~ /best_window/;
}
is((psql('postgres', 'DROP DATABASE readme'))[0], 0, 'the end');
done_testing();
