#!/usr/bin/env bash
# Installing where somebody else has been before: functions and operators in the target schema that fit better than PostgreSQL's,
# casts, temporary tables that shadow ours, a hostile search_path, a record of steps of somebody else's. None is ever run.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

OWNER=$(new_owner owner)
INTRUDER=$(new_owner intruder)
create_api_roles

# A trap counts in a sequence, which no rollback sets back, and raises.
trapped_database() {
  local db
  db=$(new_database "$1" "$OWNER")
  sql "$db" "
    create extension vector;
    create extension btree_gist;
    create extension \"uuid-ossp\";
    grant create, usage on schema public to $INTRUDER;
    create schema trap;
    grant all on schema trap to public;
    create sequence trap.sprung;
    grant all on sequence trap.sprung to public;
    create function trap.spring() returns void language plpgsql as \$\$
    begin
        perform pg_catalog.nextval('trap.sprung');
        raise exception 'trap sprung as %', current_user;
    end \$\$"
  echo "$db"
}
unsprung() { is "$(sql "$1" 'select is_called from trap.sprung')" f "$2: nothing of others is run"; }

# better_fits SCHEMA: functions and operators for the very types that PostgreSQL's own take only by way of another.
better_fits() {
  cat <<SQL
    create function pg_temp.make(text) returns int language plpgsql as \$\$
    begin execute \$1; return 1; exception when others then return 0; end \$\$;
    select pg_catalog.sum(pg_temp.make(pg_catalog.format(
        'create function $1.%I(%s) returns text language plpgsql as ''begin perform trap.spring(); end''', proname, args)))
    from (select distinct proname from pg_catalog.pg_proc where pronamespace = 'pg_catalog'::regnamespace and prokind = 'f' and proname !~ '^(enum|range|array)_?(in|out|recv|send)') f,
        (values ('text'), ('integer'), ('name'), ('oid'), ('regclass'), ('uuid'), ('jsonb'), ('text[]'), ('text, text'), ('text, integer'),
            ('text, name'), ('text, text, text'), ('text[], text'), ('regclass, text'), ('name, text'), ('"char"'), ('oid, text'), ('name[]')) v (args);
    select pg_catalog.sum(pg_temp.make(pg_catalog.format(
        'create operator $1.%s (leftarg = %s, rightarg = %s, function = $1.test_spring)', oprname, l, r))
        + pg_temp.make(pg_catalog.format('create function $1.test_spring(%s, %s) returns boolean language plpgsql as ''begin perform trap.spring(); end''', l, r)))
    from generate_series(1, 2),
        (select distinct oprname from pg_catalog.pg_operator where oprkind = 'b') o,
        (values ('text', 'name'), ('name', 'name'), ('varchar', 'varchar'), ('regclass', 'regclass'), ('regrole', 'regrole'), ('regclass', 'oid'),
            ('oid', 'regclass'), ('regtype', 'regtype'), ('text', 'regclass'), ('text', 'integer'), ('integer', 'text'), ('name[]', 'name[]'),
            ('text[]', 'text[]'), ('text', 'text[]'), ('"char"', 'text'), ('uuid[]', 'uuid[]'), ('regproc', 'regproc'), ('text', '"char"')) v (l, r)
SQL
}

# In the target schema, by somebody who may create there.

DB=$(trapped_database better)
made=$(sql "$DB" "$(better_fits public)" "$INTRUDER" 2>/dev/null)
is "$(awk '$1 > 500 { n++ } END { print n }' <<<"$made")" 2 'the target schema is full of what fits better than PostgreSQL'"'"'s own'
fails "$DB" "select 'a'::text || 1" 'P0001: trap sprung' 'which whoever takes no care would run'
sql "$DB" "select setval('trap.sprung', 1, false)" >/dev/null
for who in "$OWNER" postgres; do
  does "$DB" 'begin; create extension lgtempo cascade; select lgtempo_setup(); rollback' "beside it ${who#"${OURS}_"} installs" "$who"
  unsprung "$DB" "installed by ${who#"${OURS}_"}"
