# A database that was upgraded is equal to one that has the newest version from
# the start: every object of the extension, its definition, rights and comment,
# and every row of its tables. What a release was is never changed again.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use File::Basename qw(basename);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

sub content
{
	my ($file) = @_;
	open my $in, '<:raw', $file or die "$file: $!\n";
	local $/;
	return scalar <$in>;
}

# Frozen scripts: one line "sum  file" for each
my %sum = map { /^(\w{64})  (\S+)$/ ? ($2 => $1) : die "SHA256SUMS: $_\n" } split /\n/, content('sql/releases/SHA256SUMS');
my @releases = map { basename($_) } sort glob 'sql/releases/btwin--*.sql';
is_deeply([ sort keys %sum ], \@releases, 'every release has its sum');
is(sha256_hex(content("sql/releases/$_")), $sum{$_}, "$_ is what was released") foreach @releases;
my @versions = map { /^btwin--(.*)\.sql$/ } @releases;
my ($newest) = content('btwin.control') =~ /^default_version\s*=\s*'([^']+)'/m;

my $node = PostgreSQL::Test::Cluster->new('upgrade');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'UTC'\n");
$node->start;

# What a database has, line by line
my $inventory = q{
	SET search_path = '';
	SET client_min_messages = warning;
	CREATE TEMP TABLE member AS
	SELECT d.classid, d.objid, d.objsubid, pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) AS name
	FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND e.extname = 'btwin'
	WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e';
	CREATE FUNCTION pg_temp.content(relation regclass) RETURNS SETOF text LANGUAGE plpgsql AS $$
	BEGIN
		RETURN QUERY EXECUTE pg_catalog.format('SELECT t::text FROM %s t', relation);
	END $$;
	SELECT pg_catalog.replace(line, E'\n', ' | ') FROM (
		SELECT name || ': member' FROM pg_temp.member
		UNION ALL
		SELECT name || ': comment ' || coalesce(pg_catalog.obj_description(objid, c.relname), '-')
		FROM pg_temp.member m JOIN pg_catalog.pg_class c ON c.oid = m.classid
		UNION ALL
		SELECT name || ': ' || CASE WHEN p.prokind = 'a' THEN
			(SELECT pg_catalog.row_to_json(a)::text || pg_catalog.row_to_json(q)::text
			 FROM (SELECT a.aggkind, a.aggnumdirectargs, a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn,
						a.aggfinalextra, a.aggfinalmodify, a.aggtranstype::regtype::text, a.aggtransspace, a.agginitval, a.aggsortop::regoper::text FROM pg_catalog.pg_aggregate a WHERE a.aggfnoid = p.oid) a,
				  (SELECT p.provolatile, p.proparallel, p.proisstrict, p.procost) q) || pg_catalog.pg_get_function_arguments(p.oid) || pg_catalog.pg_get_function_result(p.oid)
			ELSE pg_catalog.pg_get_functiondef(p.oid) END || ' ' || coalesce(p.proacl::text, '-')
		FROM pg_temp.member m JOIN pg_catalog.pg_proc p ON m.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = m.objid
		UNION ALL
		SELECT name || pg_catalog.format(': length %s by value %s kind %s category %s align %s storage %s in %s out %s receive %s send %s base %s acl %s default %s', t.typlen, t.typbyval, t.typtype, t.typcategory, t.typalign, t.typstorage,
			t.typinput, t.typoutput, t.typreceive, t.typsend, t.typbasetype::regtype, t.typacl, t.typdefault)
		FROM pg_temp.member m JOIN pg_catalog.pg_type t ON m.classid = 'pg_catalog.pg_type'::regclass AND t.oid = m.objid
		UNION ALL
		SELECT name || pg_catalog.format(': %s context %s method %s', c.castfunc::regprocedure, c.castcontext, c.castmethod)
		FROM pg_temp.member m JOIN pg_catalog.pg_cast c ON m.classid = 'pg_catalog.pg_cast'::regclass AND c.oid = m.objid
		UNION ALL
		SELECT name || pg_catalog.format(': %s commutator %s negator %s restrict %s join %s hash %s merge %s', o.oprcode, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprrest, o.oprjoin, o.oprcanhash, o.oprcanmerge)
		FROM pg_temp.member m JOIN pg_catalog.pg_operator o ON m.classid = 'pg_catalog.pg_operator'::regclass AND o.oid = m.objid
		UNION ALL
		SELECT name || pg_catalog.format(': kind %s acl %s options %s security %s view %s', c.relkind, c.relacl, c.reloptions, c.relrowsecurity, CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END)
		FROM pg_temp.member m JOIN pg_catalog.pg_class c ON m.classid = 'pg_catalog.pg_class'::regclass AND c.oid = m.objid
		UNION ALL
		SELECT name || pg_catalog.format(' column %s %s %s %s %s %s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attstorage, pg_catalog.pg_get_expr(d.adbin, d.adrelid), pg_catalog.col_description(a.attrelid, a.attnum))
		FROM pg_temp.member m JOIN pg_catalog.pg_attribute a ON m.classid = 'pg_catalog.pg_class'::regclass AND a.attrelid = m.objid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		UNION ALL
		SELECT name || ' constraint ' || c.conname || ' ' || pg_catalog.pg_get_constraintdef(c.oid)
		FROM pg_temp.member m JOIN pg_catalog.pg_constraint c ON m.classid = 'pg_catalog.pg_class'::regclass AND c.conrelid = m.objid
		UNION ALL
		SELECT name || ' index ' || pg_catalog.pg_get_indexdef(i.indexrelid)
		FROM pg_temp.member m JOIN pg_catalog.pg_index i ON m.classid = 'pg_catalog.pg_class'::regclass AND i.indrelid = m.objid
		UNION ALL
		SELECT name || ' acl ' || coalesce(n.nspacl::text, '-')
		FROM pg_temp.member m JOIN pg_catalog.pg_namespace n ON m.classid = 'pg_catalog.pg_namespace'::regclass AND n.oid = m.objid
		UNION ALL
		SELECT name || ' row ' || r
		FROM pg_temp.member m JOIN pg_catalog.pg_class c ON m.classid = 'pg_catalog.pg_class'::regclass AND c.oid = m.objid AND c.relkind = 'r', LATERAL pg_temp.content(c.oid) r
		UNION ALL
		SELECT pg_catalog.format('configuration tables %s %s', (SELECT pg_catalog.array_agg(c::regclass::text ORDER BY c::regclass::text) FROM pg_catalog.unnest(e.extconfig) c), e.extversion)
		FROM pg_catalog.pg_extension e WHERE e.extname = 'btwin'
	) AS l (line) ORDER BY line COLLATE "C"};

