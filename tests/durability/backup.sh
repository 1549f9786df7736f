#!/usr/bin/env bash
# Every way to dump a database and restore it keeps everything: rows, rights, and whatever an administrator has added.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"
. "$(dirname "${BASH_SOURCE[0]}")/dump.bash"

# Homes: a schema, and who owns it all

SCHEMA=
OWNER=
WHERE=

# by_owner COMMAND…: as whoever dumps and restores here.
by_owner() { PGUSER=${OWNER:-postgres} "$@"; }

# empty_database NAME: as somebody has it before restoring, on a cluster that may never have seen lgtempo.
empty_database() {
  local db
  db=$(new_database "$1" "${OWNER:-postgres}")
  # The rest comes with the dump; only a superuser makes this.
  [ -z "$OWNER" ] || sql "$db" 'create extension vector'
  echo "$db"
}

# home_by_hand DATABASE: what CREATE EXTENSION needs here.
home_by_hand() {
  if [ "$SCHEMA" != public ]; then sql "$1" "create schema $SCHEMA" "$OWNER"; fi
  # Where vector is should make no difference.
  if [ "$SCHEMA" != public ] && [ -z "$OWNER" ]; then
    sql "$1" 'create schema extensions; grant usage on schema extensions to public; create extension vector schema extensions'
  fi
}

# permitted FILE: what an owner may restore of a script or an archive's list; an extension of a superuser's is to be left alone.
permitted() {
  if [ -n "$OWNER" ]; then grep -vE 'COMMENT (- |ON )EXTENSION vector|[0-9] EXTENSION - vector' "$1"; else cat "$1"; fi
}

# archive FILE DATABASE [OPTION…]: restores all that is permitted.
archive() {
  permitted <(pg_restore --list "$1") >"$SCRATCH/list"
  by_owner pg_restore --exit-on-error --use-list "$SCRATCH/list" --dbname "$2" "${@:3}" "$1"
}

# dump_all DATABASE: every kind of dump there is.
dump_all() {
  local file
  by_owner pg_dump --file "$SCRATCH/plain.sql" "$1"
  by_owner pg_dump --format custom --file "$SCRATCH/custom.dump" "$1"
  rm -rf "$SCRATCH/directory.dump"
  by_owner pg_dump --format directory --jobs 4 --file "$SCRATCH/directory.dump" "$1"
  # A superuser's, whom row security does not bind; the file is without the mark all the same.
  pg_dump --enable-row-security --file "$SCRATCH/rls.sql" "$1"
  by_owner pg_dump --schema-only --file "$SCRATCH/schema_only.sql" "$1"
  by_owner pg_dump --data-only --table "$SCHEMA.lgtempo_migrations" --file "$SCRATCH/steps.sql" "$1"
  by_owner pg_dump --data-only --disable-triggers --exclude-table "$SCHEMA.lgtempo_migrations" --file "$SCRATCH/rows.sql" "$1" 2>/dev/null
  by_owner pg_dump --format custom --schema auth --file "$SCRATCH/auth.dump" "$1"
  by_owner pg_dump --format custom --schema "$SCHEMA" --file "$SCRATCH/one_schema.dump" "$1"
  for file in plain rls schema_only; do
    permitted "$SCRATCH/$file.sql" >"$SCRATCH/script"
    mv "$SCRATCH/script" "$SCRATCH/$file.sql"
  done
}

# Ways: each brings the dump into an empty database

way_plain() { restores "$2" by_owner from_file "$1" "$SCRATCH/plain.sql"; }

way_custom() { restores "$2" archive "$SCRATCH/custom.dump" "$1" --jobs 4; }

way_directory() { restores "$2" archive "$SCRATCH/directory.dump" "$1" --jobs 4; }

# In one transaction; then a second copy over it, for which everything is dropped and made again.
way_over_itself() {
  restores "in one transaction, $WHERE" archive "$SCRATCH/custom.dump" "$1" --single-transaction
  restored "$1" source "$SCHEMA" "in one transaction, $WHERE"
  restores "$2" archive "$SCRATCH/custom.dump" "$1" --clean --if-exists
}

