# Jobs in a real pg_cron: once where it connects to the server, once with its
# background workers. The server's clock is moved to the times of the schedules, so
# that each job runs when it is due: a Sunday that is the first of a month, two to
# six in the morning.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use BtwinTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep time);

my $data = "$FindBin::Bin/../data";
my $clock = BtwinTest->clock(PostgreSQL::Test::Utils::tempdir);
# ahead of the machine's clock: pg_cron waits while time goes back
my $sunday = 2043273600;    # 2034-10-01 00:00 UTC

sub said
{
	my ($node, $db, $sql, %options) = @_;
	my ($rc, $out, $err) = $node->psql($db, $sql, %options);
	return ($err, $out);
}

sub wait_for
{
	my ($node, $sql, $what) = @_;
	my $end = time + 60;
	while (time < $end)
	{
		my $left = $node->safe_psql('app', $sql);
		return 1 if $left eq '';
		usleep(200_000);
	}
	fail("$what: still " . $node->safe_psql('app', $sql));
	return 0;
}

# To another time of that Sunday: everything that is due meanwhile has run
my $hour = {};
sub go_to
{
	my ($node, $mode, $time) = @_;
	my ($h, $m) = split /:/, $time;
	my $before = $hour->{$mode};
	$hour->{$mode} = "2034-10-01 $time:00Z";
	$clock->set($sunday + $h * 3600 + $m * 60);
	return wait_for($node, qq{
		SELECT j.jobname FROM cron.job j
		WHERE j.active AND btwin._cron_next(j.schedule, '$before', 'GMT') <= '$hour->{$mode}'
		  -- of what is missed in a leap of more than five minutes, pg_cron runs only what has a fixed minute and hour
		  AND (j.schedule !~ '^([*]|[^ ]+ [*])' OR btwin._cron_next(j.schedule, timestamptz '$hour->{$mode}' - interval '1 minute', 'GMT') = '$hour->{$mode}')
		  AND NOT EXISTS (SELECT FROM cron.job_run_details d WHERE d.jobid = j.jobid AND d.end_time IS NOT NULL AND d.start_time >= '$hour->{$mode}')
		ORDER BY 1 LIMIT 3}, "$mode: $time");
}

my $available = do {
	my $node = PostgreSQL::Test::Cluster->new('look');
	$node->init;
	$node->start;
	my $found = $node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_cron'});
	$node->stop;
	$found;
};
plan skip_all => 'pg_cron is not installed' if !$available;

