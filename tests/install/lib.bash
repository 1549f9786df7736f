# Sourced by the scenarios: TAP, databases and roles of their own, and what they look at.
# shellcheck shell=bash
#
# A scenario runs against the cluster that PGHOST and PGPORT name, as its superuser, and leaves nothing behind.

set -euo pipefail
export LC_ALL=C.UTF-8

: "${PGHOST:?is where the cluster is}" "${PGPORT:?is where the cluster is}"
export PGUSER=postgres PGDATABASE=postgres
unset PGOPTIONS PGAPPNAME

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# Databases and roles that a scenario makes begin with this.
OURS=lgtempo_install
# The roles of the API, which belong to the whole cluster.
API_ROLES=(anon authenticated service_role)
SCRATCH=$(mktemp -d /tmp/lgtempo-install.XXXXXX)

ADA=00000000-0000-4000-8000-00000000000a
BEN=00000000-0000-4000-8000-00000000000b

# TAP

TESTS=0

# told OUTCOME WHAT [DETAIL]: a line of TAP, and the detail beneath it as a comment.
told() {
  TESTS=$((TESTS + 1))
  printf '%s %d - %s\n' "$1" "$TESTS" "${2//#/\\#}"
  [ -z "${3-}" ] || sed 's/^/#   /' <<<"$3"
}

# is HAVE WANT WHAT
is() {
  if [ "$1" = "$2" ]; then
    told ok "$3"
  else
    told 'not ok' "$3" "$(diff -U 1000 --label wanted --label got <(echo "$2") <(echo "$1"))"
  fi
}

# like HAVE REGEX WHAT: an extended regular expression, in which . matches a line's end too.
like() {
  if [[ $1 =~ $2 ]]; then
    told ok "$3"
  else
    told 'not ok' "$3" $'wanted something like\n'"$2"$'\ngot\n'"$1"
  fi
}

# unlike HAVE REGEX WHAT
unlike() {
  if [[ $1 =~ $2 ]]; then
    told 'not ok' "$3" $'wanted nothing like\n'"$2"$'\ngot\n'"$1"
  else
    told ok "$3"
  fi
}

# same WANT HAVE WHAT: two files say the same.
same() {
  local difference
  if difference=$(diff -U 0 --label wanted --label got "$1" "$2"); then
    told ok "$3"
  else
    told 'not ok' "$3" "$(head -n 60 <<<"$difference")"
  fi
}

# The plan comes last: a scenario that stops halfway has none and fails.
done_testing() { printf '1..%d\n' "$TESTS"; }

# SQL

# client DATABASE [ROLE [OPTION…]]: psql for what comes in, quietly, unaligned; each statement by itself.
client() {
  PGUSER=${2:-$PGUSER} psql --no-psqlrc --quiet --no-align --tuples-only --field-separator ' | ' \
    --set ON_ERROR_STOP=1 --dbname "$1" "${@:3}"
}

# sql DATABASE TEXT [ROLE]: runs SQL that must succeed, and prints its rows; what failed is never equal to anything.
sql() {
  PGOPTIONS='-c client_min_messages=warning' client "$1" "${3-}" <<<"$2" || {
    echo "(failed: $BASHPID $SRANDOM)"
    return 1
  }
}

# does DATABASE TEXT WHAT [ROLE]: the SQL must succeed; where it does not, the scenario goes on.
does() {
  local said
  if said=$(sql "$1" "$2" "${4-}" 2>&1); then told ok "$3"; else told 'not ok' "$3" "$said"; fi
}

# messages DATABASE TEXT [ROLE]: what the server says meanwhile, with SQLSTATEs, details and hints; no rows.
messages() {
  PGOPTIONS='-c client_min_messages=notice' client "$1" "${3-}" \
    2>&1 >/dev/null <<<'\set VERBOSITY verbose'$'\n''\set SHOW_CONTEXT never'$'\n'"$2" |
    sed -E '/^LOCATION: /d; s/^psql:<stdin>:[0-9]+: //' || true
}

# fails DATABASE TEXT REGEX WHAT [ROLE]: the SQL must fail, once, with a message like this, which begins with the SQLSTATE.
fails() {
  local said
  said=$(messages "$1" "$2" "${5-}" | sed -nE '/^(ERROR|FATAL|PANIC): /,$p' | sed -E 's/^ERROR: +//')
  if [ -n "$said" ]; then
    like "$said" "^$3" "$4"
  else
    told 'not ok' "$4" "It succeeded: $2"
  fi
}

