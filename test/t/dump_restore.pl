# A database in use, dumped and restored: the same objects, the same rows, and
# attach finds all. DROP EXTENSION is refused; with CASCADE it takes no row.
use strict;
use warnings;
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $data = "$FindBin::Bin/../data";
my $node = PostgreSQL::Test::Cluster->new('dump_restore');
$node->init;
$node->start;

# Runs statements and fails on anything said beside the answer.
sub quietly
{
	my ($db, $sql, $what) = @_;
	my ($rc, $out, $err) = $node->psql($db, $sql, on_error_stop => 1);
	is("$rc $err", '0 ', "$what: without an error, a warning or a notice");
	return $out;
}

# What the database consists of, beyond what pg_dump writes: members and owners.
my $objects = q{
	SELECT 'relation', c.oid::regclass::text, c.relkind::text, pg_get_userbyid(c.relowner), c.relacl::text
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_|^information_schema'
	UNION ALL
	SELECT 'function', p.oid::regprocedure::text, p.provolatile::text, pg_get_userbyid(p.proowner), p.prosrc
	FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname !~ '^pg_|^information_schema'
	UNION ALL
	SELECT 'member', pg_describe_object(d.classid, d.objid, d.objsubid), e.extname, NULL, NULL
	FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass WHERE d.deptype = 'e' AND e.extname = 'btwin'
	UNION ALL
	SELECT 'schema', n.nspname, pg_get_userbyid(n.nspowner), n.nspacl::text, NULL FROM pg_namespace n WHERE n.nspname ~ '^btwin|^app'
	UNION ALL
	SELECT 'policy', p.polrelid::regclass::text, p.polname, pg_get_expr(p.polqual, p.polrelid), NULL FROM pg_policy p
	ORDER BY 1, 2, 3};

# Every row of every plain table of the application and of btwin's own settings.
my $rows = q{
	SELECT c.oid::regclass, query_to_xml(format('SELECT t::text FROM %s t ORDER BY 1', c.oid::regclass), true, false, '')
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind = 'r' AND (n.nspname = 'app' OR c.oid IN ('btwin.attachment'::regclass, 'btwin.attached_object'::regclass, 'btwin.learner'::regclass))
	ORDER BY c.oid::regclass::text};

my $windows = q{
	SELECT 'event', id, event_type, timestamp FROM btwin.behavioral_events_window('u1', '-infinity', 'infinity')
	UNION ALL SELECT 'review', id, rating, reviewed_at FROM btwin.reviews_window('u1', '-infinity', 'infinity')
	UNION ALL SELECT 'zone', user_id, time_zone, NULL FROM btwin.learner ORDER BY 1, 2};

my $catalog = q{SELECT index_name, present, served_by, created_by_attach FROM btwin.index_catalog ORDER BY 1};

$node->safe_psql('postgres', 'CREATE ROLE app_owner; CREATE ROLE app_learner');

my %in_use = (
	adopted => sub {
		my ($db) = @_;
		my $ddl = slurp_file("$data/adoption_fixture.sql");
		my $filling = slurp_file("$data/adoption_rows.sql");
		quietly($db, "SET ROLE app_owner; SET search_path = app; $ddl; $filling", "$db: the application's tables");
	},
	created => sub { },);

