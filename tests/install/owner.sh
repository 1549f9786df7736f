#!/usr/bin/env bash
# A database's owner who is no superuser installs lgtempo, where vector and the roles of the API are there.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

OWNER=$(new_owner owner)
STRANGER=$(new_owner stranger)
MEMBER=$(new_owner member)
sql postgres "grant $OWNER to $MEMBER"

# owners DATABASE SCHEMA: who owns the tables and their indexes, the functions and types, the extension.
owners() {
  sql "$1" "
    select distinct 'tables', relowner::regrole from pg_class where relnamespace = '$2'::regnamespace and relkind in ('r', 'i')
    union all
    select distinct 'functions', p.proowner::regrole
    from pg_proc p
    join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    join pg_extension e on d.refclassid = 'pg_extension'::regclass and e.oid = d.refobjid and e.extname = 'lgtempo'
    union all
    select 'extension', extowner::regrole from pg_extension where extname = 'lgtempo'
    order by 1"
}

OWNERS=$'extension | '$OWNER$'\nfunctions | postgres\ntables | '$OWNER

# Who may set up

# setup_is_the_owners DATABASE SCHEMA WHERE
setup_is_the_owners() {
  local db=$1 schema=$2 where=$3 who
  is "$(sql "$db" "select $schema.lgtempo_setup()" "$OWNER")" 0 "$where: the owner may set up again, with nothing to do"
  is "$(sql "$db" "select $schema.lgtempo_setup()" "$MEMBER")" 0 "$where: so may a member of the owner's role"
  is "$(sql "$db" "select $schema.lgtempo_setup()")" 0 "$where: and a superuser"
  fails "$db" "select $schema.lgtempo_setup()" '42501: ' "$where: a stranger may not" "$STRANGER"
  for who in "${API_ROLES[@]}"; do
    fails "$db" "set role $who; select $schema.lgtempo_setup()" '42501: ' "$where: $who may not"
  done
  sql "$db" "grant execute on function $schema.lgtempo_setup() to $STRANGER, service_role; grant usage on schema $schema to $STRANGER"
  fails "$db" "select $schema.lgtempo_setup()" '42501: ' "$where: a stranger may not, even where the function was granted" "$STRANGER"
  fails "$db" "set role service_role; select $schema.lgtempo_setup()" '42501: ' "$where: nor may service_role"
  sql "$db" "revoke execute on function $schema.lgtempo_setup() from $STRANGER, service_role; revoke usage on schema $schema from $STRANGER"
}

# Without the roles of the API

# missing DATABASE TEXT: what a failed installation by the owner asks a superuser to run.
missing() { messages "$1" "$2" "$OWNER" | sed -nE '/^ERROR:  42501: /,$p' | sed -zE 's/\n(DETAIL|HINT): .*//; s/.*\brun: *//'; }

# refused_until_granted DATABASE TEXT WHERE: 42501 lists everything that is missing; what it lists is enough.
refused_until_granted() {
  local db=$1 text=$2 where=$3 before after list
  before=$(leftovers "$db")
  fails "$db" "$text" '42501: ' "$where: refused" "$OWNER"
  list=$(missing "$db" "$text")
  after=$(leftovers "$db")
  is "$after" "$before" "$where: the refused try has left nothing"
  does "$db" "$list" "$where: what it lists is SQL for a superuser"
  does "$db" "$text" "$where: what it lists is enough" "$OWNER"
  LISTED=$list
}

drop_api_roles
DB=$(new_database roles "$OWNER")
sql "$DB" 'create extension vector'
refused_until_granted "$DB" 'create extension lgtempo cascade' 'without the roles'
for role in "${API_ROLES[@]}"; do
  like "$LISTED" "create role $role " "without the roles: $role is listed"
done
is "$(sql "$DB" "
    select rolname, rolcanlogin, rolsuper, rolbypassrls
    from pg_roles where rolname in ('anon', 'authenticated', 'service_role') order by 1")" \
  $'anon | f | f | f\nauthenticated | f | f | f\nservice_role | f | f | t' 'without the roles: those listed are as they must be'
is "$(owners "$DB" public)" "$OWNERS" 'without the roles: afterwards the tables belong to the owner'
drop_database "$DB"

drop_api_roles
sql postgres 'create role authenticated nologin noinherit'
DB=$(new_database roles "$OWNER")
sql "$DB" 'create extension vector'
refused_until_granted "$DB" 'create extension lgtempo cascade' 'with one role'
unlike "$LISTED" 'role authenticated' 'with one role: it is not listed'
drop_database "$DB"

