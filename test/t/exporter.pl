# The queries for prometheus-postgres-exporter, scraped by the real exporter as the
# role that examples/monitoring/role.sql makes.
use strict;
use warnings;
use FindBin;
use IO::Socket::INET;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my ($exporter) = grep { -x } map { "$_/prometheus-postgres-exporter" } split(/:/, $ENV{PATH}), '/usr/bin';
plan skip_all => 'prometheus-postgres-exporter is not installed' if !$exporter;

my $monitoring = "$FindBin::Bin/../../examples/monitoring";
my $node = PostgreSQL::Test::Cluster->new('exporter');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE app_owner LOGIN; CREATE ROLE wrong');
$node->safe_psql('postgres', 'CREATE DATABASE app');
$node->safe_psql('app', q{CREATE EXTENSION btwin; CREATE SCHEMA app AUTHORIZATION app_owner; SELECT count(*) FROM btwin.attach('app', owner => 'app_owner')});
$node->safe_psql('app', q{
	INSERT INTO app.users (id) SELECT 'secret-' || g FROM generate_series(1, 3) g;
	INSERT INTO app.study_sessions (id, user_id, started_at, duration_ms) SELECT 's' || g, 'secret-' || g, now() - interval '30 days', 60000 FROM generate_series(1, 3) g;
	SELECT count(*) FROM btwin.schedule_jobs()});
$node->safe_psql('app', $_, extra_params => ['-U', 'app_owner']) foreach 'CALL btwin.refresh()', 'CALL btwin.refresh()', 'CALL btwin.nightly()', q{CALL btwin.run_job('bloat')};
$node->safe_psql('app', q{UPDATE app.study_sessions SET duration_ms = 1 WHERE id = 's1'; INSERT INTO btwin.job_run (job, outcome) VALUES ('bloat', 'failed'), ('bloat', 'failed')});

my @role = ($node->installed_command('psql'), '-X', '-q', '-d', $node->connstr('app'), '-f', "$monitoring/role.sql", '-v');
$node->command_fails([ @role, 'owner=wrong' ], 'role.sql: another role than the owner is refused');
$node->command_ok([ @role, 'owner=app_owner' ], 'role.sql');
$node->command_ok([ @role, 'owner=app_owner' ], 'role.sql again');
my ($rc, $out, $err) = $node->psql('app', 'SELECT * FROM btwin.job_run', extra_params => [ '-U', 'prometheus' ]);
like($err, qr/permission denied/, 'the role reads no table of btwin');
($rc, $out, $err) = $node->psql('app', 'SELECT * FROM app.users', extra_params => [ '-U', 'prometheus' ]);
like($err, qr/permission denied/, 'and none of the application');

my $port = PostgreSQL::Test::Cluster::get_free_port();
my $log = PostgreSQL::Test::Utils::tempdir . '/log';
my $pid = fork // die "fork: $!\n";
if (!$pid)
{
	open STDOUT, '>', $log;
	open STDERR, '>&', \*STDOUT;
	$ENV{DATA_SOURCE_NAME} = 'user=prometheus dbname=app sslmode=disable host=' . $node->host . ' port=' . $node->port;
	exec $exporter, "--extend.query-path=$monitoring/queries.yaml", "--web.listen-address=127.0.0.1:$port", '--disable-default-metrics', '--disable-settings-metrics'
	  or die "exec: $!\n";
}

sub scrape
{
	my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 10) or return '';
	print $socket "GET /metrics HTTP/1.0\r\n\r\n";
	local $/;
	return scalar <$socket>;
}
my $text = '';
for (1 .. 300) { last if ($text = scrape()); usleep(100_000); }
kill 'TERM', $pid;
waitpid $pid, 0;
$node->stop if $text eq '';
like($text, qr/^HTTP\/1\.\d 200/, 'the exporter answers') or BAIL_OUT(slurp_file($log));

