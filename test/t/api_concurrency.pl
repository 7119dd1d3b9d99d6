# tier: all
#
# Writing calls beside each other and the analysis: many connections, few learners, calls sent again
# with their key, connections that are lost and statements that are cancelled at any
# place. Afterwards every call has happened once or not at all, every answer to a key
# is the first one, and what each decision knew can be worked out again.
#
#   BTWIN_CONCURRENT_SECONDS=N   how long (15)
#   BTWIN_CONCURRENT_SEED=N      another run
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use BtwinTest;
use IO::Select;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

my $seconds = $ENV{BTWIN_CONCURRENT_SECONDS} // 15;
my $seed = $ENV{BTWIN_CONCURRENT_SEED} // 7;
my ($connections, $learners) = (50, 20);
srand($seed);
diag("seed $seed, $seconds s");

my $node = PostgreSQL::Test::Cluster->new('api_concurrency');
$node->init;
$node->append_conf('postgresql.conf', "jit = off\nmax_connections = 80\ntimezone = 'UTC'\ndeadlock_timeout = 100ms\nlog_min_messages = error\n");
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE web LOGIN; CREATE DATABASE app');
$node->safe_psql('app', qq{
	CREATE EXTENSION btwin;
	SELECT count(*) FROM btwin.attach();
	SELECT count(*) FROM btwin.secure('web');
	INSERT INTO users (id) SELECT 'l' || g FROM generate_series(1, $learners) g;
	INSERT INTO personalization_preferences (id, user_id) SELECT 'p' || u.id, u.id FROM users u;
	INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant) SELECT 'c' || u.id || c, u.id, 'p' || u.id, c, 'balanced' FROM users u, unnest('{MISSION,CONTENT,ASSESSMENT,SESSION}'::text[]) c;
	INSERT INTO personalization_experiments (id, user_id, preferences_id, experiment_name, context, variants, end_date)
	SELECT 'e' || g || u.id, u.id, 'p' || u.id, 'e', 'SESSION', '[{"variantId": "A"}, {"variantId": "B"}]', now() + interval '20 days' FROM users u, generate_series(1, 5) g;
});

