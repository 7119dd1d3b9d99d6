# tier: test, long
#
# The store says what the tables say: random histories of an application, with a
# clock that the test moves, and after each of them (and at times within) every
# family of every learner as of now and of past moments, read from the store,
# equals what test/oracle/store_twin.sql works out of the tables alone, to 1e-9.
# Then the same with the triggers disabled: it must fail.
#
#   BTWIN_STORE_HISTORIES=N   how many (20; 60 where BTWIN_TIER is all, 300 where it is long)
#   BTWIN_STORE_SEED=N        another run; printed
#   BTWIN_STORE_ONLY=N        only history number N of the run
#   BTWIN_STORE_MINIMISE=1    finds a shorter history that fails the same way
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use BtwinTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use POSIX qw(floor strftime);
use Time::HiRes qw(time);
use Time::Local qw(timegm);

my $seed = $ENV{BTWIN_STORE_SEED} // 20260329;
my %usual = (all => 60, long => 300);
my $histories = $ENV{BTWIN_STORE_HISTORIES} // $usual{$ENV{BTWIN_TIER} // 'test'} // 20;
my @learners = ('u1', 'u2', 'u3');
my @zones = ('UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Kiritimati', 'Etc/GMT+12', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/Havana', 'Atlantic/Azores', 'Africa/Cairo');
my @session_zones = ('UTC', 'Etc/GMT+14', 'Etc/GMT-14', 'Europe/Berlin', 'America/St_Johns');
# around changes of clocks, ends of months, a leap day, a new year
my @starts = map { timegm(@$_) } ([ 0, 30, 5, 9, 2, 2026 ], [ 0, 10, 13, 31, 2, 2026 ], [ 0, 0, 0, 28, 9, 2026 ], [ 0, 20, 22, 3, 10, 2026 ], [ 0, 0, 9, 2, 2, 2028 ], [ 59, 59, 23, 4, 0, 2027 ]);
# clocks change: New York, Europe, Cairo, the Azores (over midnight), Havana (over midnight), Lord Howe
my @edges = map { timegm(@$_) } ([ 0, 0, 7, 8, 2, 2026 ], [ 0, 0, 1, 29, 2, 2026 ], [ 0, 0, 21, 29, 9, 2026 ], [ 0, 0, 1, 25, 9, 2026 ], [ 0, 0, 5, 1, 10, 2026 ], [ 0, 0, 15, 3, 9, 2026 ]);
my @sources = qw(study_sessions reviews behavioral_events cognitive_load_metrics missions personalization_outcomes struggle_predictions);

my $folder = PostgreSQL::Test::Utils::tempdir;
my $clock = BtwinTest->clock($folder);
my $node = PostgreSQL::Test::Cluster->new('store_property');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
autovacuum = off
fsync = off
wal_level = minimal
max_wal_senders = 0
max_prepared_transactions = 20
shared_buffers = 128MB
lock_timeout = 400ms
timezone = 'UTC'
jit = off
log_statement = none
CONF
{
	local $ENV{LD_PRELOAD} = $clock->{preload};
	$node->start;
}

our $kind = 'partitioned';
sub column { return BtwinTest::column($kind, @_); }
my %adopted = %BtwinTest::adopted;
my %moment = %BtwinTest::moment;
my @bounds = @BtwinTest::bounds;

BtwinTest->application($node, $_) foreach qw(partitioned created);

# ---------------------------------------------------------------------------
# A history: a list of steps, each with its statements written out, so that it
# can be run again, in part too.

sub one_of { return $_[ int rand @_ ]; }
sub chance { return rand() < $_[0]; }

sub stamp
{
	my ($at) = @_;
	my $whole = floor($at);
	return strftime('%Y-%m-%d %H:%M:%S', gmtime $whole) . sprintf('.%03d', 1000 * ($at - $whole));
}

sub history
{
	my ($number) = @_;
	srand($seed * 1000 + $number);
	$kind = chance(0.6) ? 'partitioned' : 'created';
	my $now = one_of(@starts) + int rand 86400;
	my @steps;
	my %state = map { $_ => { in => 0, rows => [], prepared => 0 } } qw(w1 w2 w3);
	my (%sessions, $counter);
	my %detached;
	my $gid = 0;
	# most of a history happens around a few days, so that things meet
	my @focus = ($now - 86400 * (2 + rand 4), $now - 86400 * (3 + rand 40), $now - 86400 * (40 + rand 140), one_of(grep({ $_ < $now && $_ > $now - 300 * 86400 } @edges), $now - 86400 * rand 700));

	my $add = sub { my ($who, $sql, %more) = @_; push @steps, { who => $who, sql => $sql, %more }; };

	# a moment: most where days are about to close or have just closed
	my $moment = sub {
		if (chance(0.6)) { my $near = one_of(@focus) + one_of(3600 * (rand(3) - 1.5), 86400 * (rand(3) - 1.5)); return chance(0.9) ? $near : 3600 * floor($near / 3600); }
		my $r = rand;
		my $age = $r < 0.2 ? rand 2.2 : $r < 0.5 ? 1.5 + rand 5 : $r < 0.75 ? rand 70 : $r < 0.88 ? rand 250 : $r < 0.96 ? rand 1200 : $r < 0.98 ? -rand 1.5 : rand 20000;
		my $at = $now - 86400 * $age;
		# days begin at whole hours somewhere, a score at midnight has no hour
		if (chance(0.15)) { $at = 3600 * floor($at / 3600) + one_of(0, 0, 0.001, -0.001, 1800); }
		elsif (chance(0.05)) { $at = 86400 * floor($at / 86400); }
		return $at;
	};
	my $literal = sub { my ($table, $at) = @_; return one_of("'-infinity'", "'infinity'", "'0044-03-15 BC'", "'0001-01-01 12:00'", "'20000-01-01'") if $adopted{$kind}{$table} && chance(0.01); return "'" . stamp($at) . ($adopted{$kind}{$table} ? "'" : "+00'"); };

	my $row = sub {
		my ($who, $table, $at, %given) = @_;
		my $id = "$who-" . ++$counter;
		my $learner = $given{learner} // one_of(@learners);
		my %value;
		if ($table eq 'study_sessions')
		{
			%value = (duration_ms => one_of('NULL', 0, 60000, 60000 * int rand 200, 60000 * int rand 90, 90000000, one_of(90000001, 2147483647)));
			push @{ $sessions{$who} }, [ $id, $learner, $at ];
		}
		elsif ($table eq 'reviews')
		{
			%value = (card_id => "'ca" . (1 + int rand 6) . "'", session_id => ($given{session} ? "'$given{session}'" : 'NULL'), rating => one_of("'AGAIN'", "'HARD'", "'GOOD'", "'EASY'"),
				time_spent_ms => int(rand 60000), map { $_ => 1 } qw(difficulty_before stability_before difficulty_after stability_after));
		}
		elsif ($table eq 'behavioral_events')
		{
			my $ended = chance(0.85);
			%value = (event_type => $ended ? "'SESSION_ENDED'" : "'CARD_REVIEWED'", event_data => $given{session} ? qq('{"sessionId": "$given{session}"}') : one_of("'{}'", "'[1]'", qq('"x"')),
				content_type => one_of('NULL', "'lecture'", "'flashcard'", "'video'"), session_performance_score => one_of('NULL', 0, 100, int rand 101, int rand 101));
			$value{session_performance_score} = 101 if $adopted{$kind}{$table} && chance(0.03);
		}
		elsif ($table eq 'cognitive_load_metrics') { %value = (load_score => rand 100, stress_indicators => "'[]'", confidence_level => 0.5); }
		elsif ($table eq 'missions') { %value = (status => one_of("'PENDING'", "'IN_PROGRESS'", "'COMPLETED'", "'SKIPPED'"), estimated_minutes => 30, objectives => "'[]'"); }
		elsif ($table eq 'personalization_outcomes') { %value = (outcome_type => "'SESSION_COMPLETED'", context => "'SESSION'", performance_score => one_of('NULL', rand, rand, rand), strategy_variant => one_of('NULL', "''", "'a'", "'b'", "'c'")); }
		else
		{
			%value = (learning_objective_id => "'ob'", predicted_struggle_probability => rand, prediction_confidence => 0.5, struggling_factors => "'[]'",
				prediction_date => $literal->($table, $at - 86400 * one_of(rand 10, rand 10, rand 119, 119 + rand 3, -rand 5)),
				actual_outcome => one_of('NULL', 'true', 'false', 'true', 'false'),
				feature_vector => one_of('NULL', sprintf(q('{"retention_score": %.3f, "prerequisiteGapCount": %.2f, "workload_level": %s, "validation_score": "x"}'), rand, rand 1.2, one_of('null', 0.5))));
		}
		my $at_text = $table eq 'struggle_predictions' && chance(0.15) ? 'NULL' : $literal->($table, $at);
		%value = (%value, id => "'$id'", user_id => "'$learner'", $moment{$table} => $at_text);
		push @{ $state{$who}{rows} }, [ $table, $id, $learner, $at ];
		my @names = sort keys %value;
		return "INSERT INTO app.$table (" . join(', ', map { column($table, $_) } @names) . ') VALUES (' . join(', ', @value{@names}) . ')';
	};

	# a session with its answers and its end, which may come a day or two late
	my $bundle = sub {
		my ($who, $at) = @_;
		my $learner = one_of(@learners);
		my @sql = ($row->($who, 'study_sessions', $at, learner => $learner));
		my $id = "$who-$counter";
		push @sql, $row->($who, 'reviews', $at + one_of(rand 3600, rand 3600, 0, 86400 * (rand(4) - 2)), learner => chance(0.9) ? $learner : one_of(@learners), session => $id) foreach 1 .. rand 6;
		push @sql, $row->($who, 'behavioral_events', $at + one_of(rand 7200, 86400 * (rand(4) - 2)), learner => chance(0.9) ? $learner : one_of(@learners), session => $id) foreach 1 .. one_of(0, 1, 1, 2);
		return @sql;
	};

	my $change = sub {
		my ($who) = @_;
		my $mine = $state{$who}{rows};
		return $bundle->($who, $moment->()) unless @$mine;
		my ($table, $id, $learner, $at) = @{ one_of(@$mine) };
		my $at_column = column($table, $moment{$table});
		my $where = "WHERE id = '$id'";
		my $what = rand;
		if ($what < 0.25) { return "DELETE FROM app.$table $where"; }
		if ($what < 0.5)
		{
			my $to = chance(0.3) ? $at + 86400 * (rand(4) - 2) : $moment->();
			return "UPDATE app.$table SET $at_column = " . $literal->($table, $to) . " $where";
		}
		if ($what < 0.65) { return "UPDATE app.$table SET @{[column($table, 'user_id')]} = '" . one_of(@learners) . "' $where"; }
		my %set = (
			study_sessions => [ duration_ms => sub { one_of('NULL', 60000 * int rand 100) } ],
			reviews => [ rating => sub { one_of("'AGAIN'", "'GOOD'") }, card_id => sub { "'ca1'" }, time_spent_ms => sub { int rand 1000 } ],
			behavioral_events => [ session_performance_score => sub { int rand 100 }, content_type => sub { one_of('NULL', "'video'") }, event_type => sub { one_of("'SESSION_ENDED'", "'GRAPH_VIEWED'") } ],
			cognitive_load_metrics => [ load_score => sub { rand 100 } ],
			missions => [ status => sub { one_of("'SKIPPED'", "'COMPLETED'", "'IN_PROGRESS'") } ],
			personalization_outcomes => [ performance_score => sub { rand }, strategy_variant => sub { one_of('NULL', "'a'", "'d'") } ],
			struggle_predictions => [ actual_outcome => sub { one_of('true', 'false', 'NULL') }, prediction_date => sub { $literal->($table, $at - 86400 * rand 130) } ]);
		my @pairs = @{ $set{$table} };
		my @other = @{ $sessions{$who} // [] };
		if (@other && chance(0.4))
		{
			my $session = one_of(@other)->[0];
			return "UPDATE app.reviews SET @{[column('reviews', 'session_id')]} = '$session' $where" if $table eq 'reviews';
			return qq{UPDATE app.behavioral_events SET @{[column('behavioral_events', 'event_data')]} = '{"sessionId": "$session"}' $where} if $table eq 'behavioral_events';
			return "UPDATE app.study_sessions SET id = '$id+' $where" if $table eq 'study_sessions' && $kind eq 'partitioned' && chance(0.3);
		}
		my $i = 2 * int rand(@pairs / 2);
		return "UPDATE app.$table SET @{[column($table, $pairs[$i])]} = " . $pairs[ $i + 1 ]->() . " $where";
	};

	my $write = sub {
		my ($who) = @_;
		my $what = rand;
		return $bundle->($who, $moment->()) if $what < 0.35;
		return $row->($who, one_of(@sources), $moment->()) if $what < 0.55;
		return map { $row->($who, one_of(@sources), $moment->()) } 1 .. 12 if $what < 0.6;
		if ($what < 0.64)
		{
			# half a year at once, changed and taken away in part
			my $id = "$who-" . ++$counter . '-';
			return ("INSERT INTO app.cognitive_load_metrics (id, user_id, load_score, stress_indicators, confidence_level, timestamp) SELECT '$id' || g, 'u' || 1 + g % @{[one_of(1, 3)]}, g % 90, '[]', 0.5, timestamptz "
				. $literal->('missions', $moment->()) . ' - g * interval \'13 hours\' FROM generate_series(1, ' . one_of(20, 300) . ') g',
				chance(0.5) ? "UPDATE app.cognitive_load_metrics SET load_score = load_score + 1 WHERE id LIKE '$id%'" : (),
				chance(0.5) ? "DELETE FROM app.cognitive_load_metrics WHERE id LIKE '$id%5'" : ());
		}
		return $change->($who);
	};

	my $refresh = sub {
		my $who = one_of('admin', 'admin', 'refresher', 'refresher', 'refresher');
		my $zone = one_of(@session_zones);
		$add->($who, "SET TimeZone = '$zone'; " . (chance(0.75) ? 'CALL btwin.refresh(' . one_of(1, 2, 50) . ')' : 'SELECT btwin.refresh_now()'), type => 'refresh');
		return;
	};

	my $check = sub {
		my ($how_many) = @_;
		my @at = ("'" . stamp($now + 2) . "+00'", map { "'" . stamp($moment->()) . "+00'" } 2 .. $how_many);
		$add->('admin', "SET TimeZone = '" . one_of(@session_zones) . "'; SELECT * FROM oracle.differences('{u1,u2,u3,nobody}', ARRAY[" . join(', ', @at) . "]::timestamptz[]) LIMIT 5", type => 'check');
		return;
	};

	$add->('admin', undef, type => 'clock', to => $now);
	# some do without triggers: what changes is read as it is from the next refresh on
	my $untriggered = chance(0.15);
	$add->('admin', "SELECT count(*) FROM btwin.attach('app', triggers => false)", type => 'ddl', triggers => 0) if $untriggered;
	# what was there before anybody looked
	$add->('w1', join ";\n", map { $bundle->('w1', $moment->()) } 1 .. 4 + int rand 6);
	$add->('w1', join ";\n", map { my $table = $_; map { $row->('w1', $table, $moment->()) } 1 .. rand 5 } @sources);
	$refresh->() if chance(0.8);

	my $length = 25 + int rand 35;
	while (@steps < $length)
	{
		my $what = rand;
		my $who = one_of(qw(w1 w1 w2 w3));
		my $mine = $state{$who};
		if ($what < 0.42)
		{
			my $sql = join ";\n", $write->($who);
			if ($mine->{in} && chance(0.1)) { $sql = "SAVEPOINT s;\n$sql;\nROLLBACK TO s"; }
			$sql = "SET TimeZone = '" . one_of(@session_zones) . "';\n$sql" if chance(0.3);
			$sql = one_of('SET CONSTRAINTS ALL IMMEDIATE', 'SET CONSTRAINTS ALL DEFERRED', 'RESET ALL', "SET DateStyle = 'German'") . ";\n$sql" if chance(0.1);
			$add->($who, $sql);
		}
		elsif ($what < 0.54) { $refresh->(); }
		elsif ($what < 0.62)    # transactions that stay open
		{
			if (!$mine->{in}) { $add->($who, 'BEGIN' . one_of('', '', ' ISOLATION LEVEL REPEATABLE READ') . ";\n" . join ";\n", $write->($who)); $mine->{in} = 1; }
			else { $what = 0.62; }
		}
		if ($what >= 0.62 && $what < 0.7 && $mine->{in})
		{
			$mine->{in} = 0;
			if (chance(0.35))
			{
				my $name = "g_$number" . '_' . ++$gid;
				$add->($who, "PREPARE TRANSACTION '$name'", type => 'end');
				push @{ $state{prepared} }, $name;
				# its rows are locked
				$mine->{rows} = [];
				$sessions{$who} = [];
			}
			else { $add->($who, chance(0.85) ? 'COMMIT' : 'ROLLBACK', type => 'end'); }
		}
		elsif ($what >= 0.7 && $what < 0.73 && @{ $state{prepared} // [] })
		{
			$add->('admin', (chance(0.8) ? 'COMMIT' : 'ROLLBACK') . " PREPARED '" . shift(@{ $state{prepared} }) . "'", type => 'end');
		}
		elsif ($what >= 0.73 && $what < 0.8)
		{
			$now += chance(0.1) ? -3600 * rand 18 : 86400 * one_of(rand 0.1, rand 1, rand 2, rand 5, rand 40);
			$add->('admin', undef, type => 'clock', to => $now);
		}
		elsif ($what >= 0.8 && $what < 0.83)
		{
			my $learner = one_of(@learners);
			$add->('admin', chance(0.8) ? "INSERT INTO btwin.learner (user_id, time_zone) VALUES ('$learner', '" . one_of(@zones) . "') ON CONFLICT (user_id) DO UPDATE SET time_zone = excluded.time_zone"
				: chance(0.4) ? "UPDATE btwin.attachment SET default_time_zone = '" . one_of(@zones) . "'" : chance(0.9) ? "DELETE FROM btwin.learner WHERE user_id = '$learner'" : "SELECT count(*) FROM btwin.attach('app', default_time_zone => '" . one_of(@zones) . "')", type => 'ddl');
		}
		elsif ($what >= 0.83 && $what < 0.85) { $add->('admin', "UPDATE app.users SET behavioral_analysis_enabled = NOT behavioral_analysis_enabled WHERE id = '" . one_of(@learners) . "'", type => 'ddl'); }
		elsif ($what >= 0.85 && $what < 0.9 && $kind eq 'partitioned')
		{
			my $table = one_of(qw(study_sessions reviews behavioral_events));
			my $day = "'" . stamp($moment->()) . "'";
			my ($i) = grep { $day lt ($bounds[$_] eq 'MAXVALUE' ? "'9" : $bounds[$_]) } 1 .. $#bounds;
			my $leaf = "${table}_$i";
			my $bound = "FOR VALUES FROM ($bounds[$i - 1]) TO ($bounds[$i])";
			my $nested = $table eq 'behavioral_events' && $i % 4 == 2;
			if (chance(0.3)) 
			{
				# where a refresher that owns nothing could not make the trigger of a new partition, only attach does
				my $emptied = one_of($leaf, $leaf, $nested ? "${leaf}_0" : $leaf, $table);
				$add->('admin', "DO \$\$ BEGIN IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'app.$emptied'::regclass AND tgname = 'btwin_note_truncate') THEN TRUNCATE app.$emptied; END IF; END \$\$", type => 'ddl');
			}
			elsif (chance(0.25) && !$nested)
			{
				# another table takes its place, with its columns in another order
				my $other = "${table}_x$counter";
				$add->('admin', "BEGIN; DROP TABLE IF EXISTS app.$leaf; SET LOCAL ROLE app_owner;
					DO \$\$ BEGIN EXECUTE (SELECT format('CREATE TABLE app.%I (%s)', '$other', string_agg(format('%I %s%s%s', attname, format_type(atttypid, atttypmod), ' DEFAULT ' || pg_get_expr(adbin, adrelid), CASE WHEN attnotnull THEN ' NOT NULL' END), ', ' ORDER BY attnum DESC))
						FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attrelid = 'app.$table'::regclass AND attnum > 0); END \$\$;
					RESET ROLE; GRANT ALL ON app.$other TO application; COMMIT", type => 'ddl', stale => 1);
				my $sql = $row->('w1', $table, $now - 86400 * (3 + rand 40)) =~ s/app\.$table/app.$other/r;
				$add->('admin', $sql, type => 'ddl', stale => 1);
				$add->('admin', "ALTER TABLE app.$table ATTACH PARTITION app.$other $bound", type => 'ddl', stale => 1);
			}
			else
			{
				$add->('admin', "ALTER TABLE app.$table DETACH PARTITION app.$leaf", type => 'ddl', stale => 1);
				$refresh->() if chance(0.5);
				if (chance(0.8))
				{
					$add->('admin', "DELETE FROM app.$leaf WHERE random() < 0.5", type => 'ddl', stale => 1) if chance(0.6);
					$add->('admin', "ALTER TABLE app.$table ATTACH PARTITION app.$leaf $bound", type => 'ddl', stale => 1);
				}
				else
				{
					$add->('admin', "DROP TABLE app.$leaf", type => 'ddl') if chance(0.5);
					# an empty one takes its place
					$add->('admin', "CREATE TABLE app.${leaf}_$counter PARTITION OF app.$table $bound; GRANT ALL ON app.${leaf}_$counter TO application", type => 'ddl');
				}
			}
			$refresh->();
		}
		elsif ($what >= 0.9 && $what < 0.92)
		{
			my $table = one_of(@sources);
			my $sql = join ";\n", map { $change->('w1') } 1 .. 3;
			# enabled in this way the triggers fire no more where rows are replicated
			if (chance(0.7)) { $state{enabled}++; }
			if ($state{enabled})
			{
				$add->('admin', "BEGIN; ALTER TABLE app.$table DISABLE TRIGGER ALL; $sql; ALTER TABLE app.$table ENABLE TRIGGER ALL; COMMIT", type => 'ddl', stale => 1);
				$add->('admin', 'SELECT count(*) FROM btwin.verify(sample => 1000000, heal => true)', type => 'heal');
			}
			else { $add->('admin', "BEGIN; SET LOCAL session_replication_role = replica; $sql; COMMIT", type => 'ddl'); }
		}
		elsif ($what >= 0.92 && $what < 0.93 && $untriggered && chance(0.5))
		{
			$add->('admin', "SELECT count(*) FROM btwin.attach('app', triggers => true)", type => 'ddl', triggers => 1);
			$check->(2);
		}
		elsif ($what >= 0.92 && $what < 0.93) { $add->('admin', 'SELECT btwin.rebuild(' . one_of("'u1'", '') . ')', type => 'ddl'); }
		elsif ($what >= 0.93 && $what < 0.94)
		{
			my $learner = one_of(@learners);
			$add->('admin', "DELETE FROM app.users WHERE id = '$learner' AND id <> 'u1'", type => 'ddl');
			$add->('admin', "INSERT INTO app.users (id) VALUES ('$learner') ON CONFLICT DO NOTHING", type => 'ddl') if chance(0.7);
		}
		elsif ($what >= 0.94 && $what < 0.953)
		{
			my ($at, $learner) = ($moment->(), one_of(@learners));
			my @sql = map { $row->('w1', one_of(@sources), $at + $_, learner => $learner) } 0, 60;
			$add->('admin', "BEGIN;\n$sql[0];\nSELECT btwin.refresh_now();\n$sql[1];\nCOMMIT");
		}
		elsif ($what >= 0.953 && $what < 0.96)
		{
			$add->('admin', 'SELECT count(*) FROM btwin.detach()', type => 'ddl');
			$add->('admin', join(";\n", $change->('w1'), $write->('w1')), type => 'ddl') if chance(0.5);
			$add->('admin', "SELECT count(*) FROM btwin.attach('app'); GRANT SELECT ON ALL TABLES IN SCHEMA btwin TO refresher", type => 'ddl');
		}
		elsif ($what >= 0.96)    # everybody at once
		{
			my %burst = map { my $writer = $_; $writer => join ";\n", map { $write->($writer) } 1 .. 6 } qw(w1 w2 w3);
			$burst{refresher} = 'CALL btwin.refresh(1); CALL btwin.refresh(1)';
			push @steps, { type => 'burst', burst => \%burst };
		}
		$check->(2) if chance(0.06);
	}
	# what is still open ends
	foreach my $who (qw(w1 w2 w3)) { $add->($who, chance(0.8) ? 'COMMIT' : 'ROLLBACK', type => 'end') if $state{$who}{in}; }
	$add->('admin', "COMMIT PREPARED '$_'", type => 'end') foreach @{ $state{prepared} // [] };
	$check->(4);
	$now += 86400 * rand 9;
	$add->('admin', undef, type => 'clock', to => $now);
	$refresh->();
	$check->(3);
	$add->('admin', 'SELECT * FROM btwin.verify(sample => 1000000) LIMIT 5', type => 'verify');
	return { number => $number, kind => $kind, steps => \@steps };
}

# ---------------------------------------------------------------------------

# What a statement may say, by what kind of step it is: the locks of others,
# what depends on a row or a partition that is gone.
my %accepted = (
	'' => qr/^(55P03|25P02|3B001|23503|23505|23514|40001)$/,
	end => qr/^(25P02|42704|25P01|55000)$/,
	ddl => qr/^(55P03|25P02|23503|23505|23514|42P01|42P07|42704|42809|42P17|TW001|55000|40001|2BP01|42P16)$/,
	refresh => qr/^TW001$/, heal => qr/^TW001$/, check => qr/^TW001$/, verify => qr/^TW001$/);
my %told;

# Runs a history in a database of its own. Returns what went wrong, undef if nothing did.
sub play
{
	my ($history, %option) = @_;
	my $database = 'history';
	my $control = $option{control};
	$clock->set($history->{steps}[0]{to} // $starts[0]);
	$control->run("DROP DATABASE IF EXISTS $database WITH (FORCE)");
	my $made = $control->run("CREATE DATABASE $database TEMPLATE $history->{kind}");
	die "CREATE DATABASE: $made\n" if $made ne '';
	my %open;
	my $session = sub {
		my ($who) = @_;
		return $open{$who} //= BtwinTest->session($node, $database, user => $who =~ /^w/ ? 'application' : $who eq 'refresher' ? 'refresher' : undef);
	};
	my ($stale, $triggers, $problem, %seen) = (0, 1);
	my $number = 0;
	my $judge = sub {
		my ($step, $who, $answer) = @_;
		return "session $who ended" unless defined $answer;
		my $type = $step->{type} // '';
		my $pattern = $type eq 'burst' ? $accepted{''} : $accepted{$type};
		my $failed = 0;
		while ($answer =~ /^(ERROR|FATAL|PANIC|WARNING):  (\w{5}): (.*)$/mg)
		{
			my ($severity, $code, $text) = ($1, $2, $3);
			next if $severity eq 'WARNING' && $code =~ /^25P01|25001$/;
			$seen{$code}++;
			$failed = 1;
			return "$severity $code: $text" unless $severity eq 'ERROR' && $code =~ $pattern;
		}
		if ($type eq 'check' || $type eq 'verify')
		{
			return ($type eq 'check' ? 'differs' : 'verify') . ": $answer" if $answer ne '' && !$failed;
			$told{$type}++;
		}
		elsif ($type eq 'refresh') { $stale = 0 if $answer =~ /^done/m; return "refresh says $answer" unless $failed || $answer =~ /^done/m || $answer =~ /^skipped/; $told{refresh}++; }
		elsif (defined $step->{triggers} && !$failed) { $triggers = $step->{triggers}; $stale = 0 if $triggers; }
		elsif ($type eq 'heal') { $stale = 0 unless $failed; $told{healed} += $answer if $answer =~ /^\d+$/; }
		return undef;
	};
	foreach my $step (@{ $history->{steps} })
	{
		$number++;
		my $type = $step->{type} // '';
		$stale = 1 if $step->{stale} || (!$triggers && $type !~ /^(clock|check|verify|refresh|heal)$/);
		next if $stale && ($type eq 'check' || $type eq 'verify');
		next if $option{blind} && ($type eq 'heal' || $type eq 'verify');
		if ($type eq 'clock') { $clock->set($step->{to}); next; }
		if ($type eq 'burst')
		{
			$session->($_)->start($step->{burst}{$_}) foreach sort keys %{ $step->{burst} };
			$problem //= $judge->($step, $_, $session->($_)->finish) foreach sort keys %{ $step->{burst} };
		}
		else { $problem = $judge->($step, $step->{who}, $session->($step->{who})->run($step->{sql})); }
		if (defined $problem) { $problem = "step $number: $problem"; last; }
	}
	$_->close foreach values %open;
	foreach my $gid (split /\n/, $control->run("SELECT gid FROM pg_prepared_xacts WHERE database = '$database'"))
	{
		BtwinTest->session($node, $database)->run("ROLLBACK PREPARED '$gid'");
	}
	$told{errors}{$_} += $seen{$_} foreach keys %seen;
	$told{steps} += $number;
	return $problem;
}

sub text_of
{
	my ($history) = @_;
	my $n = 0;
	return "-- history $history->{number}, $history->{kind}\n" . join '', map {
		$n++;
		my $step = $_;
		my $type = $step->{type} // '';
		$type eq 'clock' ? "-- $n: clock to " . stamp($step->{to}) . "\n"
		  : $type eq 'burst' ? "-- $n: at once\n" . join('', map { "--   $_\n$step->{burst}{$_};\n" } sort keys %{ $step->{burst} })
		  : "-- $n: $step->{who} $type\n$step->{sql};\n" } @{ $history->{steps} };
}

# Leaves steps out, then statements of steps, as long as the same kind of thing goes wrong.
sub minimise
{
	my ($history, $problem, %option) = @_;
	my $like = $problem =~ s/^step \d+: (\w+ ?\w*).*/$1/sr;
	my $fails = sub { my ($steps) = @_; my $p = play({ %$history, steps => $steps }, %option); return defined $p && $p =~ /^step \d+: \Q$like\E/; };
	my @steps = @{ $history->{steps} };
	$problem =~ /^step (\d+)/;
	my @cut = @steps[ 0 .. $1 - 1 ];
	@steps = @cut if $fails->(\@cut);
	for (my $size = int(@steps / 2); $size >= 1; $size = int($size / 2))
	{
		for (my $from = @steps - $size; $from >= 1; $from -= $size)
		{
			my @less = @steps;
			splice @less, $from, $size;
			@steps = @less if $fails->(\@less);
			$from = @steps if $from > @steps;
		}
	}
	for my $i (1 .. $#steps)
	{
		next unless defined $steps[$i]{sql};
		my @parts = split /;\n/, $steps[$i]{sql};
		for (my $j = $#parts; $j >= 0 && @parts > 1; $j--)
		{
			my @fewer = @parts;
			splice @fewer, $j, 1;
			my @less = @steps;
			$less[$i] = { %{ $steps[$i] }, sql => join ";\n", @fewer };
			if ($fails->(\@less)) { @steps = @less; @parts = @fewer; }
		}
	}
	return { %$history, steps => \@steps };
}

my $control = BtwinTest->session($node, 'postgres');
my $begin = time;

# ---- cases that once went wrong, each as short as it can be
my $insert = 'INSERT INTO app.cognitive_load_metrics (user_id, load_score, stress_indicators, confidence_level, timestamp) VALUES ';
my $session = 'INSERT INTO app.study_sessions ("id", "userId", "startedAt", "durationMs") VALUES ';
my $look = "SELECT * FROM oracle.differences('{u1,u2}', ARRAY['2026-11-12', '2026-11-01 04:20', '2026-10-25 00:45']::timestamptz[])";
my @cases = (
	# at one o'clock in summer time it was midnight again
	[ 'an hour of midnight that comes twice', 'created',
		[ 'w1', "INSERT INTO btwin.learner (user_id, time_zone) VALUES ('u1', 'Atlantic/Azores'), ('u2', 'America/Havana'); $insert ('u1', 10, '[]', 0.5, '2026-10-24 23:30+00'), ('u1', 20, '[]', 0.5, '2026-10-25 00:30+00'), ('u1', 30, '[]', 0.5, '2026-10-25 01:30+00'), ('u2', 40, '[]', 0.5, '2026-11-01 04:10+00'), ('u2', 50, '[]', 0.5, '2026-11-01 05:10+00')" ],
		[ 'admin', $look, 'check' ], [ 'refresher', 'CALL btwin.refresh()', 'refresh' ], [ 'admin', $look, 'check' ],
		[ 'w1', "$insert ('u1', 60, '[]', 0.5, '2026-10-27 12:00+00'), ('u2', 60, '[]', 0.5, '2026-11-03 12:00+00')" ],
		[ 'admin', $look, 'check' ], [ 'refresher', 'CALL btwin.refresh()', 'refresh' ], [ 'admin', $look, 'check' ], [ 'admin', 'SELECT * FROM btwin.verify()', 'verify' ] ],
	[ 'a change after refresh_now() in one transaction', 'created',
		[ 'w1', "$insert ('u1', 10, '[]', 0.5, '2026-11-01 12:00+00')" ], [ 'admin', 'CALL btwin.refresh()', 'refresh' ],
		[ 'admin', "BEGIN; $insert ('u1', 20, '[]', 0.5, '2026-11-02 12:00+00'); SELECT btwin.refresh_now(); $insert ('u1', 30, '[]', 0.5, '2026-11-02 12:00+00'); COMMIT" ],
		[ 'admin', $look, 'check' ], [ 'admin', 'CALL btwin.refresh()', 'refresh' ], [ 'admin', $look, 'check' ], [ 'admin', 'SELECT * FROM btwin.verify()', 'verify' ] ],
	[ 'a partition that is taken off, changed and put back between two refreshes', 'partitioned',
		[ 'w1', "$session ('s1', 'u1', '2026-11-02 12:00', 600000), ('s2', 'u2', '2026-11-02 12:00', 600000)" ], [ 'refresher', 'CALL btwin.refresh()', 'refresh' ],
		[ 'admin', q{ALTER TABLE app.study_sessions DETACH PARTITION app.study_sessions_10; DELETE FROM app.study_sessions_10 WHERE id = 's1'; ALTER TABLE app.study_sessions ATTACH PARTITION app.study_sessions_10 FOR VALUES FROM ('2026-10-30') TO ('2026-12-31')} ],
		[ 'refresher', 'CALL btwin.refresh()', 'refresh' ], [ 'admin', $look, 'check' ], [ 'admin', 'SELECT * FROM btwin.verify()', 'verify' ] ],
	[ 'a total month by month is the total of all months, to the last digit', 'created',
		[ 'w1', q{INSERT INTO app.struggle_predictions (user_id, learning_objective_id, predicted_struggle_probability, prediction_confidence, struggling_factors, prediction_date, actual_outcome_recorded_at, actual_outcome, feature_vector)
			SELECT 'u1', 'ob', 0.5, 0.5, '[]', at, at, n % 3 = 0, jsonb_build_object('retention_score', n % 7 / 7.0, 'workload_level', n % 11 / 11.0, 'validation_score', n % 13 / 13.0)
			FROM (SELECT n, timestamptz '2027-01-01 12:00+00' + n * interval '2 days' AS at FROM generate_series(1, 250) n) AS p} ],
		map({ [ 'admin', undef, 'clock', timegm(0, 0, 9, 10, $_ % 12, 2027 + int($_ / 12)) ], [ 'admin', 'CALL btwin.refresh()', 'refresh' ], [ 'admin', 'SELECT * FROM btwin.verify()', 'verify' ] } 1 .. 17) ],
	[ 'another zone, detach and attach', 'created',
		[ 'w1', "$insert ('u1', 10, '[]', 0.5, '2026-11-07 12:00+00')" ], [ 'admin', undef, 'clock', timegm(0, 30, 0, 12, 10, 2026) ], [ 'admin', 'CALL btwin.refresh()', 'refresh' ],
		[ 'w1', "INSERT INTO btwin.learner (user_id, time_zone) VALUES ('u1', 'Etc/GMT+12')" ], [ 'admin', 'SELECT count(*) FROM btwin.detach()', 'ddl' ], [ 'admin', "SELECT count(*) FROM btwin.attach('app')", 'ddl' ],
		[ 'admin', 'CALL btwin.refresh()', 'refresh' ], [ 'admin', $look, 'check' ], [ 'admin', 'SELECT * FROM btwin.verify()', 'verify' ] ],
	[ 'moments that are none', 'partitioned',
		[ 'w1', "$session ('s1', 'u1', '2026-11-02 12:00', 600000), ('s2', 'u1', '-infinity', 600000), ('s3', 'u1', 'infinity', 600000), ('s4', 'u1', '0044-03-15 BC', 600000), ('s5', 'u1', '20000-01-01', 600000)" ],
		[ 'admin', $look, 'check' ], [ 'refresher', 'CALL btwin.refresh()', 'refresh' ], [ 'admin', $look, 'check' ], [ 'w1', q{DELETE FROM app.study_sessions WHERE id <> 's3'} ],
		[ 'admin', $look, 'check' ], [ 'refresher', 'CALL btwin.refresh()', 'refresh' ], [ 'admin', $look, 'check' ], [ 'admin', 'SELECT * FROM btwin.verify()', 'verify' ] ],
	[ 'changes before there were triggers', 'created',
		[ 'admin', "SELECT count(*) FROM btwin.attach('app', triggers => false)", 'ddl' ], [ 'w1', "$insert ('u1', 10, '[]', 0.5, '2026-11-01 12:00+00')" ], [ 'refresher', 'CALL btwin.refresh()', 'refresh' ],
		[ 'w1', 'UPDATE app.cognitive_load_metrics SET load_score = 20' ], [ 'admin', "SELECT count(*) FROM btwin.attach('app', triggers => true)", 'ddl' ],
		[ 'admin', $look, 'check' ], [ 'refresher', 'CALL btwin.refresh()', 'refresh' ], [ 'admin', $look, 'check' ], [ 'admin', 'SELECT * FROM btwin.verify()', 'verify' ] ],
	[ 'changes while triggers were disabled, and attach after that', 'created',
		[ 'w1', "$insert ('u1', 10, '[]', 0.5, '2026-11-01 12:00+00')" ], [ 'refresher', 'CALL btwin.refresh()', 'refresh' ],
		[ 'admin', 'ALTER TABLE app.cognitive_load_metrics DISABLE TRIGGER ALL; UPDATE app.cognitive_load_metrics SET load_score = 20; ALTER TABLE app.cognitive_load_metrics ENABLE TRIGGER ALL' ],
		[ 'admin', "SELECT count(*) FROM btwin.attach('app')", 'ddl' ],
		[ 'admin', $look, 'check' ], [ 'refresher', 'CALL btwin.refresh()', 'refresh' ], [ 'admin', $look, 'check' ], [ 'admin', 'SELECT * FROM btwin.verify()', 'verify' ] ]);
foreach my $case (@cases)
{
	my ($name, $with, @steps) = @$case;
	local $kind = $with;
	is(play({ number => 0, kind => $with, steps => [ { type => 'clock', to => timegm(0, 0, 9, 12, 10, 2026) }, map { { who => $_->[0], sql => $_->[1], type => $_->[2], to => $_->[3] } } @steps ] }, control => $control), undef, $name);
}

# ---- random histories
my @numbers = defined $ENV{BTWIN_STORE_ONLY} ? (split /,/, $ENV{BTWIN_STORE_ONLY}) : (1 .. $histories);
my ($differing, $failed, $problems) = (0, '', '');
%told = ();
diag("seed $seed, " . @numbers . ' histories');
foreach my $number (@numbers)
{
	my $history = history($number);
	my $problem = play($history, control => $control);
	next unless defined $problem;
	$differing++;
	$history = minimise($history, $problem, control => $control) if $ENV{BTWIN_STORE_MINIMISE};
	# up to the step at fault
	splice @{ $history->{steps} }, $1 if !$ENV{BTWIN_STORE_MINIMISE} && $problem =~ /^step (\d+)/;
	$failed .= text_of($history);
	$problems .= "history $number ($history->{kind}): $problem\n";
}
is($differing, 0, @numbers . ' random histories: the store says what the tables say');
cmp_ok($told{check}, '>=', 2 * @numbers, 'there were comparisons in each') if $differing == 0;
diag(sprintf '%.0f s; %d steps, %d comparisons, %d refreshes, %d problems healed by verify; errors met: %s', time - $begin, $told{steps}, $told{check} // 0, $told{refresh} // 0, $told{healed} // 0,
	join ', ', map { "$_ $told{errors}{$_}" } sort keys %{ $told{errors} });
# what went wrong at the end again, where it is seen
diag(substr($failed, 0, 20000) . "\n$problems") if $failed ne '';

# ---- the same without the triggers: the comparison must find it
if (!defined $ENV{BTWIN_STORE_ONLY})
{
	my ($played, $found) = (0, 0);
	while ($found < 3 && $played < 20)
	{
		my $number = ++$played;
		my $history = history($number);
		my @steps = grep { ($_->{sql} // '') !~ /btwin\.attach\(/ } @{ $history->{steps} };
		splice @steps, 1, 0, { who => 'admin', type => 'ddl', sql => join '; ', map { my $table = $_; map { "ALTER TABLE app.$table DISABLE TRIGGER btwin_note_$_" } qw(insert update delete truncate) } @sources };
		my $problem = play({ %$history, steps => \@steps }, control => $control, blind => 1);
		$found++ if defined $problem && $problem =~ /differs/;
	}
	is($found, 3, "without the triggers the comparison finds differences: in 3 of $played histories");
}

$control->close;
$node->stop;
done_testing();
