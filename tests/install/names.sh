#!/usr/bin/env bash
# What others have put where lgtempo goes: it is never overwritten, never adopted, never run.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

OWNER=$(new_owner owner)
INTRUDER=$(new_owner intruder)
create_api_roles

# A database of the owner's in which an intruder may create, with a trap: a function that tells who has called it, by a
# warning and by a sequence, which no rollback sets back.
trapped_database() {
  local db
  db=$(new_database "$1" "$OWNER")
  sql "$db" "
    create extension vector;
    grant create, usage on schema public to $INTRUDER;
    create schema trap;
    grant all on schema trap to public;
    create sequence trap.sprung;
    grant all on sequence trap.sprung to public;
    create function trap.spring(anyelement) returns anyelement language plpgsql as \$\$
    begin
        perform nextval('trap.sprung');
        raise warning 'trap sprung as %', current_user;
        return \$1;
    end \$\$"
  echo "$db"
}

# unharmed DATABASE BEFORE WHERE: nothing was made and nothing of the intruder's has run.
unharmed() {
  is "$(leftovers "$1")" "$2" "$3: nothing is made"
  is "$(sql "$1" 'select is_called from trap.sprung')" f "$3: nothing of others is run"
}

# refused DATABASE REGEX WHERE [TEXT]: CREATE EXTENSION fails so, for the owner and for a superuser.
refused() {
  local before who
  before=$(leftovers "$1")
  for who in "$OWNER" postgres; do
    fails "$1" "${4-create extension lgtempo cascade}" "$2" "$3: refused to ${who#"${OURS}_"}" "$who"
  done
  unharmed "$1" "$before" "$3"
}

# Names that are taken

DB=$(trapped_database taken)
sql "$DB" "
  create view users as select trap.spring(1) as id;
  create table graph_nodes (id int);
  create type node_type as enum ('a');
  create table other (a int, b int);
  create index users_pkey on other (a);
  create sequence goal_categories" "$INTRUDER"
refused "$DB" '42P07: ' 'names that are taken'
said=$(messages "$DB" 'create extension lgtempo cascade' "$OWNER")
for name in users graph_nodes node_type users_pkey goal_categories; do
  like "$said" "ERROR: [^"$'\n'"]*[^a-z_]$name([^a-z_]|$)" "names that are taken: $name is named"
done
like "$said" 'HINT: [^'$'\n'']*CREATE EXTENSION lgtempo SCHEMA' 'names that are taken: the hint says how to go round them'
unlike "$said" '[^a-z_]other([^a-z_]|$)' 'names that are taken: nothing else is named'
sql "$DB" 'create schema app' "$OWNER"
does "$DB" 'create extension lgtempo schema app cascade' 'names that are taken: in a schema of its own it installs' "$OWNER"
is "$(rights "$DB" app)" "$RIGHTS" 'names that are taken: and is complete there'
is "$(sql "$DB" 'select is_called from trap.sprung')" f 'names that are taken: still nothing of others is run'

