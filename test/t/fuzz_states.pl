# Hostile states: mutants of real states, pushed through every door by which
# bytes become a state, for every state type that the extension has and for
# every form in which parallel workers send theirs. No crash; every outcome is a
# clean error (SQLSTATE class 22, 54, or 08P01) or a state that reads back from
# its text form to the same bytes and from which every function, aggregate and
# cast over the type gives a clean error or an answer without NaN and infinity.
#
# Types, functions and worker forms are found in the catalog, states are built
# from the expressions in test/data/state_samples.sql. BTWIN_FUZZ_SEED and
# BTWIN_FUZZ_COUNT choose another run, BTWIN_FUZZ_RUNNING_SERVER=1 takes the
# server that PGHOST and PGPORT name (one with sanitizers, say) instead of a new one.
use strict;
use warnings;
my %given;
BEGIN { @given{qw(PGHOST PGPORT PGUSER)} = @ENV{qw(PGHOST PGPORT PGUSER)}; } # the next line clears them
use PostgreSQL::Test::Cluster;
use Test::More;
use File::Temp qw(tempdir);
use Time::HiRes qw(time sleep);

my $seed = $ENV{BTWIN_FUZZ_SEED} // 20240607;
my $total = $ENV{BTWIN_FUZZ_COUNT} // 5_000;
my $batch = 1000;

# A state of more bytes is read by one reader in so many, by turns
my $large = 4096;
my $turns = 8;

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

