#!/usr/bin/env bash
# pg_dump and restore keep everything: rows, and whatever the owner has added to the tables.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

CID=00000000-0000-4000-8000-00000000000c
STEPS=$(find "$HERE/../../sql" -maxdepth 1 -name '[0-9][0-9]_*.sql' | wc -l)

# fill DATABASE SCHEMA [SIGN_UP_ROLE]: rows in every table.
fill() {
  sign_up "$1" "${3-}"
  shared_knowledge "$1" "$2"
  coaching "$1" "$2" "$2" >/dev/null
  sql "$1" "
    set search_path = $2;
    select format('[%s]', string_agg(sin(i)::real::text, ',' order by i)) as wave from generate_series(1, 1536) i \\gset
    select format('[%s]', string_agg((-sin(i))::real::text, ',' order by i)) as ebb from generate_series(1, 1536) i \\gset
    insert into agent_personae (name, average_rating) values ('Coach', 4.25);
    insert into knowledge (user_id, content, embedding) values (null, 'Drink water.', :'wave'), ('$ADA', 'Ich schlafe gut.', null);
    update knowledge set language = 'german' where user_id is not null;
    insert into knowledge_chunks (document_id, chunk_index, content, embedding)
    select id, 100 + i, format('Breathe %s times.', i), :'ebb' from (select id from knowledge_documents limit 1) d, generate_series(1, 70) i;
    insert into graph_nodes (user_id, node_type, label, embedding) values ('$BEN', 'emotion', 'anxious', :'wave');
    insert into embedding_jobs (node_id, user_id, lease, leased_until)
    select id, user_id, lgtempo_uuid_v7(), now() + interval '5 minutes' from graph_nodes where embedding is null;
    insert into embedding_jobs (entry_id, error, failed_at) select id, 'no', now() from knowledge where embedding is null;
    insert into graph_insights (user_id, insight_type, insight_key, title, content) values ('$ADA', 'trend', 'mood', 'Up', 'Better.');
    insert into inbox_messages (id, user_id, message_type, subject, content)
    values ('00000000-0000-7000-8000-0000000000e1', '$ADA', 'insight', 'Hello', '{\"text\":\"Well done.\"}');
    insert into message_attachments (message_id, attachment_type, url) values ('00000000-0000-7000-8000-0000000000e1', 'link', 'https://example.com');
    insert into message_read_receipts (message_id) values ('00000000-0000-7000-8000-0000000000e1');
    insert into voice_chat_events (user_id, anonymous_id, conversation_id, event_type) values ('$ADA', null, 'c', 'call_started'),
        (null, repeat('x', 32), 'c', 'call_started');
    insert into elevenlabs_conversations (user_id, conversation_id) values ('$BEN', 'c');
    insert into webhook_events (source, external_id, event_type) values ('elevenlabs', 'e', 'call_ended');
    insert into goal_categories (id, title) values ('career', 'Career');
    insert into user_goals (user_id, goal_title, category_id, node_id)
    select user_id, label, 'career', id from graph_nodes where node_type = 'goal'"
}

# add DATABASE SCHEMA [ROLE]: what an owner may add to the tables.
add() {
  sql "$1" "
    set search_path = $2, public;
    alter table graph_nodes add column mood text not null default 'calm' check (mood <> '');
    alter table graph_nodes add column previous_status node_status;
    update graph_nodes set mood = 'tense', previous_status = 'curated' where node_type = 'goal';
    comment on column graph_nodes.mood is 'Added by hand.';
    create index graph_nodes_mood_idx on graph_nodes (user_id, mood);
    create policy graph_nodes_select_coach on graph_nodes for select to service_role using (mood = 'tense');
    comment on policy graph_nodes_select_coach on graph_nodes is 'Added by hand.';
    create function note_mood() returns trigger language plpgsql as 'begin new.mood := lower(new.mood); return new; end';
    create trigger note_mood before insert or update on graph_nodes for each row execute function note_mood();
    alter table users alter credits set default 10;
    drop index graph_insights_user_created_idx;
    alter table profiles disable trigger touch;
    create table diary (
        id uuid primary key default lgtempo_uuid_v7(),
        node_id uuid not null,
        user_id uuid not null default auth.uid(),
        kind node_type not null default 'session',
        foreign key (node_id, user_id) references graph_nodes (id, user_id) on delete cascade
    );
    insert into diary (node_id, user_id) select id, user_id from graph_nodes limit 2;
    create view goals with (security_invoker = true) as select id, label from graph_nodes where node_type = 'goal';
    set client_min_messages = error;
    create publication changes for table graph_edges, inbox_messages" "${3-}"
}

