# tier: all
#
# Hostile states: 20,000 mutants of real states, fed back through the binary
# and the text input of every state type that the extension has. No crash;
# every outcome is a clean error (SQLSTATE class 22, 54, or 08P01) or a state
# that every accessor can read and whose text form reads back to the same bytes.
#
# State types are found in the catalog, states are built from the expressions in
# test/data/state_samples.sql. BTWIN_FUZZ_SEED and BTWIN_FUZZ_COUNT choose another
# run, BTWIN_FUZZ_RUNNING_SERVER=1 takes the server that PGHOST and PGPORT name
# (one with sanitizers, say) instead of a new one.
use strict;
use warnings;
my %given;
BEGIN { @given{qw(PGHOST PGPORT PGUSER)} = @ENV{qw(PGHOST PGPORT PGUSER)}; } # the next line clears them
use PostgreSQL::Test::Cluster;
use Test::More;
use File::Temp qw(tempdir);

my $seed = $ENV{BTWIN_FUZZ_SEED} // 20240607;
my $total = $ENV{BTWIN_FUZZ_COUNT} // 20_000;
my $batch = 1000;
my $folder = tempdir(CLEANUP => 1);
srand $seed;
diag("seed $seed, $total mutants");

my $node;
if ($ENV{BTWIN_FUZZ_RUNNING_SERVER}) { @ENV{ keys %given } = values %given; }
else
{
	$node = PostgreSQL::Test::Cluster->new('fuzz_states');
	$node->init;
	$node->append_conf('postgresql.conf', "restart_after_crash = on\nfsync = off\n");
	$node->start;
	($ENV{PGHOST}, $ENV{PGPORT}, $ENV{PGUSER}) = ($node->host, $node->port, scalar getpwuid $<);
}

# Runs a script; returns (status, output, errors)
sub psql
{
	my ($script, $database) = @_;
	open my $out, '>', "$folder/script.sql" or die $!;
	print $out $script;
	close $out;
	local $ENV{PGDATABASE} = $database // 'fuzz_states';
	my $output = `psql -X -q -A -t -F '\t' -v ON_ERROR_STOP=1 -f $folder/script.sql 2>$folder/errors`;
	my $status = $?;
	open my $in, '<', "$folder/errors" or die $!;
	local $/;
	return ($status, $output, scalar <$in>);
}

sub must
{
	my ($status, $output, $errors) = psql(@_);
	BAIL_OUT("psql: $errors") if $status;
	return map { [ split /\t/, $_, -1 ] } split /\n/, $output;
}

must('DROP DATABASE IF EXISTS fuzz_states;', 'postgres');
must("CREATE DATABASE fuzz_states TEMPLATE template0 ENCODING 'UTF8';", 'postgres');
my ($data_directory) = map { $_->[0] } must(<<'SQL');
SET client_min_messages = warning;
CREATE EXTENSION btwin;
CREATE SCHEMA fuzz;
CREATE TABLE fuzz.mutant (id int PRIMARY KEY, kind text, body bytea, txt text);
-- sqlstate 00000: accepted, or read
CREATE TABLE fuzz.outcome (target text, id int, kind text, stage text, sqlstate text, message text);
SELECT current_setting('data_directory');
SQL

# ---- Mutation

my @counts = (0, 1, 2, 255, 256, 65535, 65536, 2**31 - 2, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 2, 2**32 - 1);
my @doubles = map { pack 'H*', $_ } qw(
  7ff0000000000000 fff0000000000000 7ff8000000000000 fff8000000000001 8000000000000000
  0000000000000001 000fffffffffffff 7fefffffffffffff ffefffffffffffff 3ff0000000000000
  7fffffffffffffff bff0000000000000 4340000000000000 43e0000000000000 ffffffffffffffff);
my @tokens = (
	qw(0 1 -1 -0 -0.0 0.5 1.0000000000000002 1e308 1e309 -1e309 5e-324 1e-400 2147483647 2147483648 4294967295 4294967296
	  9223372036854775807 9223372036854775808 99999999999999999999 1e NaN Infinity -Infinity nan inf null true 0x10 1. .5 +1 00),
	'""', '"a"', '"\u0000"', '"\ud800"', '"\\"', '"', '[', ']', '{', '}', ',', ':', '[]', '{}', ' ', "\t", "\xc3\xa9", "\\", '"' . ('n' x 300) . '"');

sub pick { return $_[ int rand @_ ]; }

