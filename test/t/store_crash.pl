# tier: all
#
# A server that dies during a refresh: kill -9 of the backend that refreshes, or
# of the postmaster and all its children, twenty times, while a writer commits
# numbered rows. After each restart the stored states are those of the tables,
# the next refresh goes on where the dead one was, and no row is lost whose commit
# was acknowledged.
#
#   BTWIN_CRASHES=N   how many (20)   BTWIN_CRASH_SEED=N   where they hit
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use BtwinTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use POSIX ();
use Test::More;
use Time::HiRes qw(usleep time);

my $crashes = $ENV{BTWIN_CRASHES} // 20;
my $seed = $ENV{BTWIN_CRASH_SEED} // 7;
my $learners = 120;
srand $seed;
diag("seed $seed, $crashes crashes");

my $folder = PostgreSQL::Test::Utils::tempdir;
my $clock = BtwinTest->clock($folder);
my $node = PostgreSQL::Test::Cluster->new('store_crash');
$node->init;
$node->append_conf('postgresql.conf', "restart_after_crash = on\nautovacuum = off\njit = off\ntimezone = 'UTC'\n");
sub begin
{
	local $ENV{LD_PRELOAD} = $clock->{preload};
	# pg_ctl wants to see the true time
	$clock->write(0);
	$node->start;
	$clock->set(1773403200);    # 2026-03-13 12:00 UTC
	return;
}
begin();
is($node->safe_psql('postgres', 'SHOW synchronous_commit'), 'on', 'commits wait for the log');
BtwinTest->application($node, 'created');

# Learners 1 to 120 have eight months behind them. The writer writes for others.
$node->safe_psql('created', qq{
	INSERT INTO app.users (id) SELECT 'l' || g FROM generate_series(1, $learners) g;
	INSERT INTO app.users (id) SELECT 'w' || g FROM generate_series(1, 5) g;
	INSERT INTO btwin.learner (user_id, time_zone) SELECT 'l' || g, (ARRAY['Pacific/Kiritimati', 'America/New_York'])[g % 2 + 1] FROM generate_series(1, $learners, 3) g;
	INSERT INTO app.study_sessions (id, user_id, started_at, duration_ms)
	SELECT format('s%s-%s', l, n), 'l' || l, now() - make_interval(days => n * 4, mins => l * 7), 60000 * (10 + (l * n) % 50)
	FROM generate_series(1, $learners) l, generate_series(0, 60) n;
	INSERT INTO app.reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at, difficulty_before, stability_before, difficulty_after, stability_after)
	SELECT s.id || '-' || k, s.user_id, 'ca' || k, s.id, (ARRAY['AGAIN', 'GOOD', 'EASY'])[1 + (length(s.id) + k) % 3], 1000 * k, s.started_at + make_interval(mins => k), 1, 1, 1, 1
	FROM app.study_sessions s, generate_series(1, 3) k;
	DELETE FROM btwin.late_change});
my $filled = $node->safe_psql('created', "CALL btwin.refresh()");
# each batch takes a moment, so that the crash is not behind the end on a machine that
# is slow to look
$node->safe_psql('created', q{CREATE FUNCTION app.linger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END';
	CREATE TRIGGER linger BEFORE UPDATE ON btwin.refresh_run FOR EACH ROW EXECUTE FUNCTION app.linger()});
like($filled, qr/^done: \d+ of \d+ learners/, 'the store is filled');

# A client that writes one row after the other until its server is gone; what
# psql has printed was acknowledged.
my $round = 0;
sub writer
{
	my $acknowledged = "$folder/acknowledged.$round";
	my $pid = fork // die "fork: $!\n";
	if (!$pid)
	{
		open STDERR, '>', '/dev/null';
		open STDOUT, '>', $acknowledged or POSIX::_exit(1);
		open my $psql, '|-', $node->installed_command('psql'), '-XqAt', '-v', 'ON_ERROR_STOP=1', '-h', $node->host, '-p', $node->port, '-d', 'created' or POSIX::_exit(1);
		$psql->autoflush(1);
		local $SIG{PIPE} = sub { POSIX::_exit(0) };
		for my $n (1 .. 1_000_000)
		{
			my $learner = 'w' . (1 + $n % 5);
			print $psql "INSERT INTO app.behavioral_events (id, user_id, event_type, event_data, timestamp) VALUES ('k$round-$n', '$learner', 'SESSION_ENDED', '{}', now() - interval '@{[3 + $n % 200]} days') RETURNING id;\n";
			usleep(4000);
		}
		POSIX::_exit(0);
	}
	return { pid => $pid, file => $acknowledged };
}