# Dumps that do not bear the mark of one.
way_row_security() { PGOPTIONS='-c lgtempo.layout=off' restores "$2" by_owner from_file "$1" "$SCRATCH/rls.sql"; }

# An empty copy, to which the record of steps belongs; then its rows.
way_schema_then_data() {
  restores "$2, schema" by_owner from_file "$1" "$SCRATCH/schema_only.sql"
  restores "$2, steps" by_owner from_file "$1" "$SCRATCH/steps.sql"
  is "$(sql "$1" "select $SCHEMA.lgtempo_setup()" "$OWNER")" 0 "$2: the empty copy is complete"
  # Only a superuser may disable the triggers that guard foreign keys. All are enabled afterwards: one that was not before
  # must be disabled again.
  restores "$2" from_file "$1" "$SCRATCH/rows.sql"
  sql "$1" "alter table $SCHEMA.profiles disable trigger touch" "$OWNER"
}

# Schemas alone, which bring no extension: it is made by hand, without tables.
way_single_schemas() {
  home_by_hand "$1"
  like "$(messages "$1" "set lgtempo.layout = off; create extension lgtempo schema $SCHEMA cascade" "$OWNER")" \
    'NOTICE: +00000: lgtempo lays out no tables' "$2: CREATE EXTENSION says that there will be no tables"
  restores "$2, auth" by_owner pg_restore --exit-on-error --dbname "$1" "$SCRATCH/auth.dump"
  pg_restore --list "$SCRATCH/one_schema.dump" | grep -vE '^[0-9]+; [0-9]+ [0-9]+ (SCHEMA|COMMENT - SCHEMA)' >"$SCRATCH/list"
  restores "$2" by_owner pg_restore --exit-on-error --use-list "$SCRATCH/list" --dbname "$1" "$SCRATCH/one_schema.dump"
  # A publication belongs to no schema.
  sql "$1" "
    set client_min_messages = error;
    create publication changes for table $SCHEMA.graph_edges (id, user_id, edge_type), $SCHEMA.inbox_messages where (id is not null)" "$OWNER"
}

# Extensions belong to whoever restores them.
way_role() {
  permitted <(pg_restore --list "$SCRATCH/custom.dump") >"$SCRATCH/list"
  restores "$2" pg_restore --role "$OWNER" --exit-on-error --jobs 4 --use-list "$SCRATCH/list" --dbname "$1" "$SCRATCH/custom.dump"
}

way_superuser() {
  permitted <(pg_restore --list "$SCRATCH/custom.dump") >"$SCRATCH/list"
  restores "$2" pg_restore --exit-on-error --jobs 4 --use-list "$SCRATCH/list" --dbname "$1" "$SCRATCH/custom.dump"
}

# a_way NAME TITLE: restores so, and looks whether all is there and goes on working.
a_way() {
  local db title="$2, $WHERE"
  # As on another cluster: no dump of a database brings the roles, and an owner cannot make them.
  [ -n "$OWNER" ] || drop_api_roles
  db=$(empty_database "$1")
  "way_$1" "$db" "$title"
  restored "$db" source "$SCHEMA" "$title"
  if [ "$1" = plain ]; then
    by_owner pg_dump --schema-only "$db" | permitted - >"$SCRATCH/again.sql"
    # psql's own commands carry a key that differs each time.
    same <(grep -v '^\\' "$SCRATCH/schema_only.sql") <(grep -v '^\\' "$SCRATCH/again.sql") "$title: pg_dump would write the same again"
  fi
  goes_on "$db" "$SCHEMA" "$title" "$OWNER" "$OWNER"
  drop_database "$db"
}

