# The endpoints through node-postgres, the driver under most ORMs: what arrives
# has the types that an application expects, and statements are prepared.
use strict;
use warnings;
use FindBin;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($nodejs) = grep { -x } map { "$_/node" } split(/:/, $ENV{PATH}), '/usr/bin';
plan skip_all => 'nodejs is not installed' if !$nodejs;
# Debian's package, else npm where it answers
my $driver = '/usr/share/nodejs/pg';
if (!-d $driver)
{
	my $folder = PostgreSQL::Test::Utils::tempdir;
	system("cd '$folder' && npm install --no-save --no-audit --no-fund --silent pg\@8 >npm.log 2>&1");
	$driver = "$folder/node_modules/pg";
}
plan skip_all => 'node-pg is not installed, and npm does not answer' if !-d $driver;

my $node = PostgreSQL::Test::Cluster->new('client_node');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE app; CREATE ROLE web LOGIN; CREATE ROLE service LOGIN');
$node->safe_psql('app', q{
	CREATE EXTENSION btwin;
	SELECT count(*) FROM btwin.attach();
	SELECT count(*) FROM btwin.secure(app_role => 'web', service_role => 'service');
	INSERT INTO users (id) VALUES ('ann'), ('bob');
	INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms)
	SELECT 's' || d, 'ann', timestamptz '2026-01-05 18:00+00' + d * interval '1 day', timestamptz '2026-01-05 18:30+00' + d * interval '1 day', 1800000 FROM generate_series(0, 99) d;
	INSERT INTO missions (id, user_id, date, status, estimated_minutes, actual_minutes, completed_at, success_score, objectives)
	SELECT 'm' || d, 'ann', timestamptz '2026-01-05 00:00+00' + d * interval '1 day', 'COMPLETED', 30, 25 + d % 9, timestamptz '2026-01-05 19:00+00' + d * interval '1 day', 0.5 + d % 5 / 10.0, '[]' FROM generate_series(0, 69) d;
	INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_name, pattern_data, confidence, evidence, first_detected_at, last_seen_at)
	VALUES ('p1', 'ann', 'OPTIMAL_STUDY_TIME', 'evening', '{"hourOfDay": 18}', 0.875, '{"a", "b"}', '2026-03-01 12:00+00', '2026-03-15 12:00+00');
	INSERT INTO cognitive_load_metrics (id, user_id, session_id, load_score, stress_indicators, confidence_level, timestamp)
	SELECT 'l' || d, 'ann', 's' || d, 50 + d % 10, '[]', 0.5, timestamptz '2026-01-05 18:30+00' + d * interval '1 day' FROM generate_series(0, 99) d});

my ($out, $err);
my $ran = IPC::Run::run([ $nodejs, "$FindBin::Bin/client/node_pg.js", $driver, $node->host, $node->port, 'app', '2026-03-16T12:00:00Z' ], '>', \$out, '2>', \$err);
ok($ran, 'the script runs') or diag($err);
my $seen = decode_json($out);

cmp_ok(scalar(keys %{ $seen->{reads} }), '>=', 25, 'there are reads to call');
foreach my $name (sort keys %{ $seen->{reads} })
{
	my $read = $seen->{reads}{$name};
	is_deeply($read->{wrong}, [], "$name: values arrive as the driver's own types");
	cmp_ok($read->{generic_plans}, '>', 0, "$name: a generic plan after 20 calls");
}
is_deeply($seen->{pattern}, { id => 'p1', confidence => 0.875, evidence => [ 'a', 'b' ], last_seen_at => '2026-03-15T12:00:00.000Z' }, 'a row as JavaScript sees it');
is_deeply($seen->{foreign}, { code => 'PT403', detail => { code => 'forbidden' } }, 'another learner is refused, and a program can read why');
is_deeply($seen->{anonymous}, { code => 'PT403', detail => { code => 'no_claim' } }, 'so is nobody');
is($seen->{left_over}, '', 'a pooled connection keeps no claim');
$node->stop;
done_testing();