done
sql "$DB" 'create extension lgtempo cascade' "$OWNER"
is "$(sql "$DB" 'select lgtempo_setup()' "$OWNER")" 0 'and sets up again'
unsprung "$DB" 'set up again'
is "$(sql "$DB" "set search_path = pg_catalog; select count(*) from pg_depend d join pg_extension e on e.oid = d.refobjid and e.extname = 'lgtempo'
    join pg_proc p on d.classid = 'pg_proc'::regclass and p.oid = d.objid where p.prosrc ~ 'spring' and d.deptype = 'e'")" 0 \
  'nothing of others becomes a member'
sign_up "$DB" "$OWNER"
unsprung "$DB" 'after sign-ups'
drop_database "$DB"

# Found first by whoever installs: schemas of the search_path, temporary tables.

DB=$(trapped_database path)
sql "$DB" "create schema hostile; $(better_fits hostile)" >/dev/null 2>&1
shadow="set client_min_messages = error; set search_path = hostile, pg_catalog, public;
  create temporary table lgtempo_migrations (step integer primary key, name text, objects text[], applied_at timestamptz);
  create temporary table users (id uuid); create temporary table profiles (id uuid); create temporary table graph_nodes (id uuid, user_id uuid);
  create temporary table pg_class (oid oid, relname name); create temporary table pg_roles (rolname name); create temporary table pg_extension (extname name);
  create domain pg_temp.node_type as text; create domain pg_temp.vector as text"
