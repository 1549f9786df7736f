# Sourced by the scenarios: what those of tests/install have, and clusters beside the one that PGHOST names.
# shellcheck shell=bash

cluster=("${PGHOST:?is where the cluster is}" "${PGPORT:?is where the cluster is}")
. "$(dirname "${BASH_SOURCE[0]}")/../../script/lib.sh" # forgets them
export PGHOST=${cluster[0]} PGPORT=${cluster[1]}
. "$ROOT/tests/install/lib.bash"
# Clusters are stopped before the rest is tidied up, whatever ends the scenario.
at_exit tidy
trap clean_up EXIT

# await WHAT_IF_NOT COMMAND…: until it succeeds; what has not come in five minutes does not come.
await() {
  local deadline=$((SECONDS + 300))
  until "${@:2}"; do
    [ "$SECONDS" -lt "$deadline" ] || die "$1"
    sleep 0.1
  done
}

# Further clusters

declare -A FOLDERS=()
# What a test of crashes must not have switched off, a test of dumps need not wait for.
FAST=$'fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n'

# new_folder NAME: where a further cluster goes, or what a server reads; sets FOLDERS[NAME]. A socket's path is limited, so all of it is in /tmp.
new_folder() {
  FOLDERS[$1]=$(server_folder /tmp/lgtempo.XXXXXX)
  at_exit "remove_cluster $1"
}

# new_cluster NAME [SETTINGS [INITDB_OPTION…]]: its data, with lines for postgresql.conf; it is not started.
new_cluster() {
  new_folder "$1"
  as_server "$PG_BIN/initdb" -D "${FOLDERS[$1]}/data" --username=postgres --auth=trust --locale=C.UTF-8 --encoding=UTF8 \
    --no-sync "${@:3}" >"$SCRATCH/$1-initdb.log" 2>&1 || die "$(cat "$SCRATCH/$1-initdb.log")"
  as_server tee -a "${FOLDERS[$1]}/data/postgresql.conf" <<<"${2-}" >/dev/null
}

# start_cluster NAME: starts it on a Unix socket only, whatever its settings say.
start_cluster() {
  local folder=${FOLDERS[$1]}
  # The server must not inherit the lock on the installed extension.
  as_server "$PG_BIN/pg_ctl" start -w -t 300 -D "$folder/data" -l "$folder/server.log" \
    -o "-c listen_addresses='' -c unix_socket_directories=$folder -c port=$PGPORT" >/dev/null 9<&- || die "$(tail -n 40 "$folder/server.log")"
}

# stop_cluster NAME [MODE]
stop_cluster() { as_server "$PG_BIN/pg_ctl" stop -w -t 300 -m "${2:-fast}" -D "${FOLDERS[$1]}/data" >/dev/null; }

remove_cluster() {
  local folder=${FOLDERS[$1]}
  [ ! -e "$folder/data/postmaster.pid" ] || stop_cluster "$1" immediate 2>/dev/null || true
  cp "$folder/server.log" "$LOGS/$(basename "$0" .sh)-$1-server.log" 2>/dev/null || true
  rm -rf "$folder"
}

# on NAME COMMAND…: runs it with that cluster meant.
on() { PGHOST=${FOLDERS[$1]} "${@:2}"; }