sub acknowledged { my ($writer) = @_; return grep { /^k\d+-\d+$/ } split /\n/, -e $writer->{file} ? slurp_file($writer->{file}) : ''; }

# Everything of the server at once: stopped first, so that nobody begins anew
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

sub wait_until_up
{
	for (1 .. 3000)
	{
		my ($rc) = $node->psql('created', 'SELECT 1', timeout => 20);
		return if $rc == 0;
		usleep(20_000);
	}
	die "the server does not come back\n";
}

my ($strictly_between, $whole_server, %acknowledged_in) = (0, 0);
for (1 .. $crashes)
{
	$round = $_;
	# all learners have something to do: changed days, or an empty store
	if ($round % 4 == 0) { $node->safe_psql('created', 'SELECT btwin.rebuild()'); }
	else { $node->safe_psql('created', q{UPDATE app.reviews SET time_spent_ms = time_spent_ms + 1 WHERE session_id LIKE 's%-} . (5 + $round) . q{'}); }
	my $goal = int($learners * (0.05 + 0.8 * rand));
	my $writer = writer();
	my $watch = BtwinTest->session($node, 'created');
	my $before = $watch->run('SELECT coalesce(max(run_id), 0) FROM btwin.refresh_run');
	my $refresh = BtwinTest->session($node, 'created');
	my $backend = $refresh->run('SELECT pg_backend_pid()');
	$refresh->start('CALL btwin.refresh(2)');
	my $done = 0;
	for (1 .. 20_000)
	{
		$done = $watch->run("SELECT learners_done FROM btwin.refresh_run WHERE run_id > $before") || 0;
		last if $done >= $goal;
		usleep(1000);
	}
	if (rand() < 0.5) { kill 'KILL', $backend; }
	else { kill_server(); $whole_server++; }
	$refresh->finish;
	$refresh->close;
	$watch->close;
	waitpid $writer->{pid}, 0;
	begin() unless $node->{_pid};
	wait_until_up();

	my ($run, $learners_of_run, $committed, $outcome) = split /\|/, $node->safe_psql('created', "SELECT run_id, learners, learners_done, outcome FROM btwin.refresh_run WHERE run_id > $before");
	$strictly_between++ if $outcome eq 'running' && $committed > 0 && $committed < $learners_of_run;
	my @known = acknowledged($writer);
	$acknowledged_in{$round} = @known;
	my %kept = map { $_ => 1 } split /\n/, $node->safe_psql('created', "SELECT id FROM app.behavioral_events WHERE id LIKE 'k$round-%'");
	my @lost = grep { !$kept{$_} } @known;
	is("@lost", '', "crash $round: every acknowledged row is there (" . @known . ')');
	is($node->safe_psql('created', 'SELECT * FROM btwin.verify(sample => 100000)'), '', "crash $round after $committed of $learners_of_run learners: verify finds nothing");
	like($node->safe_psql('created', 'CALL btwin.refresh()'), qr/^done: (\d+) of \1 learners/, "crash $round: the next refresh ends");
	is($node->safe_psql('created', "SELECT outcome, finished_at IS NOT NULL FROM btwin.refresh_run WHERE run_id = $run"), 'abandoned|t', "crash $round: the run is marked abandoned");
	cmp_ok($node->safe_psql('created', "SELECT max(learners) FROM btwin.refresh_run WHERE run_id > $run"), '<=', $learners_of_run - $committed + 5, "crash $round: what was done is not done again");
	is($node->safe_psql('created', "SELECT count(*) FROM btwin.late_change") . $node->safe_psql('created', 'SELECT * FROM btwin.verify(sample => 100000)'), '0', "crash $round: no note is left, verify finds nothing");
}
my $needed = int($crashes * 0.75);
cmp_ok($strictly_between, '>=', $needed, "crashes with some learners done and some not: $strictly_between of $crashes");
cmp_ok($whole_server, '>', 0, "whole servers killed: $whole_server");
cmp_ok($crashes - $whole_server, '>', 0, 'backends killed: ' . ($crashes - $whole_server));
cmp_ok((sort { $a <=> $b } values %acknowledged_in)[0], '>', 0, 'the writer was at work each time');
is($node->safe_psql('created', "SELECT count(*) FROM oracle.differences(ARRAY(SELECT u.id FROM app.users u WHERE u.id ~ '^(w|l1)'), ARRAY[now(), now() - interval '100 days'])"), '0', 'the store says what the tables say');

$node->stop;
done_testing();