# Every name there is: what an installation makes, made by somebody else beforehand.
# (A record of steps is another matter: see below.)
relations=$(sql "$DB" "
  select relname from pg_class
  where relnamespace = 'app'::regnamespace and relkind in ('r', 'i') and relname <> 'lgtempo_migrations'")
types=$(sql "$DB" "
  select typname from pg_type t
  where typnamespace = 'app'::regnamespace and typtype = 'e'")
drop_database "$DB"
DB=$(trapped_database every)
for name in $relations; do echo "create sequence $name;"; done | client "$DB" "$INTRUDER"
for name in $types; do echo "create domain $name as text;"; done | client "$DB" "$INTRUDER"
refused "$DB" '42P07: ' 'every name taken'
messages "$DB" 'create extension lgtempo cascade' "$OWNER" | sed -n '/^ERROR: /p' | tr -c 'a-z0-9_' '\n' | sort -u >"$SCRATCH/named"
is "$(printf '%s\n' $relations $types | sort -u | comm -23 - "$SCRATCH/named")" '' 'every name taken: all are named'
drop_database "$DB"

# A name alone, of each kind.
alone() {
  local db
  db=$(trapped_database alone)
  sql "$db" "$1" "$INTRUDER"
  refused "$db" "42P07: [^"$'\n'"]*$2" "$1"
  drop_database "$db"
}
alone 'create materialized view profiles as select 1 as a' profiles
alone 'create type profiles as enum ()' profiles
alone 'create type edge_type as (a int)' edge_type
alone 'create domain message_priority as text' message_priority
alone 'create table node_status (a int)' node_status
alone 'create table knowledge (a int) partition by range (a)' knowledge
alone 'create table other (a int); create index lgtempo_migrations_pkey on other (a)' lgtempo_migrations_pkey
alone 'create table other (a int, constraint graph_edges_fact_excl unique (a))' graph_edges_fact_excl

# Another type vector in our schema is not pgvector's.
DB=$(trapped_database vector)
sql "$DB" 'create schema extensions; alter extension vector set schema extensions; grant usage on schema extensions to public'
sql "$DB" 'create type vector as enum ()' "$INTRUDER"
before=$(leftovers "$DB")
if sql "$DB" 'create extension lgtempo cascade' "$OWNER" >/dev/null 2>&1; then
  is "$(sql "$DB" "
    select count(*) from pg_proc p, unnest(p.proargtypes) t (type)
    where p.pronamespace = 'public'::regnamespace and t.type = 'public.vector'::regtype")" 0 'another type vector: no function takes it'
else
  unharmed "$DB" "$before" 'another type vector'
fi
drop_database "$DB"

# Functions that are there already

# function_there SIGNATURE RESULT [ATTRIBUTES]
function_there() {
  local db
  db=$(trapped_database function)
  sql "$db" "create function $1 returns $2 language plpgsql as \$\$ begin perform trap.spring(1); raise exception 'sprung'; end \$\$" "$INTRUDER"
  refused "$db" '42(723|725|501|P07|P13): ' "function $1"
  drop_database "$db"
}
function_there 'lgtempo_version()' text
function_there 'lgtempo_setup()' integer
function_there 'lgtempo_setup(x integer default 1)' integer
function_there 'lgtempo_setup(variadic x text[])' integer
function_there 'lgtempo_touch()' trigger
function_there 'lgtempo_uuid_v7(x integer default 1)' uuid
function_there 'get_node_neighborhood(p_node_id text)' text
function_there 'search_knowledge_base(a text, b text)' text

# What the script needs only meanwhile.
meanwhile=$(sed -nE 's/^create function @extschema@\.([a-z_0-9]+).*/\1/p' "$HERE/../../sql/members/names.sql" 2>/dev/null || true)
for name in $meanwhile; do
  function_there "$name()" void
  DB=$(trapped_database overload)
  sql "$DB" "create function $name(x integer default 1) returns void language plpgsql as \$\$ begin perform trap.spring(1); end \$\$" "$INTRUDER"
  sql "$DB" 'create extension lgtempo cascade' "$OWNER" >/dev/null 2>&1 || true
  is "$(sql "$DB" 'select is_called from trap.sprung')" f "function $name(integer): nothing of others is run"
  drop_database "$DB"
done

# A record of steps that somebody else has made

COLUMNS="step integer primary key, name text not null, objects text[] not null, applied_at timestamptz not null default now()"
ALL_STEPS=$(cd "$HERE/../../sql" && for file in [0-9][0-9]_*.sql; do printf "(%d, '%s', '{}')," "$((10#${file%%_*}))" "${file%.sql}"; done)
ALL_STEPS=${ALL_STEPS%,}

DB=$(trapped_database intruders_record)
sql "$DB" "
  create table lgtempo_migrations ($COLUMNS);
  insert into lgtempo_migrations (step, name, objects) values $ALL_STEPS;
  alter table lgtempo_migrations alter applied_at set default trap.spring(now());
  alter table lgtempo_migrations enable row level security;
  create policy mine on lgtempo_migrations using (trap.spring(true));
  grant all on lgtempo_migrations to public" "$INTRUDER"
refused "$DB" '42501: [^'$'\n'']*lgtempo_migrations' "an intruder's record"
drop_database "$DB"

DB=$(trapped_database view)
sql "$DB" "
  create view lgtempo_migrations as select trap.spring(n) as step, ''::text as name, '{}'::text[] as objects, now() as applied_at from generate_series(1, 9) n;
  grant all on lgtempo_migrations to public" "$INTRUDER"
refused "$DB" '42501: [^'$'\n'']*lgtempo_migrations' 'a view for a record'
sql "$DB" "alter view lgtempo_migrations owner to $OWNER"
refused "$DB" '42501: [^'$'\n'']*lgtempo_migrations' "the owner's view for a record"
sql "$DB" 'alter view lgtempo_migrations owner to postgres'
refused "$DB" '42501: [^'$'\n'']*lgtempo_migrations' "a superuser's view for a record"
drop_database "$DB"

DB=$(trapped_database no_rls)
sql "$DB" "create table lgtempo_migrations ($COLUMNS); insert into lgtempo_migrations (step, name, objects) values $ALL_STEPS" "$OWNER"
before=$(leftovers "$DB")
fails "$DB" 'create extension lgtempo cascade' '42501: [^'$'\n'']*lgtempo_migrations' 'a record without RLS: refused' "$OWNER"
unharmed "$DB" "$before" 'a record without RLS'
drop_database "$DB"

DB=$(trapped_database rule)
sql "$DB" "
  create table lgtempo_migrations ($COLUMNS);
  alter table lgtempo_migrations enable row level security;
  alter table lgtempo_migrations owner to $INTRUDER"
sql "$DB" "
  create rule r as on insert to lgtempo_migrations do also select trap.spring(1);
  create function t() returns trigger language plpgsql as 'begin perform trap.spring(1); return null; end';
  create trigger t after insert on lgtempo_migrations for each statement execute function t()" "$INTRUDER"
refused "$DB" '42501: [^'$'\n'']*lgtempo_migrations' "an intruder's empty record"
drop_database "$DB"

# The record is the owner's, the tables that it names are not, or not all.
DB=$(trapped_database tables)
sql "$DB" "
  create table lgtempo_migrations ($COLUMNS);
  alter table lgtempo_migrations enable row level security;
  insert into lgtempo_migrations (step, name, objects) values $ALL_STEPS;
  update lgtempo_migrations set objects = '{table users,table profiles,table graph_nodes,table knowledge}' where step = 1;
  create table knowledge (id uuid);
  create table profiles (id uuid primary key, full_name text, avatar_url text);
  alter table profiles enable row level security" "$OWNER"
sql "$DB" "
  create table users (id uuid primary key, email text, name text, full_name text, avatar_url text);
  alter table users enable row level security;
  create function t() returns trigger language plpgsql as 'begin perform trap.spring(1); return new; end';
  create trigger t before insert on users for each row execute function t();
  create policy mine on users using (trap.spring(true)) with check (trap.spring(true));
  grant all on users to public;
  create view graph_nodes as select trap.spring(1) as id;
  grant all on graph_nodes to public" "$INTRUDER"
sql "$DB" "
  create schema auth;
  create table auth.users (id uuid primary key, email text, raw_user_meta_data jsonb);
  insert into auth.users values ('$ADA', 'ada@example.com')" "$OWNER"
before=$(leftovers "$DB")
fails "$DB" 'create extension lgtempo cascade' '42501: ' "an intruder's tables: refused" "$OWNER"
said=$(messages "$DB" 'create extension lgtempo cascade' "$OWNER" | sed -n '/^ERROR: /p')
for name in users graph_nodes knowledge; do
  like "$said" "[^a-z_]$name([^a-z_]|$)" "an intruder's tables: $name is named"
done
unlike "$said" '[^a-z_]profiles([^a-z_]|$)' "an intruder's tables: the owner's own is not"
unharmed "$DB" "$before" "an intruder's tables"
drop_database "$DB"

# Once installed, the same holds for lgtempo_setup().
DB=$(trapped_database later)
sql "$DB" 'create extension lgtempo cascade' "$OWNER"
sql "$DB" "alter table users owner to $INTRUDER; alter table knowledge disable row level security"
for who in "$OWNER" postgres; do
  said=$(messages "$DB" 'select lgtempo_setup()' "$who")
  like "$said" 'ERROR:  42501: ' "tables given away: lgtempo_setup() is refused to ${who#"${OURS}_"}"
  like "$said" '[^a-z_]users([^a-z_]|$)' "tables given away: users is named to ${who#"${OURS}_"}"
  like "$said" '[^a-z_]knowledge([^a-z_]|$)' "tables given away: knowledge is named to ${who#"${OURS}_"}"
done
drop_database "$DB"

done_testing