# Databases and roles

# Drops what scenarios make; not the roles of the API where another database still needs them.
sweep() {
  client postgres <<SQL
set client_min_messages = error;
select format('drop database %I with (force)', datname) from pg_database where datname like '$OURS\\_%' \gexec
\set ON_ERROR_STOP 0
select format('drop role %I', rolname) from pg_roles
where rolname like '$OURS\\_%' or rolname in ('anon', 'authenticated', 'service_role', 'supabase_auth_admin') \gexec
SQL
}

tidy() {
  rm -rf "$SCRATCH"
  sweep >/dev/null 2>&1 || true
}

leave() {
  local status=$?
  trap - EXIT
  tidy
  exit "$status"
}

trap leave EXIT
trap 'exit 130' INT TERM HUP
sweep

# new_database NAME [OWNER [TEMPLATE]]: makes it and says its full name.
new_database() {
  local name=${OURS}_$1
  sql postgres "create database $name owner ${2:-postgres} template ${3:-template0}"
  echo "$name"
}

drop_database() { sql postgres "drop database if exists $1 with (force)"; }

# drop_api_roles: as on a cluster that never had them; no database may need them any more.
drop_api_roles() {
  local role
  for role in "${API_ROLES[@]}"; do sql postgres "drop role if exists $role"; done
}

# create_api_roles: as an administrator makes them for an owner who may not.
create_api_roles() {
  sql postgres 'create role anon nologin noinherit'
  sql postgres 'create role authenticated nologin noinherit'
  sql postgres 'create role service_role nologin noinherit bypassrls'
}

# new_owner NAME: a role that may log in and nothing else; says its full name.
new_owner() {
  sql postgres "create role ${OURS}_$1 login"
  echo "${OURS}_$1"
}

# supabase_home DATABASE [OWNER]: makes it one of Supabase's, with default privileges for what OWNER makes in public.
supabase_home() {
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set maker="${2:-postgres}" --dbname "$1" \
    --file "$HERE/supabase_home.sql" >/dev/null
}

# Looking

# The rows of a query in a fixed order, whatever the database's collation.
sorted() { sort; }

# extensions DATABASE
extensions() { sql "$1" "select extname from pg_extension where extname <> 'plpgsql'" | sorted; }

# leftovers DATABASE: all that a database has beyond an empty one: objects of every kind, and grants.
leftovers() {
  sql "$1" "
    select 'schema', nspname from pg_namespace where nspname !~ '^pg_(toast|temp)'
    union all select 'relation', oid::regclass::text from pg_class where oid >= 16384
    union all select 'function', oid::regprocedure::text from pg_proc where oid >= 16384
    union all select 'type', oid::regtype::text from pg_type where oid >= 16384
    union all select 'trigger', tgname || ' on ' || tgrelid::regclass from pg_trigger
    union all select 'policy', polname || ' on ' || polrelid::regclass from pg_policy
    union all select 'extension', extname from pg_extension
    union all select 'role', rolname from pg_roles
    union all select 'grant', nspname || ' ' || coalesce(nspacl::text, '') from pg_namespace where nspname !~ '^pg_(toast|temp)'
    union all select 'grant', oid::regclass || ' ' || relacl::text from pg_class where relacl is not null and oid >= 16384
    union all select 'grant', datname || ' ' || coalesce(datacl::text, '') from pg_database where datname = current_database()
    union all select 'member', a.roleid::regrole || ' ' || a.member::regrole from pg_auth_members a" | sorted
}