my %binary = (
	bits => sub {
		my ($b) = @_;
		vec($b, int rand(8 * length $b), 1) ^= 1 foreach 1 .. 1 + int rand 8;
		return $b;
	},
	bytes => sub {
		my ($b) = @_;
		substr($b, int rand length $b, 1) = chr pick(0, 1, 0x7f, 0x80, 0xff, int rand 256) foreach 1 .. 1 + int rand 4;
		return $b;
	},
	truncated => sub { return substr $_[0], 0, int rand length $_[0]; },
	inserted => sub {
		my ($b) = @_;
		substr($b, int rand(1 + length $b), 0) = join '', map { chr int rand 256 } 1 .. 1 + int rand 16;
		return $b;
	},
	removed => sub {
		my ($b) = @_;
		substr($b, int rand length $b, 1 + int rand 16) = '';
		return $b;
	},
	count => sub {
		my ($b) = @_;
		my $at = int rand(1 + (length($b) > 4 ? length($b) - 4 : 0));
		my $old = unpack('N', substr($b . "\0\0\0\0", $at, 4));
		substr($b, $at, 4) = pack 'N', pick(@counts, ($old + 1) % 2**32, ($old - 1) % 2**32, length($b) - $at - 4);
		return $b;
	},
	number => sub {
		my ($b) = @_;
		substr($b, int rand(1 + (length($b) > 8 ? length($b) - 8 : 0)), 8) = pick(@doubles);
		return $b;
	},
	header => sub {
		my ($b) = @_;
		substr($b, int rand(length $b < 4 ? length $b : 4), 1) = chr pick(0, 1, 2, 3, 127, 128, 255, int rand 256);
		return $b;
	},
	spliced => sub {
		my ($b, $other) = @_;
		my $at = int rand length $b;
		return substr($b, 0, $at) . substr($other, pick(int rand length $other, $at < length $other ? $at : 0));
	},
	repeated => sub {
		my ($b) = @_;
		my $piece = substr $b, int rand length $b, 1 + int rand 64;
		substr($b, int rand length $b, 0) = $piece x (1 + int rand 4);
		return $b;
	});

sub split_tokens { return $_[0] =~ /("(?:[^"\\]|\\.)*"|[-+\w.]+|\s+|.)/gs; }

my %textual = (
	token => sub {
		my @t = split_tokens($_[0]);
		$t[ int rand @t ] = pick(@tokens) foreach 1 .. 1 + int rand 2;
		return join '', @t;
	},
	digits => sub {
		my ($s) = @_;
		my @at;
		push @at, pos($s) - 1 while $s =~ /\d/g;
		return $s . '0' unless @at;
		substr($s, pick(@at), 1) = pick(0 .. 9, '', '-', '.', 'e', '00') foreach 1 .. 1 + int rand 3;
		return $s;
	},
	removed_token => sub {
		my @t = split_tokens($_[0]);
		splice @t, int rand @t, 1 + int rand 2;
		return join '', @t;
	},
	doubled_token => sub {
		my @t = split_tokens($_[0]);
		my $at = int rand @t;
		splice @t, int rand @t, 0, @t[ $at .. ($at + int rand 6 < @t ? $at + int rand 6 : $at) ];
		return join '', grep { defined } @t;
	},
	swapped_tokens => sub {
		my @t = split_tokens($_[0]);
		my ($i, $j) = (int rand @t, int rand @t);
		@t[ $i, $j ] = @t[ $j, $i ];
		return join '', @t;
	},
	cut => sub { return substr $_[0], 0, int rand length $_[0]; },
	letter => sub {
		my ($s) = @_;
		substr($s, int rand length $s, 1) = chr(1 + int rand 126) foreach 1 .. 1 + int rand 3;
		return $s;
	},
	spliced_text => sub {
		my ($s, $other) = @_;
		return substr($s, 0, int rand length $s) . substr($other, int rand length $other);
	});

# One mutant of a sample: (kind, body, text), one of the last two undefined
sub mutant
{
	my ($samples, $strangers) = @_;
	my $sample = pick(@$samples);
	my $other = pick(@$samples, @$strangers);
	if (rand() < 0.7)
	{
		my $kind = pick(sort keys %binary);
		my $body = $binary{$kind}->($sample->{body}, $other->{body});
		# two in a row now and then
		$body = $binary{ pick(sort keys %binary) }->($body, $other->{body}) if length $body && rand() < 0.2;
		return ($kind, $body, undef);
	}
	while (1)
	{
		my $kind = pick(sort keys %textual);
		my $text = $textual{$kind}->($sample->{text}, $other->{text});
		$text = $textual{ pick(sort keys %textual) }->($text, $other->{text}) if length $text && rand() < 0.2;
		my $copy = $text;
		return ($kind, undef, $text) if $text !~ /\0/ && utf8::decode($copy);
	}
}

