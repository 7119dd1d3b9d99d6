# Findings of btwin.doctor that need a server of their own: versions of the
# library and of the files, the server's configuration, other sessions. The
# others are in test/pgtap/doctor.sql, which also sees to it that none is left out.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);
use FindBin;
use lib "$FindBin::RealBin/lib";
use BtwinTest;

my $node = PostgreSQL::Test::Cluster->new('doctor');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'UTC'\nautovacuum = off\n");
$node->start;
BtwinTest->application($node, 'partitioned');
my $db = 'partitioned';
$node->safe_psql($db, q{
	INSERT INTO app.study_sessions ("id", "userId", "startedAt", "durationMs") SELECT format('s%s.%s', u, d), 'u' || u, timestamp '2026-01-05 09:00' + d * interval '1 day', 1800000 FROM generate_series(1, 3) u, generate_series(0, 9) d;
	CALL btwin.refresh();
	SELECT count(*) FROM btwin.schedule_jobs();
	SELECT pg_stat_force_next_flush()});
$node->safe_psql($db, 'ANALYZE');

# What is reported, as the owner, in a session of its own that writes nothing
sub reported
{
	my ($arguments) = @_;
	return $node->safe_psql($db, "SET ROLE app_owner; SET default_transaction_read_only = on; SET search_path = ''; SELECT finding || ' ' || object FROM btwin.doctor($arguments)");
}

# One finding: reported, mended by its own SQL, gone, and nothing else left
sub mended
{
	my ($finding, $object, %option) = @_;
	my $arguments = $option{arguments} // '';
	my $filter = "FROM btwin.doctor($arguments) WHERE finding = '$finding' AND object = \$o\$$object\$o\$";
	is($node->safe_psql($db, "SELECT count(*) $filter"), '1', "$finding is reported of $object") or diag($node->safe_psql($db, "SELECT * FROM btwin.doctor($arguments)"));
	my $mend = $node->safe_psql($db, "SELECT mend $filter");
	if ($option{decision})
	{
		like($mend, $option{decision}, "$finding: what is to decide");
		$option{by}->() if $option{by};
	}
	$mend =~ s/^-- .*: (?=[A-Z])//;
	$node->safe_psql($db, $mend) unless $option{by};
	is($node->safe_psql($db, "SELECT count(*) $filter"), '0', "$finding: mended");
	is(reported($arguments), '', "$finding: and nothing else is reported");
	return;
}

is(reported(''), '', 'healthy: nothing is reported');

# The server's configuration

$node->safe_psql('postgres', q{ALTER SYSTEM SET timezone = 'Europe/Berlin'});
$node->reload;
$node->poll_query_until($db, q{SELECT current_setting('TimeZone') = 'Europe/Berlin'}) or die "the setting did not arrive\n";
is($node->safe_psql($db, q{SET TimeZone = 'UTC'; SELECT count(*) FROM btwin.doctor()}), '1', 'what a session sets for itself does not count');
mended('zone_of_server', 'the configuration of the server');
$node->safe_psql('postgres', 'ALTER SYSTEM RESET timezone');
$node->safe_psql('postgres', "ALTER DATABASE $db RESET TimeZone");
$node->reload;
$node->poll_query_until($db, q{SELECT current_setting('TimeZone') = 'UTC'}) or die "the setting did not arrive\n";

# Other sessions

my ($one, $other) = map { BtwinTest->session($node, $db) } 1, 2;
$one->run('BEGIN; LOCK TABLE btwin.user_day IN EXCLUSIVE MODE');
$node->safe_psql($db, q{INSERT INTO btwin.late_change VALUES ('u1', '2026-01-05', '2026-01-05')});
my $pid = $other->run('SELECT pg_backend_pid()');
$other->start('CALL btwin.refresh()');
$node->poll_query_until($db, "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $pid") or die "the refresh does not wait\n";
is(reported(''), '', 'a refresh that runs is not abandoned');
$node->safe_psql($db, "SELECT pg_terminate_backend($pid, 10000)");
$other->finish;
$one->run('ROLLBACK');
mended('refresh_abandoned', 'run ' . $node->safe_psql($db, 'SELECT max(run_id) FROM btwin.refresh_run'));
$other->close;

