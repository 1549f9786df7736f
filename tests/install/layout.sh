#!/usr/bin/env bash
# CREATE EXTENSION that lays out nothing: it leaves the tables to a dump.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

STEPS=$(find "$HERE/../../sql" -maxdepth 1 -name '[0-9][0-9]_*.sql' | wc -l)

# no_tables SETTING: by which CREATE EXTENSION leaves the tables to a dump.
no_tables() {
  local db said
  drop_api_roles
  db=$(new_database no_tables)
  said=$(messages "$db" "set $1; create extension lgtempo cascade")
  like "$said" 'NOTICE: +00000: [^'$'\n'']*no tables' "$1: CREATE EXTENSION says in a NOTICE that it lays out no tables"
  unlike "$said" '(ERROR|WARNING):' "$1: and nothing worse"
  is "$(sql "$db" "
    select c.relname from pg_class c
    where relnamespace = 'public'::regnamespace and relkind = 'r'
    union all select nspname from pg_namespace where nspname = 'auth'")" '' "$1: there are no tables, and no schema auth"
  is "$(sql "$db" "select count(*) from pg_roles where rolname in ('anon', 'authenticated', 'service_role')")" 3 "$1: the roles are made"
  is "$(unexpected_rights "$db")" '' "$1: no function is open to whom it is not meant for"
  is "$(sql "$db" "set $1; select lgtempo_setup()")" "$STEPS" "$1: lgtempo_setup() lays them out all the same"
  is "$(rights "$db" public)" "$RIGHTS" "$1: with the rights of the contract"
  works "$db" public public "$1"
  drop_database "$db"
}

no_tables 'row_security = off'
no_tables 'lgtempo.layout = off'
no_tables "lgtempo.layout = 'OFF'"

DB=$(new_database auto)
sql "$DB" 'set lgtempo.layout = auto; create extension lgtempo cascade'
is "$(sql "$DB" 'select count(*) from lgtempo_migrations')" "$STEPS" 'lgtempo.layout = auto: the tables are laid out'
drop_database "$DB"

done_testing