# ---- One type

# The function that tries the mutants from low to high on one type. Each reader
# is an expression over s, a state; its errors are caught one by one.
sub create_try
{
	my ($name, $type, $send, @readers) = @_;
	my $reads = '';
	foreach my $reader (@readers)
	{
		my $label = $reader =~ s/'/''/gr;
		$reads .= <<"SQL";
            BEGIN
                PERFORM $reader;
            EXCEPTION WHEN OTHERS THEN
                INSERT INTO fuzz.outcome VALUES ('$name', m.id, m.kind, '$label', SQLSTATE, SQLERRM);
            END;
SQL
	}
	must(<<"SQL");
CREATE TABLE fuzz."land_$name" (id int PRIMARY KEY, v $type);
CREATE FUNCTION fuzz."try_$name"(low int, high int) RETURNS void LANGUAGE plpgsql AS \$try\$
DECLARE
    m fuzz.mutant;
    s $type;
    again $type;
    good boolean;
BEGIN
    FOR m IN SELECT * FROM fuzz.mutant WHERE id BETWEEN low AND high ORDER BY id LOOP
        good := false;
        BEGIN
            IF m.txt IS NULL THEN
                EXECUTE pg_catalog.format('COPY (SELECT id, body FROM fuzz.mutant WHERE id = %s) TO %L (FORMAT binary)', m.id, '$data_directory/fuzz.bin');
                EXECUTE pg_catalog.format('COPY fuzz.%I FROM %L (FORMAT binary)', 'land_$name', '$data_directory/fuzz.bin');
                SELECT v INTO STRICT s FROM fuzz."land_$name" WHERE id = m.id;
            ELSE
                s := m.txt;
            END IF;
            good := true;
        EXCEPTION WHEN OTHERS THEN
            INSERT INTO fuzz.outcome VALUES ('$name', m.id, m.kind, 'input', SQLSTATE, SQLERRM);
        END;
        IF good THEN
            INSERT INTO fuzz.outcome VALUES ('$name', m.id, m.kind, 'input', '00000', NULL);
            BEGIN
                again := s::text;
                IF $send(again) IS DISTINCT FROM $send(s) THEN
                    RAISE EXCEPTION 'the text form reads back to other bytes' USING ERRCODE = 'XX001';
                END IF;
                IF m.txt IS NULL AND $send(s) IS DISTINCT FROM m.body THEN
                    RAISE EXCEPTION 'accepted bytes are sent as other bytes' USING ERRCODE = 'XX001';
                END IF;
            EXCEPTION WHEN OTHERS THEN
                INSERT INTO fuzz.outcome VALUES ('$name', m.id, m.kind, 'round trip', SQLSTATE, SQLERRM);
            END;
$reads        END IF;
    END LOOP;
END
\$try\$;
SQL
}

