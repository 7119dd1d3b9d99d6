# What several tests share: sessions that stay open beside each other, and a
# clock of the server that a test can set.
package BtwinTest;
use strict;
use warnings;
use IPC::Open3;
use PostgreSQL::Test::Utils;
use File::Basename qw(dirname);
use Time::HiRes qw(time);

# ---------------------------------------------------------------------------
# Two applications: "partitioned" has its own tables in its own spelling, three
# of them partitioned; the tables of "created" are those attach makes.

our %adopted = (partitioned => { map { $_ => 1 } qw(study_sessions reviews behavioral_events) }, created => {});
our %moment = (study_sessions => 'started_at', reviews => 'reviewed_at', behavioral_events => 'timestamp', cognitive_load_metrics => 'timestamp',
	missions => 'date', personalization_outcomes => 'timestamp', struggle_predictions => 'actual_outcome_recorded_at');
# A column as the application spells it
sub column
{
	my ($kind, $table, $name) = @_;
	return $adopted{$kind}{$table} ? '"' . ($name =~ s/_(.)/\U$1/gr) . '"' : qq("$name");
}

our @bounds = ('MINVALUE', map({ "'$_'" } '2024-03-01', '2025-12-01', '2026-02-20', '2026-03-06', '2026-03-20', '2026-04-20', '2026-09-01', '2026-10-24 12:00', '2026-10-30', '2026-12-31', '2027-06-01', '2028-02-28'), 'MAXVALUE');

# Makes it: a database of its name, with the views and functions of test/oracle/store_twin.sql.
sub application
{
	my ($class, $node, $database) = @_;
	my $folder = dirname(__FILE__) . '/../..';
	my $column = sub { return column($database, @_); };
	my $sql = q{CREATE EXTENSION btwin; CREATE SCHEMA app AUTHORIZATION app_owner; CREATE SCHEMA oracle;};
	if ($database eq 'partitioned')
	{
		my $fixture = PostgreSQL::Test::Utils::slurp_file("$folder/data/adoption_fixture.sql");
		$sql .= "CREATE SCHEMA fixture AUTHORIZATION app_owner; SET ROLE app_owner; SET search_path = fixture; $fixture; SET search_path = app;\n";
		foreach my $table (qw(study_sessions reviews behavioral_events))
		{
			my $at = $column->($table, $moment{$table});
			$sql .= qq{CREATE TABLE app.$table (LIKE fixture.$table INCLUDING DEFAULTS, PRIMARY KEY ("id", $at)) PARTITION BY RANGE ($at);\n};
			for my $i (1 .. $#bounds)
			{
				my $nested = $table eq 'behavioral_events' && $i % 4 == 2;
				$sql .= "CREATE TABLE app.${table}_$i PARTITION OF app.$table FOR VALUES FROM ($bounds[$i - 1]) TO ($bounds[$i])" . ($nested ? ' PARTITION BY HASH ("id")' : '') . ";\n";
				if ($nested) { $sql .= "CREATE TABLE app.${table}_${i}_$_ PARTITION OF app.${table}_$i FOR VALUES WITH (MODULUS 2, REMAINDER $_);\n" foreach 0, 1; }
			}
		}
		$sql .= q{RESET ROLE; RESET search_path; DO $$ DECLARE r record; BEGIN
			FOR r IN SELECT c.oid::regclass AS name FROM pg_class c WHERE c.relnamespace = 'fixture'::regnamespace AND c.relkind = 'r' LOOP EXECUTE format('DROP TABLE %s CASCADE', r.name); END LOOP; END $$;};
	}
	$sql .= "SELECT count(*) FROM btwin.attach('app', owner => 'app_owner', default_time_zone => 'Europe/Berlin');\n";
	my $view = sub {
		my ($name, $table, $rest, %columns) = @_;
		my $list = join ', ', map {
			my $found = $column->($table, $columns{$_});
			my $shown = ($adopted{$database}{$table} && $_ =~ /at$/) ? "$found AT TIME ZONE 'UTC'" : $found;
			"$shown AS $_" } sort keys %columns;
		return "CREATE VIEW oracle.$name AS SELECT $list$rest FROM app.$table";
	};
	$sql .= $view->('session', 'study_sessions', '', id => 'id', learner => 'user_id', at => 'started_at', duration_ms => 'duration_ms') . ";\n";
	$sql .= $view->('review', 'reviews', ", rating::text <> 'AGAIN' AS recalled", id => 'id', learner => 'user_id', card => 'card_id', session => 'session_id', at => 'reviewed_at', ms => 'time_spent_ms') . ";\n";
	$sql .= $view->('event', 'behavioral_events', ", @{[$column->('behavioral_events', 'event_data')]} ->> 'sessionId' AS session", id => 'id', learner => 'user_id', at => 'timestamp', content => 'content_type', score => 'session_performance_score')
	  . " WHERE @{[$column->('behavioral_events', 'event_type')]} = 'SESSION_ENDED';\n";
	$sql .= $view->('load', 'cognitive_load_metrics', '', learner => 'user_id', at => 'timestamp', score => 'load_score') . ";\n";
	$sql .= $view->('mission', 'missions', '', learner => 'user_id', at => 'date', status => 'status') . ";\n";
	$sql .= $view->('outcome', 'personalization_outcomes', '', learner => 'user_id', at => 'timestamp', arm => 'strategy_variant', reward => 'performance_score') . ";\n";
	$sql .= $view->('prediction', 'struggle_predictions', '', learner => 'user_id', predicted_at => 'prediction_date', recorded_at => 'actual_outcome_recorded_at', outcome => 'actual_outcome', features => 'feature_vector') . ";\n";
	$sql .= PostgreSQL::Test::Utils::slurp_file("$folder/oracle/store_twin.sql");
	$sql .= q{
		INSERT INTO app.users (id) SELECT 'u' || g FROM generate_series(1, 3) g;
		INSERT INTO app.courses (id, user_id, name) VALUES ('co', 'u1', 'c');
		INSERT INTO app.cards (id, course_id, front, back) SELECT 'ca' || g, 'co', 'f', 'b' FROM generate_series(1, 6) g;
		INSERT INTO app.lectures (id, user_id, course_id, title, file_name, file_url, file_size) VALUES ('le', 'u1', 'co', 't', 'f', 'u', 1);
		INSERT INTO app.learning_objectives (id, lecture_id, objective, extracted_by) VALUES ('ob', 'le', 'o', 'm');
		-- the application writes its tables and settings, the refresher writes the store and reads the rest
		GRANT USAGE ON SCHEMA app, btwin TO application, refresher;
		GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO application;
		GRANT SELECT, INSERT, UPDATE, DELETE ON btwin.learner TO application;
		GRANT SELECT ON ALL TABLES IN SCHEMA app, btwin TO refresher;
		GRANT INSERT, UPDATE, DELETE ON btwin.user_day, btwin.user_month, btwin.user_total, btwin.user_mark, btwin.late_change, btwin.refresh_clock, btwin.store_partition, btwin.store_content, btwin.refresh_run TO refresher;
	};
	$node->safe_psql('postgres', q{DO $$ DECLARE r text; BEGIN FOREACH r IN ARRAY '{app_owner,application,refresher}'::text[] LOOP
		IF to_regrole(r) IS NULL THEN EXECUTE format('CREATE ROLE %I LOGIN', r); END IF; END LOOP; END $$});
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, "SET lock_timeout = 0; $sql");
	return;
}