# grant DATABASE: rights other than those that lgtempo gives.
grant() { sql "$1" 'grant select (mood) on graph_nodes to anon; revoke insert on user_goals from authenticated'; }

# look DATABASE NAME: puts what there is into files.
look() {
  rows "$1" >"$SCRATCH/$2.rows"
  catalogue "$1" >"$SCRATCH/$2.catalogue"
}

# restored DATABASE NAME WHERE: it is as when it was looked at.
restored() {
  look "$1" now
  same "$SCRATCH/$2.rows" "$SCRATCH/now.rows" "$3: every row is back"
  same "$SCRATCH/$2.catalogue" "$SCRATCH/now.catalogue" "$3: so is everything in the catalogue"
}

# goes_on DATABASE SCHEMA WHERE [OWNER [SIGN_UP_ROLE]]: life goes on.
goes_on() {
  local db=$1 schema=$2 where=$3
  is "$(sql "$db" "select $schema.lgtempo_setup()" "${4-}")" 0 "$where: a setup has nothing to do"
  is "$(rows "$db")" "$(cat "$SCRATCH/now.rows")" "$where: and changes no rows"
  does "$db" "insert into auth.users (id, email, raw_user_meta_data) values ('$CID', 'cid@example.com', '{\"full_name\":\"Cid\"}')" \
    "$where: a further person signs up" "${5-}"
  is "$(sql "$db" "select u.email, p.full_name from $schema.users u join $schema.profiles p using (id) where id = '$CID'")" \
    'cid@example.com | Cid' "$where: and gets users and profiles"
  sql "$db" "truncate $schema.graph_nodes, $schema.knowledge cascade"
  is "$(coaching "$db" "$schema" "$schema")" "$COACHED" "$where: the main functions work"
}

# restores WHERE COMMAND…: a command that must not complain; that there are no tables yet and that wal_level is low are no complaints.
restores() {
  local where=$1 said status=0
  shift
  said=$("$@" 2>&1 >/dev/null) || status=$?
  said=$(grep -vE 'lays out no tables|wal_level' <<<"$said" || true)
  is "$status $said" '0 ' "$where: the restore runs without a complaint"
}

from_file() { psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "$1" --file "$2"; }

# A superuser's, on plain PostgreSQL

drop_api_roles
DB=$(new_database source)
sql "$DB" 'create extension lgtempo cascade'
fill "$DB" public
pg_dump --data-only --disable-triggers --exclude-table=lgtempo_migrations --file "$SCRATCH/data.sql" "$DB" 2>/dev/null
look "$DB" data
add "$DB" public
grant "$DB"
look "$DB" source
is "$(grep -c ' | 0 | ' "$SCRATCH/source.rows" || true)" 0 'every table has rows to lose'
pg_dump --file "$SCRATCH/plain.sql" "$DB"
pg_dump --enable-row-security --file "$SCRATCH/rls.sql" "$DB"
pg_dump --format custom --file "$SCRATCH/custom.dump" "$DB"
pg_dump --format directory --jobs 4 --file "$SCRATCH/directory.dump" "$DB"
pg_dump --schema-only "$DB" | sed '/^\\/d' >"$SCRATCH/schema.sql"

# As on another cluster: the roles are not there, and no dump of a database brings them.
drop_database "$DB"
drop_api_roles

DB=$(new_database plain)
restores 'plain format' from_file "$DB" "$SCRATCH/plain.sql"
restored "$DB" source 'plain format'
same "$SCRATCH/schema.sql" <(pg_dump --schema-only "$DB" | sed '/^\\/d') 'plain format: and pg_dump would write the same again'
goes_on "$DB" public 'plain format'
drop_database "$DB"