drop_api_roles
DB=$(new_database roles "$OWNER")
sql "$DB" 'create extension vector'
refused_until_granted "$DB" 'set lgtempo.layout = off; create extension lgtempo cascade' 'without the roles or tables'
is "$(sql "$DB" "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'")" 0 \
  'without the roles or tables: none are laid out'
drop_database "$DB"

# Plain PostgreSQL

DB=$(new_database plain "$OWNER")
sql "$DB" 'create extension vector'
does "$DB" 'create extension lgtempo cascade' 'plain: the owner installs it' "$OWNER"
is "$(owners "$DB" public)" "$OWNERS" 'plain: tables belong to the owner, functions to the superuser'
is "$(sql "$DB" "
    select nspowner::regrole from pg_namespace where nspname = 'auth'
    union select relowner::regrole from pg_class where relnamespace = 'auth'::regnamespace
    union select proowner::regrole from pg_proc where pronamespace = 'auth'::regnamespace")" "$OWNER" \
  'plain: schema auth is made by the owner'
is "$(rights "$DB" public)" "$RIGHTS" 'plain: rights on the tables are those of the contract'
is "$(unexpected_rights "$DB")" '' 'plain: no function is open to whom it is not meant for'
works "$DB" public public 'plain' "$OWNER"
setup_is_the_owners "$DB" public plain
is "$(sql "$DB" "
    select create_goal_node('$BEN', 'Sleep') is not null;
    select count(*) from graph_nodes" "$OWNER")" $'t\n5' 'plain: the owner uses the functions for anybody'
does "$DB" "
    alter table graph_nodes add column mood text;
    create index graph_nodes_mood_idx on graph_nodes (mood);
    create policy mine on graph_nodes as restrictive for select to authenticated using (mood is null);
    drop extension if exists lgtempo_nonsense" 'plain: the tables are the owner'"'"'s to alter' "$OWNER"
is "$(sql "$DB" 'select lgtempo_setup()' "$OWNER")" 0 'plain: which setup leaves alone'
fails "$DB" 'drop extension lgtempo' '2BP01: ' 'plain: DROP EXTENSION is refused while there are tables' "$OWNER"

# Plain PostgreSQL, another schema

DB=$(new_database app "$OWNER")
sql "$DB" 'create schema "The Vectors"; create extension vector schema "The Vectors"; grant usage on schema "The Vectors" to public'
sql "$DB" 'create schema "My Schema"' "$OWNER"
does "$DB" 'create extension lgtempo schema "My Schema" cascade' 'another schema: the owner installs it' "$OWNER"
is "$(owners "$DB" '"My Schema"')" "$OWNERS" 'another schema: tables belong to the owner, functions to the superuser'
is "$(rights "$DB" '"My Schema"')" "$RIGHTS" 'another schema: rights on the tables are those of the contract'
works "$DB" '"My Schema"' '"My Schema"' 'another schema' "$OWNER"
setup_is_the_owners "$DB" '"My Schema"' 'another schema'

# Supabase

DB=$(new_database supabase "$OWNER")
supabase_home "$DB" "$OWNER"
sql "$DB" "
    grant usage on schema auth to $OWNER;
    grant usage on schema extensions to $OWNER;
    grant select, references, trigger on auth.users to $OWNER"
before=$(sql "$DB" "select nspacl from pg_namespace where nspname = 'auth'; select relacl from pg_class where oid = 'auth.users'::regclass")
does "$DB" 'create extension lgtempo cascade' 'Supabase: the owner installs it with the rights it needs' "$OWNER"
is "$(owners "$DB" public)" "$OWNERS" 'Supabase: tables belong to the owner, functions to the superuser'
is "$(sql "$DB" "select nspacl from pg_namespace where nspname = 'auth'; select relacl from pg_class where oid = 'auth.users'::regclass")" \
  "$before" 'Supabase: nobody gets further rights on schema auth'
is "$(rights "$DB" public)" "$RIGHTS" 'Supabase: rights on the tables hold against the default privileges'
is "$(unexpected_rights "$DB")" '' 'Supabase: no function is open to whom it is not meant for'
sign_up "$DB" supabase_auth_admin
is "$(sql "$DB" "select u.email, u.full_name, u.subscription, p.username from users u join profiles p using (id) order by 1")" \
  $'ada@example.com | Ada L. |  | \nben@example.com |  |  | ' 'Supabase: a sign-up by the auth admin makes users and profiles'
