# The endpoints through a real PostgREST, set up as examples/postgrest says. It needs
# one: POSTGREST_BIN names it.
use strict;
use warnings;
use FindBin;
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Digest::SHA qw(hmac_sha256);
use IO::Socket::INET;
use JSON::PP;
use MIME::Base64 qw(encode_base64);

plan skip_all => 'POSTGREST_BIN is not set' unless $ENV{POSTGREST_BIN};
my $examples = "$FindBin::Bin/../../examples/postgrest";
my $secret = 'a secret of the test, longer than 32 characters';

my $node = PostgreSQL::Test::Cluster->new('postgrest');
$node->init;
$node->append_conf('postgresql.conf', "jit = off\n");
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE app');
$node->safe_psql('app', q{CREATE EXTENSION btwin; SELECT count(*) FROM btwin.attach(); INSERT INTO users (id) VALUES ('u1'), ('u2');
	INSERT INTO cognitive_load_metrics (id, user_id, timestamp, load_score, stress_indicators, confidence_level) SELECT 'l-' || u, u, now() - interval '1 hour', 55, '[]', 0.7 FROM unnest('{u1,u2}'::text[]) u});
is($node->safe_psql('app', PostgreSQL::Test::Utils::slurp_file("$examples/roles.sql")), '', 'nothing is left to somebody else');

my $port = PostgreSQL::Test::Cluster::get_free_port();
my $pid = fork // die "fork: $!\n";
if (!$pid)
{
	$ENV{PGRST_DB_URI} = 'postgresql://authenticator@/app?host=' . $node->host . '&port=' . $node->port;
	$ENV{PGRST_JWT_SECRET} = $secret;
	$ENV{PGRST_SERVER_PORT} = $port;
	open STDOUT, '>', "$ENV{TESTLOGDIR}/postgrest.log";
	open STDERR, '>&', \*STDOUT;
	exec $ENV{POSTGREST_BIN}, "$examples/postgrest.conf" or die "exec: $!\n";
}

sub token
{
	my (%claims) = @_;
	my $part = sub { return encode_base64($_[0], '') =~ tr{+/=}{-_}dr; };
	my $head = $part->('{"alg":"HS256","typ":"JWT"}') . '.' . $part->(JSON::PP->new->canonical->encode({%claims}));
	return "$head." . $part->(hmac_sha256($head, $secret));
}
# status and body of a request, the body as text
sub request
{
	my ($method, $path, $token, $body) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 5) or return (0, '');
	$body //= '';
	print $socket "$method $path HTTP/1.0\r\nHost: localhost\r\n" . (defined $token ? "Authorization: Bearer $token\r\n" : '')
	  . ($method eq 'POST' ? "Content-Type: application/json\r\nContent-Length: " . length($body) . "\r\n" : '') . "\r\n$body";
	my $answer = do { local $/; <$socket> } // '';
	my ($status) = $answer =~ m{^HTTP/[\d.]+ (\d+)};
	return ($status // 0, $answer =~ s/^.*?\r\n\r\n//sr);
}
for (1 .. 100) { last if (request('GET', '/'))[0]; select undef, undef, undef, 0.2; }

my $learner = token(role => 'web', sub => 'u1');
my $service = token(role => 'worker');
my @reads = split /\n/, $node->safe_psql('app', q{SELECT proname FROM pg_proc WHERE pronamespace = 'btwin_api'::regnamespace AND provolatile <> 'v' AND 'user_id' = ANY (proargnames) ORDER BY 1});
cmp_ok(scalar @reads, '>', 0, 'functions to ask');
foreach my $name (@reads)
{
	my ($status, $body) = request('GET', "/rpc/$name", $learner);
	like($status, qr/^(200|422|400)$/, "$name: $status");
	my ($posted, $same) = request('POST', "/rpc/$name", $learner, '{}');
	is($posted, $status, "$name: POST as GET");
	is((request('GET', "/rpc/$name?user_id=u2", $learner))[0], $status == 400 ? 400 : 403, "$name: another learner");
	is((request('GET', "/rpc/$name"))[0], 401, "$name: without a token");
	is((request('GET', "/rpc/$name?user_id=nobody", $service))[0], $status == 400 ? 400 : 404, "$name: a service, an unknown learner");
}
my ($status, $body) = request('GET', '/rpc/cognitive_load_history?granularity=raw&select=id,load_score&limit=1', $learner);
is("$status " . JSON::PP->new->canonical->encode(decode_json($body)), '200 [{"id":"l-u1","load_score":55}]', 'select and limit');
($status, $body) = request('GET', '/rpc/cognitive_load_history?max_rows=0', $learner);
is("$status " . decode_json(decode_json($body)->{details})->{code}, '400 out_of_range', 'an error with its code');
is((request('GET', '/users', $learner))[0], 404, 'no table is shown');

# a function that is added later is found once secure has spoken
$node->safe_psql('app', q{CREATE FUNCTION btwin_api.regress_later() RETURNS jsonb LANGUAGE sql STABLE AS 'SELECT jsonb ''1'''});
is((request('GET', '/rpc/regress_later', $learner))[0], 404, 'a new function is not known');
$node->safe_psql('app', 'SELECT count(*) FROM btwin.secure()');
for (1 .. 50) { ($status) = request('GET', '/rpc/regress_later', $learner); last if $status == 200; select undef, undef, undef, 0.2; }
is($status, 200, 'until btwin.secure() notifies');
kill 'TERM', $pid;
waitpid $pid, 0;
$node->stop;
done_testing();