for my $kind (sort keys %in_use)
{
	my $source = "source_$kind";
	$node->safe_psql('postgres', "CREATE DATABASE $source");
	quietly($source, 'CREATE EXTENSION btwin', "$source: CREATE EXTENSION");
	$node->safe_psql($source, 'CREATE SCHEMA app AUTHORIZATION app_owner');
	$in_use{$kind}->($source);
	quietly($source, q{SELECT count(*) FROM btwin.attach('app', owner => 'app_owner', default_time_zone => 'Europe/Berlin')}, "$source: attach");
	is(quietly($source, q{SELECT count(*) FROM btwin.attach('app') WHERE action <> 'found'}, "$source: second attach"), '0', "$source: a second attach finds all");
	if ($kind eq 'created')
	{
		quietly($source, q{
			INSERT INTO app.users (id) VALUES ('u1'), ('u2');
			INSERT INTO app.courses (id, user_id, name) VALUES ('co1', 'u1', 'Anatomy');
			INSERT INTO app.cards (id, course_id, front, back) VALUES ('ca1', 'co1', 'f', 'b');
			INSERT INTO app.behavioral_events (user_id, event_type, event_data) VALUES ('u1', 'GRAPH_VIEWED', '{"a": [1, null]}');
			INSERT INTO app.reviews (user_id, card_id, rating, time_spent_ms, difficulty_before, stability_before, difficulty_after, stability_after)
			VALUES ('u1', 'ca1', 'GOOD', 1000, 0.1, 0.2, 1e-300, 1.7976931348623157e308);
			INSERT INTO app.insight_notifications (user_id, notification_type, title, message) VALUES ('u2', 'NEW_PATTERN', 'it''s', E'two\nlines');
		}, "$source: rows");
	}
	my $learner = $kind eq 'adopted' ? '"userId"' : 'user_id';
	quietly($source, qq{
		INSERT INTO btwin.learner (user_id, time_zone) VALUES ('u1', 'America/Argentina/Buenos_Aires');
		ALTER TABLE app.reviews ENABLE ROW LEVEL SECURITY;
		CREATE POLICY own ON app.reviews USING ($learner = current_setting('app.current_user_id', true));
		GRANT USAGE ON SCHEMA btwin, app TO app_learner;
		GRANT SELECT ON app.reviews, btwin.reviews TO app_learner;
	}, "$source: settings, policies and grants");

	my %before = map { $_->[0] => $node->safe_psql($source, $_->[1]) } (['objects', $objects], ['rows', $rows], ['windows', $windows], ['index catalog', $catalog]);
	cmp_ok(length($before{rows}), '>', 3000, "$source: there are rows to lose");
	my $folder = PostgreSQL::Test::Utils::tempdir;
	$node->command_ok(['pg_dump', '--format=plain', "--file=$folder/plain", $source], "$source: dump in plain format");
	$node->command_ok(['pg_dump', '--format=custom', "--file=$folder/custom", $source], "$source: dump in custom format");

	for my $format ('plain', 'custom')
	{
		my $target = "${kind}_$format";
		$node->safe_psql('postgres', "CREATE DATABASE $target");
		if ($format eq 'plain')
		{
			$node->command_ok(['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-f', "$folder/plain", $target], "$target: restore");
		}
		else
		{
			$node->command_ok(['pg_restore', '--exit-on-error', '-d', $target, "$folder/custom"], "$target: restore");
		}
		is($node->safe_psql($target, $objects), $before{objects}, "$target: the same objects");
		is($node->safe_psql($target, $rows), $before{rows}, "$target: the same rows");
		is($node->safe_psql($target, $windows), $before{windows}, "$target: the same windows");
		is($node->safe_psql($target, $catalog), $before{'index catalog'}, "$target: the same index catalog");
		is(quietly($target, q{SELECT object, action FROM btwin.attach('app') WHERE action <> 'found'}, "$target: attach"), '', "$target: attach finds all");
		$node->command_ok(['pg_dump', '--format=plain', "--file=$folder/again", $target], "$target: dump again");
		# newer servers write a random key into their dumps
		my ($first, $second) = map { my $text = slurp_file($_); $text =~ s/^\\(un)?restrict .*\n//mg; $text } ("$folder/plain", "$folder/again");
		ok($first eq $second, "$target: the same dump");

		my ($rc, $out, $err) = $node->psql($target, 'DROP EXTENSION btwin');
		like($err, qr/cannot drop extension btwin because other objects depend on it/, "$target: DROP EXTENSION is refused");
		($rc, $out, $err) = $node->psql($target, 'DROP EXTENSION btwin CASCADE');
		is($rc, 0, "$target: DROP EXTENSION CASCADE");
		is($node->safe_psql($target, $rows), $before{rows}, "$target: takes no row");
		quietly($target, 'CREATE EXTENSION btwin', "$target: CREATE EXTENSION again");
		is($node->safe_psql($target, q{SELECT string_agg(DISTINCT kind, ' ') FROM btwin.attach('app') WHERE action <> 'found'}), $target =~ /^adopted/ ? 'bi function trigger view' : 'bi function view', "$target: attach makes what was dropped");
		is($node->safe_psql($target, $windows), $before{windows}, "$target: the same windows again");
		quietly($target, 'SELECT count(*) FROM btwin.detach()', "$target: detach");
		quietly($target, 'DROP EXTENSION btwin', "$target: DROP EXTENSION after detach");
		is($node->safe_psql($target, q{SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'btwin'::regnamespace AND c.relkind NOT IN ('r', 'i', 'S')}), '0', "$target: only settings and the store are left");
	}
}

$node->stop;
done_testing();
