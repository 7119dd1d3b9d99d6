# Endpoints on a hot standby and behind a connection pool: every function of
# btwin_api that only reads answers as on the primary, one that writes is refused,
# and a claim never outlives its transaction on a pooled connection.
use strict;
use warnings;
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# at least so many there must be to ask
my ($expected) = PostgreSQL::Test::Utils::slurp_file("$FindBin::Bin/../pgtap/api_functions.psql") =~ /api_functions (\d+)/;

my $primary = PostgreSQL::Test::Cluster->new('api_primary');
$primary->init(allows_streaming => 1);
$primary->append_conf('postgresql.conf', "jit = off\ntimezone = 'UTC'\n");
$primary->start;
$primary->safe_psql('postgres', q{CREATE ROLE web LOGIN; CREATE ROLE worker LOGIN; CREATE DATABASE app});
$primary->safe_psql('app', q{
	CREATE EXTENSION btwin;
	SELECT count(*) FROM btwin.attach();
	SELECT count(*) FROM btwin.secure('web', 'worker');
	INSERT INTO users (id) VALUES ('u1'), ('u2');
	INSERT INTO courses (id, user_id, name) SELECT 'c-' || u, u, 'Anatomy' FROM unnest('{u1,u2}'::text[]) u;
	INSERT INTO cards (id, course_id, front, back) SELECT 'k-' || u, 'c-' || u, 'f', 'b' FROM unnest('{u1,u2}'::text[]) u;
	INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms)
	SELECT format('s-%s-%s', u, g), u, t, t + interval '40 minutes', 2400000 FROM unnest('{u1,u2}'::text[]) u, generate_series(1, 120) g, LATERAL (SELECT timestamptz '2026-03-16 12:00Z' - g * interval '23 hours') x (t);
	INSERT INTO reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at)
	SELECT format('%s-%s', s.id, g), s.user_id, 'k-' || s.user_id, s.id, (ARRAY['GOOD', 'AGAIN', 'GOOD', 'EASY'])[1 + (length(s.id) + g) % 4], 3000 + 100 * g, s.started_at + g * interval '1 minute' FROM study_sessions s, generate_series(1, 5) g;
	INSERT INTO missions (id, user_id, date, status, estimated_minutes, actual_minutes, objectives)
	SELECT format('m-%s-%s', u, g), u, timestamptz '2026-03-16 00:00Z' - g * interval '1 day', (ARRAY['COMPLETED', 'SKIPPED'])[1 + g % 2], 30, 25, '[]' FROM unnest('{u1,u2}'::text[]) u, generate_series(1, 40) g;
	INSERT INTO cognitive_load_metrics (id, user_id, timestamp, load_score, stress_indicators, confidence_level)
	SELECT format('l-%s-%s', u, g), u, timestamptz '2026-03-16 11:00Z' - g * interval '11 hours', 20 + g % 60, '[]', 0.7 FROM unnest('{u1,u2}'::text[]) u, generate_series(1, 60) g;
	INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_name, pattern_data, confidence, first_detected_at, last_seen_at)
	SELECT 'p-' || u, u, 'OPTIMAL_STUDY_TIME', 'morning', '{}', 0.8, '2026-02-01Z', '2026-03-10Z' FROM unnest('{u1,u2}'::text[]) u;
});
# so that answers come from the store and from live rows: one day is noted
$primary->safe_psql('app', 'SELECT btwin.refresh_now()') for 1 .. 2;
$primary->safe_psql('app', q{UPDATE reviews SET rating = 'HARD' WHERE id = 's-u1-50-1'});

