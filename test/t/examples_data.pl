# tier: all
# The loaders on the published data sets, counted against the files themselves.
use strict;
use warnings;
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::Local qw(timegm);

plan skip_all => 'BTWIN_DATA is not set' unless $ENV{BTWIN_DATA};
my $top = "$FindBin::Bin/../..";
my $folder = $ENV{BTWIN_DATA};
my $node = PostgreSQL::Test::Cluster->new('examples_data');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'UTC'\nmax_wal_size = '4GB'");
$node->start;

# Every line of a published file, split at commas; the sets quote nothing.
sub each_row
{
	my ($file, $code) = @_;
	open my $in, '-|', 'gzip', '-dcf', "$folder/$file" or die "$file: $!\n";
	my @names = split /,/, <$in> =~ s/\s+$//r;
	while (<$in>)
	{
		s/\s+$//;
		my %row;
		@row{@names} = split /,/, $_, -1;
		$code->(\%row);
	}
	close $in or die "$file: gzip failed\n";
}

sub loaded
{
	my ($db, @arguments) = @_;
	my ($out, $err);
	my $ok = IPC::Run::run([ 'psql', '-X', '-q', '-A', '-t', '-d', $node->connstr($db), @arguments ], '>', \$out, '2>', \$err);
	is("$ok $err", '1 ', "$db: without an error");
	return $out;
}

sub database
{
	my ($name) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql($name, 'CREATE EXTENSION btwin; SELECT count(*) FROM btwin.attach(create_indexes => false)');
}

# LKT: 382 learners, 44,049 answers and the study trials.
{
	my (%learner, %card, %fact, %rating, %moment, %post, %plan);
	my ($answers, $studies, $latency) = (0, 0, 0);
	each_row('lkt/reviews.csv.gz', sub {
		my ($r) = @_;
		$r->{shown_at} =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(\.\d+)?Z$/ or die $r->{shown_at};
		my $at = timegm($6, $5, $4, $3, $2 - 1, $1) + ($7 // 0);
		$learner{ $r->{user_id} } = 1;
		$card{"$r->{user_id} $r->{item_id}"} = 1;
		$fact{"$r->{user_id} $r->{topic_id}"} = 1;
		push @{ $moment{ $r->{user_id} } }, $at;
		my $key = "$r->{user_id} $r->{topic_id}";
		$plan{$key} = $r->{practice_condition} if $r->{practice_condition} ne '';
		if ($r->{outcome} eq 'STUDY') { $studies++; return; }
		$answers++;
		$rating{ $r->{outcome} }++;
		$latency += $r->{time_spent_ms};
		$post{$key} = [ $at, $r->{outcome} ] if $r->{phase} eq 'Posttest' && (!$post{$key} || $at < $post{$key}[0]);
	});
	my $sessions = 0;
	foreach my $moments (values %moment)
	{
		my $last;
		foreach my $at (sort { $a <=> $b } @$moments)
		{
			$sessions++ if !defined $last || $at - $last > 1800;
			$last = $at;
		}
	}
	my %tried;
	foreach my $key (keys %post)
	{
		my $arm = $plan{$key} ? "plan $plan{$key}" : 'none';
		$tried{$arm}[0]++;
		$tried{$arm}[1] += $post{$key}[1] eq 'CORRECT';
	}
	is(scalar(keys %learner), 382, 'LKT: learners of the file');
	is($answers, 44049, 'LKT: answers of the file');

	database('lkt');
	my @call = ('lkt', '-v', "folder=$folder/lkt", '-f', "$top/examples/load_lkt.sql");
	loaded(@call);
	my $counts = q{SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM reviews), (SELECT count(*) FROM behavioral_events),
		(SELECT count(*) FROM cards), (SELECT count(*) FROM learning_objectives), (SELECT count(*) FROM study_sessions),
		(SELECT sum(time_spent_ms) FROM reviews), (SELECT count(*) FROM reviews WHERE rating = 'GOOD'), (SELECT count(*) FROM reviews WHERE rating = 'AGAIN')};
	my $expected = join('|', scalar(keys %learner), $answers, $studies, scalar(keys %card), scalar(keys %fact), $sessions, $latency, $rating{CORRECT}, $rating{INCORRECT});
	is($node->safe_psql('lkt', $counts), $expected, 'LKT: learners, answers, study trials, cards, facts, sessions, latencies, outcomes');
	is($node->safe_psql('lkt', q{SELECT strategy_variant, count(*), sum(performance_score) FROM personalization_outcomes GROUP BY 1 ORDER BY strategy_variant COLLATE "C"}),
		join("\n", map { "$_|$tried{$_}[0]|$tried{$_}[1]" } sort keys %tried), 'LKT: practice plans and what followed in the posttest');
	loaded(@call);
	is($node->safe_psql('lkt', $counts), $expected, 'LKT: loading twice changes nothing');
}

