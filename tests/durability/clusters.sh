#!/usr/bin/env bash
# Whole clusters keep everything: pg_dumpall into another one, pg_upgrade into a third.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"
. "$(dirname "${BASH_SOURCE[0]}")/dump.bash"

declare -A SCHEMAS=() OWNERS=()

# home NAME SCHEMA [OWNER]: a database in which there is something to lose.
home() {
  local db
  db=$(new_database "$1" "${3:-postgres}")
  SCHEMAS[$1]=$2 OWNERS[$1]=${3-}
  sql "$db" 'create extension vector'
  if [ "$2" != public ]; then sql "$db" "create schema $2" "${3-}"; fi
  sql "$db" "create extension lgtempo schema $2 cascade" "${3-}"
  fill "$db" "$2" "${3-}"
  add "$db" "$2" "${3-}"
  grant "$db" "$2" "${3-}"
  look "$db" "$1" "$2"
}

# roles: those of ours and the API's; and what a database is set to, which the cluster keeps.
roles() {
  sql postgres "
    select rolname, rolcanlogin, rolinherit, rolbypassrls from pg_roles
    where rolname like '$OURS\\_%' or rolname = any (string_to_array('${API_ROLES[*]}', ' '))
    union all select 'setting', true, true, setconfig = '{lgtempo.exact_search_limit=100}' from pg_db_role_setting" | sorted
}

# all_there WHERE CLUSTER: every database is as it was, and a copy of it works.
all_there() {
  local name db owner copy=${OURS}_copy
  is "$(on "$2" roles)" "$ROLES" "$1: roles and settings are back"
  for name in public schema owned owned_schema; do
    db=${OURS}_$name owner=${OWNERS[$name]}
    restorers_extensions "$name"
    on "$2" restored "$db" "$name" "${SCHEMAS[$name]}" "$1, $name"
    on "$2" sql postgres "create database $copy owner ${owner:-postgres} template $db"
    on "$2" goes_on "$copy" "${SCHEMAS[$name]}" "$1, $name" "$owner" "$owner"
    on "$2" drop_database "$copy"
  done
}

new_cluster old "$FAST"
start_cluster old
on old create_api_roles
ADMINISTRATOR=$(on old new_owner owner)
on old home public public
on old home schema '"My Schema"'
on old home owned public "$ADMINISTRATOR"
on old home owned_schema '"My Schema"' "$ADMINISTRATOR"
on old sql postgres "alter database ${OURS}_public set lgtempo.exact_search_limit = 100"
ROLES=$(on old roles)

# pg_dumpall

# Of all roles the superuser alone is there already.
on old pg_dumpall | grep -vx 'CREATE ROLE postgres;' >"$SCRATCH/all.sql"
new_cluster copy "$FAST"
start_cluster copy
restores pg_dumpall on copy from_file postgres "$SCRATCH/all.sql"
all_there pg_dumpall copy
stop_cluster copy

# pg_upgrade

new_cluster upgraded "$FAST"
stop_cluster old
# It starts both by itself.
if as_server env --chdir="${FOLDERS[upgraded]}" "$PG_BIN/pg_upgrade" --username=postgres --socketdir="${FOLDERS[upgraded]}" \
  --old-bindir="$PG_BIN" --old-datadir="${FOLDERS[old]}/data" --new-datadir="${FOLDERS[upgraded]}/data" >"$SCRATCH/upgrade.log" 2>&1; then
  told ok 'pg_upgrade: it runs'
else
  told 'not ok' 'pg_upgrade: it runs' "$(tail -n 40 "$SCRATCH/upgrade.log")"
fi
start_cluster upgraded
all_there pg_upgrade upgraded

done_testing