# lines of the one that the other lacks
sub missing
{
	my ($these, $those) = @_;
	my %has = map { $_ => 1 } split /\n/, $those;
	return join "\n", grep { !$has{$_} } split /\n/, $these;
}

$node->safe_psql('postgres', 'CREATE DATABASE fresh');
$node->safe_psql('fresh', 'CREATE EXTENSION btwin');
my $fresh = $node->safe_psql('fresh', $inventory);
cmp_ok(scalar(() = $fresh =~ /\n/g), '>', 2000, 'there is something to compare');

my $rows = q{
	INSERT INTO users (id) VALUES ('u1'), ('u2');
	INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms)
	SELECT 's' || d || u, u, timestamptz '2026-01-05 18:00+00' + d * interval '1 day', timestamptz '2026-01-05 18:30+00' + d * interval '1 day', 1800000
	FROM generate_series(0, 99) d, unnest('{u1,u2}'::text[]) u;
	INSERT INTO behavioral_events (user_id, event_type, event_data, timestamp, content_type, session_performance_score)
	SELECT user_id, 'SESSION_ENDED', jsonb_build_object('sessionId', id), completed_at, 'lecture', 60 + length(id) FROM study_sessions};
# what the twin says of them
my $answers = q{SELECT btwin.learner_pattern('u1', 'hour')::text, btwin.learner_burnout('u2')::text; SELECT count(*) FROM btwin.user_day; SELECT count(*) FROM btwin.verify()};

foreach my $version (@versions)
{
	is(content("sql/btwin--$version.sql"), content("sql/releases/btwin--$version.sql"), "$version is what is built") if $version eq $newest;
	my $db = 'from_' . ($version =~ s/\W/_/gr);
	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, "CREATE EXTENSION btwin VERSION '$version'; SELECT count(*) FROM btwin.attach(); $rows");
	$node->safe_psql($db, 'CALL btwin.refresh()');
	$node->safe_psql($db, 'CALL btwin.refresh()');
	# with the new library and the old SQL, as between an upgrade of the package and ALTER EXTENSION
	my $before = $node->safe_psql($db, $answers);
	like($before, qr/\n[1-9][0-9]*\n0$/, "$version: answers with the library of $newest");
	$node->safe_psql($db, 'ALTER EXTENSION btwin UPDATE') if $version ne $newest;
	is($node->safe_psql($db, q{SELECT extversion FROM pg_extension WHERE extname = 'btwin'}), $newest, "$version: upgraded to $newest");
	is($node->safe_psql($db, $answers), $before, "$version: the same answers");
	is($node->safe_psql($db, q{SELECT string_agg(object, ', ') FROM btwin.attach() WHERE action NOT IN ('found', 'created')}), '', "$version: the next attach finds or creates");
	is($node->safe_psql($db, $answers), $before, "$version: and the same answers after it");

	$db .= '_bare';
	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, "CREATE EXTENSION btwin VERSION '$version'");
	$node->safe_psql($db, 'ALTER EXTENSION btwin UPDATE') if $version ne $newest;
	my $upgraded = $node->safe_psql($db, $inventory);
	is(missing($fresh, $upgraded), '', "$version: nothing is missing after the upgrade");
	is(missing($upgraded, $fresh), '', "$version: and nothing is left over");
}

$node->stop;
done_testing();