drop_api_roles
DB=$(new_database custom)
restores 'custom format, 4 jobs' pg_restore --exit-on-error --jobs 4 --dbname "$DB" "$SCRATCH/custom.dump"
restored "$DB" source 'custom format, 4 jobs'
goes_on "$DB" public 'custom format, 4 jobs'
drop_database "$DB"

DB=$(new_database directory)
restores 'directory format, 4 jobs' pg_restore --exit-on-error --jobs 4 --dbname "$DB" "$SCRATCH/directory.dump"
restored "$DB" source 'directory format, 4 jobs'
goes_on "$DB" public 'directory format, 4 jobs'
drop_database "$DB"

DB=$(new_database transaction)
restores 'in one transaction' pg_restore --single-transaction --dbname "$DB" "$SCRATCH/custom.dump"
restored "$DB" source 'in one transaction'
# A second copy over it: everything is dropped and made again.
restores 'over itself' pg_restore --exit-on-error --clean --if-exists --dbname "$DB" "$SCRATCH/custom.dump"
restored "$DB" source 'over itself'
goes_on "$DB" public 'over itself'
drop_database "$DB"

# A dump that does not bear the mark of one.
DB=$(new_database rls)
PGOPTIONS='-c lgtempo.layout=off' restores 'with row security, lgtempo.layout off' from_file "$DB" "$SCRATCH/rls.sql"
restored "$DB" source 'with row security, lgtempo.layout off'
goes_on "$DB" public 'with row security, lgtempo.layout off'
drop_database "$DB"

# Data alone, into empty tables.
DB=$(new_database data)
sql "$DB" 'create extension lgtempo cascade'
restores 'data only' from_file "$DB" "$SCRATCH/data.sql"
rows "$DB" | grep -v '^public\.lgtempo_migrations ' >"$SCRATCH/now.rows"
same <(grep -v '^public\.lgtempo_migrations ' "$SCRATCH/data.rows") "$SCRATCH/now.rows" 'data only: every row is back'
rows "$DB" >"$SCRATCH/now.rows"
goes_on "$DB" public 'data only'
drop_database "$DB"

# In a schema of its own

DB=$(new_database schema)
sql "$DB" 'create schema "My Schema"; create schema extensions; grant usage on schema extensions to public; create extension vector schema extensions'
sql "$DB" 'create extension lgtempo schema "My Schema" cascade'
fill "$DB" '"My Schema"'
add "$DB" '"My Schema"'
look "$DB" schema
pg_dump --format custom --file "$SCRATCH/whole.dump" "$DB"
pg_dump --format custom --schema auth --file "$SCRATCH/auth.dump" "$DB"
pg_dump --format custom --schema '"My Schema"' --file "$SCRATCH/schema.dump" "$DB"
drop_database "$DB"

DB=$(new_database schema_whole)
restores 'another schema' pg_restore --exit-on-error --jobs 4 --dbname "$DB" "$SCRATCH/whole.dump"
restored "$DB" schema 'another schema'
goes_on "$DB" '"My Schema"' 'another schema'
drop_database "$DB"

# Schemas alone, which bring no extension: it is made by hand, without tables.
DB=$(new_database schema_alone)
sql "$DB" 'create schema "My Schema"; create schema extensions; grant usage on schema extensions to public; create extension vector schema extensions'
like "$(messages "$DB" 'set lgtempo.layout = off; create extension lgtempo schema "My Schema" cascade')" \
  'NOTICE: +00000: lgtempo lays out no tables' 'single schemas, lgtempo.layout off: CREATE EXTENSION says that there will be no tables'
restores 'single schemas, auth' pg_restore --exit-on-error --dbname "$DB" "$SCRATCH/auth.dump"
pg_restore --list "$SCRATCH/schema.dump" | grep -vE '^[0-9]+; [0-9]+ [0-9]+ (SCHEMA|COMMENT - SCHEMA)' >"$SCRATCH/list"
restores 'single schemas, ours' pg_restore --exit-on-error --use-list "$SCRATCH/list" --dbname "$DB" "$SCRATCH/schema.dump"
sql "$DB" 'set client_min_messages = error; create publication changes for table "My Schema".graph_edges, "My Schema".inbox_messages'
restored "$DB" schema 'single schemas'
goes_on "$DB" '"My Schema"' 'single schemas'
drop_database "$DB"

