# tier: all
#
# A server that dies in the middle of the nightly analysis: kill -9 of the backend,
# or of the postmaster and all its children. The next call goes on where the dead one
# was, nothing is done twice and nothing is left out: afterwards the tables say what
# they say in a second database where every night ended. Then several sessions at
# once, which share the learners, and one that finds a learner in use.
#
#   BTWIN_CRASHES=N   how many (8)   BTWIN_CRASH_SEED=N   where they hit
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use BtwinTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $crashes = $ENV{BTWIN_CRASHES} // 8;
my $seed = $ENV{BTWIN_CRASH_SEED} // 11;
my $learners = 60;
srand $seed;
diag("seed $seed, $crashes crashes");

my $top = "$FindBin::Bin/../..";
my $folder = PostgreSQL::Test::Utils::tempdir;
system_or_bail($ENV{CC} // 'cc', '-O2', '-o', "$folder/simulate", "$top/test/sim/simulate.c", '-lm');
my ($out, $err);
IPC::Run::run([ "$folder/simulate", '--learners', $learners, '--days', 100, '--seed', 5, '--out', "$folder/data" ], '>', \$out, '2>', \$err) or die $err;

my $node = PostgreSQL::Test::Cluster->new('analyze_crash');
$node->init;
$node->append_conf('postgresql.conf', "restart_after_crash = on\nautovacuum = off\njit = off\ntimezone = 'UTC'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE even');
$node->safe_psql('even', "CREATE EXTENSION btwin; SELECT count(*) FROM btwin.attach('public', default_time_zone => 'UTC')");
ok(IPC::Run::run([ 'psql', '-X', '-q', '-d', $node->connstr('even'), '-f', '-' ], '<', \"\\set folder '$folder/data'\n\\i '$top/test/sim/load.sql'\n", '>', \$out, '2>', \$err), 'learners are there') or diag $err;
$node->safe_psql('even', 'CALL btwin.refresh()');
my $steps = $node->safe_psql('even', 'SELECT count(*) FROM btwin.analysis_step');
cmp_ok($steps, '>=', 1, "steps of the analysis: $steps");
# a step of its own that takes time and leaves a row, so that what is done twice is seen
$node->safe_psql('even', q{
	CREATE TABLE regress_done (user_id text, moment timestamptz);
	CREATE FUNCTION btwin.regress_slow(learner text, moment timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO public.regress_done VALUES (learner, moment);
		PERFORM pg_sleep(current_setting('regress.seconds', true)::float8);
		RETURN '{}';
	END $$;
	INSERT INTO btwin.analysis_step VALUES (1000, 'slow', 'btwin.regress_slow', 'a test');
	UPDATE users SET behavioral_analysis_enabled = true;
});
my $night = $node->safe_psql('even', q{SELECT date_trunc('day', max(started_at)) + interval '1 day' FROM study_sessions});
$node->safe_psql('postgres', 'CREATE DATABASE odd TEMPLATE even');

# Rows of every table, without keys that are drawn and without the time of this machine
sub state_of
{
	my ($database) = @_;
	return $node->safe_psql($database, q{
		CREATE OR REPLACE FUNCTION pg_temp.state() RETURNS TABLE (line text) LANGUAGE plpgsql AS $$
		DECLARE
			part regclass;
		BEGIN
			FOR part IN SELECT c.oid FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace IN ('public'::regnamespace, 'btwin'::regnamespace) AND NOT c.relispartition
					AND c.relname NOT IN ('learner_write', 'analysis_run', 'job_run', 'attachment', 'attached_object', 'refresh_clock', 'refresh_run')
					AND (c.relnamespace = 'btwin'::regnamespace OR c.relname IN (SELECT d.table_name FROM btwin.domain_table d WHERE d.written) OR c.relname = 'regress_done')
					AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY c.relname LOOP
				RETURN QUERY EXECUTE format(E'SELECT %L || count(*) || \' \' || coalesce(md5(string_agg(l, E\'\n\' ORDER BY l COLLATE "C")), \'\') FROM (SELECT regexp_replace(regexp_replace((to_jsonb(t) - \'finished_at\' - \'updated_at\')::text, \'c[0-9a-f]{24}\', \'KEY\', \'g\'), %L, \'NOW\', \'g\') AS l FROM %s t) AS r',
					part::text || ' ', to_char(now(), 'YYYY-MM-DD') || 'T[0-9:.+]*', part);
			END LOOP;
		END $$;
		SELECT * FROM pg_temp.state()});
}

sub kill_server
{
	my $postmaster = $node->{_pid};
	kill 'STOP', $postmaster;
	my @all = split ' ', `pgrep -P $postmaster`;
	kill 'KILL', $postmaster, @all;
	foreach my $pid ($postmaster, @all) { usleep(2000) while kill 0, $pid; }
	undef $node->{_pid};
	return;
}

my ($strictly_between, $whole_server) = (0, 0);
for my $round (1 .. $crashes)
{
	my $at = "timestamptz '$night' + interval '$round days'";
	my $goal = int($learners * (0.05 + 0.8 * rand));
	my $watch = BtwinTest->session($node, 'odd');
	my $before = $watch->run('SELECT coalesce(max(run_id), 0) FROM btwin.analysis_run');
	my $call = BtwinTest->session($node, 'odd');
	$call->run("SET regress.seconds = '0.02'");
	my $backend = $call->run('SELECT pg_backend_pid()');
	$call->start("CALL btwin.analyze_all(2, $at)");
	for (1 .. 60_000)
	{
		last if ($watch->run("SELECT learners_done FROM btwin.analysis_run WHERE run_id > $before") || 0) >= $goal;
		usleep(1000);
	}
	if ($round % 2) { kill 'KILL', $backend; }
	else { kill_server(); $whole_server++; }
	$call->finish;
	$call->close;
	$watch->close;
	$node->start unless $node->{_pid};
	$node->poll_query_until('odd', 'SELECT true') or die "the server does not come back\n";
	my ($run, $due, $done, $outcome) = split /\|/, $node->safe_psql('odd', "SELECT run_id, learners, learners_done, outcome FROM btwin.analysis_run WHERE run_id > $before");
	$strictly_between++ if $outcome eq 'running' && $done > 0 && $done < $due;
	my $rest = $due - $done;
	is($node->safe_psql('odd', "CALL btwin.analyze_all(10, $at)"), "done: $rest of $rest learners, 0 failed", "crash $round after $done of $due learners: the next call does the rest");
	is($node->safe_psql('odd', "SELECT outcome FROM btwin.analysis_run WHERE run_id = $run"), 'abandoned', "crash $round: the run is marked abandoned");
	is($node->safe_psql('even', "CALL btwin.analyze_all(10, $at)"), "done: $due of $due learners, 0 failed", "night $round without a crash");
}
cmp_ok($strictly_between, '>=', int($crashes * 0.75), "crashes with some learners done and some not: $strictly_between of $crashes");
cmp_ok($whole_server, '>', 0, "whole servers killed: $whole_server");
is($node->safe_psql('odd', 'SELECT count(*), count(DISTINCT (user_id, moment)) FROM regress_done'), $learners * $crashes . '|' . $learners * $crashes, 'each learner once a night');
my ($even, $odd) = map { state_of($_) } qw(even odd);
cmp_ok(scalar(() = $even =~ /^\S+ [1-9]/mg), '>', 20, 'tables with rows');
is($odd, $even, 'every table as without a crash');
is($node->safe_psql('odd', "CALL btwin.analyze_all(10, timestamptz '$night' + interval '$crashes days')"), 'done: 0 of 0 learners, 0 failed', 'the same night again: nothing to do');
is(state_of('odd'), $odd, 'and nothing is written');

# Three sessions share the learners
my $at = "timestamptz '$night' + interval '@{[$crashes + 1]} days'";
my @sessions = map { BtwinTest->session($node, 'odd') } 1 .. 3;
$_->run("SET regress.seconds = '0.005'") foreach @sessions;
$_->start("CALL btwin.analyze_all(3, $at)") foreach @sessions;
my @said = map { $_->finish } @sessions;
my $sum = 0;
foreach (@said) { like($_, qr/^done: \d+ of \d+ learners, 0 failed$/, 'a session of three'); $sum += $1 if /^done: (\d+)/; }
is($sum, $learners, 'together they do all of them');
is($node->safe_psql('odd', "SELECT count(*), count(DISTINCT user_id) FROM regress_done WHERE moment = $at"), "$learners|$learners", 'each once');
is($node->safe_psql('even', "CALL btwin.analyze_all(10, $at)"), "done: $learners of $learners learners, 0 failed", 'one session for the same');
is(state_of('odd'), state_of('even'), 'every table as with one session');

# A learner whom the application holds is passed over, and done when that is over
$at = "timestamptz '$night' + interval '@{[$crashes + 2]} days'";
my $learner = $node->safe_psql('odd', 'SELECT min(id) FROM users');
$sessions[0]->run("BEGIN; SELECT btwin._begin_write('$learner')");
is($sessions[1]->run("CALL btwin.analyze_all(10, $at)"), "done: @{[$learners - 1]} of $learners learners, 1 failed", 'one learner is in use');
is($node->safe_psql('odd', "SELECT error_code, failures FROM btwin.analysis_state WHERE user_id = '$learner'"), '55P03|2', 'it was tried twice, half a second each');
$sessions[0]->run('COMMIT');
is($sessions[1]->run("CALL btwin.analyze_all(10, $at)"), 'done: 1 of 1 learners, 0 failed', 'later it is free');
$_->close foreach @sessions;

$node->stop;
done_testing();
