# The endpoints through node-postgres, the driver under most ORMs: what arrives
# has the types that an application expects, statements are prepared, and a write that
# is repeated with its key is done once.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use BtwinClient;
use IPC::Run;
use JSON::PP;
use Test::More;

my $nodejs = BtwinClient->nodejs;
# Debian's package, else npm where it answers
my $driver = '/usr/share/nodejs/pg';
$driver = BtwinClient->packages('postgrest_js') . '/node_modules/pg' if !-d $driver;
my $node = BtwinClient->application('client_node');

my ($out, $err);
my $ran = IPC::Run::run([ $nodejs, "$FindBin::Bin/client/node_pg.js", $driver, $node->host, $node->port, 'app', $BtwinClient::moment ], '>', \$out, '2>', \$err);
ok($ran, 'the script runs') or diag($err);
my $seen = decode_json($out);

cmp_ok(scalar(keys %{ $seen->{reads} }), '>=', 25, 'there are reads to call');
foreach my $name (sort keys %{ $seen->{reads} })
{
	my $read = $seen->{reads}{$name};
	is_deeply($read->{wrong}, [], "$name: values arrive as the driver's own types");
	cmp_ok($read->{generic_plans}, '>', 0, "$name: a generic plan after 20 calls");
}
is_deeply($seen->{pattern}, { id => 'p1', confidence => 0.875, evidence => [ 'a', 'b' ], last_seen_at => '2026-03-15T12:00:00.000Z' }, 'a row as JavaScript sees it');
is_deeply($seen->{foreign}, { code => 'PT403', detail => { code => 'forbidden' } }, 'another learner is refused, and a program can read why');
is_deeply($seen->{anonymous}, { code => 'PT403', detail => { code => 'no_claim' } }, 'so is nobody');
is($seen->{left_over}, '', 'a pooled connection keeps no claim');
is($seen->{written}[0]{title}, 'Pages', 'a write with a key');
is_deeply($seen->{written}[$_], $seen->{written}[0], $_ == 1 ? 'beside it the same on another connection: one answer' : 'a retry: the same answer') foreach 1, 2;
is($node->safe_psql('app', q{SELECT count(*) FROM behavioral_goals WHERE title = 'Pages'}), '1', 'and one goal');
is_deeply($seen->{reused}, { code => 'PT409', detail => { code => 'key_reused', argument => 'idempotency_key' } }, 'the key with other arguments');
is_deeply($seen->{read_only}, { code => '25006', detail => undef }, 'no write in a transaction that reads');
$node->stop;
done_testing();