# rows DATABASE: a checksum of each table's rows, in all schemas.
rows() {
  sql "$1" "
    select format(
        'select %L, count(*), md5(coalesce(string_agg(t::text, chr(10) order by t::text collate \"C\"), '''')) from %s t',
        n.nspname || '.' || c.relname, c.oid::regclass
    )
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema)' \\gexec" | sorted
}

# catalogue DATABASE: what there is, member of an extension or not, and how it is made, owned, granted and commented; a line
# each.
catalogue() {
  client "$1" '' --record-separator-zero <<SQL | sort --zero-terminated | tr '\n\0' ' \n'
    set search_path = pg_catalog;
    create temp view grants (class, id, sub, acl) as
        select 'pg_class'::regclass::oid, oid, 0, coalesce(relacl, acldefault('r', relowner)) from pg_class where relkind <> 'S'
        union all select 'pg_class'::regclass, attrelid, attnum, attacl from pg_attribute where attacl is not null
        union all select 'pg_proc'::regclass, oid, 0, coalesce(proacl, acldefault('f', proowner)) from pg_proc
        union all select 'pg_type'::regclass, oid, 0, coalesce(typacl, acldefault('T', typowner)) from pg_type where typtype in ('b', 'e')
        union all select 'pg_namespace'::regclass, oid, 0, coalesce(nspacl, acldefault('n', nspowner)) from pg_namespace;
    select 'extension', extname, extversion, extowner::regrole, extnamespace::regnamespace, extrelocatable, extconfig::regclass[]
    from pg_extension;
    select 'member', e.extname, pg_describe_object(classid, objid, objsubid)
    from pg_depend d join pg_extension e on e.oid = d.refobjid and d.refclassid = 'pg_extension'::regclass and deptype = 'e';
    select 'schema', nspname, nspowner::regrole from pg_namespace where nspname !~ '^pg_(toast|temp)';
    select 'relation', c.oid::regclass, c.relkind, c.relowner::regrole, c.relrowsecurity, c.relforcerowsecurity, c.relreplident,
        am.amname, c.reloptions, t.reloptions
    from pg_class c
    left join pg_am am on am.oid = c.relam
    left join pg_class t on t.oid = c.reltoastrelid
    where c.oid >= 16384 and c.relnamespace <> 'pg_toast'::regnamespace and c.relpersistence = 'p';
    select 'view', oid::regclass, pg_get_viewdef(oid) from pg_class where oid >= 16384 and relkind in ('v', 'm') and relpersistence = 'p';
    select 'column', a.attrelid::regclass, row_number() over (partition by a.attrelid order by a.attnum), a.attname,
        format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated, a.attidentity, pg_get_expr(d.adbin, d.adrelid),
        nullif(a.attcollation, 0)::regcollation, a.attstorage, a.attcompression, a.attstattarget
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid and c.relpersistence = 'p'
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid >= 16384 and a.attnum > 0 and not a.attisdropped and c.relnamespace <> 'pg_toast'::regnamespace;
    select 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated from pg_constraint where oid >= 16384;
    select 'index', indexrelid::regclass, pg_get_indexdef(indexrelid), indisvalid, indisclustered, indisreplident from pg_index
    where indexrelid >= 16384 and indrelid::regclass::text !~ '^pg_toast';
    select 'trigger', pg_get_triggerdef(oid), tgenabled from pg_trigger where not tgisinternal;
    select 'policy', polrelid::regclass, polname, polpermissive, polcmd, array(select r::regrole::text from unnest(polroles) r order by 1),
        pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
    from pg_policy;
    select 'function', p.oid::regprocedure, p.proowner::regrole, pg_get_functiondef(p.oid)
    from pg_proc p where p.oid >= 16384 and p.prokind in ('f', 'p') and p.pronamespace::regnamespace::text !~ '^pg_temp';
    select 'type', oid::regtype, typtype, typowner::regrole, typcategory, typdelim from pg_type
    where oid >= 16384 and typtype <> 'c' and typnamespace::regnamespace::text !~ '^pg_(temp|toast)';
    select 'enum', enumtypid::regtype, row_number() over (partition by enumtypid order by enumsortorder), enumlabel from pg_enum;
    select 'statistics', pg_get_statisticsobjdef(oid) from pg_statistic_ext;
    select 'comment', pg_describe_object(classoid, objoid, objsubid), description
    from pg_description where objoid >= 16384;
    select 'grant', pg_describe_object(g.class, g.id, g.sub), a.grantor::regrole, a.grantee::regrole, a.privilege_type, a.is_grantable
    from grants g, aclexplode(g.acl) a
    where g.id >= 16384 and pg_describe_object(g.class, g.id, g.sub) !~ 'pg_(temp|toast)';
    select 'publication', pubname, pubowner::regrole, puballtables from pg_publication;
    select 'published', p.pubname, r.prrelid::regclass, r.prattrs, pg_get_expr(r.prqual, r.prrelid)
    from pg_publication_rel r join pg_publication p on p.oid = r.prpubid;
    select 'default privileges', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype,
        a.grantee::regrole, a.privilege_type
    from pg_default_acl, aclexplode(defaclacl) a;
SQL
}

# rights DATABASE SCHEMA: what people, signed in or not, may do with each table: whole tables, then columns alone. Tables that
# they may do nothing with are left out.
rights() {
  sql "$1" "
    select c.relname, r.role, coalesce(nullif((
            select string_agg(p, ' ') from unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) p
            where has_table_privilege(r.role, c.oid, p)
        ), ''), '-') || coalesce((
            select string_agg(format(' %s(%s)', p, a.attname), '' order by a.attnum)
            from pg_attribute a
            cross join unnest(array['select', 'insert', 'update', 'references']) p
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                and has_column_privilege(r.role, c.oid, a.attnum, p) and not has_table_privilege(r.role, c.oid, p)
        ), '')
    from pg_class c
    cross join (values ('anon'), ('authenticated')) r (role)
    where c.relnamespace = '$2'::regnamespace and c.relkind = 'r'" | { grep -v ' | -$' || true; } | sorted
}

# What the contract says of them.
RIGHTS='agent_knowledge_bases | anon | select
agent_knowledge_bases | authenticated | select insert update delete
agent_personae | anon | select
agent_personae | authenticated | select
elevenlabs_conversations | authenticated | select insert update
goal_categories | anon | select
goal_categories | authenticated | select
graph_edges | authenticated | select insert update delete
graph_insights | authenticated | select update(status)
graph_nodes | authenticated | select insert update delete
inbox_messages | authenticated | select update(is_read) update(is_pinned) update(is_archived) update(read_at) update(archived_at)
knowledge | authenticated | select insert update delete
knowledge_chunks | anon | select
knowledge_chunks | authenticated | select insert update delete
knowledge_documents | anon | select
knowledge_documents | authenticated | select insert update delete
message_attachments | authenticated | select
message_read_receipts | authenticated | select insert update
profiles | authenticated | select update
user_goals | authenticated | select insert update delete
users | authenticated | select
voice_chat_events | anon | select insert
voice_chat_events | authenticated | select insert update(user_id) update(anonymous_id)'

# The three searches, the key and the version are for everybody; internal functions and the setup for nobody.
OPEN_TO_ANON='hybrid_search lgtempo_uuid_v7 lgtempo_version search_knowledge_base search_knowledge_chunks'
NOT_OPEN='lgtempo_setup enable_realtime claim_embedding_jobs store_embeddings retry_embedding_jobs
    create_message_with_attachments cleanup_expired_messages'

# unexpected_rights DATABASE: those that the contract does not give. Trigger functions are for nobody.
unexpected_rights() {
  sql "$1" "
    with open as (
        select p.proname, p.prorettype, a.grantee
        from pg_extension e
        join pg_depend d on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.deptype = 'e'
        join pg_proc p on d.classid = 'pg_proc'::regclass and p.oid = d.objid
        cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        where e.extname = 'lgtempo'
    )
    select proname, case when grantee = 0 then 'PUBLIC' else grantee::regrole::text end
    from open
    where grantee = 0
        or grantee = 'anon'::regrole and proname <> all (string_to_array('$OPEN_TO_ANON', ' '))
        or grantee in ('anon'::regrole, 'authenticated'::regrole)
            and (prorettype = 'trigger'::regtype or proname = any (regexp_split_to_array('$NOT_OPEN', '\s+')))" | sorted
}

# coaching DATABASE SCHEMA SEARCH_PATH: Ada, signed in, has the main functions do their work, and tells what came of it.
# Needs her account, and a knowledge base that is shared (see shared_knowledge).
coaching() {
  sql "$1" "
    select '[1' || repeat(',0', 1535) || ']' as near, '[1,1' || repeat(',0', 1534) || ']' as far \\gset
    set role authenticated;
    set request.jwt.claims = '{\"sub\":\"$ADA\",\"role\":\"authenticated\"}';
    set search_path = $3;
    select create_goal_node(null, 'Speak up', 'career', '{\"priority\":\"high\"}') as goal \\gset
    select create_skill_node(null, 'Rhetoric', 'advanced') as skill \\gset
    select track_emotion(null, 'motivated', 'before the talk', 0.8, :'goal') as emotion \\gset
    select create_session_node(null, :'goal', 30, 'First words') as session \\gset
    select 'session updated', update_session_node(:'session', 'Second words', 45);
    select 'skill curated', update_node_status(:'skill', 'curated');
    select 'embedded', upsert_node_embedding(:'goal', :'near'), upsert_node_embedding(:'skill', :'far');
    select depth, node_type, label, edge_type from get_node_neighborhood(:'goal');
    select label, status, round(similarity::numeric, 3) from find_similar_nodes(null, :'near', 5, 0.5);
    select 'chunk', document_title, content, round(similarity::numeric, 3) from search_knowledge_chunks(:'near');
    select 'words', source, content from search_knowledge_base('rest');
    select 'both', source, content from search_knowledge_base('rest', query_embedding => :'near');
    insert into graph_edges (edge_type, source_node_id, target_node_id) values ('has_skill', :'session', :'skill');
    update graph_nodes set deleted_at = now() where id = :'session';
    select 'without the session', depth, label from get_node_neighborhood(:'goal', 3);
    select 'own rows', (select count(*) from graph_nodes), (select count(*) from graph_edges where closed_by_delete);
    select 'account', email, full_name from users join profiles using (id, full_name);
    set request.jwt.claims = '{\"sub\":\"$BEN\",\"role\":\"authenticated\"}';
    select 'nothing for Ben', count(*) from get_node_neighborhood(:'goal');
    set role anon;
    set request.jwt.claims = '{\"role\":\"anon\"}';
    select 'anon reads the version', lgtempo_version() ~ '^[0-9]+\\.[0-9]+\\.[0-9]+\$';
    select 'anon searches', count(*) from search_knowledge_base('rest');
    set role service_role;
    set request.jwt.claims = '{\"role\":\"service_role\"}';
    select 'the service sees all', count(*) from graph_nodes where user_id = '$ADA'"
}

COACHED="session updated | t
skill curated | t
embedded | t | t
0 | goal | Speak up | 
1 | emotion | motivated | feels
1 | session | Session: Second words | works_on
Speak up | draft_verbal | 1.000
Rhetoric | curated | 0.707
chunk | Sleep | Rest makes a talk. | 1.000
words | chunk | Rest makes a talk.
both | chunk | Rest makes a talk.
without the session | 0 | Speak up
without the session | 1 | motivated
own rows | 4 | 2
account | ada@example.com | Ada L.
nothing for Ben | 0
anon reads the version | t
anon searches | 0
the service sees all | 4"

# sign_up DATABASE [ROLE]: makes Ada's and Ben's accounts.
sign_up() {
  sql "$1" "insert into auth.users (id, email, raw_user_meta_data) values
    ('$ADA', 'ada@example.com', '{\"full_name\":\"Ada L.\",\"subscription\":\"gold\",\"username\":\"root\"}'),
    ('$BEN', 'ben@example.com', null)" "${2-}"
}

# shared_knowledge DATABASE SCHEMA: a base that all signed-in people may read, with one passage.
shared_knowledge() {
  sql "$1" "
    set search_path = $2;
    insert into agent_knowledge_bases (id, agent_id, name) values ('00000000-0000-7000-8000-0000000000c1', 'coach', 'Health');
    insert into knowledge_documents (id, knowledge_base_id, title, content)
    values ('00000000-0000-7000-8000-0000000000d1', '00000000-0000-7000-8000-0000000000c1', 'Sleep', 'Rest makes a talk.');
    select '[1' || repeat(',0', 1535) || ']' as embedding \\gset
    insert into knowledge_chunks (document_id, chunk_index, content, embedding)
    values ('00000000-0000-7000-8000-0000000000d1', 0, 'Rest makes a talk.', :'embedding')"
}

# works DATABASE SCHEMA SEARCH_PATH WHERE [ROLE]: people sign up by ROLE's doing, and the main functions work for them.
works() {
  local said
  if said=$(sign_up "$1" "${5-}" 2>&1 && shared_knowledge "$1" "$2" 2>&1 && coaching "$1" "$2" "$3" 2>&1); then :; fi
  is "$said" "$COACHED" "$4: people sign up, and the main functions work for them"
}
