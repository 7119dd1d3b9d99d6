# The statements within the endpoints keep generic plans: after some calls none of
# them is planned anew for a learner, so that a call costs no planning. A plan for
# one learner would show the learner's id where a generic one shows a parameter.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('api_plans');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE app; CREATE ROLE web');
$node->safe_psql('app', q{
	CREATE EXTENSION btwin;
	SELECT count(*) FROM btwin.attach();
	SELECT count(*) FROM btwin.secure(app_role => 'web');
	INSERT INTO users (id) SELECT 'learner' || g FROM generate_series(1, 200) g;
	INSERT INTO study_sessions (user_id, started_at, completed_at, duration_ms)
	SELECT id, timestamptz '2026-01-05 18:00+00' + d * interval '1 day', timestamptz '2026-01-05 18:30+00' + d * interval '1 day', 1800000 FROM users, generate_series(0, 69) d;
	INSERT INTO cognitive_load_metrics (user_id, load_score, stress_indicators, confidence_level, timestamp)
	SELECT id, 50, '[]', 0.5, timestamptz '2026-01-05 18:30+00' + d * interval '1 day' FROM users, generate_series(0, 69) d;
	ANALYZE});
my @reads = split /\n/, $node->safe_psql('app', q{
	SELECT proname FROM pg_proc WHERE pronamespace = 'btwin_api'::regnamespace AND provolatile = 's' AND proargnames[1] = 'user_id'
	AND proname NOT IN ('explain_struggle', 'explain_pattern') ORDER BY 1});
cmp_ok(scalar(@reads), '>=', 25, 'there are reads to call');

foreach my $name (@reads)
{
	my $calls = join '', map { "SET request.jwt.claims = '{\"sub\": \"learner$_\"}'; DO \$\$BEGIN PERFORM * FROM btwin_api.$name(as_of => '2026-03-16 12:00+00'); END\$\$;\n" } 1 .. 20;
	my ($rc, $out, $err) = $node->psql('app', qq{
		LOAD 'auto_explain';
		SET auto_explain.log_min_duration = 0;
		SET auto_explain.log_nested_statements = on;
		SET client_min_messages = log;
		SET auto_explain.log_level = log;
		SET ROLE web;
		$calls});
	my @plans = split /LOG:  duration:/, $err;
	my $statements = grep { /Scan using|Scan on/ } @plans;
	my @own = grep { /Query Text:/ && /'learner20'/ && /(?:Cond|Filter):[^\n]*'learner20'/ } @plans;
	is(scalar(@own), 0, "$name: no statement is planned for one learner") or diag($own[0]);
	cmp_ok($statements, '>', 0, "$name: its statements were seen");
}
$node->stop;
done_testing();