sub one_of { return $_[rand @_]; }
my $number = 0;
sub key { return 'k' . ++$number; }
my %decisions;    # learner => decisions a client knows of
sub decision { my ($learner) = @_; return one_of(@{ $decisions{$learner} // [] }); }

# ---------------------------------------------------------------------------
# What clients do. setup: rows there must be before. call: the statement for a learner, or nothing where there is
# nothing to call for; repeated as it is when it is sent again. refusals: SQLSTATEs a
# client may be answered. answered: what is made of an answer that is known to be
# committed. checks: [what, statement whose every row is a fault], asked at the end.
my @actors = (
	{   name => 'choose_strategy', weight => 5, keyed => 1,
		# decisions whose default reward counts until they are rewarded late
		setup => q{
			INSERT INTO btwin.decision (user_id, id, context, policy, policy_version, arms, arm, propensity, propensities, decided_at, turn, default_reward, reward_due_at)
			SELECT u.id, 'old' || g || u.id, (ARRAY['MISSION', 'CONTENT', 'ASSESSMENT', 'SESSION'])[1 + g % 4], 'thompson', 'bandit-1', '{a,b}', (ARRAY['a', 'b'])[1 + g % 2], 0.5, '{0.5,0.5}',
				t, t, CASE WHEN g < 9 THEN 1 END, now() - interval '1 hour'
			FROM users u, generate_series(1, 12) g, LATERAL (SELECT now() - interval '2 hours' + g * interval '1 second') d (t)},
		call => sub {
			my ($learner) = @_;
			return sprintf q{btwin_api.choose_strategy(context => '%s', policy => '%s', epsilon => %s, arms => %s, sticky_hours => %d, default_reward => %s, reward_window_hours => 1, idempotency_key => '%s')},
			  one_of(qw(MISSION CONTENT ASSESSMENT SESSION SESSION)), one_of(qw(thompson thompson epsilon_greedy uniform)), one_of(0.1, 0.5), one_of('NULL', "'{a,b,balanced}'"), one_of(0, 0, 0, 1), one_of('NULL', 0.25), key();
		},
		answered => sub { my ($learner, $answer) = @_; push @{ $decisions{$learner} }, $1 if $answer =~ /"id": "(\w+)"/; },
		checks => [
			[ 'each decision belongs to one call, and each call has its decision', q{
				SELECT coalesce(d.user_id, c.user_id), d.id, c.idempotency_key FROM btwin.decision d FULL JOIN (SELECT * FROM btwin.api_call WHERE function_name = 'choose_strategy' AND NOT (answer ->> 'sticky')::boolean) c
				    ON c.user_id = d.user_id AND c.answer ->> 'id' = d.id WHERE d.id IS NULL OR c.user_id IS NULL AND d.id !~ '^old'} ],
			[ 'pulls are decisions', q{
				SELECT u.id FROM users u WHERE (SELECT sum(s.pulls) FROM btwin_api.strategy_performance(u.id) s) IS DISTINCT FROM (SELECT nullif(count(*), 0) FROM btwin.decision d WHERE d.user_id = u.id)} ],
			[ 'each decision and each reward of a learner has a turn of its own', q{
				SELECT t.user_id, t.turn FROM (SELECT d.user_id, d.turn FROM btwin.decision d UNION ALL SELECT d.user_id, d.reward_turn FROM btwin.decision d WHERE d.reward IS NOT NULL) t GROUP BY 1, 2 HAVING count(*) > 1} ],
			[ 'a sticky answer is an earlier decision', q{
				SELECT c.user_id, c.idempotency_key FROM btwin.api_call c WHERE (c.answer ->> 'sticky')::boolean
				   AND NOT EXISTS (SELECT FROM btwin.decision d WHERE d.user_id = c.user_id AND d.id = c.answer ->> 'id' AND d.decided_at = (c.answer ->> 'decided_at')::timestamptz)} ],
		],
	},
	{   name => 'record_reward', weight => 5, refusals => qr/^PT409$/,
		call => sub {
			my ($learner) = @_;
			my $decision = decision($learner) // return;
			return sprintf q{btwin_api.record_reward(decision_id => '%s', reward => %s)}, $decision, one_of(0, 0.25, 0.5, 0.5, 0.5, 1);
		},
		checks => [
			[ 'each reward is counted once by the configuration of its context', q{
				SELECT c.id, c.times_selected, c.total_reward, c.avg_reward, r.* FROM personalization_configs c
				CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(sum(d.reward), 0) AS total FROM btwin.decision d WHERE d.user_id = c.user_id AND d.context = c.context AND d.reward IS NOT NULL) r
				WHERE c.times_selected <> r.n OR abs(c.total_reward - r.total) > 1e-9 OR abs(c.avg_reward - CASE r.n WHEN 0 THEN 0 ELSE r.total / r.n END) > 1e-9} ],
		],
	},
	{   name => 'record_outcome', weight => 3, keyed => 1,
		call => sub {
			my ($learner) = @_;
			return sprintf q{btwin_api.record_outcome(outcome_type => 'SESSION_COMPLETED', context => 'SESSION', performance_score => %s, idempotency_key => '%s')}, one_of(0, 0.5, 1), key();
		},
		checks => [
			[ 'each outcome belongs to one call, and each call has its outcome', q{
				SELECT o.id, c.idempotency_key FROM personalization_outcomes o FULL JOIN (SELECT * FROM btwin.api_call WHERE function_name = 'record_outcome') c ON c.user_id = o.user_id AND c.answer ->> 'id' = o.id WHERE o.id IS NULL OR c.user_id IS NULL} ],
		],
	},
	{   name => 'assign_experiment', weight => 1,
		call => sub { my ($learner) = @_; return sprintf q{btwin_api.assign_experiment(experiment_id => 'e%d%s') - 'is_new'}, 1 + int(rand 5), $learner; },
		same => 1,    # the same statement gets the same answer without a key
		checks => [
			[ 'who takes part is counted once', q{SELECT e.id FROM personalization_experiments e WHERE e.current_participants <> (SELECT count(*) FROM experiment_assignments a WHERE a.experiment_id = e.id)} ],
		],
	},
	{   name => 'apply_intervention', weight => 2, keyed => 1, refusals => qr/^PT409$/,
		# each of them makes the objective, and so the mission, a quarter longer
		setup => q{
			INSERT INTO courses (id, user_id, name) SELECT 'co' || u.id, u.id, 'c' FROM users u;
			INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) SELECT 'le' || u.id, u.id, 'co' || u.id, 't', 'f', 'u', 1 FROM users u;
			INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by) SELECT 'o' || g || u.id, 'le' || u.id, 'o', 'm' FROM users u, generate_series(1, 30) g;
			INSERT INTO missions (id, user_id, date, status, estimated_minutes, objectives) SELECT 'm' || u.id, u.id, now() + interval '2 days', 'PENDING', 300,
				(SELECT jsonb_agg(jsonb_build_object('objectiveId', 'o' || g || u.id, 'estimatedMinutes', 10)) FROM generate_series(1, 30) g) FROM users u;
			INSERT INTO struggle_predictions (id, user_id, learning_objective_id, prediction_date, predicted_at, predicted_struggle_probability, prediction_confidence, prediction_status, struggling_factors, feature_vector)
			SELECT 'p' || g || u.id, u.id, 'o' || g || u.id, now() + interval '2 days', now(), 0.6, 0.8, 'PENDING', '{}', '{}' FROM users u, generate_series(1, 30) g;
			INSERT INTO intervention_recommendations (id, user_id, prediction_id, intervention_type, description, reasoning, priority, status, related_objective_id)
			SELECT 'i' || g || u.id, u.id, 'p' || g || u.id, 'DIFFICULTY_PROGRESSION', 'd', 'r', 7, 'PENDING', 'o' || g || u.id FROM users u, generate_series(1, 30) g;
		},
		call => sub { my ($learner) = @_; return sprintf q{btwin_api.apply_intervention(intervention_id => 'i%d%s', idempotency_key => '%s')}, 1 + int(rand 30), $learner, key(); },
		checks => [
			[ 'an intervention is applied by one call, and others are told', q{
				SELECT i.id, i.status, c.n FROM intervention_recommendations i LEFT JOIN (SELECT c.user_id, c.answer ->> 'id' AS id, count(*) AS n FROM btwin.api_call c WHERE c.function_name = 'apply_intervention' GROUP BY 1, 2) c USING (user_id, id)
				WHERE (i.status = 'IN_PROGRESS') <> (coalesce(c.n, 0) = 1) OR c.n > 1} ],
			[ 'a mission has been made longer by each of them once', q{
				SELECT m.id, m.estimated_minutes FROM missions m CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(sum((c.answer ->> 'estimated_minutes_after')::int - (c.answer ->> 'estimated_minutes_before')::int), 0) AS more
					FROM btwin.api_call c WHERE c.function_name = 'apply_intervention' AND c.user_id = m.user_id) a
				WHERE m.estimated_minutes <> 300 + a.more OR a.more < a.n OR a.n <> (SELECT count(*) FROM schedule_adaptations s WHERE s.user_id = m.user_id)
				   OR m.estimated_minutes <> (SELECT sum((o ->> 'estimatedMinutes')::int) FROM jsonb_array_elements(m.objectives) o)} ],
		],
	},
	{   name => 'prediction_feedback', weight => 2, keyed => 1,
		call => sub { my ($learner) = @_; return sprintf q{btwin_api.prediction_feedback(prediction_id => 'p%d%s', actual_struggle => %s, feedback_type => 'HELPFUL', idempotency_key => '%s')}, 1 + int(rand 30), $learner, one_of('true', 'false'), key(); },
		checks => [
			[ 'each feedback belongs to one call, and each call has its feedback', q{
				SELECT f.id, c.idempotency_key FROM prediction_feedback f FULL JOIN (SELECT * FROM btwin.api_call WHERE function_name = 'prediction_feedback') c ON c.user_id = f.user_id AND c.answer ->> 'feedback_id' = f.id WHERE f.id IS NULL OR c.user_id IS NULL} ],
			[ 'the first feedback decides, and later ones are told', q{
				SELECT p.id, p.actual_outcome, c.* FROM struggle_predictions p
				CROSS JOIN LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE (c.answer ->> 'outcome_applied')::boolean) AS first,
					bool_and((c.answer ->> 'actual_outcome')::boolean = p.actual_outcome) AS told,
					bool_and((c.arguments ->> 'actual_struggle')::boolean = p.actual_outcome) FILTER (WHERE (c.answer ->> 'outcome_applied')::boolean) AS decided
					FROM btwin.api_call c WHERE c.function_name = 'prediction_feedback' AND c.user_id = p.user_id AND c.answer ->> 'id' = p.id) c
				WHERE c.n > 0 AND (c.first, c.told, c.decided) IS DISTINCT FROM (1::bigint, true, true) OR (c.n = 0) <> (p.actual_outcome IS NULL)} ],
		],
	},
);
my %actor = map { $_->{name} => $_ } @actors;
my @turns = map { ($_) x $_->{weight} } @actors;