# ---------------------------------------------------------------------------
# A psql that stays open. Everything it says comes back, errors in the form
# "ERROR:  SQLSTATE: text".
sub session
{
	my ($class, $node, $database, %option) = @_;
	my $self = bless { node => $node, database => $database, user => $option{user}, number => 0, name => $option{name} // '' }, $class;
	$self->{pid} = open3($self->{to}, $self->{from}, undef, $node->installed_command('psql'),
		'-X', '-q', '-A', '-t', '-v', 'VERBOSITY=verbose', '-h', $node->host, '-p', $node->port, ($option{user} ? ('-U', $option{user}) : ()), '-d', $database);
	$self->{to}->autoflush(1);
	return $self;
}

# Starts statements and does not wait for them
sub start
{
	my ($self, $sql) = @_;
	$self->{number}++;
	local $SIG{PIPE} = 'IGNORE';
	print { $self->{to} } "$sql\n;\n\\echo ~done~$self->{number}~\n";
	return $self;
}

# Waits for what was started last; undef where psql has ended
sub finish
{
	my ($self) = @_;
	my ($text, $out) = ('', $self->{from});
	while (defined(my $line = <$out>))
	{
		return $text =~ s/\n\z//r if $line eq "~done~$self->{number}~\n";
		$text .= $line unless $line =~ /^~done~\d+~$/ || $line =~ /^LOCATION:  /;
	}
	$self->{said} = $text;
	return undef;
}

sub run
{
	my ($self, $sql) = @_;
	return $self->start($sql)->finish;
}

sub close
{
	my ($self) = @_;
	local $SIG{PIPE} = 'IGNORE';
	CORE::close($self->{to});
	my $out = $self->{from};
	1 while defined(my $line = <$out>);
	waitpid($self->{pid}, 0);
	return;
}

# Builds the clock into a folder and has servers that are started later read it.
sub clock
{
	my ($class, $folder) = @_;
	my $self = bless { file => "$folder/clock", library => "$folder/clock.so" }, $class;
	my $compiler = $ENV{CC} // 'cc';
	system("$compiler -O2 -fPIC -shared -o '$self->{library}' '" . dirname(__FILE__) . "/clock.c'") == 0 or die "cannot compile the clock\n";
	$self->write(0);
	$ENV{BTWIN_TEST_CLOCK} = $self->{file};
	$self->{preload} = join ' ', grep { length } $ENV{LD_PRELOAD} // '', $self->{library};
	return $self;
}

sub write
{
	my ($self, $ahead) = @_;
	open my $file, (-e $self->{file} ? '+<' : '>'), $self->{file} or die "$self->{file}: $!\n";
	binmode $file;
	syswrite $file, pack('q', $ahead);
	CORE::close $file;
	return;
}

# Sets the time of the server: seconds since 1970
sub set { my ($self, $to) = @_; $self->write(int(($to - time) * 1e6)); return; }

1;