$other = BtwinTest->session($node, $db);
$pid = $other->run('SELECT pg_backend_pid()');
$other->run(q{BEGIN; UPDATE app.users SET behavioral_analysis_enabled = true WHERE id = 'u1'});
$node->safe_psql($db, 'CALL btwin.refresh()');
# an index that is being built waits for that session, and is not invalid for good
$one->start('CREATE INDEX CONCURRENTLY building ON app.users (created_at)');
$node->poll_query_until($db, q{SELECT count(*) = 1 FROM pg_index WHERE indexrelid = to_regclass('app.building') AND NOT indisvalid}) or die "the index is not there\n";
is(reported(''), '', 'an index that is being built is not reported');
mended('refresh_held', "session $pid", arguments => "refresh_hours => 0, ignore => '{refresh_late}'", decision => qr/^-- wait for it, or give up what it changed: SELECT pg_terminate_backend\($pid\);$/,
	by => sub {
		$node->safe_psql($db, "SELECT pg_terminate_backend($pid)");
		$one->finish;
	});
$other->close;
$one->run('DROP INDEX app.building');

# Versions. The files of this server are put aside and put back.

chomp(my $pkglibdir = qx($ENV{PG_CONFIG} --pkglibdir));
chomp(my $sharedir = qx($ENV{PG_CONFIG} --sharedir));
my ($library) = grep { -e } map { "$pkglibdir/btwin.$_" } qw(so dylib);
my $control = "$sharedir/extension/btwin.control";
my ($version) = slurp_file($control) =~ /^default_version\s*=\s*'([^']+)'/m;
my $newer = $version =~ s/(\d)$/($1 + 1) % 10/er;
my $script = "$sharedir/extension/btwin--$version--$newer.sql";

# The new file comes under another inode: sessions keep what they have loaded.
sub replace
{
	my ($file, $content) = @_;
	rename($file, "$file.away") or die "$file: $!\n" unless -e "$file.away";
	append_to_file($file, $content);
	chmod 0755, $file;
	return;
}
sub restore { foreach my $file ($library, $control) { rename("$file.away", $file) if -e "$file.away"; } unlink $script; return; }
END { restore() if $library; }

is($node->safe_psql($db, 'SELECT btwin.library_version()'), $version, 'the library knows its version');
rename($library, "$library.away") or die "$library: $!\n";
is(reported(''), "library_missing btwin\ncheck_skipped btwin._doctor_store", 'without the library the other checks still look');
mended('library_missing', 'btwin', decision => qr/^-- install the library of version \Q$version\E /, by => \&restore);

# An upgrade: new files while a session goes on, which has the old library
my $patched = slurp_file($library);
cmp_ok(scalar($patched =~ s/(?<=\0)\Q$version\E(?=\0)/$newer/g), '>=', 1, 'a library of another version');
$one->run('SELECT btwin.library_version()');
replace($library, $patched);
is($one->run('SELECT btwin.library_version()'), $version, 'a session keeps its library');
is($node->safe_psql($db, 'SELECT btwin.library_version()'), $newer, 'a new session has the new one');
mended('library_mismatch', 'btwin', decision => qr/^-- reconnect; .* no update leads from \Q$version\E to \Q$newer\E$/, by => \&restore);

replace($library, $patched);
replace($control, slurp_file("$control") =~ s/^default_version.*$/default_version = '$newer'/mr);
append_to_file($script, "-- an update that changes nothing\n");
is($one->run('SELECT finding || \' \' || mend FROM btwin.doctor()'), "control_mismatch ALTER EXTENSION btwin UPDATE TO '$newer';", 'to the session that has the old library, the files are too new');
mended('library_mismatch', 'btwin');
is($node->safe_psql($db, q{SELECT extversion FROM pg_extension WHERE extname = 'btwin'}), $newer, 'the extension was updated');
like($one->run('SELECT finding || \' \' || mend FROM btwin.doctor()'), qr/^library_mismatch -- reconnect/, 'and the session with the old library is told to reconnect');
$one->close;
# only a part of the files
restore();
replace($library, $patched);
mended('control_mismatch', 'btwin', decision => qr/^-- reconnect; if it is reported again, install the files of one version as a whole/,
	by => sub {
		replace($control, slurp_file("$control") =~ s/^default_version.*$/default_version = '$newer'/mr);
	});

$node->stop;
done_testing();
