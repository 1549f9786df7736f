#!/usr/bin/env bash
# A superuser installs lgtempo: on plain PostgreSQL and at Supabase's, in public and in other schemas.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

# Plain PostgreSQL, schema public

DB=$(new_database plain)
does "$DB" 'create extension lgtempo cascade' 'plain: CREATE EXTENSION … CASCADE is all it takes'
is "$(extensions "$DB")" $'btree_gist\nlgtempo\nuuid-ossp\nvector' 'plain: with the extensions it needs'
is "$(sql "$DB" "
    select rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls
    from pg_roles where rolname in ('anon', 'authenticated', 'service_role') order by 1")" \
  $'anon | f | f | f | f | f\nauthenticated | f | f | f | f | f\nservice_role | f | f | f | f | t' \
  'plain: the roles are made; none may log in, service_role alone bypasses RLS'
is "$(sql "$DB" "
    select a.attname, format_type(a.atttypid, a.atttypmod)
    from pg_attribute a where a.attrelid = 'auth.users'::regclass and a.attnum > 0 order by a.attnum")" \
  'id | uuid
email | text
raw_user_meta_data | jsonb
created_at | timestamp with time zone
updated_at | timestamp with time zone' 'plain: auth.users has what is needed'
is "$(sql "$DB" "
    set role authenticated;
    set request.jwt.claims = '{\"sub\":\"$ADA\",\"role\":\"authenticated\"}';
    select auth.uid(), auth.role(), auth.jwt() ->> 'sub';
    reset request.jwt.claims;
    select auth.uid() is null, auth.role() is null, auth.jwt() is null;
    set request.jwt.claims = '';
    select auth.uid() is null, auth.role() is null, auth.jwt() is null")" \
  "$ADA | authenticated | $ADA"$'\nt | t | t\nt | t | t' 'plain: auth.uid(), role() and jwt() read the claims'
is "$(sql "$DB" "select count(*) from pg_depend d join pg_extension e on e.oid = d.refobjid and e.extname = 'lgtempo'
    where d.deptype = 'e' and d.classid = 'pg_class'::regclass")" 0 'plain: no table is a member of the extension'
is "$(rights "$DB" public)" "$RIGHTS" 'plain: rights on the tables are those of the contract'
is "$(rights "$DB" auth)" '' 'plain: the API sees no accounts in auth.users'
is "$(unexpected_rights "$DB")" '' 'plain: no function is open to whom it is not meant for'
sign_up "$DB"
is "$(sql "$DB" "select u.email, u.full_name, u.subscription, u.credits, p.full_name, p.username from users u join profiles p using (id) order by 1")" \
  $'ada@example.com | Ada L. |  | 0 | Ada L. | \nben@example.com |  |  | 0 |  | ' 'plain: a sign-up makes users and profiles, without what people must not set'
shared_knowledge "$DB" public
is "$(coaching "$DB" public public)" "$COACHED" 'plain: the main functions work for a signed-in person'
is "$(sql "$DB" 'select lgtempo_setup()')" 0 'plain: a further setup has nothing to do'
sql "$DB" "delete from auth.users where id = '$ADA'"
is "$(sql "$DB" "select (select count(*) from users), (select count(*) from profiles), (select count(*) from graph_nodes), (select count(*) from graph_edges)")" \
  '1 | 1 | 0 | 0' 'plain: erasing an account erases everything of that person'

# Plain PostgreSQL, another schema

# in_schema NAME SQL_NAME WHERE_THE_OTHERS_ARE
in_schema() {
  local db
  db=$(new_database "$1")
  sql "$db" "create schema $2"
  does "$db" "create extension lgtempo schema $2 cascade" "$2: CREATE EXTENSION … SCHEMA"
  is "$(sql "$db" "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'")" 0 \
    "$2: nothing is laid out in public"
  is "$(rights "$db" "$2")" "$RIGHTS" "$2: rights on the tables are those of the contract"
  is "$(unexpected_rights "$db")" '' "$2: no function is open to whom it is not meant for"
  sign_up "$db"
  shared_knowledge "$db" "$2"
  is "$(coaching "$db" "$2" "$2")" "$COACHED" "$2: the main functions work for a signed-in person"
  is "$(sql "$db" "select $2.lgtempo_setup()")" 0 "$2: a further setup has nothing to do"
}

in_schema app app
in_schema quoted '"My Schema"'
# PostgreSQL itself refuses quotes, dollars and backslashes here.
in_schema odd '"a.b; c, (d)é%s"'
# A name that is a keyword, and the placeholder of extension scripts.
in_schema keyword '"select"'

DB=$(new_database elsewhere)
sql "$DB" 'create schema "The Vectors"; create extension vector schema "The Vectors"; create schema "My Schema"'
does "$DB" 'create extension lgtempo schema "My Schema" cascade' 'vector in a schema of its own: CREATE EXTENSION'
sign_up "$DB"
shared_knowledge "$DB" '"My Schema"'
is "$(coaching "$DB" '"My Schema"' '"My Schema"')" "$COACHED" 'vector in a schema of its own: the main functions work'

# Schemas are moved after the installation