# Feeds so many mutants to one type; returns the description of a crash, or ''
sub attack
{
	my ($name, $count, $samples, $strangers) = @_;
	for (my $first = 1; $first <= $count; $first += $batch)
	{
		my $last = $first + $batch - 1 < $count ? $first + $batch - 1 : $count;
		my @hex;
		open my $out, '>:raw', "$folder/mutants" or die $!;
		foreach my $id ($first .. $last)
		{
			my ($kind, $body, $text) = mutant($samples, $strangers);
			$hex[$id] = defined $body ? unpack('H*', $body) : $text;
			$text =~ s/([\\\t\n\r])/{ "\\" => "\\\\", "\t" => "\\t", "\n" => "\\n", "\r" => "\\r" }->{$1}/ge if defined $text;
			print $out join("\t", $id, $kind, defined $body ? "\\\\x$hex[$id]" : '\N', $text // '\N'), "\n";
		}
		close $out;
		must("TRUNCATE fuzz.mutant, fuzz.\"land_$name\";\n\\copy fuzz.mutant FROM '$folder/mutants'");
		my ($status, undef, $errors) = psql("SET statement_timeout = '20min'; SET jit = off; SELECT fuzz.\"try_$name\"($first, $last);");
		next unless $status;

		# which one was it? one connection each, once the server is back
		sleep 1;
		foreach my $id ($first .. $last)
		{
			foreach (1 .. 60) { last if !(psql('SELECT 1'))[0]; sleep 1; }
			($status, undef, $errors) = psql("SELECT fuzz.\"try_$name\"($id, $id);");
			return "mutant $id: $hex[$id]\n$errors" if $status;
		}
		return "somewhere in mutants $first to $last: $errors";
	}
	return '';
}

# What happened, printed and judged
sub judge
{
	my ($name, $count, $crash) = @_;
	is($crash, '', "$name: no crash");
	my @rows = must(<<"SQL");
SELECT CASE WHEN stage = 'input' THEN stage WHEN stage = 'round trip' THEN stage ELSE 'reading' END AS s, sqlstate, count(*)
FROM fuzz.outcome WHERE target = '$name' GROUP BY 1, 2 ORDER BY 1, 2;
SQL
	diag(sprintf '%-20s %-10s %s %8d', $name, @$_) foreach @rows;
	my $clean = "sqlstate ~ '^(00000|22...|54...|08P01)\$' AND stage <> 'round trip'";
	my @bad = must(<<"SQL");
SELECT o.stage, o.sqlstate, o.message, o.kind, coalesce(encode(m.body, 'hex'), m.txt)
FROM fuzz.outcome o LEFT JOIN fuzz.mutant m USING (id) WHERE target = '$name' AND NOT ($clean) ORDER BY o.id LIMIT 10;
SQL
	is(scalar @bad, 0, "$name: every outcome is a clean error or a readable state")
	  or diag(map { join(' | ', map { substr $_, 0, 500 } @$_) . "\n" } @bad);
	my ($sums) = must("SELECT count(*), count(*) FILTER (WHERE sqlstate = '00000') FROM fuzz.outcome WHERE target = '$name' AND stage = 'input';");
	is($sums->[0], $count, "$name: all $count mutants were tried");
	cmp_ok($sums->[1], '>', 0, "$name: some were accepted");
	cmp_ok($sums->[1], '<', $count, "$name: some were refused");
}

# A state as bytes and as text
sub sample
{
	my ($send, $expression) = @_;
	my ($row) = must("SELECT encode($send(s), 'hex'), encode(convert_to(s::text, 'UTF8'), 'hex') FROM (SELECT $expression) AS q(s);");
	return undef unless $row && length $row->[0];
	return { body => pack('H*', $row->[0]), text => pack('H*', $row->[1]) };
}

# ---- Self test: the machinery on types of the server

{
	my @paths = map { sample('pg_catalog.path_send', $_) } ("path '[(0,0),(1,2),(3,-4.5)]'", "path '((1,1),(2,2))'");
	create_try('path', 'pg_catalog.path', 'pg_catalog.path_send', 'pg_catalog.npoints(s)', 'pg_catalog.popen(s)');
	my $crash = attack('path', 1000, \@paths, []);
	is($crash, '', 'self test: the server survives');
	my %seen = map { ($_->[0] => $_->[1]) }
	  must("SELECT sqlstate, count(*) FROM fuzz.outcome WHERE stage = 'input' GROUP BY 1;");
	cmp_ok($seen{'00000'} // 0, '>', 0, 'self test: mutants are accepted');
	cmp_ok($seen{'22P02'} // 0, '>', 0, 'self test: refused as text');
	cmp_ok($seen{'22P03'} // 0, '>', 0, 'self test: refused as bytes');
	cmp_ok($seen{'08P01'} // 0, '>', 0, 'self test: refused as message');

	# a domain refuses with another class (23514): that must not count as clean
	must("CREATE DOMAIN fuzz.short AS path CHECK (npoints(VALUE) < 3);");
	create_try('short', 'fuzz.short', 'pg_catalog.path_send', '1 / 0', 'pg_catalog.cash_in(NULL)', '(SELECT 1 FROM nowhere)');
	attack('short', 1000, \@paths, []);
	%seen = map { ($_->[0] => $_->[1]) } must("SELECT sqlstate, count(*) FROM fuzz.outcome WHERE target = 'short' GROUP BY 1;");
	cmp_ok($seen{'23514'} // 0, '>', 0, 'self test: an error of another class is seen');
	cmp_ok($seen{'22012'} // 0, '>', 0, 'self test: readers are called');
	cmp_ok($seen{'42P01'} // 0, '>', 0, 'self test: an error of a reader is seen');
	must("TRUNCATE fuzz.outcome;");
}

# ---- The state types of the extension

my @types = must(<<'SQL');
SELECT t.typname, t.oid::regtype, t.typsend::regproc
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_proc i ON i.oid = t.typinput
WHERE n.nspname = 'btwin' AND t.typtype = 'b' AND t.typreceive <> 0 AND t.typsend <> 0 AND i.pronamespace = n.oid
ORDER BY t.typname COLLATE "C";
SQL
cmp_ok(scalar @types, '>', 0, 'the extension has state types');

# An argument for each type that functions over states take besides the state
my %argument = (
	'integer' => '1', 'bigint' => '1', 'smallint' => '1::smallint', 'double precision' => '0.5', 'real' => '0.5', 'numeric' => '0.5',
	'text' => "'a'", 'name' => "'a'", 'character varying' => "'a'", 'boolean' => 'true', 'date' => "date '2024-03-01'",
	'timestamp with time zone' => "timestamptz '2024-03-01 12:00+00'", 'timestamp without time zone' => "timestamp '2024-03-01 12:00'",
	'time without time zone' => "time '12:00'", 'interval' => "interval '1 day'", 'jsonb' => "'{}'::jsonb", 'json' => "'{}'::json",
	'text[]' => "'{a,b}'::text[]", 'double precision[]' => "'{0.5,0.25}'::float8[]", 'integer[]' => "'{1,2}'::int[]",
	'bigint[]' => "'{1,2}'::int8[]", 'date[]' => "'{2024-03-01}'::date[]");

my (%samples, @lines);
open my $in, '<', 'test/data/state_samples.sql' or BAIL_OUT("test/data/state_samples.sql: $!");
while (<$in>)
{
	chomp;
	next if /^\s*(--|$)/;
	my (undef, $expression) = split /\|/, $_, 2;
	push @lines, $expression;
}
close $in;
foreach my $expression (@lines)
{
	my ($row) = must("SELECT t.typname, pg_typeof(s) FROM (SELECT $expression) AS q(s), pg_type t WHERE t.oid = pg_typeof(s)::oid;");
	my ($type) = grep { $_->[0] eq $row->[0] } @types;
	ok($type, "a sample is of a state type: $expression") or next;
	my $sample = sample($type->[2], $expression);
	ok($sample, "a sample is not null: $expression") and push @{ $samples{ $type->[0] } }, $sample;
}

foreach my $type (@types)
{
	my ($name, $full, $send) = @$type;
	my $mine = $samples{$name} // [];
	cmp_ok(scalar @$mine, '>', 0, "$name: test/data/state_samples.sql has a sample") or next;
	my @strangers = map { @{ $samples{$_} } } grep { $_ ne $name } sort keys %samples;

	# every function, aggregate and cast over the state
	my @readers;
	foreach my $row (must(<<"SQL"))
SELECT p.oid::regproc, p.prokind, coalesce((SELECT string_agg(format_type(a, NULL), ';' ORDER BY i)
       FROM unnest(p.proargtypes) WITH ORDINALITY u(a, i) WHERE i <= p.pronargs - p.pronargdefaults), '')
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'btwin' AND '$full'::regtype = ANY (p.proargtypes) AND p.prokind IN ('f', 'a')
  AND NOT ('internal'::regtype = ANY (p.proargtypes))
ORDER BY p.oid::regprocedure::text COLLATE "C";
SQL
	{
		my ($function, $kind, $list) = @$row;
		my @arguments = map { $_ eq $full ? ($kind eq 'a' ? 'item' : 's') : $argument{$_} } split /;/, $list;
		if (grep { !defined } @arguments)
		{
			diag("$name: not called, no argument at hand: $function($list)");
			next;
		}
		my $call = "$function(" . join(', ', @arguments) . ')';
		push @readers, $kind eq 'a'
		  ? "$call FROM (VALUES (s), (s)) AS many(item)"
		  : "(SELECT pg_catalog.string_agg(r::text, '') FROM $call AS r)";
	}
	push @readers, "s::$_->[0]" foreach must("SELECT casttarget::regtype FROM pg_cast WHERE castsource = '$full'::regtype;");

	create_try($name, $full, $send, @readers);
	my $count = int($total / @types) + ($type == $types[0] ? $total % @types : 0);
	my $begin = time;
	my $crash = attack($name, $count, $mine, \@strangers);
	diag(sprintf '%s: %d mutants of %d states, %d readers, %d s', $name, $count, scalar @$mine, scalar @readers, time - $begin);
	judge($name, $count, $crash);
}

must('DROP DATABASE fuzz_states;', 'postgres');
done_testing();