for my $mode ('connections', 'workers')
{
	my $node = PostgreSQL::Test::Cluster->new("cron_$mode");
	$node->init;
	my $workers = $mode eq 'workers' ? 'on' : 'off';
	$node->append_conf('postgresql.conf', qq{
		shared_preload_libraries = 'pg_cron'
		cron.database_name = 'app'
		cron.host = '@{[$node->host]}'
		cron.use_background_workers = $workers
		max_worker_processes = 60
		max_connections = 100
		timezone = 'UTC'
	});
	{
		local $ENV{LD_PRELOAD} = $clock->{preload};
		# pg_ctl wants to see the true time
		$clock->write(0);
		$node->start;
		$clock->set($sunday + 1.5 * 3600);
	}
	$hour->{$mode} = '2034-10-01 01:30:00Z';
	$node->safe_psql('postgres', q{CREATE ROLE app_owner LOGIN; CREATE DATABASE app; CREATE DATABASE other; CREATE ROLE stranger LOGIN});
	$node->safe_psql('app', 'CREATE EXTENSION pg_cron; CREATE EXTENSION btwin; CREATE SCHEMA app AUTHORIZATION app_owner');
	my $version = $node->safe_psql('app', q{SELECT extversion FROM pg_extension WHERE extname = 'pg_cron'});
	diag("$mode: pg_cron $version, PostgreSQL " . $node->safe_psql('app', 'SHOW server_version'));
	like($version, qr/^1\.[456]/, "$mode: a version that is known");
	$node->safe_psql('app', 'SET ROLE app_owner; SET search_path = app; ' . slurp_file("$data/adoption_fixture.sql") . ';' . slurp_file("$data/adoption_rows.sql"));
	# one table that attach makes, beside those it adopts
	$node->safe_psql('app', 'DROP TABLE app.prediction_feedback') if $node->safe_psql('app', q{SELECT to_regclass('app.prediction_feedback') IS NOT NULL}) eq 't';
	$node->safe_psql('app', q{SELECT count(*) FROM btwin.attach('app', owner => 'app_owner')});
	$node->safe_psql('other', q{CREATE EXTENSION btwin; CREATE SCHEMA app AUTHORIZATION app_owner; SELECT count(*) FROM btwin.attach('app', owner => 'app_owner')});

	# who may
	my ($err, $out) = said($node, 'app', 'SELECT * FROM btwin.schedule_jobs()', extra_params => ['-U', 'app_owner']);
	like($err, qr/role "app_owner" may not use schema cron.*GRANT USAGE ON SCHEMA cron TO app_owner/s, "$mode: the owner is told what right it needs");
	is($node->safe_psql('app', 'SELECT count(*) FROM cron.job'), '0', "$mode: nothing was scheduled");
	is($node->safe_psql('app', q{SELECT DISTINCT action FROM btwin.schedule_jobs() WHERE NOT (job = 'bi' AND action = 'left out') ORDER BY 1}), "granted\nscheduled", "$mode: a superuser gives the right and schedules");
	is($node->safe_psql('app', 'SELECT DISTINCT username, database FROM cron.job'), 'app_owner|app', "$mode: for the owner, not for itself");
	my $jobs = $node->safe_psql('app', q{SELECT jobid, jobname, schedule, command FROM cron.job ORDER BY 1});
	is($node->safe_psql('app', q{SELECT DISTINCT action FROM btwin.schedule_jobs() WHERE action <> 'left out'}, extra_params => ['-U', 'app_owner']), 'found', "$mode: a second call, by the owner, finds all");
	is($node->safe_psql('app', q{SELECT jobid, jobname, schedule, command FROM cron.job ORDER BY 1}), $jobs, "$mode: and changes nothing");
	cmp_ok($node->safe_psql('app', q{SELECT count(*) FROM cron.job WHERE command ~ '^REINDEX INDEX CONCURRENTLY app\.'}), '>', 20, "$mode: a job for each index on tables of the application");
	is($node->safe_psql('app', q{SELECT count(*) FROM btwin.schedule_jobs('{"refresh": "*/7 * * * *"}') WHERE action = 'changed'}) . $node->safe_psql('app', q{SELECT count(*) FROM btwin.schedule_jobs('{"refresh": "default"}') WHERE action = 'changed'}),
		'11', "$mode: another schedule changes one job, and back");

	# another database of the server
	($err, $out) = said($node, 'other', q{SELECT DISTINCT action FROM btwin.schedule_jobs() WHERE action <> 'left out'}, extra_params => ['-U', 'app_owner']);
	is($out, 'crontab', "$mode: elsewhere an ordinary role does not see pg_cron");
	is($node->safe_psql('other', q{SELECT DISTINCT action FROM btwin.schedule_jobs() WHERE action <> 'left out'}), 'script', "$mode: a superuser does, and gets a script");
	my $script = $node->safe_psql('other', q{SELECT detail FROM btwin.schedule_jobs('{"reindex": null}') WHERE action = 'script' AND detail LIKE '%schedule_in_database%'});
	$node->safe_psql('app', $script);
	is($node->safe_psql('app', q{SELECT count(*), count(DISTINCT jobname) FROM cron.job WHERE jobname LIKE '%.refresh'}), '2|2', "$mode: jobs of two databases stand beside each other");

	# each job at its time
	is($node->safe_psql('app', q{SELECT job, next_run FROM btwin.job_health WHERE job IN ('nightly', 'bloat', 'reindex_users_id') ORDER BY 1}), "bloat|2034-10-01 05:00:00+00\nnightly|2034-10-01 02:00:00+00", "$mode: the next runs");
	# within half an hour no two REINDEX of one table
	for ('02:00', '02:10', '02:29', '02:59', '03:29', '03:59', '04:10', '04:29', '04:59', '05:00') { go_to($node, $mode, $_) or last; }
	is($node->safe_psql('app', q{SELECT DISTINCT j.jobname, d.status, d.return_message FROM cron.job j LEFT JOIN cron.job_run_details d ON d.jobid = j.jobid WHERE d.status IS DISTINCT FROM 'succeeded'}), '', "$mode: every job ran, none failed");
	my $ran = $node->safe_psql('app', q{SELECT count(DISTINCT jobid) || ' jobs, ' || count(*) || ' runs' FROM cron.job_run_details});
	diag("$mode: $ran");
	is($node->safe_psql('app', q{SELECT j.jobname, d.start_time FROM cron.job j JOIN cron.job_run_details d ON d.jobid = j.jobid
		WHERE d.start_time - btwin._cron_next(j.schedule, d.start_time - interval '31 minutes', 'GMT') NOT BETWEEN interval '0' AND interval '31 minutes'}), '', "$mode: at the times btwin reads from the schedules");
	# the refresh of two o'clock may be at it
	is($node->safe_psql('app', q{SELECT job, part, CASE WHEN part = 'refresh' THEN replace(outcome, 'skipped', 'done') ELSE outcome END FROM btwin.job_run WHERE job IN ('nightly', 'analysis', 'analyze', 'bloat') ORDER BY run_id}),
		"nightly||done\nnightly|refresh|done\nnightly|verify|done\nnightly|prune|done\nanalysis||done\nanalyze||done\nbloat||done", "$mode: their own records");
	is($node->safe_psql('app', q{SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid}), '', "$mode: no invalid index is left");
	is($node->safe_psql('app', q{SELECT job FROM btwin.job_health WHERE last_result <> 'done' OR last_run IS NULL OR consecutive_failures > 0 OR is_overdue OR is_orphaned OR next_run IS NULL OR lag_seconds IS NULL}, extra_params => ['-U', 'app_owner']),
		'', "$mode: job_health shows all of them well to their owner");
	is($node->safe_psql('other', q{SELECT job, last_result, scheduler FROM btwin.job_health WHERE job IN ('nightly', 'bloat', 'refresh') ORDER BY 1}), "bloat|done|pg_cron elsewhere\nnightly|done|pg_cron elsewhere\nrefresh|done|pg_cron elsewhere", "$mode: in the other database from its own records");
	($err, $out) = said($node, 'app', 'SELECT count(*) FROM btwin.job_health', extra_params => ['-U', 'stranger']);
	like($err, qr/permission denied/, "$mode: a stranger sees nothing");

	# what fails
	$node->safe_psql('app', q{ALTER FUNCTION btwin._begin_refresh RENAME TO _begun; DROP INDEX app.btwin_reviews_reviewed; UPDATE btwin.job_setting SET schedule = schedule});
	my $gone = $node->safe_psql('app', q{SELECT job FROM btwin.scheduled_job WHERE command LIKE '%app.btwin_reviews_reviewed'});
	$node->safe_psql('app', qq{SELECT cron.schedule(job_name, '5 5 * * *', command) FROM btwin.scheduled_job WHERE job = '$gone'}, extra_params => ['-U', 'app_owner']);
	go_to($node, $mode, '05:05');
	go_to($node, $mode, '05:10');
	like($node->safe_psql('app', q{SELECT last_result, consecutive_failures, last_success < last_run, message FROM btwin.job_health WHERE job = 'refresh'}), qr/^failed\|2\|t\|.*function btwin\._begin_refresh\(timestamp with time zone\) does not exist/, "$mode: job_health shows a job that fails, how often, and why");
	is($node->safe_psql('app', q{SELECT finding || ' ' || object FROM btwin.doctor() WHERE finding LIKE 'job\_%' ORDER BY 1}, extra_params => ['-U', 'app_owner']), "job_failing refresh\njob_orphaned btwin_app.$gone", "$mode: doctor reports both, to the owner");
	like($node->safe_psql('app', qq{SELECT is_orphaned, last_result, schedule, message FROM btwin.job_health WHERE job = '$gone'}), qr/^t\|failed\|5 5 \* \* \*\|.*relation "app\.btwin_reviews_reviewed" does not exist/, "$mode: one whose index is gone is orphaned");
	$node->safe_psql('app', 'ALTER FUNCTION btwin._begun RENAME TO _begin_refresh');
	is($node->safe_psql('app', q{SELECT job, action FROM btwin.schedule_jobs() WHERE action NOT IN ('found', 'left out')}), "$gone|removed", "$mode: schedule_jobs removes it");
	go_to($node, $mode, '05:15');
	is($node->safe_psql('app', q{SELECT last_result, consecutive_failures FROM btwin.job_health WHERE job = 'refresh'}), 'done|0', "$mode: a run that ends well ends the count");
	$node->safe_psql('app', q{SELECT cron.alter_job(jobid, active => false) FROM cron.job WHERE jobname = 'btwin_app.bloat'});
	is($node->safe_psql('app', q{SELECT is_active, next_run IS NULL FROM btwin.job_health WHERE job = 'bloat'}) . ' ' . $node->safe_psql('app', q{SELECT action, detail FROM btwin.schedule_jobs() WHERE job = 'bloat'}), 'f|t found|not active', "$mode: a job that rests stays at rest");

	# records of others are not ours to remove
	$node->safe_psql('app', q{
		INSERT INTO cron.job_run_details (runid, jobid, database, username, command, status, start_time, end_time)
		SELECT -jobid, jobid, database, username, command, 'succeeded', now() - interval '200 days', now() - interval '200 days' FROM cron.job;
		INSERT INTO cron.job_run_details (runid, jobid, database, username, command, status, start_time, end_time) VALUES (0, 999999, 'app', 'app_owner', 'SELECT 1', 'succeeded', now() - interval '200 days', now() - interval '200 days')});
	my $ours = $node->safe_psql('app', q{SELECT count(*) FROM cron.job WHERE database = 'app'});
	is($node->safe_psql('app', 'SELECT btwin.prune_history()', extra_params => ['-U', 'app_owner']), $ours, "$mode: the owner prunes the records of its jobs");
	is($node->safe_psql('app', q{SELECT count(*) FILTER (WHERE jobid = 999999), count(*) FILTER (WHERE database = 'other') > 0 FROM cron.job_run_details WHERE start_time < now() - interval '90 days'}), '1|t', "$mode: and no others");

	# a database that is gone
	$node->safe_psql('postgres', 'DROP DATABASE other WITH (FORCE)');
	is($node->safe_psql('app', q{SELECT DISTINCT database, is_orphaned FROM btwin.job_health WHERE is_orphaned}), 'other|t', "$mode: jobs of a database that is gone are shown");
	is($node->safe_psql('app', q{SELECT DISTINCT action FROM btwin.unschedule_jobs('other') ORDER BY 1}), "pruned\nremoved", "$mode: and can be removed");
	is($node->safe_psql('app', q{SELECT count(*) FROM cron.job WHERE database = 'other'}), '0', "$mode: they are gone");

	# another role had jobs before
	$node->safe_psql('app', q{GRANT USAGE ON SCHEMA cron TO stranger; SET ROLE stranger; SELECT cron.schedule('btwin_app.refresh', '* 1 1 1 *', 'SELECT 1')});
	is($node->safe_psql('app', q{SELECT is_orphaned FROM btwin.job_health WHERE owner = 'stranger'}), 't', "$mode: a job of another role is orphaned");
	is($node->safe_psql('app', q{SELECT job, action, detail FROM btwin.schedule_jobs() WHERE action NOT IN ('found', 'left out')}), 'refresh|removed|belonged to role stranger', "$mode: schedule_jobs removes it when a superuser calls");

	# DROP EXTENSION ... CASCADE leaves the jobs, which fail; installed again they are found
	$node->safe_psql('app', 'DROP EXTENSION btwin CASCADE');
	cmp_ok($node->safe_psql('app', q{SELECT count(*) FROM cron.job}), '>', 30, "$mode: DROP EXTENSION CASCADE leaves the jobs");
	$node->safe_psql('app', q{CREATE EXTENSION btwin; SELECT count(*) FROM btwin.attach('app')});
	is($node->safe_psql('app', q{SELECT job, action FROM btwin.schedule_jobs() WHERE action NOT IN ('left out', 'found')}), "$gone|scheduled", "$mode: installed again it finds them, and the index that attach made anew");

	# nothing is left behind
	is($node->safe_psql('app', q{SELECT DISTINCT action FROM btwin.unschedule_jobs() ORDER BY 1}, extra_params => ['-U', 'app_owner']), "pruned\nremoved", "$mode: the owner unschedules");
	is($node->safe_psql('app', q{SELECT count(*) FROM cron.job}) . $node->safe_psql('app', 'SELECT count(*) FROM cron.job_run_details WHERE jobid <> 999999') . $node->safe_psql('app', 'SELECT count(*) FROM btwin.scheduled_job'), '000', "$mode: no job and no record of one is left");
	is($node->safe_psql('app', 'SELECT * FROM btwin.unschedule_jobs()'), '', "$mode: a second call finds nothing");
	$node->safe_psql('app', 'SELECT count(*) FROM btwin.schedule_jobs()', extra_params => ['-U', 'app_owner']);
	cmp_ok($node->safe_psql('app', q{SELECT count(*) FROM btwin.detach() WHERE kind = 'job' AND action = 'removed'}), '>', 30, "$mode: detach unschedules as well");
	$node->safe_psql('app', 'DROP EXTENSION btwin');
	is($node->safe_psql('app', q{SELECT count(*) FROM cron.job}), '0', "$mode: nothing is orphaned after DROP EXTENSION");
	$node->stop;
}
done_testing();
