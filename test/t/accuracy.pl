# tier: all
# bench/accuracy/run in short: the form of its report, and that methods which
# claim everything, or nothing, miss their bars.
use strict;
use warnings;
use FindBin;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::Bin/../..";
my $node = PostgreSQL::Test::Cluster->new('accuracy');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'UTC'\njit = off");
$node->start;
# it then uses the server it is given instead of making one
$ENV{BTWIN_PRIVATE} //= PostgreSQL::Test::Utils::tempdir;
delete $ENV{BTWIN_DATA};
local @ENV{qw(PGHOST PGPORT PGDATABASE)} = ($node->host, $node->port, 'postgres');

sub run_accuracy
{
	my (@options) = @_;
	my $out = PostgreSQL::Test::Utils::tempdir;
	my ($stdout, $stderr);
	IPC::Run::run([ "$top/bench/accuracy/run", '--out', $out, @options ], '>', \$stdout, '2>', \$stderr);
	my $status = $? >> 8;
	my $json = -e "$out/report.json" ? decode_json(slurp_file("$out/report.json")) : undef;
	return { status => $status, out => $out, stderr => $stderr, report => $json };
}

sub verdict
{
	my ($run, $product, $figure) = @_;
	my @found = grep { $_->{family} eq 'habits' && $_->{product} eq $product && $_->{figure} eq $figure && $_->{method} eq 'default' } @{ $run->{report}{verdict} };
	return @found == 1 ? ($found[0]{holds} ? 'holds' : 'misses') : 'not found';
}

my @short = qw(--families habits --replicates 40);
my $run = run_accuracy(@short, qw(--seeds 1-2 --learners 60));
ok($run->{status} == 0 || $run->{status} == 1, "exit status $run->{status}: every bar holds, or one is missed") or diag $run->{stderr};
my $missed = grep { !$_->{holds} } @{ $run->{report}{verdict} };
is($run->{status}, $missed ? 1 : 0, 'the status says whether one is missed');
like($run->{stderr}, qr/^2 of 2 seeds done/m, 'progress is shown');
my %seen;
$seen{ $_->{product} }{ $_->{method} }{ $_->{figure} } = $_ foreach @{ $run->{report}{result} };
is_deeply([ sort keys %seen ], [ 'content', 'content told', 'hours', 'hours told', 'session length' ], 'products');
foreach my $product (sort keys %seen)
{
	is_deeply([ sort keys %{ $seen{$product} } ], [qw(all-knowing constant default epic5 ideal naive)], "methods of $product");
	my $default = $seen{$product}{default};
	ok($default->{brier}{value} < $seen{$product}{constant}{brier}{value}, "$product: better than a constant, if only just");
	ok($default->{brier_difference}{value} < 0 && $default->{brier_difference}{error} > 0, "$product: by so much, with an error");
}
# 24 hours of every learner who has three sessions
is($seen{hours}{default}{rows}{value} % 24, 0, 'a claim for every hour');
is($seen{hours}{default}{rows}{value}, $seen{hours}{ideal}{rows}{value}, 'of the same learners by every method');
my $text = slurp_file("$run->{out}/report.md");
like($text, qr/^## Bars$/m, 'bars in the text');
like($text, qr/^### hours, simulator$/m, 'a table per product');
my @plots = glob "$run->{out}/*.svg";
is(scalar(@plots), 5, 'a plot per product');
foreach my $plot (@plots)
{
	my $svg = slurp_file($plot);
	ok($svg =~ m{\A<svg [^>]*>.*</svg>\n\z}s && $svg =~ />default</ && $svg =~ />epic5</, 'plot ' . ($plot =~ s{.*/}{}r));
	my $depth = 0;
	my $closed = 1;
	while ($svg =~ m{<(/?)\w[^<>]*?(/?)>}g) { $depth += $1 ? -1 : $2 ? 0 : 1; $closed = 0 if $depth < 0; }
	ok($closed && $depth == 0, 'its elements close');
}

# the whole once more: the same figures, as draws and bootstrap have seeds
my $again = run_accuracy(@short, qw(--seeds 1-2 --learners 60));
is_deeply($again->{report}{result}, $run->{report}{result}, 'a second run gives the same figures');

my $sure = run_accuracy(@short, qw(--seeds 1 --learners 30 --always 0.99));
is($sure->{status}, 1, 'always 0.99: missed');
is(verdict($sure, $_->[0], $_->[1]), 'misses', "always 0.99: $_->[0], $_->[1]")
  foreach map { my $product = $_; map { [ $product, $_ ] } qw(ece true_at_0.9 told_at_0.8) } 'hours', 'content', 'session length';
my $silent = run_accuracy(@short, qw(--seeds 1 --learners 30 --always 0));
is($silent->{status}, 1, 'always 0: missed');
is(verdict($silent, $_, 'power_of_ideal'), 'misses', "always 0: $_, power") foreach 'hours', 'content', 'session length';
is(verdict($silent, 'hours', 'true_at_0.9'), 'misses', 'always 0: of no claims none is true');

my $unknown = run_accuracy(qw(--families horoscopes));
is($unknown->{status}, 2, 'an unknown family is an error');
like($unknown->{stderr}, qr/^no such family: horoscopes \(there are /, 'that names it');
my $left_out = run_accuracy(qw(--families replication --replicates 2));
is($left_out->{status}, 0, 'no data: nothing to miss');
like(slurp_file("$left_out->{out}/report.md"), qr/^Left out, as there was no data: replication\.$/m, 'the report says what was left out');

$node->stop;
done_testing();
