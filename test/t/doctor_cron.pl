# Findings of btwin.doctor about a real pg_cron. The server's clock stands at a
# time at which no job is due. (That a job which pg_cron runs fails is in cron.pl.)
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use BtwinTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $clock = BtwinTest->clock(PostgreSQL::Test::Utils::tempdir);
my $monday = 1772409600;    # 2026-03-02 00:00 UTC
my $node = PostgreSQL::Test::Cluster->new('doctor_cron');
$node->init;
$node->start;
my $available = $node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_cron'});
# before pg_cron starts, which ends where its database is not there
for my $sql ('CREATE ROLE app_owner LOGIN', 'CREATE ROLE stranger LOGIN', 'CREATE DATABASE app', 'CREATE DATABASE other') { $node->safe_psql('postgres', $sql); }
$node->stop;
plan skip_all => 'pg_cron is not installed' if !$available;
$node->append_conf('postgresql.conf', qq{
	shared_preload_libraries = 'pg_cron'
	cron.database_name = 'app'
	cron.host = '@{[$node->host]}'
	cron.use_background_workers = on
	max_worker_processes = 60
	timezone = 'UTC'
	autovacuum = off
});

sub start
{
	local $ENV{LD_PRELOAD} = $clock->{preload};
	# pg_ctl wants to see the true time
	$clock->write(0);
	$node->start;
	$clock->set($_[0]);
	return;
}

start($monday + 10 * 3600 + 20);

# What is reported, to the owner
sub reported
{
	return $node->safe_psql('app', q{SET default_transaction_read_only = on; SET search_path = ''; SELECT finding || ' ' || object || CASE WHEN finding = 'check_skipped' THEN ': ' || detail ELSE '' END FROM btwin.doctor(ignore => '{cron_serialised,zone_not_chosen,statistics_stale}')}, extra_params => ['-U', 'app_owner']);
}

sub mended
{
	my ($finding, $object, $after) = @_;
	my $filter = "FROM btwin.doctor() WHERE finding = '$finding' AND object = '$object'";
	is($node->safe_psql('app', "SELECT count(*) $filter"), '1', "$finding is reported of $object") or diag($node->safe_psql('app', 'SELECT * FROM btwin.doctor()'));
	$node->safe_psql('app', $node->safe_psql('app', "SELECT mend $filter"));
	$after->() if $after;
	is($node->safe_psql('app', "SELECT count(*) $filter"), '0', "$finding: mended");
	is(reported(), '', "$finding: and nothing else is reported");
	return;
}

$node->safe_psql('app', q{CREATE EXTENSION pg_cron; CREATE EXTENSION btwin; CREATE SCHEMA app AUTHORIZATION app_owner; GRANT USAGE ON SCHEMA cron TO app_owner, stranger;
	SELECT count(*) FROM btwin.attach('app', owner => 'app_owner', default_time_zone => 'Europe/Berlin'); SELECT count(*) FROM btwin.schedule_jobs(); CALL btwin.refresh()});
is(reported(), '', 'healthy: nothing is reported');

# Jobs that nobody wants
$node->safe_psql('app', q{SELECT cron.schedule('btwin_app.refresh', '5 5 1 1 *', 'SELECT 1')}, extra_params => ['-U', 'stranger']);
mended('job_orphaned', 'btwin_app.refresh');
$node->safe_psql('app', q{SELECT cron.schedule_in_database('btwin_other.refresh', '5 5 1 1 *', 'SELECT 1', 'other')});
$node->safe_psql('postgres', 'DROP DATABASE other WITH (FORCE)');
mended('job_orphaned', 'btwin_other.refresh');

# Lost by pg_cron
$node->safe_psql('app', q{SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname = 'btwin_app.nightly'});
mended('jobs_unscheduled', 'btwin.job');

# One after the other
if ($node->safe_psql('app', q{SELECT btwin._cron_version() < '{1,5}'}) eq 't')
{
# what a restart needs: the true time while it stops
mended('cron_serialised', 'cron.use_background_workers', sub { $clock->write(0); $node->stop; start($monday + 10 * 3600 + 620); });
}
else
{
	is($node->safe_psql('app', q{SELECT count(*) FROM btwin.doctor() WHERE finding = 'cron_serialised'}), '0', 'from 1.5 on workers run beside each other');
}

# SQL objects one version behind the files
my ($older, $current) = split /\|/, $node->safe_psql('app', q{SELECT u.source, u.target FROM pg_extension_update_paths('pg_cron') u JOIN pg_available_extensions a ON a.name = 'pg_cron' AND a.default_version = u.target
	WHERE u.path IS NOT NULL AND u.source <> u.target AND u.source NOT LIKE '%-%' ORDER BY length(u.path) LIMIT 1});
$node->safe_psql('app', qq{SELECT count(*) FROM btwin.detach(); DROP EXTENSION pg_cron; CREATE EXTENSION pg_cron VERSION '$older'});
is($node->safe_psql('app', q{SELECT string_agg(finding, ' ') FROM btwin.doctor(ignore => '{cron_serialised}')}), 'cron_old not_attached', 'detached, versions and jobs are looked at');
my $mend = $node->safe_psql('app', q{SELECT mend FROM btwin.doctor() WHERE finding = 'cron_old'});
$node->safe_psql('app', $mend);
is($node->safe_psql('app', q{SELECT string_agg(finding, ' ') FROM btwin.doctor(ignore => '{cron_serialised}')}), 'not_attached', 'cron_old: mended');
is($node->safe_psql('app', q{SELECT extversion FROM pg_extension WHERE extname = 'pg_cron'}), $current, 'pg_cron was updated');

$node->stop;
done_testing();