$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('api_standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;
$primary->wait_for_catchup($standby, 'replay');
is($standby->safe_psql('app', 'SELECT pg_is_in_recovery()'), 't', 'a standby');

# Every function, from the catalog, with a fixed moment where it takes one
my @functions = map { [split /\|/] } split /\n/, $primary->safe_psql('app', q{
	SELECT p.proname, p.provolatile, 'user_id' = ANY (p.proargnames), 'as_of' = ANY (p.proargnames) FROM pg_proc p WHERE p.pronamespace = 'btwin_api'::regnamespace ORDER BY 1});
my @reads = grep { $_->[1] ne 'v' } @functions;
cmp_ok(scalar @functions, '>=', $expected, 'functions: ' . scalar @functions);
cmp_ok(scalar @reads, '>=', 32, 'of them to read: ' . scalar @reads);
sub call
{
	my ($function) = @_;
	my ($name, undef, $of_learner, $with_moment) = @$function;
	return "SELECT * FROM btwin_api.$name(" . ($with_moment eq 't' ? "as_of => '2026-03-16 12:00+00'" : '') . ') AS t';
}
sub ask
{
	my ($node, $learner, $sql, %option) = @_;
	my ($rc, $out, $err) = $node->psql('app', "\\set VERBOSITY verbose\nSET search_path = ''; SET app.current_user_id = '$learner';\n$sql", extra_params => ['-U', $option{user} // 'web']);
	$err =~ s/^psql:<stdin>:\d+: //mg;
	$err =~ s/^(LOCATION|CONTEXT):.*\n?//mg;
	return $out . $err;
}
my $with_rows = 0;
foreach my $function (@reads)
{
	my $there = ask($standby, 'u1', call($function));
	is($there, ask($primary, 'u1', call($function)), "$function->[0]: the same on the standby");
	unlike($there, qr/ERROR:  (25|0A|XX|42|P0)/, "$function->[0]: no error of the server");
	$with_rows++ if $there ne '' && $there !~ /ERROR/;
}
cmp_ok($with_rows, '>=', 0.5 * @reads, "$with_rows of them answer with something");
foreach my $family ('pattern(\'u1\', \'hour\'', 'forgetting(\'u1\'', 'load(\'u1\'', 'burnout(\'u1\'')
{
	my $sql = "SELECT btwin.learner_$family, '2026-03-16 12:00+00')";
	my $there = ask($standby, 'u1', $sql);
	ok($there =~ /^\{/ && $there eq ask($primary, 'u1', $sql), "learner_$family: from the store of the standby");
}
# Writes, with arguments that are right: refused by the server before anything is
# looked at, also where the id is unknown or nothing would change
my %arguments = (
	acknowledge_insight => "insight_id => 'x'", analyze_patterns => '', delete_patterns => '',
	apply_recommendation => "recommendation_id => 'x', idempotency_key => 'k'", dismiss_recommendation => "recommendation_id => 'x'",
	create_goal => "goal_type => 'CUSTOM', title => 't', target_metric => 'm', target_value => 5, deadline => now() + interval '10 days'",
	update_goal_progress => "goal_id => 'x', current_value => 1", generate_predictions => '', prediction_feedback => "prediction_id => 'x', actual_struggle => true, feedback_type => 'HELPFUL'",
	apply_intervention => "intervention_id => 'x'", apply_intervention_type => "intervention_type => 'MANDATORY_REST'",
	record_cognitive_load => '', assess_burnout => '', orchestration_recommendations => '', session_plan => "mission_id => 'x'",
	calendar_sync => "busy => '[]'", update_personalization_preferences => "personalization_level => 'LOW'", apply_personalization => "context => 'SESSION'",
	record_outcome => "outcome_type => 'SESSION_COMPLETED', context => 'SESSION', retention_score => 0.5", choose_strategy => '',
	record_reward => "decision_id => 'x', reward => 0.5", assign_experiment => "experiment_id => 'x'");
foreach my $function (grep { $_->[1] eq 'v' } @functions)
{
	my $name = $function->[0];
	ok(exists $arguments{$name}, "$name: there are arguments for it") or next;
	my $sql = "SELECT btwin_api.$name($arguments{$name})";
	like(ask($standby, 'u1', $sql), qr/^ERROR:  25006/, "$name: refused on a standby");
	like(ask($primary, 'u1', "SET default_transaction_read_only = on; $sql"), qr/^ERROR:  25006/, "$name: and in a session that only reads");
}
# a function of another's that writes without asking
$primary->safe_psql('app', q{CREATE FUNCTION btwin_api.regress_write(user_id text DEFAULT NULL) RETURNS jsonb LANGUAGE plpgsql AS
	'BEGIN UPDATE public.missions SET estimated_minutes = 1 WHERE missions.user_id = btwin._caller(regress_write.user_id); RETURN ''{}''; END'; SELECT count(*) FROM btwin.secure()});
$primary->wait_for_catchup($standby, 'replay');
like(ask($standby, 'u1', 'SELECT btwin_api.regress_write()'), qr/ERROR:  25006/, 'a write is refused on a standby');
# secure itself plans anywhere, and acts on the primary only
is($standby->safe_psql('app', q{SELECT count(*) FROM btwin.secure(dry_run => true) WHERE action <> 'found'}), '0', 'secure(dry_run) on a standby');
my ($rc, $out, $err) = $standby->psql('app', q{SELECT count(*) FROM btwin.secure('worker', 'web')});
like($err, qr/read-only transaction/, 'secure is refused');
$standby->stop;

# ---------------------------------------------------------------------------
# pgbouncer, pooling transactions over one connection
SKIP:
{
	my $bouncer = (grep { -x } map { "$_/pgbouncer" } split(/:/, $ENV{PATH}), '/usr/sbin')[0];
	skip 'pgbouncer is not installed', 1 unless defined $bouncer;
	my $folder = PostgreSQL::Test::Utils::tempdir_short;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	PostgreSQL::Test::Utils::append_to_file("$folder/users.txt", qq{"web" ""\n"worker" ""\n});
	PostgreSQL::Test::Utils::append_to_file("$folder/pgbouncer.ini", <<"INI");
[databases]
app = host=@{[$primary->host]} port=@{[$primary->port]} dbname=app
[pgbouncer]
listen_addr =
unix_socket_dir = $folder
listen_port = $port
auth_type = any
auth_type = trust
auth_file = $folder/users.txt
pool_mode = transaction
default_pool_size = 1
max_client_conn = 20
logfile = $folder/log
pidfile = $folder/pid
ignore_startup_parameters = extra_float_digits
INI
	my $through = sub {
		my ($sql) = @_;
		my ($out, $err) = ('', '');
		IPC::Run::run(['psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-h', $folder, '-p', $port, '-U', 'web', '-d', 'app'], '<', \$sql, '>', \$out, '2>', \$err);
		$err =~ s/^(LOCATION|CONTEXT):.*\n?//mg;
		return $out . $err;
	};
	system_or_bail($bouncer, '-d', "$folder/pgbouncer.ini");
	for (1 .. 50) { last if $through->('SELECT 1') eq "1\n"; select undef, undef, undef, 0.2; }
	my $pid = $through->('SELECT pg_backend_pid()');
	is($through->('SELECT pg_backend_pid()'), $pid, 'two clients, one connection');
	my $as = sub {
		my ($learner, $sql) = @_;
		return $through->("BEGIN;\nSELECT set_config('request.jwt.claims', '{\"sub\": \"$learner\"}', true) \\g /dev/null\n$sql;\nCOMMIT;");
	};
	foreach my $function (@reads)
	{
		my $direct = ask($primary, 'u1', call($function));
		my $first = $as->('u1', call($function));
		s/psql:<stdin>:\d+: //g, s/\s+\z//, s/^ERROR: .*?(PT\d+).*/$1/s foreach $direct, $first;
		is($first, $direct, "$function->[0]: the same through the pool");
	}
	# the connection that has just served u1 serves u2, and then somebody without a claim
	is($as->('u1', q{SELECT string_agg(DISTINCT user_id, ',') FROM btwin.missions}), "u1\n", 'one learner');
	is($as->('u2', q{SELECT string_agg(DISTINCT user_id, ',') FROM btwin.missions}), "u2\n", 'the next on the same connection');
	is($through->(q{SELECT current_setting('request.jwt.claims', true) = ''}), "t\n", 'an empty setting is left behind');
	is($through->('SELECT count(*) FROM btwin.missions'), "0\n", 'it is no claim for policies');
	like($through->('SELECT btwin._caller(NULL)'), qr/ERROR:  PT403: the caller is not known/, 'nor for functions');
	# prepared statements with a plan for every learner
	is($as->('u1', q{SET LOCAL plan_cache_mode = force_generic_plan; PREPARE p AS SELECT string_agg(DISTINCT user_id, ',') FROM btwin.missions; EXECUTE p}), "u1\n", 'a prepared statement');
	is($as->('u2', 'EXECUTE p'), "u2\n", 'on the same connection for the next learner');
	# writes with a key, from several clients of the pool
	my $write = q{SELECT btwin_api.create_goal(goal_type => 'CUSTOM', title => 'Pages', target_metric => 'pages', target_value => 20, start_value => 5, idempotency_key => 'pooled')};
	my $written = $as->('u1', $write);
	like($written, qr/^\{"id": "\w+", .*"title": "Pages"/, 'a write through the pool');
	is($as->('u1', $write), $written, 'its retry: the same answer');
	isnt($as->('u2', $write), $written, 'the same key of the next learner on the connection is another');
	like($through->($write), qr/ERROR:  PT403: the caller is not known/, 'and none without a claim');
	is($primary->safe_psql('app', q{SELECT string_agg(user_id, ',' ORDER BY user_id) FROM behavioral_goals WHERE title = 'Pages'}), 'u1,u2', 'one row of each');
	is($through->('SELECT pg_backend_pid()'), $pid, 'all of it on one connection');
	my $file = PostgreSQL::Test::Utils::slurp_file("$folder/pid");
	kill 'INT', $file;
	for (1 .. 50) { last unless -e "$folder/pid"; select undef, undef, undef, 0.1; }
}
$primary->stop;
done_testing();