# name{labels} value, without the label that says which server
my %value;
while ($text =~ /^(btwin_\w+)\{(.*)\} (\S+)$/mg)
{
	my ($name, $labels, $number) = ($1, $2, $3);
	my %label = $labels =~ /(\w+)="((?:[^"\\]|\\.)*)"/g;
	delete $label{server};
	$value{"$name " . join ' ', map { $label{$_} } sort keys %label} = $number;
}
diag(scalar(keys %value) . ' figures of btwin');
my $is = sub { my ($name, $expected, $what) = @_; is($value{$name} // '(missing)', $expected, $what); };
$is->('btwin_job_consecutive_failures app bloat app_owner', 2, 'failures of a job');
$is->('btwin_job_consecutive_failures app nightly app_owner', 0, 'and of one that is well');
$is->('btwin_job_scheduled app refresh app_owner', 1, 'a job that is scheduled');
$is->('btwin_job_overdue app refresh app_owner', 0, 'and not overdue');
$is->('btwin_job_orphaned app refresh app_owner', 0, 'nor orphaned');
$is->('btwin_job_period_seconds app refresh app_owner', 300, 'every five minutes');
ok($value{'btwin_job_lag_seconds app refresh app_owner'} < 600, 'its lag');
is(scalar(grep { /^btwin_job_scheduled / } keys %value), $node->safe_psql('app', 'SELECT count(*) FROM btwin.job_health'), 'every job is there');
is(scalar(grep { /^btwin_job_/ && !/_info / } keys %value) % scalar(grep { /^btwin_job_scheduled / } keys %value), 0, 'with every figure');
$is->('btwin_store_learners app', 3, 'learners');
$is->('btwin_store_notes app', $node->safe_psql('app', 'SELECT count(*) FROM btwin.late_change'), 'notes that wait');
cmp_ok($value{'btwin_store_notes app'}, '>', 0, 'there are some');
cmp_ok($value{'btwin_store_oldest_note_seconds app'}, '<', 600, 'their age');
cmp_ok($value{'btwin_store_closed_through_lag_days app'}, '>=', 4, 'days close after four');
$is->('btwin_store_refresh_failed app', 0, 'the last refresh did well');
$is->('btwin_store_rows_that_differ app', 0, 'verify found nothing');
is(scalar(grep { /^btwin_index_is_present / } keys %value), $node->safe_psql('app', 'SELECT count(*) FROM btwin.index_catalog'), 'every index');
is(join(' ', grep { /^btwin_index_is_present / && $value{$_} != 1 } keys %value), '', 'which are all there');
is(scalar(grep { /^btwin_bloat_bloat_bytes / } keys %value), 30, 'the thirty most bloated');
unlike($text, qr/secret/, 'no learner is named');
unlike(slurp_file($log), qr/level=(error|warn)[^\n]*btwin_(job|store|bloat|index|monitoring)/i, 'no query failed');
unlike($text, qr/^pg_exporter_last_scrape_error\{?.*\}? 1$/m, 'nor did the scrape');
is(join(' ', sort { $a cmp $b } grep { $text =~ /^\Q$_\E 1$/m } $text =~ /^(pg_exporter_user_queries_load_error\S*)/mg), '', 'the file of queries was read');

# what doc/operations.md says of leaving
($rc, $out, $err) = $node->psql('app', 'DROP EXTENSION btwin');
isnt($rc, 0, 'DROP EXTENSION is refused before detach');
($rc, $out, $err) = $node->psql('app', q{DROP SCHEMA btwin_monitoring CASCADE; SELECT count(*) FROM btwin.detach(drop_derived => true, drop_data => true); DROP EXTENSION btwin; DROP SCHEMA btwin}, on_error_stop => 1);
is($rc, 0, 'uninstalled: the schema is empty and can go') or diag($err);
is($node->safe_psql('app', 'SELECT count(*) FROM app.users'), '3', 'no row of a learner went');
$node->stop;
done_testing();
