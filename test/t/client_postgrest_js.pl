# tier: all
# The endpoints through @supabase/postgrest-js, the client of many applications, and a
# server that sends what PostgREST sends: calls by GET and POST, select, filter, order
# and limit, errors.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use BtwinClient;
use Test::More;

my $nodejs = BtwinClient->nodejs('18.0');
my $place = BtwinClient->packages('postgrest_js');
my $node = BtwinClient->application('client_postgrest_js');
my @reads = BtwinClient->reads($node);
cmp_ok(scalar @reads, '>=', 31, 'there are reads to call');

my $seen = BtwinClient->run({ connection => { host => $node->host, port => $node->port + 0, database => 'app', user => 'authenticator' }, reads => \@reads,
	moment => $BtwinClient::moment, refusals => \@BtwinClient::refusals, writes => \@BtwinClient::writes }, $nodejs, "$place/client.js");
is_deeply($seen->{errors}, {}, 'no read fails');
foreach my $read (@reads)
{
	is_deeply($seen->{$_}{ $read->{name} }, $read->{expected}, "$read->{name}: by \U$_\E what the server says") foreach qw(get post);
}
is_deeply($seen->{shaped}, [ { id => 'p2', sure => 0.75 } ], 'select, filter, order and limit by GET');
is_deeply($seen->{posted}, [ { id => 'p1' } ], 'and a page of two rows by POST');
is_deeply($seen->{single}, { id => 'p2' }, 'a single row');
is($seen->{none}, undef, 'none, where it belongs to another learner');
is_deeply($seen->{two}, { status => 406, code => 'PGRST116' }, 'two are not a single one');
is_deeply($seen->{refusals}, BtwinClient->refused, 'refusals: status, SQLSTATE, code and argument');
BtwinClient->check_writes($node, $seen->{writes});
is_deeply($seen->{written_by_get}, { status => 405, code => '25006' }, 'no write by GET');
is_deeply($seen->{anonymous}, { status => 401, code => '42501' }, 'without a token');
is_deeply($seen->{forged}, { status => 401, code => 'PGRST301' }, 'with a token that somebody else signed');
is_deeply($seen->{unreadable}, { status => 400, code => '22P02' }, 'an argument that cannot be read');
is_deeply($seen->{unknown}, { status => 404, code => 'PGRST202' }, 'an argument that is not there');
is_deeply($seen->{schema}, { status => 406, code => 'PGRST106' }, 'no other schema');
$node->stop;
done_testing();