# ---------------------------------------------------------------------------
# Connections

my $control = BtwinTest->session($node, 'app');
my (%client, %seen, %answers, %changed, @recent);
my ($lost, $cancelled, $again, $sent, $rolled_back, $analysed) = (0, 0, 0, 0, 0, 0);
my $select = IO::Select->new;

# user: web, or the owner of the tables, who analyses learners
sub connection
{
	my ($user) = @_;
	my $session = BtwinTest->session($node, 'app', $user eq 'web' ? (user => $user) : ());
	my $client = { session => $session, user => $user, buffer => '', unit => undef };
	$select->add($session->{from});
	$client{ $session->{from} } = $client;
	$session->start(q{SELECT 'pid ' || pg_backend_pid()});
	$client->{unit} = { calls => [] };
	return;
}

# One statement of a client, or a transaction of a few, all of one learner
sub unit
{
	if (@recent && rand() < 0.3)
	{
		$again++;
		return one_of(@recent);
	}
	my $learner = 'l' . (rand() < 0.3 ? 1 : 1 + int(rand $learners));
	my $wanted = rand() < 0.2 ? 2 + int(rand 2) : 1;
	my @calls;
	for (1 .. $wanted)
	{
		my $actor = one_of(@turns);
		my $call = $actor->{call}->($learner) // next;
		push @calls, { actor => $actor, learner => $learner, call => $call };
	}
	return unless @calls;
	my $unit = { learner => $learner, calls => \@calls, block => $wanted > 1, rollback => $wanted > 1 && rand() < 0.2 };
	push @recent, $unit;
	shift @recent if @recent > 200;
	return $unit;
}

