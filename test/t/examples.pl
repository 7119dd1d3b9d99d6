# tier: test
# The loaders and the demo on small files written by hand: exact rows, loading
# twice changes nothing, every question is answered for learners of little data.
use strict;
use warnings;
use FindBin;
use File::Copy qw(copy);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::Bin/../..";
my $data = "$top/test/data";
my $work = PostgreSQL::Test::Utils::tempdir;
my $node = PostgreSQL::Test::Cluster->new('examples');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;

sub database
{
	my ($name) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql($name, 'CREATE EXTENSION btwin; SELECT count(*) FROM btwin.attach(create_indexes => false)');
}

# psql as a person calls it: status and what it said beside the answer
sub script
{
	my ($db, $file, @options) = @_;
	my ($out, $err);
	my $status = IPC::Run::run([ 'psql', '-X', '-q', '-A', '-t', '-d', $node->connstr($db), @options, '-f', $file ], '>', \$out, '2>', \$err);
	return ($status, $out, $err);
}

# Every row that a loader can write, as text, but for the moment of writing.
my $everything = join(' UNION ALL ', map { "SELECT '$_', (to_jsonb(t) - '{created_at,updated_at,uploaded_at}'::text[])::text FROM $_ t" }
	  qw(users courses lectures learning_objectives cards study_sessions reviews behavioral_events missions personalization_outcomes))
  . ' ORDER BY 1, 2';

# Anki. The file has 8 rows of 3 cards; the two of ease 0 are rescheduling by
# hand and no reviews. id is the moment of the answer, shown = id - time: the
# first row, 1772352010000 - 10000 ms, is 2026-03-01 08:00:00 UTC.
database('anki');
my @call = ('anki', "$top/examples/load_anki.sql", '-v', "file=$data/anki_revlog.csv", '-v', 'learner=kim');
my ($status, $out, $err) = script(@call);
ok($status, 'Anki: loaded') or diag $err;
is($node->safe_psql('anki', q{SELECT card_id, rating, time_spent_ms, reviewed_at, session_id FROM reviews ORDER BY reviewed_at}), join("\n",
	# 08:10 to 08:40 is 30 minutes: the same session. 08:40 to 09:10:00.001 is
	# longer, and the rescheduling at 08:55 does not bridge it.
	'kim:item:1700000000001|GOOD|10000|2026-03-01 08:00:00+00|kim:session:1',
	'kim:item:1700000000002|AGAIN|4500|2026-03-01 08:01:00+00|kim:session:1',
	'kim:item:1700000000002|GOOD|3000|2026-03-01 08:10:00+00|kim:session:1',
	'kim:item:1700000000003|EASY|2000|2026-03-01 08:40:00+00|kim:session:1',
	'kim:item:1700000000001|HARD|5000|2026-03-01 09:10:00.001+00|kim:session:2',
	'kim:item:1700000000002|GOOD|2750|2026-03-02 07:00:00+00|kim:session:3'),
	'Anki: grades, latencies, the moment of the question, sessions cut at 30 minutes of silence');
is($node->safe_psql('anki', q{SELECT started_at, completed_at, duration_ms, reviews_completed, new_cards_studied FROM study_sessions ORDER BY started_at}), join("\n",
	# from the first question to the last answer: 08:40:00 + 2 s - 08:00:00 = 2402 s
	'2026-03-01 08:00:00+00|2026-03-01 08:40:02+00|2402000|4|3',
	'2026-03-01 09:10:00.001+00|2026-03-01 09:10:05.001+00|5000|1|0',
	'2026-03-02 07:00:00+00|2026-03-02 07:00:02.75+00|2750|1|0'),
	'Anki: sessions with length, reviews and new cards');
is($node->safe_psql('anki', q{SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM courses), (SELECT count(*) FROM lectures), (SELECT count(*) FROM cards),
	(SELECT count(*) FROM learning_objectives), (SELECT count(*) FROM behavioral_events), (SELECT count(*) FROM reviews WHERE stability_after IS NOT NULL)}),
	'1|1|1|3|0|0|0', 'Anki: one learner, one course, three cards; no topics, no events, no scheduler states');
my $before = $node->safe_psql('anki', $everything);
($status, $out, $err) = script(@call);
ok($status, 'Anki: loaded again') or diag $err;
is($node->safe_psql('anki', $everything), $before, 'Anki: loading twice changes nothing');

# The plain CSV. Moments without a zone are UTC, 12:01+02 is 10:01 UTC; an empty
# "correct" is a study trial: an event, no review.
database('csv');
@call = ('csv', "$top/examples/load_csv.sql", '-v', "file=$data/answers.csv");
($status, $out, $err) = script(@call);
ok($status, 'CSV: loaded') or diag $err;
is($node->safe_psql('csv', q{SELECT r.user_id, c.front, o.objective, r.rating, r.time_spent_ms, r.reviewed_at, r.session_id
	FROM reviews r JOIN cards c ON c.id = r.card_id LEFT JOIN learning_objectives o ON o.id = c.objective_id ORDER BY r.user_id COLLATE "C", r.reviewed_at}), join("\n",
	'ada|item cat|topic animals|GOOD|1500|2026-05-04 10:00:00+00|ada:session:1',
	'ada|item dog|topic animals|AGAIN|2500|2026-05-04 10:01:00+00|ada:session:1',
	# 38 minutes after the study trial of 10:02
	'ada|item oak, red|topic trees|GOOD|900|2026-05-04 10:40:00+00|ada:session:2',
	# no topic; midnight does not end a session, silence does
	'ben|item cat||AGAIN||2026-05-04 23:50:00+00|ben:session:1',
	'ben|item cat||GOOD|700|2026-05-05 00:10:00+00|ben:session:1'),
	'CSV: ratings, latencies, zones, topics, sessions');
