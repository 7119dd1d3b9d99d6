# shellcheck shell=bash
# Shared by the scripts of the harness: the account, the private folder, the
# servers in it, and how a result is recorded. Sourced, never run.

harness=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034 # read by the scripts that source this file
top=$(cd "$harness/../.." && pwd)

say() { printf '\n=== %s\n' "$*"; }
complain() { printf '%s\n' "$*" >&2; }

# The installation to test: the one asked for, else the newest that has both a
# server and the files to build against it, else the newest with a server.
choose_pg_config() {
	local candidate second=
	if [ -n "${PG_CONFIG:-}" ]; then command -v "$PG_CONFIG" || echo "$PG_CONFIG"; return; fi
	for candidate in $(find /usr/lib/postgresql/*/bin/pg_config 2>/dev/null | sort -rV) $(command -v pg_config); do
		[ -x "$("$candidate" --bindir)/postgres" ] || continue
		[ -f "$("$candidate" --pgxs)" ] && { echo "$candidate"; return; }
		[ -n "$second" ] || second=$candidate
	done
	echo "$second"
}

# PostgreSQL refuses to run as root, so root hands over to an ordinary account.
account() {
	if [ "$(id -u)" -ne 0 ]; then id -un
	elif id postgres >/dev/null 2>&1; then echo postgres
	else echo nobody; fi
}
choose_account() {
	become_account=()
	[ "$(id -u)" -ne 0 ] || become_account=(runuser -u "$(account)" --)
}
choose_account
as_account() { "${become_account[@]}" "$@"; }

# record pass|fail|skip WHERE NAME [REASON]: one line of the run's result.
record() { printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "${4:-}" >> "$BTWIN_RESULTS"; }

# A copy of the tree without what was built in it: builds then never meet
# objects of another compiler, and the account can read it wherever it lies.
copy_tree() { # FROM TO
	mkdir -p "$2"
	tar -C "$1" --exclude=./.git --exclude=./build --exclude='*.o' --exclude='*.so' --exclude='*.bc' \
		--exclude='./sql/btwin--*.sql' --exclude=./results --exclude=./output_iso --exclude=./tmp_check -cf - . | tar -C "$2" -xf -
}

# The private folder of a run, owned by the account; sets $private.
private_create() {
	local base
	choose_account # the set-up may have made it
	for base in "${TMPDIR:-/tmp}" /tmp; do
		private=$(mktemp -d "$base/btwin.XXXXXX") || continue
		chmod 755 "$private"
		as_account test -x "$private/." && break
		rmdir "$private"; private=
	done
	[ -n "$private" ] || { complain "neither ${TMPDIR:-/tmp} nor /tmp is a folder that account $(account) can reach"; return 1; }
	copy_tree "$top" "$private/source"
	mkdir "$private/home"
	if [ -n "${BTWIN_DATA:-}" ] && ! as_account test -r "$BTWIN_DATA/." 2>/dev/null; then
		echo "copying $BTWIN_DATA, which account $(account) cannot read"
		cp -rL "$BTWIN_DATA" "$private/data"
		BTWIN_DATA=$private/data
	fi
	touch "$private/results" "$private/minutes"
	[ "$(id -u)" -ne 0 ] || chown -R "$(account)" "$private"
}

# run_job COMMAND...: in the background, as a job of its own, so that a signal to
# this script ends the command with all it started; returns its status.
run_job() {
	local status=0
	set -m
	"$@" </dev/null &
	job=$!
	set +m
	wait "$job" || status=$?
	job=
	return $status
}

# private_run COMMAND...: as the account, in the copied tree, with a clean
# environment but for the settings of tests (BTWIN_...) and how this machine reaches
# the network (certificates, proxies); ends it when it hangs:
# after so many seconds, 0 for never.
private_limit=2700
private_run() {
	local name settings=()
	for name in $(compgen -e BTWIN_); do
		case $name in
		BTWIN_PRIVATE | BTWIN_RESULTS | BTWIN_TIER | BTWIN_DATA | BTWIN_KEEP) ;;
		*) settings+=("$name=${!name}") ;;
		esac
	done
	for name in NODE_EXTRA_CA_CERTS SSL_CERT_FILE http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
		[ -z "${!name:-}" ] || settings+=("$name=${!name}")
	done
	run_job timeout --kill-after=60 "$private_limit" "${become_account[@]}" env -i -C "$private/source" \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$private/home" TERM="${TERM:-dumb}" LANG=C.UTF-8 TMPDIR="$private" PG_CONFIG="${PG_CONFIG:-}" \
		BTWIN_PRIVATE="$private" BTWIN_RESULTS="$private/results" BTWIN_TIER="${BTWIN_TIER:-test}" \
		${BTWIN_DATA:+BTWIN_DATA="$BTWIN_DATA"} "${settings[@]}" "$@"
}

# Stops the servers whose data lie below a folder.
stop_servers() { # FOLDER
	local pidfile pid
	while IFS= read -r pidfile; do
		pid=$(head -n 1 "$pidfile")
		kill -INT "$pid" 2>/dev/null || continue
		for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
	done < <(find "$1" -name postmaster.pid 2>/dev/null)
}

# The end of a run, wanted or not: what still runs is stopped, the folder goes.
private_remove() {
	[ -n "${private:-}" ] || return 0
	if [ -n "${job:-}" ] && kill -TERM -- "-$job" 2>/dev/null; then
		for _ in $(seq 100); do kill -0 -- "-$job" 2>/dev/null || break; sleep 0.1; done
	fi
	stop_servers "$private"
	if [ -n "${BTWIN_KEEP:-}" ]; then echo "kept: $private"; else rm -rf "$private"; fi
	private=
}

# What a server is started with besides, as NAME=VALUE.
server_environment=()

# use_server NAME [MAKE ARGUMENT...]: builds the tree and starts a server for it
# unless an earlier step did, points the environment at it and enters the tree.
use_server() {
	local name=$1 server=$BTWIN_PRIVATE/server-$1 tree=$BTWIN_PRIVATE/tree-$1
	shift
	[ ! -e "$server/broken" ] || { echo "the build ($name) failed before"; return 1; }
	if [ ! -e "$server/ready" ]; then
		[ -e "$tree" ] || copy_tree "$BTWIN_PRIVATE/source" "$tree"
		"$harness/server" create "$server"
		echo "building ($name)"
		make -s -j "$(nproc)" -C "$tree" all install PG_CONFIG="$(cat "$server/bindir")/pg_config" "$@" > "$tree/build.log" 2>&1 ||
			{ touch "$server/broken"; cat "$tree/build.log"; record fail "build $name" "make all install"; return 1; }
		env "${server_environment[@]}" "$harness/server" start "$server"
		record pass "build $name" "make all install"
		touch "$server/ready"
	fi
	eval "$("$harness/server" env "$server")"
	cd "$tree" || return 1
}

# What PostgreSQL::Test::Cluster expects from its caller.
perl_environment() {
	local pgxs
	pgxs=$(dirname "$(dirname "$("$PG_CONFIG" --pgxs)")")
	export BTWIN_PGXS_PERL=$pgxs/test/perl PG_REGRESS=$pgxs/test/regress/pg_regress
	export TESTDIR=$PWD TESTDATADIR=$PWD/tmp_check TESTLOGDIR=$PWD/tmp_check/log
	mkdir -p "$TESTLOGDIR"
}
