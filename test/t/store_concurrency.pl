# tier: test, long
#
# Refresh beside others: a second refresh is told so at once, writers of many
# learners in opposite orders meet no deadlock and no error, and a change of a
# closed day is never lost, wherever in a refresh it falls.
#
#   BTWIN_CONCURRENT_SECONDS=N   how long writers and refresh run beside each other (10; 600 where BTWIN_TIER is long)
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use BtwinTest;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

my $seconds = $ENV{BTWIN_CONCURRENT_SECONDS} // (($ENV{BTWIN_TIER} // 'test') eq 'long' ? 600 : 10);
my $folder = PostgreSQL::Test::Utils::tempdir;
my $clock = BtwinTest->clock($folder);
my $node = PostgreSQL::Test::Cluster->new('store_concurrency');
$node->init;
$node->append_conf('postgresql.conf', "autovacuum = off\njit = off\nmax_prepared_transactions = 5\ntimezone = 'UTC'\ndeadlock_timeout = 200ms\n");
{
	local $ENV{LD_PRELOAD} = $clock->{preload};
	$node->start;
	$clock->set(1773403200);    # 2026-03-13 12:00 UTC; not earlier, pg_ctl wants to see the true time
}
BtwinTest->application($node, 'created');
$node->safe_psql('created', q{
	INSERT INTO app.users (id) SELECT 'l' || g FROM generate_series(1, 20) g;
	INSERT INTO app.study_sessions (id, user_id, started_at, duration_ms)
	SELECT format('s%s-%s', l, n), 'l' || l, now() - make_interval(days => n * 3, mins => l), 60000 * (10 + n) FROM generate_series(1, 20) l, generate_series(0, 30) n;
	INSERT INTO app.reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at, difficulty_before, stability_before, difficulty_after, stability_after)
	SELECT s.id || '-' || k, s.user_id, 'ca' || k, s.id, (ARRAY['AGAIN', 'GOOD', 'EASY'])[1 + (length(s.id) + k) % 3], 1000 * k, s.started_at + make_interval(mins => k), 1, 1, 1, 1
	FROM app.study_sessions s, generate_series(1, 3) k});
like($node->safe_psql('created', 'CALL btwin.refresh()'), qr/^done/, 'the store is filled');

my ($one, $two, $holder, $watch) = map { BtwinTest->session($node, 'created') } 1 .. 4;
my $differences = "SELECT * FROM oracle.differences('{l1,l2}', ARRAY[now(), now() - interval '40 days']) LIMIT 5";
my $review = q{UPDATE app.reviews SET rating = CASE rating WHEN 'AGAIN' THEN 'GOOD' ELSE 'AGAIN' END WHERE id =};

# Waits until a session waits for a lock
sub until_blocked
{
	my ($session_pid) = @_;
	for (1 .. 2000)
	{
		return 1 if $watch->run("SELECT count(*) FROM pg_locks WHERE pid = $session_pid AND NOT granted") eq '1';
		usleep(5000);
	}
	return 0;
}

# ---- one runner
{
	my $pid = $one->run('SELECT pg_backend_pid()');
	$two->run($review . " 's1-10-1'");
	$holder->run('BEGIN; LOCK TABLE btwin.user_day IN ACCESS EXCLUSIVE MODE');
	$one->start('CALL btwin.refresh()');
	ok(until_blocked($pid), 'a refresh is held in the middle of a batch');
	$two->run("SET lock_timeout = '1ms'");
	is($two->run('CALL btwin.refresh()'), 'skipped: a refresh is running', 'a second CALL is told so without waiting for a lock');
	is($two->run('SELECT btwin.refresh_now()'), 'skipped: a refresh is running', 'so is refresh_now()');
	$two->run('RESET lock_timeout');
	$holder->run('COMMIT');
	like($one->finish, qr/^done: 1 of 1 learners/, 'the first one ends');
	like($two->run('CALL btwin.refresh()'), qr/^done: 0 of 0 learners/, 'and the way is free again');
	is($watch->run($differences), '', 'the store says what the tables say');
	$one->run("BEGIN; SELECT btwin.refresh_now()");
	is($two->run('CALL btwin.refresh()'), 'skipped: a refresh is running', 'refresh_now() holds the others off until its transaction ends');
	$one->run('ROLLBACK');
	like($two->run('CALL btwin.refresh()'), qr/^done/, 'and not longer');
}