# in_renamed SQL_NAME: after "My Schema" has got that name.
in_renamed() {
  is "$(coaching "$DB" "$1" "$1")" "$COACHED" "renamed to $1: the main functions work"
  is "$(sql "$DB" "select $1.lgtempo_setup()")" 0 "renamed to $1: a further setup has nothing to do"
  does "$DB" "insert into auth.users (id, email) values ('00000000-0000-4000-8000-00000000000c', 'cid@example.com')" \
    "renamed to $1: people sign up"
  is "$(sql "$DB" "select count(*) from $1.users join $1.profiles using (id)")" 3 "renamed to $1: and get their rows"
  sql "$DB" "delete from auth.users where email = 'cid@example.com'; truncate $1.graph_nodes cascade"
}

sql "$DB" 'truncate "My Schema".graph_nodes cascade'
sql "$DB" 'alter schema "My Schema" rename to renamed; alter extension vector set schema public'
in_renamed renamed
EVIL="\"it's \"\"mine\"\" \\ \$1 \$\$\""
sql "$DB" "alter schema renamed rename to $EVIL; alter extension vector set schema \"The Vectors\""
sql "$DB" "alter schema \"The Vectors\" rename to \"it's theirs\""
in_renamed "$EVIL"

# Supabase

DB=$(new_database supabase)
supabase_home "$DB"
sql "$DB" "insert into auth.users (id, email, raw_user_meta_data)
    values ('00000000-0000-4000-8000-00000000000d', 'dee@example.com', '{\"full_name\":\"Dee\"}')" supabase_auth_admin
auth_objects="
    select 'table', relname, relowner::regrole, relacl, relkind::text from pg_class where relnamespace = 'auth'::regnamespace
    union all select 'function', proname, proowner::regrole, proacl, prosrc from pg_proc where pronamespace = 'auth'::regnamespace
    union all select 'schema', nspname, nspowner::regrole, nspacl, '' from pg_namespace where nspname = 'auth'
    union all select 'column', attname, null, attacl, atttypid::regtype::text from pg_attribute where attrelid = 'auth.users'::regclass
    order by 1, 2"
role_attributes="select rolname, rolcanlogin, rolbypassrls, rolinherit, rolconfig from pg_roles where rolname !~ '^pg_' order by 1"
before=$(sql "$DB" "$auth_objects"; sql "$DB" "$role_attributes")
does "$DB" 'create extension lgtempo cascade' 'Supabase: CREATE EXTENSION … CASCADE is all it takes'
is "$(sql "$DB" "$auth_objects"; sql "$DB" "$role_attributes")" "$before" 'Supabase: schema auth and the roles are left as they are'
is "$(sql "$DB" "
    select distinct tgrelid::regclass, p.proname
    from pg_trigger t join pg_proc p on p.oid = t.tgfoid
    where tgrelid = 'auth.users'::regclass and not tgisinternal")" 'auth.users | lgtempo_sync_user' \
  'Supabase: only the triggers that keep accounts in step are added to it'
is "$(sql "$DB" "select extnamespace::regnamespace from pg_extension where extname = 'vector'")" extensions \
  'Supabase: vector stays in schema extensions'
is "$(rights "$DB" public)" "$RIGHTS" 'Supabase: rights on the tables hold against the default privileges'
is "$(unexpected_rights "$DB")" '' 'Supabase: no function is open to whom it is not meant for'
is "$(sql "$DB" "
    select c.relname, r.role
    from pg_class c cross join (values ('anon'), ('authenticated')) r (role)
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('S', 'v', 'm')
        and has_table_privilege(r.role, c.oid, 'select, update')")" '' 'Supabase: nothing else of ours is open'
is "$(sql "$DB" "
    select u.email, u.full_name, p.full_name from users u join profiles p using (id)")" 'dee@example.com | Dee | Dee' \
  'Supabase: accounts older than the extension have their rows'
sign_up "$DB" supabase_auth_admin
is "$(sql "$DB" "select u.email, u.full_name, u.subscription, p.username from users u join profiles p using (id) where u.email < 'd' order by 1")" \
  $'ada@example.com | Ada L. |  | \nben@example.com |  |  | ' 'Supabase: a sign-up by the auth admin makes users and profiles'
sql "$DB" "update auth.users set email = 'ben@example.org', raw_user_meta_data = '{\"name\":\"Ben\"}' where id = '$BEN'" supabase_auth_admin
is "$(sql "$DB" "select email, name from users where id = '$BEN'")" 'ben@example.org | Ben' 'Supabase: changes follow'
shared_knowledge "$DB" public
is "$(coaching "$DB" public 'public, extensions')" "$COACHED" 'Supabase: the main functions work with the search_path of Supabase'
sql "$DB" 'truncate graph_nodes cascade'
is "$(coaching "$DB" public public)" "$COACHED" 'Supabase: and where the search_path does not know vector'
sql "$DB" "delete from auth.users where id = '$ADA'" supabase_auth_admin
is "$(sql "$DB" "select count(*) from users where id = '$ADA'"; sql "$DB" "select count(*) from graph_nodes")" $'0\n0' \
  'Supabase: the auth admin erases an account with everything of that person'

DB=$(new_database supabase_app)
supabase_home "$DB"
sql "$DB" 'create schema "My Schema"'
does "$DB" 'create extension lgtempo schema "My Schema" cascade' 'Supabase, another schema: CREATE EXTENSION … SCHEMA'
is "$(rights "$DB" '"My Schema"')" "$RIGHTS" 'Supabase, another schema: rights on the tables are those of the contract'
sign_up "$DB" supabase_auth_admin
shared_knowledge "$DB" '"My Schema"'
is "$(coaching "$DB" '"My Schema"' '"My Schema"')" "$COACHED" 'Supabase, another schema: the main functions work'

done_testing
