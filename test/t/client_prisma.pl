# tier: all
# The endpoints through Prisma 7 with the driver adapter for PostgreSQL, by the typed
# wrappers of examples/prisma: made from the catalog, compiled, called.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use BtwinClient;
use File::Copy qw(copy);
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

my $nodejs = BtwinClient->nodejs('20.19');
my $examples = "$FindBin::Bin/../../examples/prisma";
my $place = BtwinClient->packages('prisma');
# what is tested is what the example asks for
my ($asked, $tested) = map { my $text = decode_json(PostgreSQL::Test::Utils::slurp_file($_)); +{ %{ $text->{dependencies} }, %{ $text->{devDependencies} } } } "$examples/package.json", "$BtwinClient::folder/prisma/package.json";
is_deeply($tested, $asked, 'the versions of the example');

my $node = BtwinClient->application('client_prisma');
copy($_, $place) or die "$_: $!\n" foreach glob("$examples/*.ts $examples/schema.prisma $examples/tsconfig.json");
my $functions = $node->safe_psql('app', PostgreSQL::Test::Utils::slurp_file("$examples/functions.sql"));
is(join(' ', sort $functions =~ /^\t(\w+): \{ list:/mg), $node->safe_psql('app', q{SELECT string_agg(proname, ' ' ORDER BY proname COLLATE "C") FROM pg_proc WHERE pronamespace = 'btwin_api'::regnamespace}), 'every function is there');
PostgreSQL::Test::Utils::append_to_file("$place/functions.ts", "$functions\n");
# no engine is needed, so none is fetched
local @ENV{qw(PRISMA_SCHEMA_ENGINE_BINARY CHECKPOINT_DISABLE)} = ('/bin/true', 1);
chdir $place;
my $said = '';
ok(IPC::Run::run([ 'timeout', '300', $nodejs, 'node_modules/prisma/build/index.js', 'generate' ], '<', \undef, '>&', \$said), 'prisma generate') or diag($said);
ok(IPC::Run::run([ 'timeout', '300', $nodejs, 'node_modules/typescript/bin/tsc' ], '<', \undef, '>&', \$said), 'the types hold') or diag($said);

my @reads = BtwinClient->reads($node);
cmp_ok(scalar @reads, '>=', 31, 'there are reads to call');
my $seen = BtwinClient->run({ connection => { host => $node->host, port => $node->port + 0, database => 'app' }, reads => \@reads, moment => $BtwinClient::moment, refusals => \@BtwinClient::refusals, writes => \@BtwinClient::writes },
	$nodejs, "$place/built/client.js");
foreach my $read (@reads)
{
	my $expected = BtwinClient::canonical($read->{expected});
	if ($read->{list})
	{
		foreach my $column (grep { $read->{columns}{$_} =~ /^(timestamp|date)/ } keys %{ $read->{columns} })
		{
			$_->{$column} = "Date $_->{$column}" foreach grep { defined $_->{$column} } @$expected;
		}
	}
	is_deeply(BtwinClient::canonical($seen->{answers}{ $read->{name} }), $expected, "$read->{name}: what the server says, moments as Date");
}
is_deeply($seen->{refusals}, BtwinClient->refused, 'refusals: status, SQLSTATE, code and argument');
BtwinClient->check_writes($node, $seen->{writes});
is("$seen->{sure} $seen->{seen}", '0.875 Date 2026-03-15T12:00:00.000Z', 'values of their types');
is_deeply($seen->{together}, { goals => ['g1'], learners => ['ann'] }, 'functions and tables in one transaction, as one learner');
is($seen->{unknownArgument}, 'TypeError: patterns has no argument "minimum"', 'an argument that is not there');
is_deeply($seen->{service}, ['pb'], 'a service names the learner');
is_deeply($seen->{unclaimed}, [ { claim => '' } ], 'the connection keeps no claim');

$ENV{DATABASE_URL} = 'postgresql://web@localhost/app?host=' . $node->host . '&port=' . $node->port;
my ($out, $err) = ('', '');
IPC::Run::run([ $nodejs, "$place/built/example.js", 'ann', $BtwinClient::moment ], '<', \undef, '>', \$out, '2>', \$err);
like($out, qr/^burnout: LOW, \d+\.\d \(\d+\.\d to \d+\.\d\)\nevening: 0\.875, last seen 2026-03-15T12:00:00\.000Z\npeak: 0\.75, /, 'the example') or diag($err);
IPC::Run::run([ $nodejs, "$place/built/example.js", 'off' ], '<', \undef, '>', \$out, '2>', \$err);
like($out, qr/^403 analysis_disabled: /, 'and what it says of a refusal') or diag($err);
$node->stop;
done_testing();