# OULAD: 9,495 learners, 3,287,847 rows of clicks.
{
	my $set = 'oulad_2013';
	# days from 1 February 2013, day 0 of B, to 1 October 2013, day 0 of J: 27 + 31 + 30 + 31 + 30 + 31 + 31 + 30 + 1
	my %day0 = ('2013B' => 0, '2013J' => 242);
	my (%learner, %student, %type, %active, %event, %due, %banked, %submitted, %score, %mission);
	my ($rows, $clicks) = (0, 0);
	each_row("$set/studentInfo.csv.gz", sub { $learner{ $_[0]{id_student} } = 1; $student{"$_[0]{id_student} $_[0]{code_module} $_[0]{code_presentation}"} = 1; });
	each_row("$set/vle.csv.gz", sub { $type{ $_[0]{id_site} } = $_[0]{activity_type} });
	each_row("$set/studentVle.csv.gz", sub {
		my ($r) = @_;
		my $day = $day0{ $r->{code_presentation} } + $r->{date};
		$rows++;
		$clicks += $r->{sum_click};
		$active{"$r->{id_student} $day"} = 1;
		$event{"$r->{id_student} $day $r->{code_module} $r->{code_presentation} $type{$r->{id_site}}"} = 1;
	});
	my %presentation;
	each_row("$set/assessments.csv.gz", sub {
		my ($r) = @_;
		$presentation{ $r->{id_assessment} } = "$r->{code_module} $r->{code_presentation}";
		push @{ $due{"$r->{code_module} $r->{code_presentation}"} }, [ $r->{id_assessment}, $r->{date} ] if $r->{date} ne '';
	});
	each_row("$set/studentAssessment.csv.gz", sub {
		my ($r) = @_;
		my $key = "$r->{id_student} $r->{id_assessment}";
		if ($r->{is_banked}) { $banked{$key} = 1; return; }
		$submitted{$key} = 1;
		return if $r->{score} eq '' || !$student{"$r->{id_student} $presentation{$r->{id_assessment}}"};
		$score{ $r->{score} < 40 ? 'AGAIN' : $r->{score} < 60 ? 'HARD' : $r->{score} < 80 ? 'GOOD' : 'EASY' }++;
	});
	each_row("$set/studentRegistration.csv.gz", sub {
		my ($r) = @_;
		foreach my $assessment (@{ $due{"$r->{code_module} $r->{code_presentation}"} // [] })
		{
			my ($id, $day) = @$assessment;
			my $key = "$r->{id_student} $id";
			next if $r->{date_unregistration} ne '' && $r->{date_unregistration} <= $day;
			next if $banked{$key};
			$mission{ $submitted{$key} ? 'COMPLETED' : 'SKIPPED' }++;
		}
	});
	is(scalar(keys %learner), 9495, 'OULAD: learners of the files');
	is($rows, 3287847, 'OULAD: rows of clicks of the files');

	database('oulad');
	loaded('oulad', '-v', "folder=$folder/$set", '-f', "$top/examples/load_oulad.sql");
	is($node->safe_psql('oulad', q{SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM study_sessions), (SELECT count(*) FROM behavioral_events),
			(SELECT sum((event_data ->> 'clicks')::bigint) FROM behavioral_events)}),
		join('|', scalar(keys %learner), scalar(keys %active), scalar(keys %event), $clicks), 'OULAD: learners, active days, events, clicks');
	is($node->safe_psql('oulad', q{SELECT rating, count(*) FROM reviews GROUP BY 1 ORDER BY rating COLLATE "C"}),
		join("\n", map { "$_|$score{$_}" } sort keys %score), 'OULAD: submissions by band of score');
	is($node->safe_psql('oulad', q{SELECT status, count(*) FROM missions GROUP BY 1 ORDER BY status COLLATE "C"}),
		join("\n", map { "$_|$mission{$_}" } sort keys %mission), 'OULAD: assessments that were due, completed or skipped');
	# what the set does not hold
	is($node->safe_psql('oulad', q{SELECT (SELECT count(*) FROM reviews WHERE time_spent_ms IS NOT NULL OR session_id IS NOT NULL), (SELECT count(duration_ms) FROM study_sessions),
			(SELECT count(*) FROM cognitive_load_metrics), (SELECT count(*) FROM study_sessions WHERE started_at <> date_trunc('day', started_at))}),
		'0|0|0|0', 'OULAD: no latency, no duration, no load, no clock time');

	loaded('oulad', '-c', 'SELECT count(*) FROM btwin.attach()', '-c', 'ANALYZE');
	loaded('oulad', '-c', 'SET client_min_messages = warning', '-f', "$top/examples/demo/population.sql");
	my @chosen = split /\n/, loaded('oulad', '-f', "$top/examples/demo/choose.sql");
	is(scalar(@chosen), 3, 'OULAD: three learners to show');
	foreach my $line (@chosen)
	{
		my ($learner, $as_of) = split /\|/, $line;
		my @to = ('-v', "learner=$learner", '-v', "as_of=$as_of");
		like(loaded('oulad', @to, '-f', "$top/examples/demo/habits.sql"),
			qr/^best hours\|unknown: no clock time\|\|\|all times are 00:00 UTC: days only\nbest content\|unknown: no content types\|.*\nsession length\|unknown: no durations\|/,
			"$learner: no habit of hours without clock times");
		like(loaded('oulad', @to, '-f', "$top/examples/demo/forgetting.sql"), qr/unknown: no card was reviewed twice/, "$learner: no curve without repetition");
		like(loaded('oulad', @to, '-f', "$top/examples/demo/burnout.sql"), qr/study intensity\|unknown\|.*recovery deficit\|rest [0-7]\.0 of 7\|/s, "$learner: no hours without durations, but days of rest");
	}
}

$node->stop;
done_testing();