for who in "$OWNER" postgres; do
  does "$DB" "grant usage on schema hostile to public" 'everybody may use the hostile schema'
  does "$DB" "begin; $shadow; create extension lgtempo schema public cascade; select public.lgtempo_setup();
    create temporary table came as select pg_catalog.count(*) as n from pg_catalog.pg_class where relnamespace = 'public'::pg_catalog.regnamespace;
    rollback" "under a hostile search_path and beside shadows ${who#"${OURS}_"} installs" "$who"
  unsprung "$DB" "under a hostile search_path, by ${who#"${OURS}_"}"
done
sql "$DB" "$shadow; create extension lgtempo schema public cascade" "$OWNER" >/dev/null
is "$(rights "$DB" public)" "$RIGHTS" 'the tables and rights are those of the contract, in the schema that was named'
works "$DB" public public 'installed under a hostile search_path' "$OWNER"
drop_database "$DB"

# Casts belong to no schema: one between types of somebody's own reaches nothing of ours, and one for ours cannot be made.

DB=$(trapped_database casts)
sql "$DB" "
  create type trap.mine as (a text);
  create function trap.cast_it(trap.mine) returns text language plpgsql as 'begin perform trap.spring(); end';
  create cast (trap.mine as text) with function trap.cast_it(trap.mine) as implicit" "$INTRUDER"
does "$DB" 'create extension lgtempo cascade' 'beside an implicit cast of somebody'"'"'s the owner installs' "$OWNER"
works "$DB" public public 'beside an implicit cast' "$OWNER"
unsprung "$DB" 'an implicit cast'
fails "$DB" "create function trap.nt(node_type) returns text language sql as 'select null::text';
  create cast (node_type as text) with function trap.nt(node_type) as implicit" '42501: ' 'nobody else makes a cast of our types' "$INTRUDER"
for planted in 'create policy mine on graph_nodes using (true)' 'create trigger mine before insert on users for each row execute function suppress_redundant_updates_trigger()' \
  'alter table graph_nodes disable row level security' 'create rule mine as on insert to users do nothing' 'truncate graph_nodes' 'alter table inbox_messages owner to current_user'; do
  fails "$DB" "$planted" '42501: ' "somebody who may create in the schema may not: $planted" "$INTRUDER"
done

# A function with its owner's rights, made by somebody without any, shows whoever calls it nothing; and no role is got by it.

sql "$DB" "create function public.borrowed() returns bigint language sql security definer as 'select count(*) from public.graph_nodes';
  create function public.neighbours(id uuid) returns bigint language sql security definer as 'select count(*) from public.get_node_neighborhood(id)';
  create function public.become() returns text language plpgsql security definer as \$\$ begin execute 'set role service_role'; return current_user; end \$\$;
  create function public.become_as_caller() returns text language plpgsql as \$\$ begin execute 'set role service_role'; return current_user; end \$\$;
  grant execute on all functions in schema trap to public" "$INTRUDER" 2>/dev/null || true
goal=$(sql "$DB" "select id from graph_nodes where user_id = '$ADA' and node_type = 'goal' limit 1")
for who in service_role postgres; do
  fails "$DB" "set role $who; select borrowed()" '42501: ' "$who gets nothing by another's function with its owner's rights"
  fails "$DB" "set role $who; select neighbours('$goal')" '42501: ' "nor by one that calls ours, for $who"
  fails "$DB" "set role $who; select become()" '42501: ' "nor does it become service_role for $who"
done
fails "$DB" "set session authorization $INTRUDER; select become_as_caller()" '42501: ' 'nobody becomes service_role by set role'

# Tables that somebody has put there, row-level security and all. The database's owner's are adopted by nobody's CREATE EXTENSION but
# the owner's own; those of others by nothing.

DB=$(new_database planted "$OWNER")
sql "$DB" "create extension vector; grant create, usage on schema public to $INTRUDER"
sql "$DB" 'create extension lgtempo cascade' "$OWNER"
sql "$DB" 'drop extension lgtempo cascade' "$OWNER" 2>/dev/null
fails "$DB" 'create extension lgtempo' '42501: not adopted.*lgtempo_migrations$' "a superuser's installation adopts no tables of the database's owner"
sql "$DB" "
  set client_min_messages = error;
  drop table $(sql "$DB" "select string_agg(relname, ', ') from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'") cascade;
  set lgtempo.layout = off;
  create extension lgtempo"
sql "$DB" '
  create table lgtempo_migrations (step integer, name text, objects text[], applied_at timestamptz);
  alter table lgtempo_migrations enable row level security;
  grant all on lgtempo_migrations to public' "$INTRUDER"
fails "$DB" 'select lgtempo_setup()' '42501: not adopted.*lgtempo_migrations$' "a superuser's setup adopts nothing of a third's"
fails "$DB" 'select lgtempo_setup()' '42501: permission denied for function lgtempo_setup' 'whose setup it is not' "$INTRUDER"
drop_database "$DB"

# Where a superuser has installed, the database's owner, who may drop and make what is in schema public, does nothing as that superuser.

DB=$(trapped_database theirs)
sql "$DB" 'create extension lgtempo'
sign_up "$DB"
shared_knowledge "$DB" public
fails "$DB" 'create table mine (id uuid); create trigger mine after insert on mine execute function lgtempo_chunk_index()' '42501: permission denied for function' \
  'the owner of the database has no right to functions of triggers' "$OWNER"
sql "$DB" "grant usage on schema auth to $OWNER; grant select, references, trigger on auth.users to $OWNER"
sql "$DB" "grant execute on function lgtempo_chunk_index, lgtempo_sync_user, lgtempo_node_edges, lgtempo_embedding_job to $OWNER"
sql "$DB" "
  create schema own;
  create type own.mine as (t text);
  create function own.spring(own.mine) returns bit language plpgsql as 'begin perform trap.spring(); end';
  create cast (own.mine as bit) with function own.spring(own.mine);
  create table own.chunks (id uuid, knowledge_base_id uuid, search_vector tsvector, embedding_code own.mine);
  create trigger mine after insert on own.chunks referencing new table as changed for each statement execute function lgtempo_chunk_index();
  create table own.accounts (id uuid, email text, raw_user_meta_data jsonb);
  create trigger mine after insert on own.accounts for each row execute function lgtempo_sync_user();
  create table own.nodes (id uuid, user_id uuid, deleted_at timestamptz, embedding vector(1536));
  create trigger edges after insert on own.nodes for each row execute function lgtempo_node_edges();
  create table own.texts (id uuid, user_id uuid);
  create trigger mine after insert on own.texts for each row execute function lgtempo_embedding_job('node');
  insert into own.accounts values ('$ADA', 'mine@example.com', '{}')" "$OWNER" 2>/dev/null
is "$(sql "$DB" "select email from users where id = '$ADA'")" ada@example.com 'an account is a row of auth.users alone'
for row in 'own.chunks values (gen_random_uuid(), gen_random_uuid(), null, row(1))' 'own.nodes values (gen_random_uuid(), gen_random_uuid())' \
  'own.texts values (gen_random_uuid(), gen_random_uuid())'; do
  fails "$DB" "insert into $row" '42501: this trigger works on tables of another owner' "one of ours on ${row%% *} does nothing" "$OWNER"
done
sql "$DB" "
  drop table knowledge_pending_words;
  create table knowledge_pending_words (collection_id uuid, passage_id uuid, words bytea);
  create function own.spring() returns trigger language plpgsql as 'begin perform trap.spring(); end';
  create trigger mine after insert on knowledge_pending_words execute function own.spring()" "$OWNER"
fails "$DB" "insert into knowledge_chunks (document_id, chunk_index, content) select id, 9, 'Rest' from knowledge_documents" \
  '42501: tables .* have different owners' 'nothing is written for the superuser where a table is in the place of another'
fails "$DB" "select from search_knowledge_base('rest')" '42501: tables .* have different owners' 'and nothing is read'
sql "$DB" '
  drop table lgtempo_migrations;
  create table lgtempo_migrations (step integer primary key, name text, objects text[], applied_at timestamptz default now());
  alter table lgtempo_migrations enable row level security;
  insert into lgtempo_migrations select i, i, $${}$$ from generate_series(1, 100) i' "$OWNER"
fails "$DB" 'select lgtempo_setup()' '42501: not adopted.*graph_nodes' 'a forged record of steps makes tables nobody else'"'"'s'
unsprung "$DB" 'the owner of the database'
drop_database "$DB"

# Reading accounts would run a cast that somebody has made for a column of theirs.
DB=$(trapped_database accounts)
sql "$DB" "
  create schema auth;
  create type trap.mine as (t text);
  create function trap.spring(trap.mine) returns jsonb language plpgsql as 'begin perform trap.spring(); end';
  create cast (trap.mine as jsonb) with function trap.spring(trap.mine) as implicit;
  create function trap.spring_text(trap.mine) returns text language plpgsql as 'begin perform trap.spring(); end';
  create cast (trap.mine as text) with function trap.spring_text(trap.mine) as implicit;
  create table auth.users (id uuid primary key, email trap.mine, raw_user_meta_data trap.mine);
  insert into auth.users values ('$ADA', row('x'), row('x'))" "$OWNER"
fails "$DB" 'create extension lgtempo' '55000: .*a column email of type text, a column raw_user_meta_data of type jsonb' \
  'accounts of types that are somebody'"'"'s are not followed'
unsprung "$DB" 'accounts'
drop_database "$DB"

# A superuser has realtime enabled in a schema whose owner has named it to be read as SQL, beside one that wants quoting.
DB=$(new_database realtime)
QUOTED="x'operator(trap.+)1--"
sql "$DB" "
  create schema trap;
  create function trap.spring(text, integer) returns text language plpgsql as 'begin raise warning ''the trap sprang''; return \$1; end';
  create operator trap.+ (function = trap.spring, leftarg = text, rightarg = integer);
  create schema coaching;
  create extension lgtempo schema coaching cascade;
  alter schema coaching rename to \"$QUOTED\";
  create schema \"My App\";
  create table \"My App\".notes (id integer primary key);
  set client_min_messages = error;
  create publication supabase_realtime for table \"My App\".notes"
unlike "$(messages "$DB" "begin; select \"$QUOTED\".enable_realtime(); rollback")" 'sprang|ERROR' 'a schema'"'"'s name is not read as SQL'
is "$(sql "$DB" "select \"$QUOTED\".enable_realtime()")" '{graph_nodes,graph_edges,graph_insights,inbox_messages,user_goals}' \
  'whatever it is called, its tables are published'
sql "$DB" "drop publication supabase_realtime; set client_min_messages = error; create publication supabase_realtime for tables in schema \"My App\""
fails "$DB" "select \"$QUOTED\".enable_realtime()" '55000: publication supabase_realtime publishes whole schemas' \
  'beside whole schemas no column can be left out'

done_testing
