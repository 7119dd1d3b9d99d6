# What tests of clients share: an application with a learner who has rows of every
# kind, the calls that every client makes, what the server says to them, and
# packages from npm.
package BtwinClient;
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::RecursiveCopy;
use PostgreSQL::Test::Utils;
use Test::More;

our $folder = abs_path(dirname(__FILE__) . '/../client');
our $moment = '2026-03-16T12:00:00Z';

# The program, or the reason why the client cannot run
sub nodejs
{
	my ($class, $least) = @_;
	my ($found) = grep { -x } map { "$_/node" } split(/:/, $ENV{PATH}), '/usr/bin';
	plan skip_all => 'nodejs is not installed' if !$found;
	my ($major, $minor) = `$found --version` =~ /^v(\d+)\.(\d+)/;
	my ($least_major, $least_minor) = split /\./, $least // '0.0';
	plan skip_all => "nodejs $major.$minor is too old for it" if $major < $least_major || $major == $least_major && $minor < $least_minor;
	return $found;
}

# Folder with what test/t/client/NAME holds and the packages of its lock. Their
# scripts do not run. Where npm has no answer within its time the test is skipped;
# where it has one and cannot install, that is a failure.
sub packages
{
	my ($class, $name, %option) = @_;
	my $npm = (grep { -x } map { "$_/npm" } split(/:/, $ENV{PATH}), '/usr/bin')[0];
	plan skip_all => 'npm does not answer: it is not installed' if !$npm;
	my $place = PostgreSQL::Test::Utils::tempdir;
	PostgreSQL::Test::RecursiveCopy::copypath("$folder/$name", "$place/$name");
	$place .= "/$name";
	# a home of its own, for an account that has none; the cache of one that has stays in use
	local $ENV{HOME} = -w ($ENV{HOME} // '/nowhere') ? $ENV{HOME} : $place;
	my $said = '';
	my $seconds = $ENV{BTWIN_NPM_SECONDS} // 240;
	my $done = IPC::Run::run([ 'timeout', '--kill-after=5', $seconds, $npm, 'ci', '--prefix', $place, '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier',
		'--prefer-offline', '--fetch-retries=1', '--fetch-timeout=30000', '--loglevel=error' ], '<', \undef, '>&', \$said);
	return $place if $done;
	my $status = $? >> 8;
	plan skip_all => "npm does not answer within $seconds seconds" if $status == 124 || $status == 137;
	plan skip_all => "npm does not answer: $1" if $said =~ /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|UNABLE_TO_VERIFY_LEAF_SIGNATURE|E40[134]|E5\d\d|ETARGET)\b/;
	die "npm ci in $name: $said";
}

# A server with the database "app": rows of test/data/client_rows.sql, roles web and
# service, and authenticator, who may become them or anonymous.
sub application
{
	my ($class, $name) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init;
	$node->append_conf('postgresql.conf', "timezone = 'UTC'\njit = off\n");
	$node->start;
	$node->safe_psql('postgres', q{CREATE DATABASE app; CREATE ROLE web LOGIN; CREATE ROLE service LOGIN; CREATE ROLE anonymous;
		CREATE ROLE authenticator LOGIN NOINHERIT; GRANT web, service, anonymous TO authenticator});
	$node->safe_psql('app', q{CREATE EXTENSION btwin; SELECT count(*) FROM btwin.attach()});
	$node->safe_psql('app', PostgreSQL::Test::Utils::slurp_file(dirname(__FILE__) . '/../../data/client_rows.sql'));
	$node->safe_psql('app', q{SELECT count(*) FROM btwin.secure(app_role => 'web', service_role => 'service')});
	return $node;
}