is($node->safe_psql('csv', q{SELECT user_id, started_at, duration_ms, reviews_completed, new_cards_studied FROM study_sessions ORDER BY user_id COLLATE "C", started_at}), join("\n",
	# until the study trial of 10:02, which has no latency; two answers, three new items
	'ada|2026-05-04 10:00:00+00|120000|2|3',
	'ada|2026-05-04 10:40:00+00|900|1|0',
	# 20 minutes and the last latency
	'ben|2026-05-04 23:50:00+00|1200700|2|1'),
	'CSV: sessions');
is($node->safe_psql('csv', q{SELECT user_id, event_type, timestamp, content_type, event_data FROM behavioral_events}),
	'ada|CARD_REVIEWED|2026-05-04 10:02:00+00|lecture|{"study": true, "sessionId": "ada:session:1"}', 'CSV: a study trial is an event');
$before = $node->safe_psql('csv', $everything);
($status, $out, $err) = script(@call);
is($node->safe_psql('csv', $everything), $before, 'CSV: loading twice changes nothing');

copy("$data/answers.csv", "$work/answers.csv") or die;
system_or_bail('gzip', "$work/answers.csv");
database('gz');
($status, $out, $err) = script('gz', "$top/examples/load_csv.sql", '-v', "file=$work/answers.csv.gz");
is($node->safe_psql('gz', $everything), $before, 'CSV: the same file gzipped gives the same rows');

($status, $out, $err) = script('csv', "$top/examples/load_csv.sql", '-v', "file=$work/missing.csv");
ok(!$status, 'a file that is not there is an error');
foreach my $loader (qw(oulad lkt anki csv))
{
	($status, $out, $err) = script('csv', "$top/examples/load_$loader.sql");
	like($err, qr/load_$loader\.sql: pass the (file|folder)/, "load_$loader.sql says what to pass");
}

# Every question is one statement that answers learners of little data, and
# unknown ones, without an error.
($status, $out, $err) = script('anki', "$top/examples/demo/population.sql");
ok($status, 'population.sql') or diag $err;
my %shows = (
	# Three sessions on two days: the least that a comparison takes is three, in
	# which nothing is a habit; nothing in the log has a content type.
	habits => qr/^best hours\|no habit\|.*\nbest content\|unknown: no content types\|.*\nsession length\|(no habit|unknown: )/,
	struggle => qr/^answer log\|0\.\d\d \(/,
	burnout => qr/^burnout risk\|\d+ of 100 \(\d+ to \d+\)\|2 of 14 days\|/,
	strategy => qr/^(\w+\|0\|\|never tried\|0\.250\|.*\n){3}\w+\|0\|\|never tried\|0\.250\|/,
	load => qr/^last, 2026-03-02 07:00\|\d+ of 100 \(/,
	# card ...1 twice, card ...2 three times: 1 + 2 repeated; HARD, GOOD, GOOD are recalled
	forgetting => qr/^evidence\|3 repeats, 3 recalled\|confidence 0\.\d\d\nhalf-life\|/);
foreach my $question (sort keys %shows)
{
	($status, $out, $err) = script('anki', "$top/examples/demo/$question.sql", '-v', 'learner=kim', '-v', 'as_of=2026-03-03');
	is("$status $err", '1 ', "$question: no error");
	like($out, $shows{$question}, "$question: what so little data can tell");
	($status, $out, $err) = script('anki', "$top/examples/demo/$question.sql", '-v', 'learner=nobody', '-v', 'as_of=2026-03-03');
	is("$status $err", '1 ', "$question: no error for an unknown learner");
	like($out, $question eq 'strategy' ? qr/never tried/ : qr/unknown: /, "$question: an unknown learner is unknown");
	my @statements = split /;\s*\n/, slurp_file("$top/examples/demo/$question.sql");
	is(scalar(@statements), 1, "$question: one statement");
}

# The demo recognises a folder, or says what it looked for.
$ENV{PGHOST} = $node->host;
$ENV{PGPORT} = $node->port;
sub demo
{
	my ($folder) = @_;
	my ($o, $e);
	my $s = IPC::Run::run([ "$top/examples/demo/run", $folder ], '>', \$o, '2>', \$e);
	return ($s, $o, $e);
}
mkdir "$work/csv data" or die;
copy("$data/answers.csv", "$work/csv data/answers.csv") or die;
($status, $out, $err) = demo("$work/csv data");
ok($status, 'demo of a folder with a CSV, a blank in its name') or diag $err;
is($err, '', 'demo: nothing on stderr');
like($out, qr/^Learner ada, active on 1 days?, as of 2026-05-05T00:00Z$/m, 'demo: a learner');
my @milliseconds = $out =~ /^\([0-9.]+ ms\)$/mg;
is(scalar(@milliseconds), 12, 'demo: a time for each of 6 answers for 2 learners');
is(scalar(grep { length > 100 } split /\n/, $out), 0, 'demo: no line longer than 100 characters');

mkdir "$work/none" or die;
($status, $out, $err) = demo("$work/none");
ok(!$status, 'demo of an empty folder fails');
like($err, qr/Looked for.*OULAD.*LKT.*Anki.*CSV/s, 'and says what it looked for');
append_to_file("$work/none/studentVle.csv", "code_module\n");
($status, $out, $err) = demo("$work/none");
like($err, qr/looks like OULAD, but lacks: assessments\.csv courses\.csv studentAssessment\.csv studentInfo\.csv studentRegistration\.csv vle\.csv$/m, 'part of OULAD: what is missing');
($status, $out, $err) = demo("$work/nowhere");
like($err, qr/nowhere: no such folder/, 'a folder that is not there');

$node->stop;
done_testing();
