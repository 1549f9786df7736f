# Sourced by the other scripts: where things are, a clean end, and a PostgreSQL of our own.
# shellcheck shell=bash

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
[[ $TARGET == /* ]] || TARGET=$ROOT/$TARGET
LOGS=$TARGET/log
PG_BIN=/usr/lib/postgresql/15/bin
PG_CONFIG=$PG_BIN/pg_config
EXTENSION_DIR=/usr/share/postgresql/15/extension
CARGO_BIN=${CARGO_HOME:-$HOME/.cargo}/bin

export CARGO_TARGET_DIR=$TARGET
export PATH=$PG_BIN:$PATH:$CARGO_BIN
# Our own server is meant, whatever the user's environment points at.
unset PGHOST PGHOSTADDR PGPORT PGUSER PGDATABASE PGPASSWORD PGPASSFILE PGSERVICE PGSERVICEFILE PGOPTIONS PGSSLMODE
# What root builds and installs must be readable by the user who runs PostgreSQL.
umask 022

mkdir -p "$LOGS"

say() { printf '== %s\n' "$*"; }

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# logged NAME COMMAND…: runs a command with its output in a log; if it fails, shows the log's end and stops.
logged() {
  local log=$LOGS/$1.log
  shift
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    die "This failed: $* (its whole output is in $log)"
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "This needs root: $* (run it as root, or install sudo)"
  fi
}

# PostgreSQL refuses to run as root.
server_user() {
  if [ "$(id -u)" = 0 ]; then echo postgres; else id -un; fi
}

# as_server COMMAND…: runs it as the user who runs PostgreSQL, from a folder that user can enter, and with nothing of our
# environment: what a test finds must not depend on it.
as_server() {
  local as=()
  [ "$(id -u)" != 0 ] || as=(runuser -u postgres --)
  (cd / && "${as[@]}" env -i PATH="$PATH" LANG=C.UTF-8 "$@")
}

# A clean end

CLEANUPS=()

# at_exit COMMAND: runs when the script ends, however it ends; the last one given runs first.
at_exit() { CLEANUPS+=("$1"); }

clean_up() {
  local status=$? i
  trap - EXIT
  trap '' INT TERM HUP
  for ((i = ${#CLEANUPS[@]} - 1; i >= 0; i--)); do
    eval "${CLEANUPS[i]}" || true
  done
  exit "$status"
}

trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# project_version: what Cargo.toml says.
project_version() { sed -nE '/^\[package\]/,/^\[/ s/^version *= *"(.*)"/\1/p' "$ROOT/Cargo.toml"; }

# The installed extension

# The machine has one installed copy: whoever replaces it or relies on it holds this lock. It lies on PostgreSQL's own
# folder, which everybody may open.
lock_installation() {
  exec 9<"$EXTENSION_DIR"
  if ! flock --nonblock 9; then
    say "Waiting for another run of these scripts to finish with the installed extension"
    flock 9
  fi
}

unlock_installation() { flock --unlock 9; }

install_extension() {
  local sudo=()
  [ "$(id -u)" = 0 ] || sudo=(--sudo)
  say "Building the extension for release and installing it (the first build takes minutes)"
  cd "$ROOT"
  # A server that has the library mapped would die if it were overwritten in place.
  as_root rm -f "$("$PG_CONFIG" --pkglibdir)/lgtempo.so"
  logged install cargo pgrx install --release --pg-config "$PG_CONFIG" "${sudo[@]}"
}

# A throwaway cluster

CLUSTER_NAME=
CLUSTER_DIR=
SOCKET_DIR=

# server_folder TEMPLATE: makes a folder that belongs to the user who runs PostgreSQL and that this user can reach.
server_folder() {
  local dir
  dir=$(mktemp -d "$1") || return
  [ "$(id -u)" != 0 ] || chown postgres: "$dir"
  if as_server test -w "$dir"; then
    echo "$dir"
  else
    rmdir "$dir"
    return 1
  fi
}

# cluster_start NAME: a fresh PostgreSQL 15 on a Unix socket only; sets PGHOST, PGPORT, PGUSER and PGDATABASE for it.
cluster_start() {
  [ -z "$CLUSTER_DIR" ] || die "There is a cluster already: $CLUSTER_NAME"
  at_exit cluster_stop
  CLUSTER_NAME=$1
  # A repository below somebody's private folder is out of PostgreSQL's reach.
  CLUSTER_DIR=$(server_folder "$TARGET/$1.XXXXXX" || server_folder "/var/tmp/lgtempo-$1.XXXXXX")
  # A socket's path is limited to 107 bytes, so it does not go below target/.
  SOCKET_DIR=$(server_folder /tmp/lgtempo.XXXXXX)

  logged "$1-initdb" as_server "$PG_BIN/initdb" -D "$CLUSTER_DIR/data" \
    --username=postgres --auth=trust --locale=C.UTF-8 --encoding=UTF8 --no-sync
  as_server tee -a "$CLUSTER_DIR/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$SOCKET_DIR'
fsync = off
synchronous_commit = off
full_page_writes = off
CONF
  # The server must not inherit our lock, or it would hold it if we are killed.
  logged "$1-start" as_server "$PG_BIN/pg_ctl" start -w -D "$CLUSTER_DIR/data" -l "$CLUSTER_DIR/server.log" 9<&-
  export PGHOST=$SOCKET_DIR PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
}

cluster_stop() {
  [ -n "$CLUSTER_DIR" ] || return 0
  if [ -e "$CLUSTER_DIR/data/postmaster.pid" ]; then
    as_server "$PG_BIN/pg_ctl" stop -w -m immediate -D "$CLUSTER_DIR/data" >/dev/null 2>&1 || true
  fi
  # Whoever looks for the cause of a failure will want this.
  cp "$CLUSTER_DIR/server.log" "$LOGS/$CLUSTER_NAME-server.log" 2>/dev/null || true
  rm -rf "$CLUSTER_DIR" "$SOCKET_DIR"
  CLUSTER_DIR=
  unset PGHOST PGPORT PGUSER PGDATABASE
}

# sql DATABASE TEXT: runs SQL that must succeed.
sql() { psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "$1" --command "$2"; }