# ---- a change of a closed day at each place of a refresh: the table that the
# refresh waits for says how far it is, notes are taken before all of them
foreach my $table (qw(user_day user_month user_total user_mark))
{
	foreach my $end ('committed beside it', 'committed after it', 'rolled back', 'prepared')
	{
		my $pid = $one->run('SELECT pg_backend_pid()');
		$two->run($review . " 's1-20-1'");
		$holder->run("BEGIN; LOCK TABLE btwin.$table IN SHARE ROW EXCLUSIVE MODE");
		$one->start('CALL btwin.refresh()');
		ok(until_blocked($pid), "change $end, refresh held before it writes $table");
		$two->run('BEGIN; ' . $review . " 's1-20-2'; " . $review . " 's1-5-3'");
		my $here = $two->run($differences);
		is($here, '', '  in its own transaction the change is read at once');
		$two->run('COMMIT') if $end eq 'committed beside it';
		$two->run("PREPARE TRANSACTION 'held'") if $end eq 'prepared';
		is($watch->run($differences), '', '  while the refresh runs the store says what the tables say');
		$holder->run('COMMIT');
		like($one->finish, qr/^done: 1 of 1 learners/, '  the refresh ends');
		is($watch->run($differences), '', '  right after it');
		$two->run('COMMIT') if $end eq 'committed after it';
		$two->run('ROLLBACK') if $end eq 'rolled back';
		$two->run("COMMIT PREPARED 'held'") if $end eq 'prepared';
		is($watch->run($differences), '', '  when the change is over');
		like($one->run('CALL btwin.refresh()'), $end eq 'rolled back' ? qr/^done: 0 of 0/ : qr/^done: 1 of 1/, '  the next refresh takes its note, if there is one');
		is($watch->run($differences) . $watch->run("SELECT * FROM btwin.verify('l1')"), '', '  and the store is right');
	}
}

# ---- two sessions note the same learner and day
{
	$two->run("SET lock_timeout = '1ms'");
	$one->run('BEGIN; ' . $review . " 's2-10-1'");
	is($two->run('BEGIN; ' . $review . " 's2-10-2'"), '', 'a second session notes the same learner and day and waits for nobody');
	is($one->run('COMMIT'), '', 'one commits');
	is($watch->run($differences), '', 'the store says what the tables say');
	like($holder->run('CALL btwin.refresh()'), qr/^done: 1 of 1/, 'a refresh takes its note');
	is($two->run('COMMIT'), '', 'the other commits after it');
	is($watch->run($differences), '', 'the store says what the tables say');
	is($watch->run("SELECT count(*) FROM btwin.late_change"), '1', 'its note is there');
	like($holder->run('CALL btwin.refresh()'), qr/^done: 1 of 1/, 'the next refresh takes it');
	is($watch->run($differences) . $watch->run("SELECT * FROM btwin.verify('l2')"), '', 'the store is right');
	$two->run('RESET lock_timeout');
}

# ---- a refresh within a transaction that writes before and after it
{
	$one->run('BEGIN; ' . $review . " 's1-10-1'; SELECT btwin.refresh_now(); " . $review . " 's1-10-2'; COMMIT");
	is($watch->run($differences), '', 'a change after refresh_now() in one transaction is noted as one before it');
	$one->run('BEGIN; ' . $review . " 's1-10-1'; SAVEPOINT a; SELECT btwin.refresh_now(); ROLLBACK TO a; " . $review . " 's1-10-2'; COMMIT");
	is($watch->run($differences), '', 'so is one after a refresh_now() that was rolled back');
	$one->run('CALL btwin.refresh()');
	is($watch->run($differences) . $watch->run("SELECT * FROM btwin.verify('l1')"), '', 'the store is right');
}