# CREATE EXTENSION that lays out nothing

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

# Supabase

DB=$(new_database supabase)
supabase_home "$DB"
sql "$DB" 'create extension lgtempo cascade'
fill "$DB" public supabase_auth_admin
add "$DB" public
look "$DB" supabase
pg_dump --format custom --exclude-schema auth --exclude-schema extensions --file "$SCRATCH/supabase.dump" "$DB"
pg_dump --data-only --table auth.users --file "$SCRATCH/accounts.sql" "$DB"
drop_database "$DB"

# supabase_again WHERE [SQL]: restores it without schema auth, into a home where SQL was run.
supabase_again() {
  local db where=$1
  db=$(new_database supabase_again)
  supabase_home "$db"
  sql "$db" "${2-}"
  restores "$where, accounts first" from_file "$db" "$SCRATCH/accounts.sql"
  restores "$where" pg_restore --exit-on-error --jobs 4 --dbname "$db" "$SCRATCH/supabase.dump"
  look "$db" now
  same "$SCRATCH/supabase.rows" "$SCRATCH/now.rows" "$where: every row is back"
  same <(grep -vE '^(trigger .* ON auth\.users |grant )' "$SCRATCH/supabase.catalogue") <(grep -v '^grant ' "$SCRATCH/now.catalogue") \
    "$where: so is everything in the catalogue but the trigger on auth.users"
  sql "$db" "insert into auth.users (id, email) values ('00000000-0000-4000-8000-00000000000d', 'dee@example.com')" supabase_auth_admin
  is "$(sql "$db" "select count(*) from users where email = 'dee@example.com'")" 0 "$where: a sign-up has no rows yet"
  is "$(sql "$db" 'select lgtempo_setup()')" 0 "$where: lgtempo_setup() runs no step"
  same <(grep '^trigger .* ON auth\.users ' "$SCRATCH/supabase.catalogue") <(catalogue "$db" | grep '^trigger .* ON auth\.users ' || true) \
    "$where: but makes the trigger on auth.users again"
  is "$(sql "$db" "select u.email from users u join profiles p using (id) where u.email = 'dee@example.com'")" dee@example.com \
    "$where: and the rows of who signed up meanwhile"
  is "$(rights "$db" public | grep -v '^diary ')" "$RIGHTS" "$where: rights on the tables are those of the contract"
  look "$db" now
  goes_on "$db" public "$where" postgres supabase_auth_admin
  drop_database "$db"
}

supabase_again 'Supabase without schema auth'
# Default privileges come with the dump, after the tables.
supabase_again 'Supabase without schema auth or default privileges' "
  alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
  alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;
  alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role"

# An owner who is no superuser

OWNER=$(new_owner owner)

DB=$(new_database owned "$OWNER")
sql "$DB" 'create extension vector'
sql "$DB" 'create extension lgtempo cascade' "$OWNER"
fill "$DB" public "$OWNER"
add "$DB" public "$OWNER"
look "$DB" owned
PGUSER=$OWNER pg_dump --format custom --file "$SCRATCH/owned.dump" "$DB"
# Only a superuser may comment on an extension of a superuser's.
pg_restore --list "$SCRATCH/owned.dump" | grep -v 'COMMENT - EXTENSION vector' >"$SCRATCH/list"
drop_database "$DB"

DB=$(new_database owned_again "$OWNER")
sql "$DB" 'create extension vector'
PGUSER=$OWNER restores 'by the owner' pg_restore --exit-on-error --jobs 4 --use-list "$SCRATCH/list" --dbname "$DB" "$SCRATCH/owned.dump"
restored "$DB" owned 'by the owner'
goes_on "$DB" public 'by the owner' "$OWNER" "$OWNER"
drop_database "$DB"