sub quoted { return "'" . ($_[0] =~ s/'/''/gr) . "'"; }

# The doors that SQL alone does not open
my $pg_config = $ENV{PG_CONFIG} || 'pg_config';
chomp(my $include = `'$pg_config' --includedir-server`);
chomp(my $flags = `'$pg_config' --cppflags`);
my $doors = "$folder/doors.so";
system("${\ ($ENV{CC} || 'gcc')} -O1 -fPIC -shared -I'$include' $flags -o '$doors' test/harness/guard/doors.c") == 0
  or BAIL_OUT('test/harness/guard/doors.c does not compile');
chmod 0755, $folder;

must('DROP DATABASE IF EXISTS fuzz_states;', 'postgres');
must("CREATE DATABASE fuzz_states TEMPLATE template0 ENCODING 'UTF8';", 'postgres');
my ($data_directory) = map { $_->[0] } must(<<"SQL");
SET client_min_messages = warning;
CREATE EXTENSION btwin;
CREATE SCHEMA fuzz;
CREATE TABLE fuzz.mutant (id int PRIMARY KEY, door text, kind text, body bytea, txt text);
-- sqlstate 00000: accepted, message: about so many bytes
CREATE TABLE fuzz.outcome (target text, id int, kind text, stage text, sqlstate text, message text);
CREATE TABLE fuzz.bad (LIKE fuzz.outcome, body bytea, txt text);
CREATE TABLE fuzz.reading (target text, reader text, calls bigint, answers bigint);
CREATE FUNCTION fuzz.receive(bytes bytea, of anyelement) RETURNS anyelement LANGUAGE c AS '$doors', 'door_receive';
CREATE FUNCTION fuzz.stored(bytes bytea, of anyelement) RETURNS anyelement LANGUAGE c AS '$doors', 'door_stored';
CREATE FUNCTION fuzz.worker(state internal, deserialize oid, combine oid, bytes bytea) RETURNS internal LANGUAGE c AS '$doors', 'door_worker';
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
	# one number becomes another plausible one: such states are often accepted
	value => sub {
		my @t = split_tokens($_[0]);
		my @at = grep { $t[$_] =~ /^-?\d/ } 0 .. $#t;
		return $_[0] unless @at;
		foreach (1 .. 1 + int rand 2)
		{
			my $i = pick(@at);
			my $number = $t[$i];
			$t[$i] = $number =~ /^-?\d{1,15}$/
			  ? pick($number + 1, $number > 0 ? $number - 1 : 1, 2 * $number, 0, $t[ pick(@at) ])
			  : pick(map({ /[\d]$/ ? $_ : () } $number * 2, $number / 3, -$number, $number * (1 + 1e-12)), 0, 1, 1e-300, 1e150, 1.5e308, $t[ pick(@at) ]);
		}
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

# A sample, small ones more often: reading a large state takes its time
sub pick_small
{
	my $sum = 0;
	my @reach = map { $sum += 1 / (3000 + length $_->{body}) } @_;
	my $at = rand $sum;
	foreach my $i (0 .. $#_) { return $_[$i] if $at < $reach[$i]; }
	return $_[-1];
}

# Kinds that leave the shape intact more often: what is accepted goes deeper
my @binary_kinds = (sort(keys %binary), ('bits', 'bytes', 'number', 'count') x 2);
my @textual_kinds = (sort(keys %textual), ('value') x 5, 'digits');

# One mutant of a sample: (kind, body, text), one of the last two undefined
sub mutant
{
	my ($samples, $strangers) = @_;
	my $sample = pick_small(@$samples);
	my $other = pick(@$samples, @$strangers);
	if (!defined $sample->{text} || rand() < 0.6)
	{
		my $kind = pick(@binary_kinds);
		my $body = $binary{$kind}->($sample->{body}, $other->{body});
		# two in a row now and then
		$body = $binary{ pick(sort keys %binary) }->($body, $other->{body}) if length $body && rand() < 0.2;
		return ($kind, $body, undef);
	}
	while (1)
	{
		my $kind = pick(@textual_kinds);
		my $text = $textual{$kind}->($sample->{text}, $other->{text});
		$text = $textual{ pick(sort keys %textual) }->($text, $other->{text}) if length $text && rand() < 0.2;
		my $copy = $text;
		return ($kind, undef, $text) if $text !~ /\0/ && utf8::decode($copy);
	}
}

# ---- One target

# The statements that call readers: (name, expression of type text over s, a
# state). Errors are caught one by one; calls on accepted states and the answers
# they gave are counted.
sub reads
{
	my ($name, $bytes, @readers) = @_;
	my $out = '';
	foreach my $i (1 .. @readers)
	{
		my ($label, $reader) = @{ $readers[ $i - 1 ] };
		$label = quoted($label);
		$out .= <<"SQL";
            IF small OR (m.id + $i) % $turns = 0 THEN
            BEGIN
                calls[$i] := calls[$i] + accepted;
                said := $reader;
                answers[$i] := answers[$i] + accepted;
                IF NOT named AND (strpos(said, 'NaN') > 0 OR strpos(said, 'Infinity') > 0) THEN
                    RAISE EXCEPTION 'a number is not finite: %', left(said, 300) USING ERRCODE = 'XX001';
                END IF;
            EXCEPTION WHEN OTHERS THEN
                INSERT INTO fuzz.outcome VALUES ('$name', m.id, m.kind, $label, SQLSTATE, SQLERRM);
            END;
            END IF;
SQL
	}
	return $out;
}

sub counted
{
	my ($name, @readers) = @_;
	return '' unless @readers;
	my $labels = join ', ', map { quoted($_->[0]) } @readers;
	return "INSERT INTO fuzz.reading SELECT '$name', * FROM unnest(ARRAY[$labels], calls, answers);";
}

# The function that tries the mutants from low to high on one type. Readers may
# use s, the state; g, a good state of the type; partners, good states of other types.
sub create_try
{
	my ($name, $type, $send, $partners, @readers) = @_;
	my ($declared, $drawn) = ('', '');
	foreach my $partner (sort keys %$partners)
	{
		my ($of, @states) = @{ $partners->{$partner} };
		$declared .= "    $partner $of;\n    all_$partner ${of}\[] := ARRAY[" . join(', ', map { quoted($_) . "::$of" } @states) . "];\n";
		$drawn .= "        $partner := all_$partner\[1 + m.id % " . @states . "];\n";
	}
	my ($reads, $counted, $count) = (reads($name, 'm.body', @readers), counted($name, @readers), scalar @readers);
	must(<<"SQL");
CREATE TABLE fuzz."land_$name" (id int PRIMARY KEY, v $type);
CREATE FUNCTION fuzz."try_$name"(low int, high int) RETURNS void LANGUAGE plpgsql AS \$try\$
DECLARE
    m fuzz.mutant;
    s $type;
    again $type;
$declared    good boolean;
    accepted int := 1;
    small boolean;
    named boolean;
    said text;
    calls bigint[] := array_fill(0, ARRAY[$count]);
    answers bigint[] := array_fill(0, ARRAY[$count]);
BEGIN
    FOR m IN SELECT * FROM fuzz.mutant WHERE id BETWEEN low AND high ORDER BY id LOOP
$drawn        good := false;
        BEGIN
            CASE m.door
            WHEN 'receive' THEN
                s := fuzz.receive(m.body, s);
            WHEN 'copy' THEN
                EXECUTE pg_catalog.format('COPY (SELECT id, body FROM fuzz.mutant WHERE id = %s) TO %L (FORMAT binary)', m.id, '$data_directory/fuzz.bin');
                EXECUTE pg_catalog.format('COPY fuzz.%I FROM %L (FORMAT binary)', 'land_$name', '$data_directory/fuzz.bin');
                SELECT v INTO STRICT s FROM fuzz."land_$name" WHERE id = m.id;
            WHEN 'stored' THEN
                s := fuzz.stored(m.body, s);
            ELSE
                s := m.txt;
            END CASE;
            good := true;
            INSERT INTO fuzz.outcome VALUES ('$name', m.id, m.kind, m.door, '00000', coalesce(length(m.body), length(m.txt) / 3));
        EXCEPTION WHEN OTHERS THEN
            INSERT INTO fuzz.outcome VALUES ('$name', m.id, m.kind, m.door, SQLSTATE, SQLERRM);
        END;
        IF good THEN
            accepted := CASE m.door WHEN 'stored' THEN 0 ELSE 1 END;
            small := coalesce(length(m.body), length(m.txt) / 3) <= $large;
            named := true;
            BEGIN
                said := s::text;
                named := strpos(said, 'NaN') > 0 OR strpos(said, 'Infinity') > 0;
                again := said;
                IF $send(again) IS DISTINCT FROM $send(s) THEN
                    RAISE EXCEPTION 'the text form reads back to other bytes' USING ERRCODE = 'XX001';
                END IF;
                IF m.txt IS NULL AND $send(s) IS DISTINCT FROM m.body THEN
                    RAISE EXCEPTION 'accepted bytes are sent as other bytes' USING ERRCODE = 'XX001';
                END IF;
            EXCEPTION WHEN OTHERS THEN
                INSERT INTO fuzz.outcome VALUES ('$name', m.id, m.kind, CASE m.door WHEN 'stored' THEN 'reading stored bytes' ELSE 'round trip' END, SQLSTATE, SQLERRM);
            END;
$reads        END IF;
    END LOOP;
    $counted
END
\$try\$;
SQL
}

# The same for a form in which workers send their states: what one sent is
# written again and merged with a good one on either side; readers are the
# final functions.
sub create_try_worker
{
	my ($name, $oids, $write, $samples, @finals) = @_;
	my @readers = map {
		my $final = $_;
		map { [ "$final->[0] $_->[0]", "(SELECT $final->[1]($oids, b ORDER BY i)::text FROM (VALUES $_->[1]) AS v(i, b))" ] }
		  [ 'alone', '(1, m.body)' ], [ 'before a good one', '(1, m.body), (2, g)' ], [ 'behind a good one', '(1, g), (2, m.body), (3, m.body)' ];
	} @finals;
	my $good = join ', ', map { "decode('" . unpack('H*', $_->{body}) . "', 'hex')" } @$samples;
	my ($reads, $counted, $count) = (reads($name, 'm.body', @readers), counted($name, @readers), scalar @readers);
	must(<<"SQL");
CREATE TABLE fuzz."land_$name" ();
CREATE FUNCTION fuzz."try_$name"(low int, high int) RETURNS void LANGUAGE plpgsql AS \$try\$
DECLARE
    m fuzz.mutant;
    all_g bytea[] := ARRAY[$good];
    g bytea;
    again bytea;
    good boolean;
    accepted int := 1;
    small boolean;
    named boolean := false;
    said text;
    calls bigint[] := array_fill(0, ARRAY[$count]);
    answers bigint[] := array_fill(0, ARRAY[$count]);
BEGIN
    FOR m IN SELECT * FROM fuzz.mutant WHERE id BETWEEN low AND high ORDER BY id LOOP
        g := all_g[1 + m.id % ${\ scalar @$samples}];
        good := false;
        BEGIN
            again := $write($oids, m.body);
            good := true;
            INSERT INTO fuzz.outcome VALUES ('$name', m.id, m.kind, 'worker', '00000', length(m.body));
        EXCEPTION WHEN OTHERS THEN
            INSERT INTO fuzz.outcome VALUES ('$name', m.id, m.kind, 'worker', SQLSTATE, SQLERRM);
        END;
        IF good THEN
            small := length(m.body) <= $large;
            IF again IS DISTINCT FROM m.body THEN
                INSERT INTO fuzz.outcome VALUES ('$name', m.id, m.kind, 'round trip', 'XX001', 'accepted bytes are sent as other bytes');
            END IF;
$reads        END IF;
    END LOOP;
    $counted
END
\$try\$;
SQL
}

my $clean = "sqlstate ~ '^(00000|22...|54...|08P01)\$' AND stage <> 'round trip'";

# Feeds so many mutants to one target; returns the description of a crash, or ''
sub attack
{
	my ($name, $count, $samples, $strangers, @doors) = @_;
	@doors = (('receive') x 17, 'copy', 'stored', 'stored') unless @doors;
	for (my $first = 1; $first <= $count; $first += $batch)
	{
		my $last = $first + $batch - 1 < $count ? $first + $batch - 1 : $count;
		my @hex;
		open my $out, '>:raw', "$folder/mutants" or die $!;
		foreach my $id ($first .. $last)
		{
			my ($kind, $body, $text) = mutant($samples, $strangers);
			my $door = defined $text ? 'text' : pick(@doors);
			$hex[$id] = defined $body ? unpack('H*', $body) : $text;
			$text =~ s/([\\\t\n\r])/{ "\\" => "\\\\", "\t" => "\\t", "\n" => "\\n", "\r" => "\\r" }->{$1}/ge if defined $text;
			print $out join("\t", $id, $door, $kind, defined $body ? "\\\\x$hex[$id]" : '\N', $text // '\N'), "\n";
		}
		close $out;
		must("TRUNCATE fuzz.mutant, fuzz.\"land_$name\";\n\\copy fuzz.mutant FROM '$folder/mutants'");
		my ($status, undef, $errors) = psql("SET statement_timeout = '20min'; SET jit = off; SELECT fuzz.\"try_$name\"($first, $last);");
		must(<<"SQL") unless $status;
INSERT INTO fuzz.bad SELECT o.*, m.body, m.txt FROM fuzz.outcome o JOIN fuzz.mutant m USING (id)
WHERE o.target = '$name' AND NOT ($clean) ORDER BY o.id LIMIT 10;
SQL
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

my $doors_list = "'receive', 'copy', 'stored', 'text', 'worker'";

# What happened, printed and judged
sub judge
{
	my ($name, $count, $crash) = @_;
	is($crash, '', "$name: no crash");
	my @rows = must(<<"SQL");
SELECT CASE WHEN stage IN ($doors_list, 'round trip', 'reading stored bytes') THEN stage ELSE 'reading' END AS s,
       string_agg(sqlstate || ' ' || n, ', ' ORDER BY sqlstate)
FROM (SELECT stage, sqlstate, count(*) AS n FROM
          (SELECT CASE WHEN stage IN ($doors_list, 'round trip', 'reading stored bytes') THEN stage ELSE 'reading' END AS stage, sqlstate
           FROM fuzz.outcome WHERE target = '$name') AS o GROUP BY 1, 2) AS c
GROUP BY stage ORDER BY stage;
SQL
	diag("$name: " . join('; ', map { "$_->[0] $_->[1]" } @rows));
	my @bad = must(<<"SQL");
SELECT stage, sqlstate, message, kind, coalesce(encode(body, 'hex'), txt) FROM fuzz.bad WHERE target = '$name' LIMIT 10;
SQL
	is(scalar @bad, 0, "$name: every outcome is a clean error or a readable state")
	  or diag(map { join(' | ', map { substr $_, 0, 20000 } @$_) . "\n" } @bad);
	my ($sums) = must(<<"SQL");
SELECT count(*), count(*) FILTER (WHERE sqlstate = '00000' AND stage <> 'stored'), count(*) FILTER (WHERE sqlstate <> '00000'),
       count(*) FILTER (WHERE sqlstate = '00000' AND stage <> 'stored' AND message::int > $large), max(message::int) FILTER (WHERE sqlstate = '00000')
FROM fuzz.outcome WHERE target = '$name' AND stage IN ($doors_list);
SQL
	diag("$name: $sums->[1] accepted, $sums->[3] of them above $large bytes, the largest of $sums->[4]");
	is($sums->[0], $count, "$name: all $count mutants were tried");
	cmp_ok($sums->[1], '>', 0, "$name: some were accepted");
	cmp_ok($sums->[2], '>', 0, "$name: some were refused");
	my @readers = must(<<"SQL");
SELECT reader, sum(calls), sum(answers) FROM fuzz.reading WHERE target = '$name' GROUP BY 1 ORDER BY 3, 2, 1;
SQL
	return unless @readers;
	my ($least) = sort { $a <=> $b } map { $_->[1] } @readers;
	my ($most) = sort { $b <=> $a } map { $_->[1] } @readers;
	diag(sprintf '%s: %d readers, each called %d to %d times; fewest answers: %s',
		$name, scalar @readers, $least, $most, join('; ', map { "$_->[2] of $_->[0]" } @readers[ 0 .. ($#readers < 2 ? $#readers : 2) ]));
	cmp_ok($least, '>=', int($count / 100), "$name: each reader was called on one mutant in a hundred or more");
	# few mutants may all miss what a reader asks for
	is(join("\n", map { $_->[0] } grep { !$_->[2] } @readers), '', "$name: each reader gave an answer") if $count >= 1000;
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
	create_try('path', 'pg_catalog.path', 'pg_catalog.path_send', {}, map { [ $_, $_ ] } 'pg_catalog.npoints(s)', 'pg_catalog.popen(s)', "'NaN'");
	# no type of the server takes stored bytes that no input function has seen
	my @doors = (('receive') x 4, 'copy');
	my $crash = attack('path', 1000, \@paths, [], @doors);
	is($crash, '', 'self test: the server survives');
	my %seen = map { ("$_->[0] $_->[1]" => $_->[2]) }
	  must("SELECT CASE WHEN stage IN ($doors_list) THEN stage ELSE 'reading' END, sqlstate, count(*) FROM fuzz.outcome GROUP BY 1, 2;");
	foreach my $wanted ('receive 22P03', 'receive 08P01', 'receive 00000', 'copy 22P03', 'copy 08P01', 'copy 00000', 'text 22P02', 'text 00000', 'reading XX001')
	{
		cmp_ok($seen{$wanted} // 0, '>', 0, "self test: seen is $wanted");
	}
	my ($counts) = must("SELECT min(calls), max(answers) FROM fuzz.reading;");
	cmp_ok($counts->[0], '>', 0, 'self test: calls are counted');
	cmp_ok($counts->[1], '>', 0, 'self test: answers are counted');

	# a domain refuses with another class (23514): that must not count as clean
	must("TRUNCATE fuzz.outcome; CREATE DOMAIN fuzz.short AS path CHECK (npoints(VALUE) < 3);");
	create_try('short', 'fuzz.short', 'pg_catalog.path_send', {}, map { [ $_, $_ ] } '(1 / 0)::text', 'pg_catalog.cash_in(NULL)::text', '(SELECT 1 FROM nowhere)');
	attack('short', 1000, \@paths, [], @doors);
	%seen = map { ($_->[0] => $_->[1]) } must("SELECT sqlstate, count(*) FROM fuzz.outcome WHERE target = 'short' GROUP BY 1;");
	cmp_ok($seen{'23514'} // 0, '>', 0, 'self test: an error of another class is seen');
	cmp_ok($seen{'22012'} // 0, '>', 0, 'self test: readers are called');
	cmp_ok($seen{'42P01'} // 0, '>', 0, 'self test: an error of a reader is seen');
	must("TRUNCATE fuzz.outcome, fuzz.reading;");
}

# ---- The state types of the extension

my @types = must(<<'SQL');
SELECT t.typname, t.oid::regtype, t.typsend::regproc
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_proc i ON i.oid = t.typinput
WHERE n.nspname = 'btwin' AND t.typtype = 'b' AND t.typreceive <> 0 AND t.typsend <> 0 AND i.pronamespace = n.oid
ORDER BY t.typname COLLATE "C";
SQL
cmp_ok(scalar @types, '>', 0, 'the extension has state types');
my @workers = must(<<'SQL');
SELECT replace(a.aggdeserialfn::regproc::text, 'btwin.', ''), a.aggdeserialfn::oid, a.aggcombinefn::oid, a.aggserialfn::regproc,
       string_agg(DISTINCT a.aggfinalfn::regproc::text, ';' ORDER BY a.aggfinalfn::regproc::text),
       count(DISTINCT (a.aggcombinefn, a.aggserialfn, a.aggtranstype, a.aggfinalextra))
FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'btwin' AND a.aggdeserialfn <> 0
GROUP BY a.aggdeserialfn, a.aggcombinefn, a.aggserialfn ORDER BY 1;
SQL
cmp_ok(scalar @workers, '>', 0, 'the extension has aggregates over parallel workers');

# Arguments for each type that functions over states take besides the state;
# which one is taken goes by the number of the mutant
my %argument = (
	'integer' => [ 1, 2, 12, 7 ], 'bigint' => [ 1, 1000 ], 'smallint' => ['1::smallint'], 'double precision' => [ '0.5', '1', '0.9', '30' ], 'real' => ['0.5'],
	'numeric' => ['0.5'], 'text' => [ "'a'", "'lecture'", "'bucket 7'", "'arm 1'", "'0'" ], 'name' => ["'a'"], 'character varying' => ["'a'"],
	'boolean' => [ 'true', 'false' ], 'date' => [ "'2024-03-02'", "'2024-02-29'", "'2022-03-01'" ],
	'timestamp with time zone' => ["'2024-03-01 12:00+00'"], 'timestamp without time zone' => ["'2024-03-01 12:00'"],
	'time without time zone' => ["'12:00'"], 'interval' => ["'1 day'"], 'jsonb' => [ "'{}'", q('{"a": 0.5}') ], 'json' => ["'{}'"],
	'text[]' => [ "'{a,b}'", "'{lecture,flashcard}'" ],
	'double precision[]' => [ "'{0.5}'", "'{0.5,0.25}'", "'{0.5,0.25,1}'", "array_fill(0.4::float8, ARRAY[15])" ], 'integer[]' => ["'{1,2}'"],
	'bigint[]' => ["'{1,2}'"], 'date[]' => ["'{2024-03-01}'"], 'btwin.forgetting_prior' => ['btwin.forgetting_prior_default()']);

# and for those that they need not be given, by name
my %option = (
	policy => [ map { quoted($_) . '::text' } qw(thompson thompson_gaussian ucb ucb1 kl_ucb epsilon_greedy greedy uniform) ],
	seed => [ 'm.id::bigint', '42::bigint' ], minutes => [ '5::float8', '30::float8' ], level => [ '0.5::float8', '0.99::float8' ], modulus => [ '24', '7' ],
	damping => ['0.5::float8'], ridge => [ '1e-6::float8', '1e6::float8' ], min_confidence => [ '0::float8', '0.5::float8' ], optimal_mean => ['0.9::float8'],
	weighted => ['true'], epsilon_decay => ['5::float8'], successes => ['3'], lapses => ['2']);

sub turn
{
	my ($place, @choice) = @_;
	return @choice == 1 ? $choice[0] : "(ARRAY[" . join(', ', @choice) . "])[1 + (m.id + $place) % " . @choice . "]";
}

sub argument
{
	my ($type, $place) = @_;
	my @choice = @{ $argument{$type} // return undef };
	return turn($place, map { "$_\::$type" } @choice) if $type !~ /\[\]$/ || @choice == 1;
	return "(CASE (m.id + $place) % " . @choice . join('', map { " WHEN $_ THEN $choice[$_]::$type" } 0 .. $#choice) . " END)";
}

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

# The good states that stand beside a mutant: not the large ones
my %good;
foreach my $type (@types)
{
	my @texts = map { $_->{text} } grep { length $_->{body} <= 8192 } @{ $samples{ $type->[0] } // [] };
	$good{ $type->[1] } = [ $type->[1], @texts ] if @texts;
}

my $targets = @types + @workers;
my $share = int($total / $targets);
my $tried = 0;
my $begin;

foreach my $type (@types)
{
	my ($name, $full, $send) = @$type;
	my $mine = $samples{$name} // [];
	cmp_ok(scalar @$mine, '>', 0, "$name: test/data/state_samples.sql has a sample") or next;
	my @strangers = map { @{ $samples{$_} } } grep { $_ ne $name } sort keys %samples;
	my %partners = (g => $good{$full});
	my $partner = sub {
		my ($of) = @_;
		my $variable = 'p_' . ($of =~ s/\W/_/gr);
		$partners{$variable} = $good{$of} // return undef;
		return $variable;
	};

	# every function, aggregate and cast over the state, with the arguments it
	# must have, and once more with the states and options it can have besides
	my @readers;
	foreach my $row (must(<<"SQL"))
SELECT p.oid::regproc, p.prokind, p.pronargs - p.pronargdefaults, array_to_string(p.proargnames[1:p.pronargs], ';'),
       (SELECT string_agg(format_type(a, NULL), ';' ORDER BY i) FROM unnest(p.proargtypes) WITH ORDINALITY u(a, i))
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'btwin' AND '$full'::regtype = ANY (p.proargtypes) AND p.prokind IN ('f', 'a')
  -- readers: what works on the rows of an attached schema has its states from the store
  AND NOT (p.proname LIKE '\\_%' AND p.prolang = (SELECT l.oid FROM pg_language l WHERE l.lanname = 'plpgsql'))
  AND NOT ('internal'::regtype = ANY (p.proargtypes))
ORDER BY p.oid::regprocedure::text COLLATE "C";
SQL
	{
		my ($function, $kind, $needed, $names, $list) = @$row;
		my @names = split /;/, $names;
		my @of = split /;/, $list;
		my @must = (0 .. $needed - 1);
		my @can = grep { $of[$_] =~ /^btwin\./ || $option{ $names[$_] } } $needed .. $#of;
		foreach my $taken (\@must, @can ? [ @must, @can ] : ())
		{
			# the mutant in each place, a good state in the others
			foreach my $place (grep { $of[$_] eq $full } @$taken)
			{
				my @value = map { $_ == $place ? ($kind eq 'a' ? 'item' : 's') : $of[$_] eq $full ? 'g' : $_ >= $needed && $option{ $names[$_] } ? turn($_, @{ $option{ $names[$_] } }) : argument($of[$_], $_) // $partner->($of[$_]) } @$taken;
				my $label = "$function(" . join(', ', map { $_ == $place ? 'mutant' : $of[$_] } @$taken) . ')';
				if (grep { !defined } @value)
				{
					fail("$name: no argument is at hand for $label");
				}
				elsif ($kind eq 'a')
				{
					my $call = "$function(" . join(', ', @value) . ')::text';
					push @readers, [ $label, "(SELECT $call FROM (VALUES (s), (s)) AS many(item))" ];
					push @readers, map { [ "$label $_->[0]", "(SELECT $call FROM (VALUES $_->[1]) AS many(item))" ] }
					  [ 'before a good one', '(s), (g)' ], [ 'behind a good one', '(g), (s)' ] if @of == 1;
				}
				else
				{
					my $call = "$function(" . join(', ', map { "$names[$taken->[$_]] => $value[$_]" } 0 .. $#value) . ')';
					push @readers, [ $label, "(SELECT pg_catalog.string_agg(r::text, '') FROM $call AS r)" ];
				}
			}
		}
	}
	push @readers, [ "cast to $_->[0]", "(s::$_->[0])::text" ] foreach must("SELECT casttarget::regtype FROM pg_cast WHERE castsource = '$full'::regtype;");

	create_try($name, $full, $send, \%partners, @readers);
	my $count = $share + ($type == $types[0] ? $total - $share * $targets : 0);
	$begin = time;
	my $crash = attack($name, $count, $mine, \@strangers);
	diag(sprintf '%s: %d mutants of %d states, %.1f s', $name, $count, scalar @$mine, time - $begin);
	judge($name, $count, $crash);
	$tried += $count;
}

# ---- The forms in which parallel workers send their states

my %worker_samples;
my %worker;
foreach my $row (@workers)
{
	my ($name, $deserialize, $combine, $serialize, $finals, $kinds) = @$row;
	$name =~ s/_deserialize$/ of a worker/;
	is($kinds, 1, "$name: one form, one way to merge it");
	# what writes the state of an aggregate with this form, and its final functions
	my ($made) = must(<<"SQL");
SELECT a.aggtransfn::regproc, array_to_string(p.proargtypes::regtype[], ';')
FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid
WHERE a.aggdeserialfn = $deserialize
ORDER BY (SELECT max(t.typnamespace) = 'btwin'::regnamespace FROM pg_type t WHERE t.oid = ANY (p.proargtypes) AND t.typnamespace <> 'pg_catalog'::regnamespace) DESC NULLS LAST,
         p.pronargs, p.oid::regprocedure::text COLLATE "C" LIMIT 1;
SQL
	my @of = split /;/, $made->[1];
	must("CREATE AGGREGATE fuzz.\"made $name\"(" . join(', ', @of) . ") (SFUNC = $made->[0], STYPE = internal, FINALFUNC = $serialize);");
	must("CREATE AGGREGATE fuzz.\"written $name\"(oid, oid, bytea) (SFUNC = fuzz.worker, STYPE = internal, FINALFUNC = $serialize);");
	my ($index, @finals) = (0);
	foreach my $final (split /;/, $finals)
	{
		my $aggregate = "fuzz.\"final " . ++$index . " $name\"";
		must("CREATE AGGREGATE $aggregate(oid, oid, bytea) (SFUNC = fuzz.worker, STYPE = internal, FINALFUNC = $final);");
		push @finals, [ $final, $aggregate ];
	}
	my ($of_states) = grep { $_->[1] eq $of[0] } @types;
	if ($of_states && @of == 1)
	{
		push @{ $worker_samples{$name} }, { body => pack 'H*', $_->[0] }
		  foreach map { must("SELECT encode(fuzz.\"made $name\"(s), 'hex') FROM (VALUES (" . quoted($_->{text}) . "::$of[0])) AS v(s);") } @{ $samples{ $of_states->[0] } };
	}
	else
	{
		my %row = ('double precision' => '(g % 97) / 97.0', 'boolean' => 'g % 3 = 0');
		foreach my $rows (1, 7, 300)
		{
			push @{ $worker_samples{$name} }, { body => pack 'H*', $_->[0] }
			  foreach must("SELECT encode(fuzz.\"made $name\"(" . join(', ', map { $row{$_} } @of) . "), 'hex') FROM generate_series(1, $rows) AS g;");
		}
	}
	$worker{$name} = [ "$deserialize, $combine", "fuzz.\"written $name\"", @finals ];
}
foreach my $name (sort keys %worker)
{
	my ($oids, $write, @finals) = @{ $worker{$name} };
	my @strangers = map { @{ $worker_samples{$_} } } grep { $_ ne $name } sort keys %worker_samples;
	create_try_worker($name, $oids, $write, $worker_samples{$name}, @finals);
	$begin = time;
	my $crash = attack($name, $share, $worker_samples{$name}, \@strangers);
	diag(sprintf '%s: %d mutants of %d states, %.1f s', $name, $share, scalar @{ $worker_samples{$name} }, time - $begin);
	judge($name, $share, $crash);
	$tried += $share;
}
is($tried, $total, "all $total mutants were tried");

must('DROP DATABASE fuzz_states;', 'postgres') unless $ENV{BTWIN_FUZZ_KEEP};
done_testing();