# ---- many writers
{
	my $script = "$folder/writer.sql";
	# every transaction writes old and new rows of six learners, half of the transactions in the opposite order; rows are its own
	append_to_file($script, <<'SQL');
\set turn random(0, 1)
\set old random(3, 90)
BEGIN;
DO $$ BEGIN NULL; END $$;
SELECT set_config('test.turn', :turn::text, true), set_config('test.old', :old::text, true), set_config('test.key', gen_random_uuid()::text, true);
DO $$ DECLARE l integer; BEGIN
	FOR i IN 1..6 LOOP
		l := CASE current_setting('test.turn') WHEN '0' THEN i ELSE 7 - i END;
		INSERT INTO app.study_sessions (id, user_id, started_at, duration_ms)
		VALUES (format('p%s-%s', current_setting('test.key'), l), 'l' || l, now() - make_interval(days => current_setting('test.old')::int), 600000);
		INSERT INTO app.cognitive_load_metrics (user_id, load_score, stress_indicators, confidence_level, timestamp) VALUES ('l' || l, 50, '[]', 0.5, now());
		UPDATE app.study_sessions SET duration_ms = 700000 WHERE id = format('p%s-%s', current_setting('test.key'), l);
		IF random() < 0.3 THEN
			DELETE FROM app.study_sessions WHERE id = format('p%s-%s', current_setting('test.key'), l);
		END IF;
	END LOOP;
END $$;
COMMIT;
SQL
	my $pgbench = sub { my ($for) = @_; return ($node->installed_command('pgbench'), '-n', '-c', 4, '-j', 1, '-T', $for, '-f', $script, '-h', $node->host, '-p', $node->port, '-U', 'application', '--max-tries=1', 'created'); };
	my ($out, $err) = ('', '');
	my $writers = IPC::Run::start([ $pgbench->($seconds) ], '>', \$out, '2>', \$err);
	my ($runs, $done, $wrong, $compared, $end) = (0, 0, '', 0, time + $seconds);
	while (time < $end)
	{
		my $answer = $one->run('CALL btwin.refresh(' . (1 + $runs % 3) . ')');
		$runs++;
		$done++ if $answer =~ /^done/;
		if ($runs % 3 == 0) { $wrong .= $watch->run($differences) . $watch->run("SELECT * FROM btwin.verify('l1')"); $compared++; }
	}
	$writers->finish;
	like($out, qr/number of failed transactions: 0 /, 'no transaction of a writer failed');
	unlike($err, qr/ERROR|WARNING|FATAL/, 'none was told of an error or a warning');
	my ($transactions) = $out =~ /number of transactions actually processed: (\d+)/;
	cmp_ok($transactions // 0, '>', 0, 'writers were at work');
	is($done, $runs, 'every refresh ended well');
	is($wrong, '', 'at every moment the store said what the tables say');
	is($watch->run("SELECT deadlocks FROM pg_stat_database WHERE datname = 'created'"), '0', 'no deadlock');
	diag("$seconds s: $transactions transactions of six learners, $runs refreshes, $compared comparisons beside them");
	$one->run('CALL btwin.refresh()');
	my $everything = sub { return $watch->run("SELECT * FROM oracle.differences(ARRAY(SELECT u.id FROM app.users u), ARRAY[now()])") . $watch->run('SELECT * FROM btwin.verify(sample => 100000)'); };
	is($everything->(), '', 'afterwards the store is right');

	# ---- and while btwin is broken: writers are told at most of a warning, refresh may fail
	my $part = $seconds < 50 ? 5 : int($seconds / 10);
	foreach my $case (
		[ 'the library removed', q{UPDATE pg_proc SET probin = '$libdir/btwin_is_not_here' WHERE probin = '$libdir/btwin'}, q{UPDATE pg_proc SET probin = '$libdir/btwin' WHERE probin = '$libdir/btwin_is_not_here'} ],
		[ 'rights on the notes revoked', 'REVOKE ALL ON btwin.late_change FROM PUBLIC, %1$s', 'GRANT ALL ON btwin.late_change TO %1$s' ],
		[ 'no room for notes', 'ALTER TABLE btwin.late_change ADD CONSTRAINT no_room CHECK (false) NOT VALID', 'ALTER TABLE btwin.late_change DROP CONSTRAINT no_room' ],)
	{
		my ($what, $break, $mend) = @$case;
		my $owner = $node->safe_psql('created', q{SELECT tableowner FROM pg_tables WHERE schemaname = 'btwin' AND tablename = 'late_change'});
		s/%1\$s/$owner/ foreach $break, $mend;
		$node->safe_psql('created', $break);
		my $refresh = BtwinTest->session($node, 'created');
		($out, $err) = ('', '');
		my $beside = IPC::Run::start([ $pgbench->($part) ], '>', \$out, '2>', \$err);
		my $tried = 0;
		for (my $until = time + $part; time < $until; $tried++) { $refresh->run('CALL btwin.refresh()'); }
		$beside->finish;
		$refresh->close;
		like($out, qr/number of failed transactions: 0 /, "$what: no transaction of a writer failed");
		unlike($err, qr/ERROR|FATAL/, "$what: none was told of an error");
		# the notes need no library
		is($err =~ /WARNING:  btwin could not note/ ? 'warned' : 'quiet', $what =~ /library/ ? 'quiet' : 'warned', "$what: and that is what was tried");
		my ($written) = $out =~ /number of transactions actually processed: (\d+)/;
		cmp_ok($written // 0, '>', 0, "$what: $tried refreshes beside writers at work");
		is($watch->run("SELECT deadlocks FROM pg_stat_database WHERE datname = 'created'"), '0', "$what: no deadlock");
		$node->safe_psql('created', $mend);
		$node->safe_psql('created', 'SELECT btwin.rebuild()');
		like($node->safe_psql('created', 'CALL btwin.refresh()'), qr/^done/, "$what: mended, and the store filled again");
		is($everything->(), '', "$what: the store is right");
	}
}

$_->close foreach $one, $two, $holder, $watch;
unlike(slurp_file($node->logfile), qr/deadlock detected|PANIC/, 'the log tells of no deadlock');
$node->stop;
done_testing();
