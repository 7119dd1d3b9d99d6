# The statements of doc/after_a_session.md, as an application sends them: a client
# that is gone at any place of the transaction loses nothing and doubles nothing.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use BtwinTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $page = PostgreSQL::Test::Utils::slurp_file("$FindBin::Bin/../../doc/after_a_session.md");
my ($before, $after) = $page =~ /```sql\n(.*?)```/sg;
my @after = split /(?<=;)\n/, $after;
is(scalar @after, 4, 'a transaction of two statements');

my $node = PostgreSQL::Test::Cluster->new('after_a_session');
$node->init;
$node->append_conf('postgresql.conf', "jit = off\ntimezone = 'UTC'\ndeadlock_timeout = 200ms\n");
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE web LOGIN; CREATE DATABASE app');
$node->safe_psql('app', q{
	CREATE EXTENSION btwin;
	SELECT count(*) FROM btwin.attach();
	SELECT count(*) FROM btwin.secure('web');
	GRANT INSERT, UPDATE ON study_sessions TO web;
	INSERT INTO users (id) VALUES ('ann');
	INSERT INTO personalization_preferences (id, user_id) VALUES ('p', 'ann');
	INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant) VALUES ('c', 'ann', 'p', 'SESSION', 'balanced');
	INSERT INTO study_sessions (id, user_id, started_at) VALUES ('session-42', 'ann', now() - interval '40 minutes');
	-- one objective, predicted to be hard; it was: three of four answers are AGAIN
	INSERT INTO courses (id, user_id, name) VALUES ('co', 'ann', 'c');
	INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) VALUES ('le', 'ann', 'co', 't', 'f', 'u', 1);
	INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by) VALUES ('ob', 'le', 'o', 'm');
	INSERT INTO cards (id, course_id, objective_id, front, back) VALUES ('ca', 'co', 'ob', 'f', 'b');
	INSERT INTO struggle_predictions (id, user_id, learning_objective_id, prediction_date, predicted_at, predicted_struggle_probability, prediction_confidence, prediction_status, struggling_factors, feature_vector)
	VALUES ('pr', 'ann', 'ob', now() + interval '1 day', now() - interval '1 day', 0.8, 0.8, 'PENDING', '{}', '{}');
	INSERT INTO reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at)
	SELECT 'r' || g, 'ann', 'ca', 'session-42', CASE WHEN g < 4 THEN 'AGAIN' ELSE 'GOOD' END, 4000, now() - interval '30 minutes' + g * interval '1 minute' FROM generate_series(1, 4) g;
	-- sessions of 50 minutes are the goal, from none: one of 40 minutes is 0.8 of the way, past three milestones
	INSERT INTO behavioral_goals (id, user_id, goal_type, title, description, target_metric, current_value, target_value, deadline, status, progress_history)
	VALUES ('go', 'ann', 'SESSION_DURATION', 't', 'd', 'avgSessionDuration', 0, 50, now() + interval '20 days', 'ACTIVE',
		jsonb_build_array(jsonb_build_object('date', to_char(now() - interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'value', 0)));
});
my $client = sub {
	my $session = BtwinTest->session($node, 'app', user => 'web');
	$session->run("SET app.current_user_id = 'ann'");
	return $session;
};
# what there is of all of it
my $state = sub { return $node->safe_psql('app', q{
	SELECT concat_ws(' ', (SELECT coalesce(max(duration_ms), 0) FROM study_sessions), (SELECT count(*) FROM personalization_outcomes), (SELECT count(*) FROM btwin.decision), (SELECT count(reward) FROM btwin.decision), (SELECT times_selected FROM personalization_configs),
	(SELECT prediction_status FROM struggle_predictions), (SELECT current_value FROM behavioral_goals), (SELECT count(*) FROM insight_notifications))}); };

my $one = $client->();
my $chosen = $one->run($before);
my ($decision) = $chosen =~ /"id": "(\w+)"/;
ok(defined $decision, 'a strategy is chosen');
is($one->run($before), $chosen, 'asked again, it is the same');
is($state->(), '0 0 1 0 0 PENDING 0 0', 'before the session ends');

foreach my $sent (1 .. $#after)
{
	my $lost = $client->();
	$lost->run("\\set decision $decision\n" . join '', @after[0 .. $sent - 1]);
	my $pid = $lost->run('SELECT pg_backend_pid()');
	$node->safe_psql('app', "SELECT pg_terminate_backend($pid)");
	$lost->close;
	$node->poll_query_until('app', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid");
	is($state->(), '0 0 1 0 0 PENDING 0 0', "gone after $sent statements: nothing has happened");
}
# two at once: the second waits for the first, and gets its answer
my $two = $client->();
my $first = $one->run("\\set decision $decision\n" . join '', @after[0 .. 2]);
like($first, qr/"captured": \{"goals": \{"updated": 1, .*"outcomes": \{"outcomes": 1,/, 'the prediction is decided, the goal moved');
like($first, qr/"changed": true.*\|.*"changed": true/, 'the outcome is stored, the decision rewarded');
my $pid = $two->run('SELECT pg_backend_pid()');
# the session row itself would hold it: only the calls
$two->start("\\set decision $decision\n" . join '', @after[0, 2, 3]);
ok($node->poll_query_until('app', "SELECT count(*) > 0 FROM pg_locks WHERE pid = $pid AND NOT granted"), 'a second one waits');
is($one->run($after[3]), '', 'the first one commits');
my $second = $two->finish;
my ($outcome) = $first =~ /^(.*?)\|/;
is((split /\|/, $second)[0], $outcome, 'the second gets the first answer');
like($second, qr/\|.*"changed": false/, 'and the reward was there');
is($state->(), '2400000 1 1 1 1 CONFIRMED 40 3', 'everything once');
# sent again by a client that does not know
my $again = $client->();
my $said = $again->run("\\set decision $decision\n$after");
is((split /\|/, $said)[0], $outcome, 'sent again: the same answer');
is($state->(), '2400000 1 1 1 1 CONFIRMED 40 3', 'and everything once');

# the application's transaction goes on where analysis is switched off
$node->safe_psql('app', q{UPDATE users SET behavioral_analysis_enabled = false; INSERT INTO study_sessions (id, user_id, started_at) VALUES ('session-43', 'ann', now())});
$said = $again->run("\\set decision $decision\n" . ($after =~ s/session-42/session-43/gr));
like($said, qr/"changed": false.*\|.*"changed": false/, 'switched off: nothing is stored');
is($node->safe_psql('app', q{SELECT duration_ms, (SELECT count(*) FROM personalization_outcomes) FROM study_sessions WHERE id = 'session-43'}), '2400000|1', 'but for the application\'s own rows');
$_->close foreach $one, $two, $again;
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/deadlock detected|PANIC/, 'no deadlock');
$node->stop;
done_testing();