sub send_unit
{
	my ($client) = @_;
	if ($client->{user} ne 'web')
	{
		$client->{unit} = { calls => [], analysis => 1 };
		$client->{session}->start(sprintf q{SELECT 'analysed ' || count(*) FROM btwin.analyze('l%d')}, 1 + int(rand $learners));
		return;
	}
	my $unit = unit();
	$unit = unit() until defined $unit;
	$sent++;
	$rolled_back++ if $unit->{rollback};
	my $place = 0;
	my @statements = map { sprintf q{SELECT 'answer %d ' || (%s)::text}, $place++, $_->{call} } @{ $unit->{calls} };
	my $sql = "SET app.current_user_id = '$unit->{learner}';\n" . join ";\n", $unit->{block} ? ('BEGIN', join(";\nSELECT pg_sleep(0.002) \\g /dev/null\n;", @statements), $unit->{rollback} ? 'ROLLBACK' : 'COMMIT') : @statements;
	$client->{unit} = $unit;
	$client->{session}->start($sql);
	return;
}

# What a client has read of its unit
sub finish_unit
{
	my ($client, $text, $whole) = @_;
	my $unit = $client->{unit};
	$client->{unit} = undef;
	$client->{pid} = $1 if $text =~ /^pid (\d+)$/m;
	$analysed++ if $text =~ /^analysed 1$/m;
	my @failures = $text =~ /^(?:ERROR|FATAL|PANIC):  (\w{5}):/mg;
	my %names = map { $_->{actor}{name} => 1 } @{ $unit->{calls} };
	foreach my $code (@failures)
	{
		$cancelled++ if $code eq '57014';
		next if $code =~ /^(57014|57P01|25P02)$/;
		next if grep { defined $actor{$_}{refusals} && $code =~ $actor{$_}{refusals} } keys %names;
		$seen{"$code in " . ($unit->{analysis} ? 'the analysis' : join ' and ', sort keys %names)}++;
	}
	# a transaction that failed or was not seen to commit may or may not have happened
	return if $unit->{block} && ($unit->{rollback} || @failures || !$whole);
	while ($text =~ /^answer (\d) (.*)$/mg)
	{
		my ($call, $answer) = ($unit->{calls}[$1], $2);
		my $actor = $call->{actor};
		$actor->{done}++;
		if ($actor->{keyed} || $actor->{same})
		{
			$answers{"$call->{learner} $call->{call}"}{$answer}++;
		}
		if ($actor->{name} eq 'record_reward')
		{
			my ($id, $reward, $changed) = ($answer =~ /"id": "(\w+)"/, $answer =~ /"reward": ([\d.]+)/, $answer =~ /"changed": (\w+)/);
			$answers{"reward of $id"}{ 0 + $reward }++;
			$changed{$id}++ if $changed eq 'true';
		}
		$actor->{answered}->($call->{learner}, $answer) if $actor->{answered};
	}
	return;
}