# An administrator restores it, in the owner's role: extensions belong to whoever restores them.
DB=$(new_database owned_by_another "$OWNER")
sql "$DB" 'create extension vector'
restores "an owner's, by a superuser" \
  pg_restore --role "$OWNER" --exit-on-error --jobs 4 --use-list "$SCRATCH/list" --dbname "$DB" "$SCRATCH/owned.dump"
look "$DB" now
same "$SCRATCH/owned.rows" "$SCRATCH/now.rows" "an owner's, by a superuser: every row is back"
is "$(rights "$DB" public | grep -v '^diary ')" "$RIGHTS" "an owner's, by a superuser: rights on the tables are those of the contract"
does "$DB" "insert into auth.users (id, email) values ('$CID', 'cid@example.com')" "an owner's, by a superuser: a further person signs up" "$OWNER"
is "$(sql "$DB" "select count(*) from users join profiles using (id) where id = '$CID'")" 1 "an owner's, by a superuser: and gets users and profiles"
does "$DB" "insert into graph_nodes (user_id, node_type, label) values ('$CID', 'goal', 'Sleep')" \
  "an owner's, by a superuser: the owner writes the tables as before" "$OWNER"
does "$DB" "select create_goal_node('$CID', 'Speak up')" "an owner's, by a superuser: and calls the functions as before" "$OWNER"
sql "$DB" 'truncate graph_nodes, knowledge cascade'
is "$(coaching "$DB" public public)" "$COACHED" "an owner's, by a superuser: the main functions work"
drop_database "$DB"

# The owner at Supabase, who has no rights on schema auth but what lgtempo needs.
owned_supabase() {
  local db
  db=$(new_database "$1" "$OWNER")
  supabase_home "$db" "$OWNER"
  sql "$db" "grant usage on schema auth, extensions to $OWNER; grant select, references, trigger on auth.users to $OWNER"
  sql "$db" 'create extension btree_gist schema extensions'
  echo "$db"
}

DB=$(owned_supabase owned_supabase)
sql "$DB" 'create extension lgtempo cascade' "$OWNER"
fill "$DB" public supabase_auth_admin
add "$DB" public "$OWNER"
look "$DB" owned_supabase
PGUSER=$OWNER pg_dump --format custom --exclude-schema auth --exclude-schema extensions --file "$SCRATCH/owned_supabase.dump" "$DB"
pg_dump --data-only --table auth.users --file "$SCRATCH/accounts.sql" "$DB"
pg_restore --list "$SCRATCH/owned_supabase.dump" | grep -vE 'COMMENT - EXTENSION "?(vector|uuid-ossp|btree_gist)|DEFAULT ACL .* postgres$' >"$SCRATCH/list"
drop_database "$DB"

DB=$(owned_supabase owned_supabase_again)
from_file "$DB" "$SCRATCH/accounts.sql" >/dev/null
PGUSER=$OWNER restores 'by the owner at Supabase' pg_restore --exit-on-error --use-list "$SCRATCH/list" --dbname "$DB" "$SCRATCH/owned_supabase.dump"
look "$DB" now
same "$SCRATCH/owned_supabase.rows" "$SCRATCH/now.rows" 'by the owner at Supabase: every row is back'
same <(grep -vE '^(trigger .* ON auth\.users |grant )' "$SCRATCH/owned_supabase.catalogue") <(grep -v '^grant ' "$SCRATCH/now.catalogue") \
  'by the owner at Supabase: so is everything in the catalogue but the trigger on auth.users'
is "$(sql "$DB" 'select lgtempo_setup()' "$OWNER")" 0 'by the owner at Supabase: lgtempo_setup() runs no step'
same <(grep -v '^grant ' "$SCRATCH/owned_supabase.catalogue") <(catalogue "$DB" | grep -v '^grant ') \
  'by the owner at Supabase: and makes the trigger again'
is "$(rights "$DB" public | grep -v '^diary ')" "$RIGHTS" 'by the owner at Supabase: rights on the tables are those of the contract'
look "$DB" now
goes_on "$DB" public 'by the owner at Supabase' "$OWNER" supabase_auth_admin

done_testing