# Every read with arguments that make it answer: name, arguments, whether it is a list,
# its columns with their types, and what the server answers to ann in JSON
sub reads
{
	my ($class, $node) = @_;
	my %more = (explain_pattern => { pattern_id => 'p1' }, explain_struggle => { prediction_id => 'a1' });
	my $reads = decode_json($node->safe_psql('app', q{
		SELECT json_agg(json_build_object('name', p.proname, 'list', p.proretset, 'columns', (
				SELECT coalesce(json_object_agg(a.name, format_type(a.type, NULL)), '{}') FROM unnest(p.proargnames, p.proallargtypes, p.proargmodes) AS a (name, type, mode) WHERE a.mode = 't')) ORDER BY p.proname)
		FROM pg_proc p WHERE p.pronamespace = 'btwin_api'::regnamespace AND p.provolatile = 's' AND p.proargnames[1] = 'user_id'}));
	foreach my $read (@$reads)
	{
		$read->{arguments} = { as_of => $moment, %{ $more{ $read->{name} } // {} } };
		my $call = "btwin_api.$read->{name}(" . join(', ', map { "$_ => '$read->{arguments}{$_}'" } sort keys %{ $read->{arguments} }) . ')';
		$read->{expected} = JSON::PP->new->utf8->allow_nonref->decode($class->as($node, 'ann', $read->{list} ? "SELECT coalesce(json_agg(t), '[]') FROM $call t" : "SELECT $call"));
	}
	return @$reads;
}

# What psql prints for a learner
sub as
{
	my ($class, $node, $learner, $sql) = @_;
	return $node->safe_psql('app', "SET btwin.user_id = '$learner'; $sql", extra_params => ['-U', 'web']);
}

# Calls that are refused: role, claim, function, arguments, and how
our @refusals = (
	{ role => 'web', learner => 'ann', name => 'patterns', arguments => { user_id => 'bob' }, status => 403, code => 'forbidden' },
	{ role => 'web', learner => 'ann', name => 'patterns', arguments => { user_id => 'nobody' }, status => 403, code => 'forbidden' },
	{ role => 'web', learner => undef, name => 'burnout_risk', arguments => {}, status => 403, code => 'no_claim' },
	{ role => 'web', learner => 'off', name => 'burnout_risk', arguments => {}, status => 403, code => 'analysis_disabled' },
	{ role => 'web', learner => 'ann', name => 'goals', arguments => { max_rows => 0 }, status => 400, code => 'out_of_range', argument => 'max_rows' },
	{ role => 'web', learner => 'ann', name => 'explain_pattern', arguments => {}, status => 400, code => 'missing_argument', argument => 'pattern_id' },
	{ role => 'web', learner => 'ann', name => 'explain_pattern', arguments => { pattern_id => 'pb' }, status => 403, code => 'forbidden' },
	{ role => 'service', learner => undef, name => 'patterns', arguments => { user_id => 'nobody' }, status => 404, code => 'unknown_learner', argument => 'user_id' },
	{ role => 'service', learner => undef, name => 'explain_pattern', arguments => { user_id => 'ann', pattern_id => 'pb' }, status => 404, code => 'unknown_id' },
);
# The same as clients are to see them: all, or those given
sub refused
{
	my ($class, @given) = @_;
	return [ map { { status => $_->{status}, sqlstate => "PT$_->{status}", code => $_->{code}, argument => $_->{argument} // '' } } @given ? @given : @refusals ];
}

# Writes of ann, in this order, each after those before: function, arguments, and either
# how it is refused or what its answer is to hold. "same" repeats a call with its key:
# the answer is that of the call before, to the last character.
my %goal = (goal_type => 'CUSTOM', title => 'Pages', target_metric => 'pages', target_value => 20, start_value => 5, idempotency_key => 'first');
our @writes = (
	{ name => 'acknowledge_insight', arguments => { insight_id => 'i1' }, holds => { id => 'i1', applied => JSON::PP::false, changed => JSON::PP::true } },
	{ name => 'acknowledge_insight', arguments => { insight_id => 'i1' }, holds => { id => 'i1', applied => JSON::PP::false, changed => JSON::PP::false } },
	{ name => 'acknowledge_insight', arguments => { insight_id => 'ib' }, status => 403, code => 'forbidden' },
	{ name => 'create_goal', arguments => \%goal, holds => { title => 'Pages', target_value => 20, start_value => 5, progress => 0, status => 'ACTIVE' } },
	{ name => 'create_goal', arguments => \%goal, same => JSON::PP::true },
	{ name => 'create_goal', arguments => { %goal, target_value => 21 }, status => 409, code => 'key_reused', argument => 'idempotency_key' },
	{ name => 'create_goal', arguments => { %goal, idempotency_key => '' }, status => 400, code => 'out_of_range', argument => 'idempotency_key' },
);
# Their outcome: each answer or refusal as the client saw it, in order, and the rows
sub check_writes
{
	my ($class, $node, $seen) = @_;
	is(scalar @$seen, scalar @writes, 'as many answers as writes');
	foreach my $i (0 .. $#writes)
	{
		my ($write, $found) = ($writes[$i], $seen->[$i]);
		my $what = "write $i, $write->{name}";
		if ($write->{holds}) { is_deeply({ map { $_ => $found->{$_} } keys %{ $write->{holds} } }, $write->{holds}, "$what: its answer"); }
		elsif ($write->{same}) { is_deeply($found, $seen->[ $i - 1 ], "$what: the first answer"); }
		else { is_deeply($found, $class->refused($write)->[0], "$what: refused"); }
	}
	is($node->safe_psql('app', q{SELECT string_agg(title || ' ' || user_id, ',' ORDER BY created_at) FROM behavioral_goals}), 't ann,Pages ann', 'one goal was made');
	is($node->safe_psql('app', q{SELECT string_agg(id || ' ' || (acknowledged_at IS NOT NULL), ',' ORDER BY id) FROM behavioral_insights}), 'i1 true,ib false', 'one insight is acknowledged');
}

# Runs a script of a client with a document on its input; its output is one too
sub run
{
	my ($class, $task, @command) = @_;
	my ($out, $err);
	my $text = JSON::PP->new->utf8->canonical->encode($task);
	my $ran = IPC::Run::run([ 'timeout', '--kill-after=5', '300', @command ], '<', \$text, '>', \$out, '2>', \$err);
	ok($ran, 'the script runs') or diag($err);
	return decode_json($out || '{}');
}

# Moments to the millisecond, as JavaScript knows them, whatever their spelling
sub canonical
{
	my ($value) = @_;
	return [ map { canonical($_) } @$value ] if ref $value eq 'ARRAY';
	return { map { $_ => canonical($value->{$_}) } keys %$value } if ref $value eq 'HASH';
	return "$1." . substr(($2 // '') . '000', 0, 3) . 'Z' if defined $value && !ref $value && $value =~ /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00:00)$/;
	return $value;
}

1;