sub drop
{
	my ($client) = @_;
	$select->remove($client->{session}{from});
	delete $client{ $client->{session}{from} };
	finish_unit($client, $client->{buffer}, 0) if $client->{unit};
	$client->{session}->close;
	return;
}

# ---------------------------------------------------------------------------
# A learner who writes holds up nobody else. No time is measured: a lock that is not
# free is refused at once.
{
	my $hot = BtwinTest->session($node, 'app', user => 'web');
	like($hot->run("SET app.current_user_id = 'l1'; BEGIN; SELECT btwin_api.choose_strategy()"), qr/"id": "c/, 'a decision of a hot learner, in a transaction that stays open');
	my $other = BtwinTest->session($node, 'app', user => 'web');
	$other->run("SET lock_timeout = '1ms'");
	my $answered = 0;
	foreach my $l (2 .. $learners)
	{
		$answered++ if $other->run("SET app.current_user_id = 'l$l'; SELECT btwin_api.choose_strategy() ->> 'id'; SELECT btwin_api.record_outcome(outcome_type => 'SESSION_COMPLETED', context => 'SESSION', performance_score => 1) ->> 'id'; SELECT btwin_api.assign_experiment(experiment_id => 'e1l$l') ->> 'is_new'") =~ /^c\w+\nc\w+\ntrue$/;
	}
	is($answered, $learners - 1, 'the others write and wait for no lock');
	like($other->run("SET app.current_user_id = 'l1'; SELECT btwin_api.choose_strategy()"), qr/^ERROR:  55P03/, 'a second call of the same learner waits');
	like($other->run("SELECT count(*) FROM btwin_api.strategy_performance()"), qr/^\d+$/, 'reads do not');
	$hot->run('ROLLBACK');
	like($other->run("SELECT btwin_api.choose_strategy()"), qr/"id": "c/, 'until the first one ends');
	$_->close foreach $hot, $other;
	# what was called without a key
	$node->safe_psql('app', 'TRUNCATE btwin.decision, btwin.api_call, personalization_outcomes, experiment_assignments; UPDATE personalization_experiments SET current_participants = 0');
}

# ---------------------------------------------------------------------------
# All of them at once

$node->safe_psql('app', $_) foreach grep { defined } map { $_->{setup} } @actors;
foreach my $l (1 .. $learners) { push @{ $decisions{"l$l"} }, map { "old${_}l$l" } 1 .. 12; }
connection($_ > 2 ? 'web' : 'owner') for 1 .. $connections;
my $end = time + $seconds;
my $next_fault = time;
my $enough = sub { return $lost >= 10 && $cancelled >= 5 && $again >= 50 && $rolled_back >= 5 && $analysed >= 5 && !grep { ($_->{done} // 0) < 20 } @actors; };
# not longer than ten times as long: then something is wrong
while ((time < $end || !$enough->()) && time < $end + 9 * $seconds + 60)
{
	send_unit($_) foreach grep { !$_->{unit} } values %client;
	if (time >= $next_fault)
	{
		my $victim = one_of(grep { $_->{unit} && $_->{pid} } values %client);
		if ($victim)
		{
			my $how = int(rand 3);
			$control->run("SELECT pg_cancel_backend($victim->{pid})") if $how == 0;
			$control->run("SELECT pg_terminate_backend($victim->{pid})") if $how == 1;
			kill 'KILL', $victim->{session}{pid} if $how == 2;    # the client, not the server
			$lost++ if $how > 0;
		}
		$next_fault = time + 0.02;
	}
	foreach my $from ($select->can_read(0.02))
	{
		my $client = $client{$from} // next;
		my $got = sysread($from, my $chunk, 65536);
		if (!$got) { drop($client); connection($client->{user}); next; }
		$client->{buffer} .= $chunk;
		my $marker = "~done~$client->{session}{number}~\n";
		next unless $client->{buffer} =~ s/\A(.*?)\Q$marker\E//s;
		finish_unit($client, $1, 1);
	}
}
drop($_) foreach values %client;
# those whose client was killed may still be at work
ok($node->poll_query_until('app', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = 'app' AND pid <> pg_backend_pid() AND (usename = 'web' OR query ~ 'btwin.analyze')}), 'all connections are gone');
diag(sprintf '%d units sent, %d of them again, %d rolled back, %d connections lost, %d statements cancelled, %d learners analysed; answers: %s', $sent, $again, $rolled_back, $lost, $cancelled, $analysed, join ', ', map { "$_->{name} " . ($_->{done} // 0) } @actors);
ok($enough->(), 'everything was tried');

is(join('; ', map { "$_ $seen{$_}" } sort keys %seen), '', 'no client was told of another error than those it must expect');
is(join('; ', grep { keys %{ $answers{$_} } > 1 } sort keys %answers), '', 'every repeated call got the first answer, every reward is one');
is(join('; ', grep { $changed{$_} > 1 } sort keys %changed), '', 'no reward was new twice');
cmp_ok(scalar(grep { $answers{$_} && (map { $_ > 1 ? 1 : () } values %{ $answers{$_} }) } keys %answers), '>', 0, 'some calls were answered twice');
# what clients were told is what is stored
{
	my $stored = $node->safe_psql('app', q{SELECT user_id || ' ' || idempotency_key || ' ' || answer::text FROM btwin.api_call});
	my %stored = map { /^(\w+ \w+) (.*)$/ ? ($1 => $2) : () } split /\n/, $stored;
	my @wrong;
	foreach my $call (grep { /idempotency_key => '(\w+)'/ } keys %answers)
	{
		my ($learner) = $call =~ /^(\w+)/;
		my ($key) = $call =~ /idempotency_key => '(\w+)'/;
		push @wrong, $call unless exists $answers{$call}{ $stored{"$learner $key"} // '' };
	}
	is(join('; ', @wrong), '', 'every answer is that of its key');
	my %rewards = map { split /\|/ } split /\n/, $node->safe_psql('app', 'SELECT id, reward FROM btwin.decision WHERE reward IS NOT NULL');
	is(join('; ', grep { my $told = "reward of $_"; defined $rewards{$_} ? exists $answers{$told} && !exists $answers{$told}{ 0 + $rewards{$_} } : 1 } map { /^reward of (\w+)/ } keys %answers), '', 'every reward that was answered is stored');
}
foreach my $check (map { @{ $_->{checks} } } @actors)
{
	my ($what, $sql) = @$check;
	is($node->safe_psql('app', "SELECT * FROM ($sql) AS fault LIMIT 5"), '', $what);
}
# the query of the page works the propensities out from the decisions and rewards before
{
	my ($query) = PostgreSQL::Test::Utils::slurp_file("$FindBin::Bin/../../doc/api_personalization.md") =~ /```sql\n(SELECT d\.id, d\.arms.*?);\n```/s;
	ok(defined $query, 'the page has a query');
	is($node->safe_psql('app', "SELECT * FROM ($query) AS q (id, arms, stored, again) WHERE (SELECT max(abs(s - a)) FROM unnest(q.stored, q.again) AS t (s, a)) > 1e-9 OR cardinality(q.again) <> cardinality(q.stored) LIMIT 5"), '', 'propensities can be worked out again');
	is($node->safe_psql('app', 'SELECT id FROM btwin.decision WHERE abs((SELECT sum(p) FROM unnest(propensities) p) - 1) > 1e-6 OR abs(propensity - propensities[array_position(arms, arm)]) > 1e-6 LIMIT 5'), '', 'they are probabilities, and that of the arm is the decision\'s');
	# with the rewards of all decisions they would be others: the order matters
	isnt($node->safe_psql('app', "SELECT count(*) FROM (" . ($query =~ s/e\.reward_turn < d\.turn/e.reward IS NOT NULL/r) . ") AS q (id, arms, stored, again) WHERE (SELECT max(abs(s - a)) FROM unnest(q.stored, q.again) AS t (s, a)) > 1e-9"), '0', 'but not from rewards that came later');
	isnt($node->safe_psql('app', "SELECT count(*) FROM (" . ($query =~ s/THEN e\.default_reward/THEN NULL/r) . ") AS q (id, arms, stored, again) WHERE (SELECT max(abs(s - a)) FROM unnest(q.stored, q.again) AS t (s, a)) > 1e-9"), '0', 'nor without default rewards');
}
$control->close;
is($node->safe_psql('app', 'SELECT count(*) FROM pg_locks l WHERE l.granted AND l.pid <> pg_backend_pid() AND l.relation = ANY (ARRAY(SELECT c.oid FROM pg_class c WHERE c.relname IN (\'learner_write\', \'decision\')))'), '0', 'no lock is left');
ok($node->poll_query_until('app', q{SELECT deadlocks = 0 FROM pg_stat_database WHERE datname = 'app'}), 'no deadlock');
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/deadlock detected|PANIC|server process .* was terminated/, 'the log tells of none');
$node->stop;
done_testing();
