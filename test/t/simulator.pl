# tier: test
# The simulator: the same seed gives the same files; what it writes agrees with
# doc/simulator.md. Every rate is held against its expectation within 4 standard
# errors (about 1 in 16,000 for each by chance, and the seed is fixed).
use strict;
use warnings;
use Digest::MD5;
use FindBin;
use POSIX qw(erf floor);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::Bin/../..";
my $work = PostgreSQL::Test::Utils::tempdir;
my $simulate = "$work/simulate";
system_or_bail($ENV{CC} // 'cc', '-O2', '-o', $simulate, "$top/test/sim/simulate.c", '-lm');

sub simulated
{
	my ($name, @options) = @_;
	my ($out, $err);
	IPC::Run::run([ $simulate, @options, '--out', "$work/$name" ], '>', \$out, '2>', \$err) or die $err;
	my %sum;
	foreach my $file (glob "$work/$name/*.tsv")
	{
		open my $in, '<:raw', $file or die "$file: $!";
		$sum{ $file =~ s{.*/}{}r } = Digest::MD5->new->addfile($in)->hexdigest;
	}
	return \%sum;
}

my $once = simulated('once', qw(--learners 8 --days 60 --seed 3));
is(scalar(keys %$once), 22, 'files');
is_deeply(simulated('twice', qw(--learners 8 --days 60 --seed 3)), $once, 'the same seed gives identical files');
isnt(simulated('other', qw(--learners 8 --days 60 --seed 4))->{'reviews.tsv'}, $once->{'reviews.tsv'}, 'another seed gives others');
simulated('longer', qw(--learners 12 --days 60 --seed 3));
is(join('', grep { /^l7:/ } split /^/, slurp_file("$work/longer/reviews.tsv")), join('', grep { /^l7:/ } split /^/, slurp_file("$work/once/reviews.tsv")),
	'learner 7 is the same among 12 as among 8');
my ($out, $err);
ok(!IPC::Run::run([ $simulate, '--learners', '0', '--out', "$work/none" ], '>', \$out, '2>', \$err), 'no learners: refused');
like($err, qr/^usage: /, 'with the usage');

# Rates, from the tables as load.sql fills them.
my $days = 182;
simulated('rates', '--learners', 150, '--days', $days, '--seed', 11);
my $node = PostgreSQL::Test::Cluster->new('simulator');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION btwin; SELECT count(*) FROM btwin.attach(create_indexes => false)');
ok(IPC::Run::run([ 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-v', "folder=$work/rates", '-f', "$top/test/sim/load.sql" ], '>', \$out, '2>', \$err), 'loaded')
  or diag $err;
is($err, '', 'without a notice');

sub agrees
{
	my ($what, $found, $expected, $se) = @_;
	my $text = sprintf '%s: %.4f, expected %.4f, standard error %.4f', $what, $found, $expected, $se;
	ok($se > 0 && abs($found - $expected) <= 4 * $se, $text);
}
# share of successes among n independent draws of probability p
sub share
{
	my ($what, $sql, $p) = @_;
	my ($k, $n) = split /\|/, $node->safe_psql('postgres', $sql);
	agrees($what, $k / $n, $p, sqrt($p * (1 - $p) / $n));
}
share('abandoned sessions', q{SELECT count(*) FILTER (WHERE completed_at IS NULL), count(*) FROM study_sessions}, 0.08);
share('learners with peak hours', q{SELECT count(*) FILTER (WHERE exists), count(*) FROM truth.habit WHERE kind = 'peak_hours'}, 0.5);
share('learners with a habit of content', q{SELECT count(*) FILTER (WHERE exists), count(*) FROM truth.habit WHERE kind = 'content'}, 0.3);
share('learners with a burnout episode', q{SELECT count(episode_start), count(*) FROM truth.learner}, 0.15);
my $mission = q{SELECT count(*) FILTER (WHERE m.status = 'SKIPPED'), count(*)
	FROM (SELECT m.status, substring(m.id FROM ':m(\d+)$')::int AS day, t.* FROM missions m JOIN truth.learner t USING (user_id)) AS m
	WHERE (m.day >= m.episode_start AND m.day < m.episode_start + m.episode_days) IS };
share('missions skipped outside of episodes', "$mission NOT TRUE", 0.10);
share('missions skipped in episodes', "$mission TRUE", 0.40);
share('load written', q{SELECT (SELECT count(*) FROM cognitive_load_metrics), (SELECT count(*) FROM study_sessions)}, 0.7);

# Recall and struggle: each drawn with its own probability, so the sum of
# outcome - probability has variance sum p (1 - p).
foreach (['recall', q{SELECT sum((r.rating <> 'AGAIN')::int), sum(t.probability), sum(t.probability * (1 - t.probability)), count(*)
			FROM truth.review t JOIN reviews r ON r.id = t.review_id}],
	['struggle', q{SELECT sum(struggled::int), sum(probability), sum(probability * (1 - probability)), count(*) FROM truth.objective}])
{
	my ($what, $sql) = @$_;
	my ($k, $sum, $variance, $n) = split /\|/, $node->safe_psql('postgres', $sql);
	agrees($what, $k / $n, $sum / $n, sqrt($variance) / $n);
}

# Performance of a session: normal around 0.70 + effects with SD sqrt(0.05^2 +
# 0.15^2), written as a score cut at 0 and 100. With a = -mu / s, b = (1 - mu) / s
# the mean of the cut normal is mu (F(b) - F(a)) + s (f(a) - f(b)) + 1 - F(b).
# The sessions of one day share its noise, so the error of a mean is taken over
# days: sqrt(sum over days of (sum of residuals)^2) / n. In each group the effect
# is more than 8 such errors, so a simulator without it would be seen. The hour is
# counted from local midnight as the simulator counts it, on all days but those
# on which clocks change. Sessions in burnout episodes are too few to show their
# fall: they are left out.
my $s = sqrt(0.05 ** 2 + 0.15 ** 2);
sub cumulative { return 0.5 * (1 + erf($_[0] / sqrt 2)) }
sub density { return exp(-$_[0] ** 2 / 2) / sqrt(2 * 3.14159265358979) }
sub cut_mean
{
	my ($mu) = @_;
	my ($a, $b) = (-$mu / $s, (1 - $mu) / $s);
	return $mu * (cumulative($b) - cumulative($a)) + $s * (density($a) - density($b)) + 1 - cumulative($b);
}
my $sessions = $node->safe_psql('postgres', q{
	WITH ended AS (
		SELECT DISTINCT e.user_id, e.event_data ->> 'sessionId' AS session_id, e.content_type, e.session_performance_score AS score,
			(e.event_data ->> 'durationMs')::float8 / 60000 AS minutes
		FROM behavioral_events e WHERE e.event_type = 'SESSION_ENDED'
	), placed AS (
		SELECT ended.*, (s.started_at AT TIME ZONE t.time_zone)::date - date '2026-01-05' AS day,
			extract(hour FROM s.started_at AT TIME ZONE t.time_zone)::int AS hour, t.episode_start, t.episode_days
		FROM ended JOIN study_sessions s ON s.id = ended.session_id JOIN truth.learner t ON t.user_id = ended.user_id
		WHERE (s.started_at AT TIME ZONE t.time_zone)::date NOT IN ('2026-03-08', '2026-03-29')
	)
	SELECT p.user_id, p.day, p.score,
		CASE WHEN peak.exists AND (p.hour - CASE WHEN p.day >= peak.change_day THEN peak.new_slot ELSE peak.slot END + 24) % 24 < 3 THEN peak.effect ELSE 0 END,
		CASE WHEN content.exists AND p.content_type = ('{lecture,flashcard,validation,clinical_reasoning}'::text[])
			[CASE WHEN p.day >= content.change_day THEN content.new_slot ELSE content.slot END + 1] THEN 0.08 ELSE 0 END,
		CASE WHEN length.exists THEN -0.04 * greatest(0, p.minutes - CASE WHEN p.day >= length.change_day THEN length.new_slot ELSE length.slot END) / 10 ELSE 0 END
	FROM placed p
	JOIN truth.habit peak ON peak.user_id = p.user_id AND peak.kind = 'peak_hours'
	JOIN truth.habit content ON content.user_id = p.user_id AND content.kind = 'content'
	JOIN truth.habit length ON length.user_id = p.user_id AND length.kind = 'session_length'
	WHERE (p.day >= p.episode_start AND p.day < p.episode_start + p.episode_days) IS NOT TRUE});
my @kinds = ('in peak hours', 'of the better content', 'beyond the best length');
my %group;
foreach my $row (split /\n/, $sessions)
{
	my ($learner, $day, $score, @effect) = split /\|/, $row;
	my $mu = 0.70;
	$mu += $_ foreach @effect;
	my @groups = map { $effect[$_] ? $kinds[$_] : () } 0 .. $#kinds;
	foreach my $name (@groups ? @groups : ('usual'))
	{
		my $g = $group{$name} //= { n => 0, sum => 0, expected => 0, effect => 0, days => {} };
		$g->{n}++;
		$g->{sum} += $score / 100;
		$g->{expected} += cut_mean($mu);
		my ($place) = grep { $kinds[$_] eq $name } 0 .. $#kinds;
		$g->{effect} += cut_mean($mu) - cut_mean($mu - $effect[$place]) if defined $place;
		$g->{days}{"$learner $day"} += $score / 100 - cut_mean($mu);
	}
}
is(scalar(keys %group), 4, 'groups of sessions');
foreach my $name (sort keys %group)
{
	my $g = $group{$name};
	my $squares = 0;
	$squares += $_ ** 2 foreach values %{ $g->{days} };
	my $se = sqrt($squares) / $g->{n};
	agrees("performance of sessions, $name ($g->{n})", $g->{sum} / $g->{n}, $g->{expected} / $g->{n}, $se);
	cmp_ok(abs($g->{effect} / $g->{n}), '>', 8 * $se, "its effect would be missed: $name") unless $name eq 'usual';
}

$node->stop;
done_testing();
