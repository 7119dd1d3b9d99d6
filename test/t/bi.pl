# BI views on servers that count statements and on those that do not, and after
# a dump: filled again by pg_restore, with the same rows.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('bi');
$node->init;
$node->append_conf('postgresql.conf', "track_functions = none\nmax_parallel_workers_per_gather = 0");
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE app');
$node->safe_psql('app', 'CREATE EXTENSION btwin');
is($node->safe_psql('app', q{SELECT string_agg(DISTINCT action, ' ') FROM btwin.attach() WHERE kind = 'bi'}), 'created', 'attach');

sub latencies
{
	my ($what) = @_;
	my ($rc, $out, $err) = $node->psql('app', q{SELECT source, count(*), sum(n_calls), bool_and(abs(mean_ms * n_calls - total_ms) < 1e-6) FROM btwin_bi.statement_latency WHERE name ~ 'min_cohort' AND name !~ 'latency' GROUP BY 1 ORDER BY 1 DESC});
	is("$rc$err", '0', "$what: no error");
	return $out;
}
$node->safe_psql('app', 'SELECT btwin.min_cohort()');
is(latencies('neither'), '', 'no rows where nothing is counted');
$node->safe_psql('app', 'CREATE SCHEMA stats; CREATE EXTENSION pg_stat_statements SCHEMA stats');
is(latencies('not preloaded'), '', 'nor where pg_stat_statements is not preloaded');

$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pg_stat_statements'\ntrack_functions = all");
$node->restart;
$node->safe_psql('app', 'SELECT btwin.min_cohort()') for 1 .. 3;
$node->poll_query_until('app', q{SELECT coalesce(sum(n_calls), 0) >= 3 FROM btwin_bi.statement_latency WHERE source = 'function' AND name = 'btwin.min_cohort'}) or die 'no statistics of functions';
is(latencies('both'), "statement|1|3|t\nfunction|1|3|t", 'three calls of one statement, three of its function');
is($node->safe_psql('app', q{SELECT count(*) FROM btwin_bi.statement_latency WHERE NOT (n_calls > 0 AND total_ms >= 0 AND (source = 'function' OR min_ms <= mean_ms AND mean_ms <= max_ms AND stddev_ms >= 0))}), '0', 'numbers agree with each other');
# with two roles a statement stays one row
$node->safe_psql('postgres', 'CREATE ROLE guest; GRANT pg_read_all_stats TO guest');
$node->safe_psql('app', 'GRANT USAGE ON SCHEMA btwin_bi, btwin TO guest; GRANT SELECT ON btwin_bi.statement_latency TO guest');
$node->safe_psql('app', 'SET ROLE guest; SELECT btwin.min_cohort()');
is($node->safe_psql('app', q{SELECT n_calls FROM btwin_bi.statement_latency WHERE source = 'statement' AND name = 'SELECT btwin.min_cohort()'}), '4', 'of all roles');
my ($rc, $out, $err) = $node->psql('app', 'SET ROLE guest; SELECT source FROM btwin_bi.statement_latency');
is("$rc$err", '0', 'a reader who may not look into schema stats has no error');
is($out, join("\n", ('function') x ($out =~ tr/\n// + 1)), 'and functions only');

# a dump holds what the views are, the restore fills them
$node->safe_psql('app', q{
	INSERT INTO users (id) SELECT 'u' || g FROM generate_series(1, 12) g;
	INSERT INTO study_sessions (id, user_id, started_at, duration_ms) SELECT 's' || g, 'u' || g, now() - interval '3 days', 1800000 FROM generate_series(1, 12) g;
	GRANT USAGE ON SCHEMA btwin_bi TO guest; GRANT SELECT ON btwin_bi.daily_activity TO guest});
is($node->safe_psql('app', q{SELECT string_agg(DISTINCT action, ' ') FROM btwin.refresh_bi()}), 'refreshed', 'refresh');
my $rows = q{SELECT day, n_learners, study_minutes, computed_at FROM btwin_bi.daily_activity; SELECT user_id, day, n_sessions FROM btwin_bi.learner_day ORDER BY 1};
my $before = $node->safe_psql('app', $rows);
like($before, qr/\|12\|360\|.*\nu1\|/, 'rows');
my $file = PostgreSQL::Test::Utils::tempdir . '/dump';
for my $format ('plain', 'custom')
{
	$node->command_ok(['pg_dump', "--format=$format", "--file=$file", 'app'], "dump, $format");
	$node->safe_psql('postgres', "CREATE DATABASE back_$format");
	$node->command_ok($format eq 'plain' ? ['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-f', $file, "back_$format"] : ['pg_restore', '--exit-on-error', '-j', '2', '-d', "back_$format", $file], "restore, $format");
	is($node->safe_psql("back_$format", $rows), $before, "$format: the same rows");
	is($node->safe_psql("back_$format", q{SELECT count(*) FROM pg_class WHERE relnamespace = 'btwin'::regnamespace AND relkind = 'm' AND relispopulated}), '12', "$format: all filled");
	is($node->safe_psql("back_$format", q{SELECT count(*) FROM btwin.attach() WHERE action <> 'found'}), '0', "$format: attach finds all");
	is($node->safe_psql("back_$format", q{SELECT count(*) FROM btwin.refresh_bi() WHERE action = 'refreshed'}), '12', "$format: refresh");
	is($node->safe_psql("back_$format", q{SET ROLE guest; SELECT n_learners FROM btwin_bi.daily_activity}), '12', "$format: and what was granted");
}
$node->stop;
done_testing();
