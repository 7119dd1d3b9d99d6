# Notes of late changes never fail, hold up or deadlock a statement of the
# application. Whatever is broken: the statement succeeds, and either the note is
# there or a WARNING came.
#
# Rows are dated 2026-01-05 (a Monday) and later days of that winter, UTC: more
# than two days before any clock this runs under.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $node = PostgreSQL::Test::Cluster->new('note_safety');
$node->init(allows_streaming => 'logical');
$node->append_conf('postgresql.conf', "max_prepared_transactions = 5\ntimezone = 'UTC'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE app_owner; CREATE ROLE application LOGIN');

# A database with tables made by attach, which an ordinary role owns; the
# application may write them and has no right on schema btwin.
sub attached
{
	my ($db) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, q{
		CREATE EXTENSION btwin;
		CREATE SCHEMA app AUTHORIZATION app_owner;
		SELECT count(*) FROM btwin.attach('app', owner => 'app_owner');
		INSERT INTO app.users (id) SELECT 'u' || i FROM generate_series(1, 9) AS i;
		INSERT INTO app.users (id) SELECT 'bulk' || i FROM generate_series(1, 3000) AS i;
		GRANT USAGE ON SCHEMA app TO application;
		GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA app TO application});
	return;
}

# Runs a script and gives what the statements said. The application's role is
# the one that connects, so that RESET ROLE leads nowhere.
sub run
{
	my ($db, $sql, $role) = @_;
	my ($rc, $out, $err) = $node->psql($db, $sql, on_error_stop => 1, connstr => $node->connstr($db) . ' user=' . ($role // 'application'));
	return ($rc, $err // '', $out // '');
}

sub notes
{
	my ($db) = @_;
	return $node->safe_psql($db, q{SELECT string_agg(DISTINCT concat_ws(' ', coalesce(user_id, 'all'), CASE WHEN user_id IS NOT NULL THEN from_day END), ', '
		ORDER BY concat_ws(' ', coalesce(user_id, 'all'), CASE WHEN user_id IS NOT NULL THEN from_day END)) FROM btwin.late_change});
}

sub noted
{
	my ($db, $sql, $expected, $what, $role) = @_;
	$node->safe_psql($db, 'DELETE FROM btwin.late_change');
	my ($rc, $err) = run($db, $sql, $role);
	is("$rc $err", '0 ', "$what: succeeds without a word");
	is(notes($db), $expected, "$what: noted");
	return;
}

sub warned
{
	my ($db, $sql, $what, $count) = @_;
	my ($rc, $err) = run($db, $sql);
	is($rc, 0, "$what: the statement succeeds");
	is(scalar(() = $err =~ /WARNING:  btwin could not note/g), $count // 1, "$what: warnings") or diag($err);
	unlike($err, qr/ERROR|FATAL|PANIC/, "$what: no error");
	return;
}

sub event
{
	my ($learner, $moment) = @_;
	return "INSERT INTO app.behavioral_events (user_id, event_type, event_data, timestamp) VALUES ('$learner', 'GRAPH_VIEWED', '{}', '$moment');";
}
my $late = event('u1', '2026-01-05 12:00+00');
my $bulk = q{INSERT INTO app.behavioral_events (user_id, event_type, event_data, timestamp)
	SELECT 'bulk' || i, 'GRAPH_VIEWED', '{}', timestamptz '2026-01-05 12:00+00' FROM generate_series(1, 3000) AS i;};

# Every kind of statement

attached('plain');
is($node->safe_psql('plain', q{SELECT has_schema_privilege('application', 'btwin', 'USAGE')}), 'f', 'the application has no right on schema btwin');
noted('plain', $late, 'u1 2026-01-05', 'INSERT');
noted('plain', event('u1', 'now'), '', 'INSERT of a current row');
noted('plain', event('u2', '2026-01-05 23:59:59.999999+00') . event('u2', '2026-01-06 00:00+00'), 'u2 2026-01-05, u2 2026-01-06', 'days begin and end in UTC');
noted('plain', event('u3', '1969-12-31 23:59+00') . event('u3', '0001-01-01 00:00+00 BC') . event('u3', '2000-01-01'),
	'u3 0001-01-01 BC, u3 1969-12-31, u3 2000-01-01', 'days before 1970, and before Christ');
noted('plain', q{UPDATE app.behavioral_events SET user_id = 'u4', timestamp = timestamp + interval '10 days' WHERE timestamp = '2026-01-05 12:00+00';},
	'u1 2026-01-05, u4 2026-01-15', 'UPDATE to another learner and day notes both');
noted('plain', q{UPDATE app.behavioral_events SET timestamp = now() WHERE user_id = 'u4';}, 'u4 2026-01-15, u4 ' . $node->safe_psql('plain', q{SELECT (now() AT TIME ZONE 'UTC')::date}), 'UPDATE of an old day to today');
noted('plain', q{UPDATE app.behavioral_events SET event_data = '[]' WHERE user_id = 'u4';}, '', 'UPDATE of a current row');
noted('plain', q{DELETE FROM app.behavioral_events WHERE user_id = 'u2';}, 'u2 2026-01-05, u2 2026-01-06', 'DELETE');
noted('plain', "COPY app.behavioral_events (user_id, event_type, event_data, timestamp) FROM STDIN;\nu5\tGRAPH_VIEWED\t{}\t2026-01-07 00:00+00\nu5\tGRAPH_VIEWED\t{}\t2026-01-07 00:01+00\nu6\tGRAPH_VIEWED\t{}\t2026-01-08 00:00+00\n\\.\n",
	'u5 2026-01-07, u6 2026-01-08', 'COPY');
noted('plain', q{TRUNCATE app.behavioral_events;}, 'all', 'TRUNCATE');
noted('plain', q{INSERT INTO app.behavioral_events (id, user_id, event_type, event_data, timestamp) VALUES ('x', 'u1', 'GRAPH_VIEWED', '{}', '2026-01-05') ON CONFLICT (id) DO UPDATE SET user_id = 'u2';}, 'u1 2026-01-05', 'ON CONFLICT, nothing there');
noted('plain', q{INSERT INTO app.behavioral_events (id, user_id, event_type, event_data, timestamp) VALUES ('x', 'u1', 'GRAPH_VIEWED', '{}', '2026-01-06') ON CONFLICT (id) DO NOTHING;}, '', 'ON CONFLICT DO NOTHING');
noted('plain', q{INSERT INTO app.behavioral_events (id, user_id, event_type, event_data, timestamp) VALUES ('x', 'u1', 'GRAPH_VIEWED', '{}', '2026-01-06') ON CONFLICT (id) DO UPDATE SET user_id = 'u2';}, 'u1 2026-01-05, u2 2026-01-05', 'ON CONFLICT DO UPDATE');
noted('plain', q{MERGE INTO app.behavioral_events e USING (VALUES ('x', 'u2'), ('y', 'u7')) AS v (id, user_id) ON e.id = v.id
	WHEN MATCHED THEN DELETE
	WHEN NOT MATCHED THEN INSERT (id, user_id, event_type, event_data, timestamp) VALUES (v.id, v.user_id, 'GRAPH_VIEWED', '{}', '2026-01-09');}, 'u2 2026-01-05, u7 2026-01-09', 'MERGE');
noted('plain', q{DELETE FROM app.users WHERE id = 'u7';}, 'u7 2026-01-09', 'rows deleted by a foreign key', 'postgres');
noted('plain', "BEGIN; TRUNCATE app.behavioral_events; COPY app.behavioral_events (user_id, event_type, event_data, timestamp) FROM STDIN WITH (FREEZE);\nu5\tGRAPH_VIEWED\t{}\t2026-01-07 00:00+00\n\\.\nCOMMIT;",
	'all, u5 2026-01-07', 'COPY FREEZE');
noted('plain', $bulk, join(', ', sort map { "bulk$_ 2026-01-05" } 1 .. 3000), 'a bulk load');
noted('plain', q{UPDATE app.behavioral_events SET event_data = '[]' WHERE user_id LIKE 'bulk%' AND timestamp < '2026-02-01';}, join(', ', sort map { "bulk$_ 2026-01-05" } 1 .. 3000), 'a bulk UPDATE');

# No more subtransactions than batches: 3,000 notes of some 23 bytes go 88 at a
# time, and each note is written once. (A subtransaction that writes takes a number.)
$node->safe_psql('plain', 'DELETE FROM btwin.late_change');
my ($rc, $err, $out) = run('plain', "BEGIN; SELECT pg_current_xact_id(); $bulk COMMIT; BEGIN; SELECT pg_current_xact_id(); COMMIT;");
my ($first, $last) = split /\n/, $out;
cmp_ok($last - $first, '<', 60, 'a bulk load takes few transaction numbers');
is($node->safe_psql('plain', 'SELECT count(*) FROM btwin.late_change'), '3000', 'and one note for each learner and day');

# Transactions, savepoints, settings

noted('plain', "BEGIN; SAVEPOINT a; $late ROLLBACK TO a; $late COMMIT;", 'u1 2026-01-05', 'a note undone with its savepoint is written again');
my $other = event('u2', '2026-01-06');
noted('plain', "BEGIN; $late SAVEPOINT a; $other ROLLBACK TO a; $other COMMIT;", 'u1 2026-01-05, u2 2026-01-06', 'so is a pending one');
noted('plain', "BEGIN; $late SAVEPOINT a; $other ROLLBACK TO a; COMMIT;", 'u1 2026-01-05', 'and left out without a second attempt');
noted('plain', "BEGIN; $late SAVEPOINT a; $other SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK TO a; $other COMMIT;", 'u1 2026-01-05, u2 2026-01-06', 'one written early and undone');
noted('plain', "DO \$\$ BEGIN BEGIN $late RAISE 'x'; EXCEPTION WHEN OTHERS THEN NULL; END; $other END \$\$;", 'u2 2026-01-06', 'a block with an exception');
noted('plain', "BEGIN; SET CONSTRAINTS ALL IMMEDIATE; $late $other COMMIT;", 'u1 2026-01-05, u2 2026-01-06', 'SET CONSTRAINTS ALL IMMEDIATE before');
noted('plain', "BEGIN; $late $other SET CONSTRAINTS ALL IMMEDIATE; " . event('u3', '2026-01-05') . 'COMMIT;', 'u1 2026-01-05, u2 2026-01-06, u3 2026-01-05', 'and in between');
noted('plain', "BEGIN; $late $other RESET ALL; COMMIT;", 'all, u1 2026-01-05', 'settings reset: what was pending is lost, so all is noted');
noted('plain', "BEGIN; $late $other RESET ALL; $late $other COMMIT;", 'all, u1 2026-01-05, u2 2026-01-06', 'also where notes go on');
noted('plain', "BEGIN; $late $other PREPARE TRANSACTION 'p'; COMMIT PREPARED 'p';", 'u1 2026-01-05, u2 2026-01-06', 'a prepared transaction');
noted('plain', "BEGIN; $late $other ROLLBACK;", '', 'a transaction rolled back');
is($node->safe_psql('plain', "BEGIN; SET LOCAL lock_timeout = '7s'; $late $other SHOW lock_timeout; COMMIT; SHOW lock_timeout"), "7s\n0", 'lock_timeout is as it was');
is($node->safe_psql('plain', "BEGIN; DELETE FROM btwin.late_change; $late $other SELECT btwin._noted_days('u2'); ROLLBACK"), '{[2026-01-04,2026-01-09)}', 'a reader in the same transaction sees pending notes');

for my $zone ('Etc/GMT-14', 'Etc/GMT+12', '<X>+14', '<X>-14')
{
	noted('plain', "SET TimeZone = '$zone'; SET DateStyle = 'German'; SET IntervalStyle = 'sql_standard'; SET extra_float_digits = -15;" . event('u1', '2026-01-05 00:00:01+00') . event('u2', '2026-01-05 23:59:59+00'),
		'u1 2026-01-05, u2 2026-01-05', "session zone $zone");
}
# two days less, and more, a minute by the server's clock
for my $zone ('<X>+14', '<X>-14')
{
	noted('plain', "SET TimeZone = '$zone'; INSERT INTO app.behavioral_events (user_id, event_type, event_data, timestamp) VALUES ('u1', 'GRAPH_VIEWED', '{}', now() - interval '47:59');", '', "session zone $zone: not yet two days");
	$node->safe_psql('plain', 'DELETE FROM btwin.late_change');
	run('plain', "SET TimeZone = '$zone'; INSERT INTO app.behavioral_events (user_id, event_type, event_data, timestamp) VALUES ('u1', 'GRAPH_VIEWED', '{}', now() - interval '48:01');");
	is($node->safe_psql('plain', 'SELECT count(*) FROM btwin.late_change'), '1', "session zone $zone: two days");
}

# Odd learners: the separators of pending notes, and notes that look like parts of others
my @odd = ('a@b', "a\nb", "a\n.b", "a\n", ".\n", '20458@a', "x\n\n20458\@a", q{it''s}, '%s \\ "', "\x{e4}\x{1f600}", ' ', 'x' x 900);
my $ids = join(', ', map { "('$_')" } @odd);
utf8::encode($ids);
$node->safe_psql('plain', "INSERT INTO app.users (id) VALUES $ids, ('a')");
noted('plain', event('u1', '2026-01-05') . "INSERT INTO app.behavioral_events (user_id, event_type, event_data, timestamp) SELECT v.id, 'GRAPH_VIEWED', '{}', '2026-01-06' FROM unnest(ARRAY['a']) AS v (id);", 'a 2026-01-06, u1 2026-01-05', 'plain ids');
$node->safe_psql('plain', 'DELETE FROM btwin.late_change');
($rc, $err) = run('plain', "INSERT INTO app.behavioral_events (user_id, event_type, event_data, timestamp) SELECT v.id, 'GRAPH_VIEWED', '{}', timestamptz '2026-01-05' + d * interval '1 day' FROM (VALUES $ids, ('a')) AS v (id), generate_series(0, 1) AS d;");
is("$rc $err", '0 ', 'odd ids: succeeds');
is($node->safe_psql('plain', "SELECT count(*) FROM (SELECT DISTINCT user_id, from_day FROM btwin.late_change) AS n"), 2 * (@odd + 1), 'odd ids: each noted for both days');
is($node->safe_psql('plain', "SELECT count(*) FROM (SELECT user_id FROM btwin.late_change EXCEPT SELECT id FROM app.users) AS n"), '0', 'odd ids: and none that does not exist');

# Rows without learner or moment, moments without end
$node->safe_psql('plain', q{ALTER TABLE app.behavioral_events ALTER user_id DROP NOT NULL, ALTER timestamp DROP NOT NULL, DROP CONSTRAINT behavioral_events_timestamp_check});
my $insert = 'INSERT INTO app.behavioral_events (id, user_id, event_type, event_data, timestamp) VALUES';
noted('plain', "$insert ('n1', NULL, 'GRAPH_VIEWED', '{}', '2026-01-05'), ('n2', 'u1', 'GRAPH_VIEWED', '{}', NULL);", '', 'NULL learner or moment');
noted('plain', q{UPDATE app.behavioral_events SET user_id = 'u1' WHERE id = 'n1'; UPDATE app.behavioral_events SET timestamp = '2026-01-06' WHERE id = 'n2';}, 'u1 2026-01-05, u1 2026-01-06', 'that get one');
noted('plain', q{UPDATE app.behavioral_events SET user_id = NULL WHERE id = 'n1'; UPDATE app.behavioral_events SET timestamp = NULL WHERE id = 'n2';}, 'u1 2026-01-05, u1 2026-01-06', 'and lose it');
noted('plain', "$insert ('i1', 'u1', 'GRAPH_VIEWED', '{}', '-infinity'), ('i2', 'u2', 'GRAPH_VIEWED', '{}', '-infinity'), ('i3', 'u3', 'GRAPH_VIEWED', '{}', 'infinity');", 'u1 -infinity, u2 -infinity', 'infinite moments');
noted('plain', q{UPDATE app.behavioral_events SET timestamp = 'infinity' WHERE id = 'i1'; UPDATE app.behavioral_events SET timestamp = '2026-01-05' WHERE id = 'i3';}, 'u1 -infinity, u1 infinity, u3 2026-01-05, u3 infinity', 'that change');

# search_path, operators of others, row security, replica
noted('plain', "SET search_path = ''; $late $other", 'u1 2026-01-05, u2 2026-01-06', 'an empty search_path');
$node->safe_psql('plain', q{
	CREATE SCHEMA evil;
	CREATE FUNCTION evil.bad_op(text, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'hostile operator'; END $$;
	CREATE FUNCTION evil.bad_lt(timestamptz, timestamptz) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE 'hostile operator'; END $$;
	CREATE FUNCTION evil.bad_eq(text, text) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE 'hostile operator'; END $$;
	CREATE OPERATOR evil.|| (FUNCTION = evil.bad_op, LEFTARG = text, RIGHTARG = text);
	CREATE OPERATOR evil.< (FUNCTION = evil.bad_lt, LEFTARG = timestamptz, RIGHTARG = timestamptz);
	CREATE OPERATOR evil.= (FUNCTION = evil.bad_eq, LEFTARG = text, RIGHTARG = text);
	CREATE FUNCTION evil.set_config(text, text, bool) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'hostile function'; END $$;
	CREATE FUNCTION evil.strpos(text, text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE 'hostile function'; END $$;
	CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RAISE 'hostile function'; END $$;
	GRANT USAGE ON SCHEMA evil TO application});
noted('plain', "SET search_path = evil, pg_catalog; $late $other", 'u1 2026-01-05, u2 2026-01-06', 'a hostile search_path');
noted('plain', "CREATE TEMP TABLE late_change (user_id text, from_day date, to_day date); SET search_path = pg_temp, evil; $late $other", 'u1 2026-01-05, u2 2026-01-06', 'a temporary table of the same name');
$node->safe_psql('plain', q{
	ALTER TABLE app.behavioral_events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
	CREATE POLICY own ON app.behavioral_events USING (user_id = current_setting('app.current_user_id', true))});
noted('plain', "SET app.current_user_id = 'u9'; " . event('u9', '2026-01-05') . "UPDATE app.behavioral_events SET timestamp = '2026-01-06' WHERE timestamp < '2026-02-01';", 'u9 2026-01-05, u9 2026-01-06', 'row security, forced');
$node->safe_psql('plain', 'ALTER TABLE app.behavioral_events DISABLE ROW LEVEL SECURITY');
noted('plain', "SET session_replication_role = replica; $late $other", 'u1 2026-01-05, u2 2026-01-06', 'session_replication_role = replica', 'postgres');

# A publication of all tables: notes can be deleted
$node->safe_psql('plain', q{CREATE PUBLICATION everything FOR ALL TABLES});
noted('plain', "$late $other", 'u1 2026-01-05, u2 2026-01-06', 'a publication for all tables');
like($node->safe_psql('plain', 'SELECT btwin.refresh_now(); SELECT btwin.refresh_now()'), qr/^done: .*\ndone: /, 'refresh under a publication for all tables');
is(notes('plain'), '', 'takes the notes');
$node->safe_psql('plain', 'DROP PUBLICATION everything');

# Operations that PostgreSQL restricts refuse a deferred trigger
$node->safe_psql('plain', qq{CREATE FUNCTION public.writes() RETURNS integer LANGUAGE sql VOLATILE AS \$\$
		INSERT INTO app.behavioral_events (user_id, event_type, event_data, timestamp) SELECT 'u' || i, 'GRAPH_VIEWED', '{}', '2026-01-05' FROM generate_series(1, 3) AS i RETURNING 1 \$\$;
	CREATE MATERIALIZED VIEW public.restricted AS SELECT public.writes() AS written WITH NO DATA});
noted('plain', 'REFRESH MATERIALIZED VIEW public.restricted;', 'u1 2026-01-05, u2 2026-01-05, u3 2026-01-05', 'within a restricted operation', 'postgres');
noted('plain', "BEGIN; REFRESH MATERIALIZED VIEW public.restricted; $late $other COMMIT;", 'u1 2026-01-05, u2 2026-01-05, u2 2026-01-06, u3 2026-01-05', 'and after one', 'postgres');
# three within, of which the transaction then knows nothing, and two after
is($node->safe_psql('plain', 'SELECT count(*) FROM btwin.late_change'), '5', 'what was noted within is noted again after');
$node->safe_psql('plain', q{CREATE OR REPLACE FUNCTION public.writes() RETURNS integer LANGUAGE sql VOLATILE AS $$
		INSERT INTO app.behavioral_events (user_id, event_type, event_data, timestamp) SELECT 'u' || i % 3, 'GRAPH_VIEWED', '{}', '2026-01-05' FROM generate_series(3, 8) AS i;
		SELECT length(btwin.refresh_now());
		INSERT INTO app.behavioral_events (user_id, event_type, event_data, timestamp) SELECT 'u' || i % 3, 'GRAPH_VIEWED', '{}', '2026-01-05' FROM generate_series(4, 8) AS i RETURNING 1 $$;
		INSERT INTO app.users (id) VALUES ('u0'); DELETE FROM btwin.late_change});
is($node->safe_psql('plain', q{REFRESH MATERIALIZED VIEW public.restricted; SELECT string_agg(user_id, ',' ORDER BY user_id) FROM btwin.late_change}), 'u0,u1,u2', 'notes that a refresh took there are written again, once each');
$node->safe_psql('plain', 'DROP MATERIALIZED VIEW public.restricted; DROP FUNCTION public.writes()');

# A row noted, folded in, and changed again in one transaction is noted again
is($node->safe_psql('plain', "BEGIN; $late $other SELECT count(*) FROM (SELECT btwin.refresh_now()) AS r; $late $other COMMIT; SELECT count(DISTINCT user_id) FROM btwin.late_change"), "1\n2", 'a refresh in the same transaction');

# What is broken

sub broken
{
	my ($what, $break, $mend) = @_;
	$node->safe_psql('plain', $break);
	warned('plain', $late, "$what, one row");
	warned('plain', $bulk, "$what, bulk");
	warned('plain', "BEGIN; $late $bulk $late COMMIT;", "$what, one warning for each statement sent", 3);
	$node->safe_psql('plain', $mend);
	noted('plain', $late, 'u1 2026-01-05', "$what, mended");
	return;
}
broken('rights revoked', 'REVOKE ALL ON btwin.late_change FROM app_owner', 'GRANT ALL ON btwin.late_change TO app_owner');
broken('schema btwin revoked', 'REVOKE ALL ON SCHEMA btwin FROM app_owner', 'GRANT USAGE, CREATE ON SCHEMA btwin TO app_owner');
broken('notes renamed', 'ALTER TABLE btwin.late_change RENAME TO elsewhere', 'ALTER TABLE btwin.elsewhere RENAME TO late_change');
broken('a column gone', 'ALTER TABLE btwin.late_change RENAME from_day TO first_day', 'ALTER TABLE btwin.late_change RENAME first_day TO from_day');
broken('a constraint that always fails', 'ALTER TABLE btwin.late_change ADD CONSTRAINT never CHECK (false) NOT VALID', 'ALTER TABLE btwin.late_change DROP CONSTRAINT never');
broken('a full disk', q{CREATE FUNCTION public.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
	CREATE TRIGGER full_disk BEFORE INSERT ON btwin.late_change FOR EACH ROW EXECUTE FUNCTION public.full_disk()}, 'DROP TRIGGER full_disk ON btwin.late_change');
broken('a trigger that raises at the end', q{CREATE TRIGGER full_disk AFTER INSERT ON btwin.late_change FOR EACH STATEMENT EXECUTE FUNCTION public.full_disk()}, 'DROP TRIGGER full_disk ON btwin.late_change');
$node->safe_psql('plain', q{CREATE SEQUENCE public.quota; GRANT ALL ON SEQUENCE public.quota TO PUBLIC;
	ALTER TABLE btwin.late_change ADD CONSTRAINT quota CHECK (nextval('public.quota') <= 1000) NOT VALID; DELETE FROM btwin.late_change});
warned('plain', $bulk, 'notes that fail in the middle of a bulk load');
my $written = $node->safe_psql('plain', 'SELECT count(*) FROM btwin.late_change');
cmp_ok($written, '>', 800, 'those before are there');
cmp_ok($written, '<=', 1000, 'and only those');
warned('plain', "BEGIN; $late $other COMMIT;", 'later statements warn too', 2);
$node->safe_psql('plain', 'ALTER TABLE btwin.late_change DROP CONSTRAINT quota');

# pending notes that cannot be written at commit
$node->safe_psql('plain', q{ALTER TABLE btwin.late_change ADD CONSTRAINT not_u2 CHECK (user_id <> 'u2') NOT VALID});
warned('plain', "BEGIN; $late $other COMMIT;", 'a fault at commit');
$node->safe_psql('plain', q{ALTER TABLE btwin.late_change DROP CONSTRAINT not_u2});

# the flush trigger disabled or gone: nothing is left pending
for my $do ('ALTER TABLE btwin.late_change DISABLE TRIGGER btwin_note_flush', 'DROP TRIGGER btwin_note_flush ON btwin.late_change')
{
	$node->safe_psql('plain', $do);
	noted('plain', "BEGIN; $late $other COMMIT;", 'u1 2026-01-05, u2 2026-01-06', $do);
}
is($node->safe_psql('plain', q{SELECT object, action FROM btwin.attach('app') WHERE action <> 'found'}), 'btwin_note_flush on btwin.late_change|created', 'attach makes it again');

# Somebody locks the notes: the application waits for half a second, no more
$node->safe_psql('plain', "BEGIN; LOCK TABLE btwin.late_change; PREPARE TRANSACTION 'lock'");
my $begin = time;
warned('plain', $late, 'locked notes');
cmp_ok(time - $begin, '<', 5, 'the statement is not held up');
warned('plain', $bulk, 'locked notes, bulk');
warned('plain', 'TRUNCATE app.behavioral_events', 'locked notes, TRUNCATE');
$node->safe_psql('plain', "ROLLBACK PREPARED 'lock'");
noted('plain', $late, 'u1 2026-01-05', 'unlocked');

# What stops a statement stops it here too
$node->safe_psql('plain', q{CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN new; END $$;
	CREATE TRIGGER slow BEFORE INSERT ON btwin.late_change FOR EACH ROW EXECUTE FUNCTION public.slow(); DELETE FROM app.behavioral_events});
($rc, $err) = run('plain', "SET statement_timeout = '300ms'; $late");
isnt($rc, 0, 'statement_timeout within a note');
like($err, qr/canceling statement due to statement timeout/, 'cancels the statement');
is($node->safe_psql('plain', 'SELECT count(*) FROM app.behavioral_events'), '0', 'as a whole');
$node->safe_psql('plain', 'DROP TRIGGER slow ON btwin.late_change');
$node->safe_psql('plain', 'DELETE FROM app.behavioral_events');
for my $state ('40001', '40P01', '53200', 'XX000', 'XX001')
{
	$node->safe_psql('plain', qq{CREATE OR REPLACE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN RAISE 'raised' USING ERRCODE = '$state'; END \$\$;
		CREATE TRIGGER slow BEFORE INSERT ON btwin.late_change FOR EACH ROW EXECUTE FUNCTION public.slow()});
	if ($state eq '40001')
	{
		($rc, $err) = run('plain', "\\set VERBOSITY sqlstate\n$late");
		like($err, qr/ERROR:  $state/, "SQLSTATE $state is raised again");
	}
	else
	{
		warned('plain', $late, "SQLSTATE $state");
	}
	$node->safe_psql('plain', 'DROP TRIGGER slow ON btwin.late_change');
}

# Partitions: row triggers come with their table, firing always
$node->safe_psql('postgres', 'CREATE DATABASE parts');
$node->safe_psql('parts', q{
	CREATE EXTENSION btwin;
	CREATE SCHEMA app AUTHORIZATION app_owner; SET ROLE app_owner;
	CREATE TABLE app.reviews (id text NOT NULL DEFAULT gen_random_uuid()::text, user_id varchar(40) NOT NULL, card_id text NOT NULL, session_id text, rating text NOT NULL, time_spent_ms integer,
		reviewed_at timestamp(3) NOT NULL, difficulty_before float8, stability_before float8, difficulty_after float8, stability_after float8) PARTITION BY RANGE (reviewed_at);
	CREATE TABLE app.reviews_2026_01 PARTITION OF app.reviews FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
	CREATE TABLE app.reviews_2026_02 PARTITION OF app.reviews FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
	CREATE INDEX ON app.reviews (user_id, reviewed_at)});
is($node->safe_psql('parts', q{SELECT object, action, detail FROM btwin.attach('app', owner => 'app_owner') WHERE kind = 'trigger' AND object ~ 'reviews'}),
	"btwin_note on app.reviews|created|INSERT, UPDATE, DELETE, TRUNCATE\nbtwin_note on app.reviews_2026_01|created|TRUNCATE of the partition\nbtwin_note on app.reviews_2026_02|created|TRUNCATE of the partition", 'attach: triggers on partitions');
is($node->safe_psql('parts', q{SELECT object, action FROM btwin.attach('app') WHERE action <> 'found'}), '', 'a second attach finds all');
$node->safe_psql('parts', q{SET ROLE app_owner;
	CREATE TABLE app.reviews_2026_03 PARTITION OF app.reviews FOR VALUES FROM ('2026-03-01') TO ('2026-04-01');
	CREATE TABLE app.reviews_2026_04 (LIKE app.reviews INCLUDING ALL);
	ALTER TABLE app.reviews ATTACH PARTITION app.reviews_2026_04 FOR VALUES FROM ('2026-04-01') TO ('2026-05-01');
	GRANT USAGE ON SCHEMA app TO application; GRANT ALL ON ALL TABLES IN SCHEMA app TO application});
is($node->safe_psql('parts', q{SELECT tgrelid::regclass, count(*), string_agg(DISTINCT tgenabled::text, '') FROM pg_trigger WHERE tgname LIKE 'btwin%' AND tgrelid::regclass::text LIKE 'app.reviews%' GROUP BY 1 ORDER BY 1::text}),
	"app.reviews|4|A\napp.reviews_2026_01|4|A\napp.reviews_2026_02|4|A\napp.reviews_2026_03|3|A\napp.reviews_2026_04|3|A", 'later partitions have the row triggers at once, firing always');
my $review = q{INSERT INTO app.%s (user_id, card_id, rating, reviewed_at) VALUES ('u1', 'c', 'GOOD', '%s');};
noted('parts', sprintf($review, 'reviews', '2026-01-05 23:59:59.999') . sprintf($review, 'reviews_2026_02', '2026-02-05') . sprintf($review, 'reviews_2026_03', '2026-03-05') . sprintf($review, 'reviews', '2026-04-05'),
	'u1 2026-01-05, u1 2026-02-05, u1 2026-03-05, u1 2026-04-05', 'rows through the table and into partitions, as timestamp(3)');
noted('parts', "SET TimeZone = '<X>-14'; " . sprintf($review, 'reviews', '2026-01-06 00:00'), 'u1 2026-01-06', 'a timestamp is UTC in any session zone');
noted('parts', q{UPDATE app.reviews SET reviewed_at = reviewed_at + interval '1 month' WHERE reviewed_at < '2026-01-06';}, 'u1 2026-01-05, u1 2026-02-05', 'a row moves to another partition');
noted('parts', 'TRUNCATE app.reviews_2026_01;', 'all', 'TRUNCATE of a partition');
noted('parts', "COPY app.reviews_2026_04 (user_id, card_id, rating, reviewed_at) FROM STDIN;\nu2\tc\tGOOD\t2026-04-05\n\\.\n", 'u2 2026-04-05', 'COPY into a partition');
noted('parts', sprintf($review, 'reviews', '2026-03-05'), 'u1 2026-03-05', 'replica, partition', 'postgres');
is($node->safe_psql('parts', q{SELECT object, action FROM btwin.attach('app') WHERE action <> 'found'}), "btwin_note on app.reviews_2026_03|created\nbtwin_note on app.reviews_2026_04|created", 'the next attach sees to TRUNCATE of later partitions');
noted('parts', 'TRUNCATE app.reviews_2026_04;', 'all', 'then it is noted too');
$node->safe_psql('parts', 'ALTER TABLE app.reviews_2026_03 DISABLE TRIGGER ALL');
is($node->safe_psql('parts', q{SELECT object, action, detail FROM btwin.attach('app') WHERE action <> 'found'}), 'btwin_note on app.reviews_2026_03|changed|enabled again', 'attach enables triggers that somebody disabled');
noted('parts', sprintf($review, 'reviews', '2026-03-06'), 'u1 2026-03-06', 'they note again');
# a partition of another role, on which neither the owner of the table nor that of the notes may make triggers
$node->safe_psql('parts', q{CREATE TABLE app.reviews_2026_05 PARTITION OF app.reviews FOR VALUES FROM ('2026-05-01') TO ('2026-06-01'); GRANT ALL ON app.reviews_2026_05 TO application});
my $rights = q{SELECT relacl FROM pg_class WHERE relname = 'reviews_2026_05'};
my $given = $node->safe_psql('parts', $rights);
is($node->safe_psql('parts', q{SELECT count(*) > 20 FROM btwin.attach('app', triggers => false)}), 't', 'attach without triggers where a partition belongs to another role');
is($node->safe_psql('parts', q{SELECT count(*) > 20 FROM btwin.attach('app', triggers => true)}), 't', 'and with them');
noted('parts', sprintf($review, 'reviews_2026_05', '2026-05-05'), 'u1 2026-05-05', 'its rows are noted');
noted('parts', 'TRUNCATE app.reviews_2026_05;', 'all', 'and that it was emptied');
is($node->safe_psql('parts', $rights), $given, 'no right on it was left');
is($node->safe_psql('parts', q{SELECT count(*) FROM btwin.detach(); SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'btwin%'; SELECT count(*) FROM pg_proc p WHERE proname LIKE '\_note\_%' AND pronamespace = 'btwin'::regnamespace AND prosecdef}) =~ s/^.*\n//r, "0\n0", 'detach removes every trigger and function');

# Rows that logical replication applies
attached('target');
$node->safe_psql('postgres', 'CREATE DATABASE source');
$node->safe_psql('source', q{CREATE SCHEMA app; CREATE TABLE app.behavioral_events (id text PRIMARY KEY, user_id text NOT NULL, event_type text NOT NULL, event_data jsonb NOT NULL, timestamp timestamptz NOT NULL);
	INSERT INTO app.behavioral_events VALUES ('a', 'u1', 'GRAPH_VIEWED', '{}', '2026-01-05');
	CREATE PUBLICATION events FOR TABLE app.behavioral_events; SELECT pg_create_logical_replication_slot('events', 'pgoutput')});
# From 16 on rows are applied with the rights of the table's owner, in a restricted operation that refuses deferred triggers
$node->safe_psql('target', 'CREATE SUBSCRIPTION events CONNECTION $$' . $node->connstr('source') . "\$\$ PUBLICATION events WITH (create_slot = false, slot_name = events)");
$node->wait_for_subscription_sync($node, 'events', 'target');
is(notes('target'), 'u1 2026-01-05', 'the first copy of a subscription is noted');
$node->safe_psql('target', 'DELETE FROM btwin.late_change');
$node->safe_psql('source', q{BEGIN; INSERT INTO app.behavioral_events SELECT 'b' || i, 'u2', 'GRAPH_VIEWED', '{}', timestamptz '2026-01-05' + i * interval '1 day' FROM generate_series(0, 2) AS i;
	UPDATE app.behavioral_events SET user_id = 'u3' WHERE id = 'b2'; DELETE FROM app.behavioral_events WHERE id = 'a'; COMMIT});
$node->wait_for_catchup('events');
is(notes('target'), 'u1 2026-01-05, u2 2026-01-05, u2 2026-01-06, u2 2026-01-07, u3 2026-01-07', 'changes that are applied are noted, every one of a transaction');
$node->safe_psql('source', q{TRUNCATE app.behavioral_events});
$node->wait_for_catchup('events');
like(notes('target'), qr/^all, /, 'TRUNCATE too');
$node->safe_psql('target', 'ALTER TABLE btwin.late_change RENAME TO elsewhere');
$node->safe_psql('source', q{INSERT INTO app.behavioral_events VALUES ('z', 'u1', 'GRAPH_VIEWED', '{}', '2026-01-05')});
$node->wait_for_catchup('events');
is($node->safe_psql('target', q{SELECT count(*) FROM app.behavioral_events}), '1', 'a fault of the notes does not stop replication');
$node->safe_psql('target', 'ALTER TABLE btwin.elsewhere RENAME TO late_change; ALTER SUBSCRIPTION events DISABLE; ALTER SUBSCRIPTION events SET (slot_name = NONE); DROP SUBSCRIPTION events');

# Without the notes, without the extension, without the library
attached('gone');
$node->safe_psql('gone', 'DROP TABLE btwin.late_change');
warned('gone', $late, 'notes dropped');
warned('gone', $bulk, 'notes dropped, bulk');
warned('gone', 'TRUNCATE app.behavioral_events', 'notes dropped, TRUNCATE');
attached('dropped');
($rc) = $node->psql('dropped', 'DROP EXTENSION btwin CASCADE');
is($rc, 0, 'DROP EXTENSION CASCADE while attached');
noted('dropped', "$late $other", 'u1 2026-01-05, u2 2026-01-06', 'without the extension');
noted('dropped', $bulk, join(', ', sort map { "bulk$_ 2026-01-05" } 1 .. 3000), 'without the extension, bulk');
$node->safe_psql('dropped', 'SET client_min_messages = warning; DROP SCHEMA btwin CASCADE');
($rc, $err) = run('dropped', "$late $bulk TRUNCATE app.behavioral_events");
is("$rc $err", '0 ', 'without the schema there is nothing left to note');

attached('no_library');
my $library;
chomp(my $pkglibdir = qx($ENV{PG_CONFIG} --pkglibdir));
my ($file) = grep { -e } map { "$pkglibdir/btwin.$_" } qw(so dylib);
if ($file && -w $pkglibdir && rename($file, "$file.away")) { $library = $file; }
else { $node->safe_psql('no_library', q{UPDATE pg_proc SET probin = '$libdir/btwin_is_not_here' WHERE probin = '$libdir/btwin'}); }
END { rename("$library.away", $library) if $library && -e "$library.away"; }
($rc, $err) = run('no_library', q{SELECT btwin.pattern_agg(1, 0.5, current_date)}, 'postgres');
like($err, qr/could not access file|could not load library/, 'the library is not to be found');
noted('no_library', "$late $other", 'u1 2026-01-05, u2 2026-01-06', 'without the library');
noted('no_library', $bulk, join(', ', sort map { "bulk$_ 2026-01-05" } 1 .. 3000), 'without the library, bulk');
noted('no_library', 'TRUNCATE app.behavioral_events', 'all', 'without the library, TRUNCATE');

$node->stop;
done_testing();