shared_knowledge "$DB" public
is "$(coaching "$DB" public public)" "$COACHED" 'Supabase: the main functions work for a signed-in person'
setup_is_the_owners "$DB" public Supabase
sql "$DB" "delete from auth.users" supabase_auth_admin
is "$(sql "$DB" "select (select count(*) from users), (select count(*) from graph_nodes)")" '0 | 0' \
  'Supabase: the auth admin erases an account with everything of that person'

DB=$(new_database refused "$OWNER")
supabase_home "$DB" "$OWNER"
sql "$DB" "grant usage on schema extensions to $OWNER"
refused_until_granted "$DB" 'create extension lgtempo cascade' 'Supabase without rights'
like "$LISTED" "grant usage on schema auth to $OWNER" 'Supabase without rights: usage is listed'
for right in select references trigger; do
  like "$LISTED" "$right[a-z, ]* on auth\.users to $OWNER" "Supabase without rights: $right is listed"
done
unlike "$LISTED" '(insert|update|delete|create|create role)[a-z, ]* on' 'Supabase without rights: nothing more is asked for'
works "$DB" public public 'Supabase without rights' supabase_auth_admin

# One right at a time.
for right in 'usage on schema auth' 'select on auth.users' 'references on auth.users' 'trigger on auth.users'; do
  name=${right%% *}
  DB=$(new_database "no_$name" "$OWNER")
  supabase_home "$DB" "$OWNER"
  sql "$DB" "
    grant usage on schema auth, extensions to $OWNER;
    grant select, references, trigger on auth.users to $OWNER;
    revoke $right from $OWNER"
  refused_until_granted "$DB" 'create extension lgtempo cascade' "without $right"
  is "$(sed -E 's/; *$//' <<<"$LISTED")" "grant $right to $OWNER" "without $right: that alone is listed"
  drop_database "$DB"
done

# vector where the owner may not look.
DB=$(new_database closed "$OWNER")
sql "$DB" 'create schema closed; create extension vector schema closed'
refused_until_granted "$DB" 'create extension lgtempo cascade' 'vector in a closed schema'
works "$DB" public public 'vector in a closed schema, once granted' "$OWNER"

# Whatever may be missing, at once

# A schema of somebody else's to install into, an empty schema auth of somebody else's, vector where nobody may look. (That the
# roles of the API may use schema auth is up to whoever has made it.)
for database in $(sql postgres "select datname from pg_database where datname like '${OURS}\\_%'"); do drop_database "$database"; done
sql postgres 'drop role if exists supabase_auth_admin'
drop_api_roles
DB=$(new_database nothing "$OWNER")
sql "$DB" 'create schema auth; grant usage on schema auth to public; create schema app; create schema extensions; create extension vector schema extensions'
refused_until_granted "$DB" 'create extension lgtempo schema app cascade' 'without anything'
is "$(owners "$DB" app)" "$OWNERS" 'without anything: once granted, tables belong to the owner'
is "$(rights "$DB" app)" "$RIGHTS" 'without anything: rights on the tables are those of the contract'
works "$DB" app app 'without anything' "$OWNER"

# auth.users without auth.uid(), and the other way round.
DB=$(new_database half "$OWNER")
sql "$DB" 'create schema auth; grant usage on schema auth to public; create extension vector; create table auth.users (id uuid primary key, email text, raw_user_meta_data jsonb)'
refused_until_granted "$DB" 'create extension lgtempo cascade' 'without auth.uid()'
works "$DB" public public 'without auth.uid()'
DB=$(new_database other_half "$OWNER")
sql "$DB" "create schema auth; grant usage on schema auth to public; create extension vector; create function auth.uid() returns uuid language sql stable
    as \$\$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid \$\$"
refused_until_granted "$DB" 'create extension lgtempo cascade' 'without auth.users'
works "$DB" public public 'without auth.users' "$OWNER"

# Somebody who may not even create in the database.
DB=$(new_database strange "$OWNER")
sql "$DB" 'create extension vector'
before=$(leftovers "$DB")
fails "$DB" 'create extension lgtempo cascade' '42501: ' 'a stranger may not install it' "$STRANGER"
is "$(leftovers "$DB")" "$before" 'a stranger who tries leaves nothing'

done_testing
