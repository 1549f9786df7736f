#!/usr/bin/env bash
# At Supabase, schema auth is somebody else's: a dump leaves it out, and a restore finds another one there.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"
. "$(dirname "${BASH_SOURCE[0]}")/dump.bash"

DEE=00000000-0000-4000-8000-00000000000d
ADMINISTRATOR=$(new_owner owner)

# home NAME [OWNER]: an owner has no rights on schema auth but what lgtempo needs.
home() {
  local db
  db=$(new_database "$1" "${2:-postgres}")
  supabase_home "$db" "${2:-postgres}"
  if [ -n "${2-}" ]; then
    sql "$db" "
      grant usage on schema auth, extensions to $2;
      grant select, references, trigger on auth.users to $2;
      create extension btree_gist schema extensions"
  fi
  echo "$db"
}

# dump SCHEMA [OWNER]: of a database at Supabase, without schema auth, and its accounts apart.
dump() {
  local db left_out='^$'
  db=$(home source "${2-}")
  if [ "$1" != public ]; then sql "$db" "create schema $1" "${2-}"; fi
  sql "$db" "create extension lgtempo schema $1 cascade" "${2-}"
  fill "$db" "$1" supabase_auth_admin
  add "$db" "$1" "${2-}"
  look "$db" source "$1"
  PGUSER=${2:-postgres} pg_dump --format custom --exclude-schema auth --exclude-schema extensions --file "$SCRATCH/dump" "$db"
  pg_dump --data-only --table auth.users --file "$SCRATCH/accounts.sql" "$db"
  # What belongs to a superuser, an owner leaves alone.
  if [ -n "${2-}" ]; then left_out='COMMENT - EXTENSION "?(vector|uuid-ossp|btree_gist)|DEFAULT ACL .* postgres$'; fi
  pg_restore --list "$SCRATCH/dump" | grep -vE "$left_out" >"$SCRATCH/list"
  drop_database "$db"
}

# ungranted NAME: what was in the catalogue, without what default privileges blur.
ungranted() { grep -v '^grant ' "$SCRATCH/$1.catalogue"; }

# again WHERE SCHEMA [OWNER [SQL]]: restores it into a home where SQL was run.
again() {
  local db where=$1 schema=$2 owner=${3-}
  db=$(home again "$owner")
  sql "$db" "${4-}"
  restores "$where, accounts first" from_file "$db" "$SCRATCH/accounts.sql"
  PGUSER=${owner:-postgres} restores "$where" \
    pg_restore --exit-on-error --jobs 4 --use-list "$SCRATCH/list" --dbname "$db" "$SCRATCH/dump"
  look "$db" now "$schema"
  same "$SCRATCH/source.rows" "$SCRATCH/now.rows" "$where: every row is back"
  same <(ungranted source | grep -v '^trigger .* ON auth\.users ') <(ungranted now) \
    "$where: so is everything in the catalogue but the trigger on auth.users"
  sql "$db" "insert into auth.users (id, email) values ('$DEE', 'dee@example.com')" supabase_auth_admin
  is "$(sql "$db" "select count(*) from $schema.users where id = '$DEE'")" 0 "$where: a sign-up has no rows yet"
  is "$(sql "$db" "select $schema.lgtempo_setup()" "$owner")" 0 "$where: lgtempo_setup() runs no step"
  look "$db" now "$schema"
  same <(ungranted source) <(ungranted now) "$where: but makes the trigger on auth.users again"
  is "$(sql "$db" "select u.email from $schema.users u join $schema.profiles p using (id) where id = '$DEE'")" dee@example.com \
    "$where: and the rows of who signed up meanwhile"
  is "$(grep -v '^diary ' "$SCRATCH/now.rights")" "$RIGHTS" "$where: rights on the tables are those of the contract"
  goes_on "$db" "$schema" "$where" "$owner" supabase_auth_admin
  drop_database "$db"
}

dump public
again 'Supabase without schema auth' public
# Default privileges come with the dump, after the tables.
again 'Supabase without schema auth or default privileges' public '' "
  alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
  alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;
  alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role"

dump '"My Schema"'
again 'Supabase without schema auth, another schema' '"My Schema"'

dump public "$ADMINISTRATOR"
again "an owner's at Supabase" public "$ADMINISTRATOR"

dump '"My Schema"' "$ADMINISTRATOR"
again "an owner's at Supabase, another schema" '"My Schema"' "$ADMINISTRATOR"

done_testing