# schema_alone: without a record of steps; the tables are adopted as they are, and those steps run that make none.
schema_alone() {
  local db title="schema alone, $WHERE"
  [ -n "$OWNER" ] || drop_api_roles
  db=$(empty_database schema)
  restores "$title" by_owner from_file "$db" "$SCRATCH/schema_only.sql"
  fails "$db" "begin; alter table $SCHEMA.profiles drop column locale; select $SCHEMA.lgtempo_setup()" \
    '55000: the tables of lgtempo lack: column profiles.locale' "$title: what is missing is named"
  fails "$db" "begin; alter table $SCHEMA.knowledge owner to pg_monitor; select $SCHEMA.lgtempo_setup()" \
    '42501: not adopted, .*[.]knowledge$' "$title: what is somebody else's is not adopted"
  is "$(sql "$db" "select $SCHEMA.lgtempo_setup()" "$OWNER")" 1 "$title: the tables are adopted"
  catalogue "$db" >"$SCRATCH/now.catalogue"
  same "$SCRATCH/source.catalogue" "$SCRATCH/now.catalogue" "$title: everything in the catalogue is back"
  is "$(sql "$db" "select $SCHEMA.lgtempo_setup()" "$OWNER")" 0 "$title: another setup has nothing to do"
  works "$db" "$SCHEMA" "$SCHEMA" "$title" "$OWNER"
  drop_database "$db"
}

# data_alone DATABASE_BEFORE_ADDITIONS: the documented way, into the empty tables of a CREATE EXTENSION.
data_alone() {
  local db title="data alone, $WHERE"
  by_owner pg_dump --data-only --disable-triggers --exclude-table "$SCHEMA.lgtempo_migrations" --file "$SCRATCH/data.sql" "$1" 2>/dev/null
  look "$1" data "$SCHEMA"
  db=$(empty_database data)
  home_by_hand "$db"
  sql "$db" "create extension lgtempo schema $SCHEMA cascade" "$OWNER"
  restores "$title" from_file "$db" "$SCRATCH/data.sql"
  look "$db" now "$SCHEMA"
  same <(grep -v 'lgtempo_migrations ' "$SCRATCH/data.rows") <(grep -v 'lgtempo_migrations ' "$SCRATCH/now.rows") "$title: every row is back"
  same "$SCRATCH/data.catalogue" "$SCRATCH/now.catalogue" "$title: nothing else has changed"
  goes_on "$db" "$SCHEMA" "$title" "$OWNER" "$OWNER"
  drop_database "$db"
}

# matrix WHERE SCHEMA [OWNER]: all ways, in this home.
matrix() {
  local db
  WHERE=$1 SCHEMA=$2 OWNER=${3-}
  db=$(empty_database source)
  home_by_hand "$db"
  sql "$db" "create extension lgtempo schema $SCHEMA cascade" "$OWNER"
  fill "$db" "$SCHEMA" "$OWNER"
  is "$(rows "$db" | grep -c ' | 0 | ' || true)" 0 "$WHERE: every table has rows to lose"
  data_alone "$db"
  add "$db" "$SCHEMA" "$OWNER"
  grant "$db" "$SCHEMA" "$OWNER"
  look "$db" source "$SCHEMA"
  dump_all "$db"
  drop_database "$db"
  a_way plain 'plain format'
  a_way custom 'custom format, 4 jobs'
  a_way directory 'directory format, 4 jobs'
  a_way over_itself 'over itself'
  a_way row_security 'with row security'
  a_way schema_then_data 'schema, then data'
  a_way single_schemas 'single schemas'
  schema_alone
  [ -n "$OWNER" ] || return 0
  a_way role "by a superuser in the owner's role"
  restorers_extensions source
  a_way superuser 'by a superuser'
}

drop_api_roles
matrix "a superuser's, in public" public
matrix "a superuser's, in another schema" '"My Schema"'

drop_api_roles
create_api_roles
ADMINISTRATOR=$(new_owner owner)
matrix "an owner's, in public" public "$ADMINISTRATOR"
matrix "an owner's, in another schema" '"My Schema"' "$ADMINISTRATOR"

done_testing
