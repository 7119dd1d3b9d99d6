# tier: all
# The endpoints as GraphQL through PostGraphile 5, set up as examples/postgraphile says.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use BtwinClient;
use File::Copy qw(copy);
use Test::More;

my $nodejs = BtwinClient->nodejs('20.0');
my $place = BtwinClient->packages('postgraphile');
copy("$FindBin::Bin/../../examples/postgraphile/graphile.config.mjs", $place) or die "graphile.config.mjs: $!\n";
my $node = BtwinClient->application('client_postgraphile');
my @reads = BtwinClient->reads($node);
cmp_ok(scalar @reads, '>=', 31, 'there are reads to call');

# PostGraphile connects as the role of learners, so nothing of services is asked
my @refusals = grep { $_->{role} eq 'web' } @BtwinClient::refusals;
local $ENV{GRAPHILE_ENV} = 'production';
my $seen = BtwinClient->run({ url => 'postgresql://web@localhost/app?host=' . $node->host . '&port=' . $node->port, reads => \@reads, moment => $BtwinClient::moment, refusals => \@refusals, writes => \@BtwinClient::writes },
	$nodejs, '--require', "$place/older_node.cjs", "$place/client.mjs");
is_deeply($seen->{errors}, {}, 'no read fails');
foreach my $read (@reads)
{
	is_deeply(BtwinClient::canonical($seen->{answers}{ $read->{name} }), BtwinClient::canonical($read->{expected}), "$read->{name}: what the server says");
	is($seen->{summaries}{ $read->{name} }, $node->safe_psql('app', "SELECT split_part(obj_description(oid, 'pg_proc'), E'\\n', 1) FROM pg_proc WHERE pronamespace = 'btwin_api'::regnamespace AND proname = '$read->{name}'"), "$read->{name}: described");
}
is_deeply($seen->{types}{patterns}, { userId => 'String', patternTypeIs => 'String', minConfidence => 'Float', maxRows => 'Int', afterId => 'String', asOf => 'Datetime', offset => 'Int', first => 'Int', after => 'Cursor' }, 'arguments, all optional');
is_deeply($seen->{refusals}, BtwinClient->refused(@refusals), 'refusals: status, SQLSTATE, code and argument');
BtwinClient->check_writes($node, $seen->{writes});
is_deeply($seen->{several}, { patterns => { nodes => [ { id => 'p1', evidence => [ 'a', 'b' ] } ] }, goals => { nodes => [ { id => 'g1' } ] } }, 'two in one request');
is_deeply($seen->{unreadable}, ['An error of the server'], 'other errors keep their text to themselves');
is_deeply($seen->{tables}, [], 'no table is shown');
$node->stop;
done_testing();
