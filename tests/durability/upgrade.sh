#!/usr/bin/env bash
# Every released version becomes this one by ALTER EXTENSION UPDATE, and its dumps by a setup: with the catalogue of a fresh
# installation, every row, and all that was added.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"
. "$(dirname "${BASH_SOURCE[0]}")/dump.bash"

VERSION=$(project_version)
mapfile -t RELEASES < <(find "$ROOT/tests/releases" -mindepth 1 -maxdepth 1 -type d ! -name "$VERSION" -printf '%f\n' | sort --version-sort)
STEPS=$(for file in "$ROOT"/sql/[0-9][0-9]_*.sql; do
  name=$(basename "$file" .sql)
  echo "$((10#${name:0:2})) | $name"
done)

# released RELEASE FILE: of that release.
released() { echo "$ROOT/tests/releases/$1/$2"; }

# show_release RELEASE: its script beside the new one, for as long as this runs. Who runs this has the lock on that folder.
show_release() {
  local file=lgtempo--$1.sql
  if [ -e "$EXTENSION_DIR/$file" ]; then
    cp "$EXTENSION_DIR/$file" "$SCRATCH/$file"
    at_exit "as_root install -m 644 '$SCRATCH/$file' '$EXTENSION_DIR/$file'"
  else
    at_exit "as_root rm -f '$EXTENSION_DIR/$file'"
  fi
  as_root install -m 644 "$(released "$1" "$file")" "$EXTENSION_DIR/$file"
}

# Databases

HOMES=(public schema owned_schema supabase)
declare -A SCHEMAS=([public]=public [schema]='"My Schema"' [owned]=public [owned_schema]='"My Schema"' [supabase]=public)
# Without an owner a superuser's; people sign up by another's doing at Supabase alone.
declare -A OWNERS=() SIGNERS=()

# home NAME HOME [RELEASE]: a database with people and all their rows, of that release or this version; says its full name.
home() {
  local db schema=${SCHEMAS[$2]} owner=${OWNERS[$2]-}
  db=$(new_database "$1" "${owner:-postgres}")
  case $2 in
    supabase)
      supabase_home "$db" "$owner"
      sql "$db" "
        grant usage on schema auth, extensions to $owner;
        grant select, references, trigger on auth.users to $owner;
        create extension btree_gist schema extensions"
      ;;
    # Where vector is should make no difference.
    schema) sql "$db" 'create schema extensions; grant usage on schema extensions to public; create extension vector schema extensions' ;;
    *) sql "$db" 'create extension vector' ;;
  esac
  [ "$schema" = public ] || sql "$db" "create schema $schema" "$owner"
  sql "$db" "create extension lgtempo schema $schema ${3:+version '$3'} cascade" "$owner"
  fill "$db" "$schema" "${SIGNERS[$2]-$owner}"
  echo "$db"
}

# copy_of DATABASE NAME: says its full name.
copy_of() { new_database "$2" "$(sql postgres "select pg_get_userbyid(datdba) from pg_database where datname = '$1'")" "$1"; }

# Looking

# A database's version and the library's.
versions() { sql "$1" "select extversion, $2.lgtempo_version() from pg_extension where extname = 'lgtempo'"; }

# What people's rows are: the record of steps is not among them.
their_rows() { rows "$1" | grep -v '\.lgtempo_migrations | '; }

# taken DATABASE SCHEMA: the steps that are recorded.
taken() { sql "$1" "select step, name from $2.lgtempo_migrations order by step"; }

# record DATABASE SCHEMA: and what they made.
record() {
  sql "$1" "select step, name, array(select o from unnest(objects) o order by o collate \"C\") from $2.lgtempo_migrations order by step"
}

# schema_of DATABASE: as pg_dump writes it, for whom each database's objects, in order, are what they are. Its keys differ each time.
schema_of() { pg_dump --schema-only "$1" | grep -v '^\\'; }

# initial_grants DATABASE: those that a dump leaves to CREATE EXTENSION.
initial_grants() {
  sql "$1" "
    set search_path = pg_catalog;
    select pg_describe_object(i.classoid, i.objoid, i.objsubid), a.grantee::regrole, a.privilege_type
    from pg_init_privs i, aclexplode(i.initprivs) a where i.objoid >= 16384" | sorted
}

# is_fresh DATABASE FRESH SCHEMA WHERE: it is made as a fresh database of this version is.
is_fresh() {
  same <(catalogue "$2") <(catalogue "$1") "$4: everything in the catalogue is as freshly installed"
  same <(schema_of "$2") <(schema_of "$1") "$4: and pg_dump writes the same"
  same <(initial_grants "$2") <(initial_grants "$1") "$4: and leaves the same grants to CREATE EXTENSION"
  same <(record "$2" "$3") <(record "$1" "$3") "$4: the steps have made the same"
}

# is_updated DATABASE HOME BEFORE FRESH WHERE: and its rows are those of the files BEFORE; life goes on.
is_updated() {
  local schema=${SCHEMAS[$2]} owner=${OWNERS[$2]-}
  is "$(versions "$1" "$schema")" "$VERSION | $VERSION" "$5: it is this version"
  is "$(taken "$1" "$schema")" "$STEPS" "$5: every step is recorded"
  same "$SCRATCH/$3.rows" <(their_rows "$1") "$5: every row is there, unchanged"
  same "$SCRATCH/$3.rights" <(rights "$1" "$schema") "$5: people may do what they might"
  is_fresh "$1" "$4" "$schema" "$5"
  fails "$1" 'drop extension lgtempo' '2BP01: ' "$5: DROP EXTENSION is refused" "$owner"
  look "$1" now "$schema"
  goes_on "$1" "$schema" "$5" "$owner" "${SIGNERS[$2]-$owner}"
}

# see DATABASE NAME SCHEMA: what is_updated compares.
see() {
  their_rows "$1" >"$SCRATCH/$2.rows"
  rights "$1" "$3" >"$SCRATCH/$2.rights"
}

# is_untouched DATABASE WHAT: since before_it.
before_it() { { catalogue "$1"; rows "$1"; } >"$SCRATCH/untouched"; }
is_untouched() { same "$SCRATCH/untouched" <(catalogue "$1"; rows "$1") "$2"; }

# By ALTER EXTENSION UPDATE

# updates RELEASE HOME
updates() {
  local release=$1 home=$2 schema=${SCHEMAS[$2]} owner=${OWNERS[$2]-} where="$1, $2" old db new
  old=$(home old "$home" "$release")
  is "$(versions "$old" "$schema")" "$release | $VERSION" "$where: before the update, the database is the old version"
  fails "$old" 'drop extension lgtempo' '2BP01: ' "$where: before the update, DROP EXTENSION is refused" "$owner"
  before_it "$old"
  db=$(copy_of "$old" waiting)
  look "$db" now "$schema"
  goes_on "$db" "$schema" "$where: before the update" "$owner" "${SIGNERS[$home]-$owner}"
  drop_database "$db"
  is_untouched "$old" "$where: and nothing has been changed by that"

  see "$old" before "$schema"
  new=$(home new "$home")
  db=$(copy_of "$old" updated)
  does "$db" 'alter extension lgtempo update' "$where: the update" "$owner"
  is_updated "$db" "$home" before "$new" "$where"
  drop_database "$db"

  add "$old" "$schema" "$owner"
  grant "$old" "$schema" "$owner"
  add "$new" "$schema" "$owner"
  grant "$new" "$schema" "$owner"
  see "$old" added "$schema"
  does "$old" 'alter extension lgtempo update' "$where, with additions: the update" "$owner"
  is_updated "$old" "$home" added "$new" "$where, with additions"
  drop_database "$old"
  drop_database "$new"
}

# From a dump of that version

# bring_dump RELEASE DATABASE WHERE
bring_dump() { restores "$3" from_file "$2" <(zcat "$(released "$1" dump.sql.gz)"); }

# dumps RELEASE
dumps() {
  local release=$1 where="$1's dump" db new missing
  new=$(home new public)
  db=$(new_database dumped)
  bring_dump "$release" "$db" "$where"
  is "$(their_rows "$db" | grep -c ' | 0 | ' || true)" 0 "$where: every table has rows"
  is "$(versions "$db" public)" "$VERSION | $VERSION" "$where: the extension in it is this version"
  missing=$(comm -13 <(taken "$db" public | sort) <(sort <<<"$STEPS") | wc -l)
  see "$db" before public
  is "$(sql "$db" 'select lgtempo_setup()')" "$missing" "$where: a setup runs the steps that are missing"
  is_updated "$db" public before "$new" "$where"
  drop_database "$db"

  where="$release's dump, of its version"
  db=$(new_database dumped)
  sql "$db" 'create extension vector'
  like "$(messages "$db" "set lgtempo.layout = off; create extension lgtempo version '$release' cascade")" \
    'NOTICE: +00000: lgtempo lays out no tables' "$where: CREATE EXTENSION leaves the tables to it"
  bring_dump "$release" "$db" "$where"
  is "$(versions "$db" public)" "$release | $VERSION" "$where: it stays the old version"
  is "$(sql "$db" 'select lgtempo_setup()')" 0 "$where: for which a setup has nothing to do"
  see "$db" before public
  does "$db" 'alter extension lgtempo update' "$where: the update"
  is_updated "$db" public before "$new" "$where"
  drop_database "$db"
  drop_database "$new"
}

# Who may, and when

# with_old_library DATABASE: for its next sessions, as in those that were there before the library's file was replaced.
with_old_library() { sql "$1" "alter database $1 set dynamic_library_path = '$OLD_LIBRARY:\$libdir'"; }
with_library() { sql "$1" "alter database $1 reset dynamic_library_path"; }

# refusals RELEASE OLD NEW: nothing has changed after them.
refusals() {
  local db=$2 who where=$1
  sql postgres "grant create on database $db to $STRANGER"
  before_it "$db"
  for who in "$STRANGER" anon authenticated service_role; do
    fails "$db" "set role $who; alter extension lgtempo update" '42501: ' "$where: $who may not update"
  done
  is_untouched "$db" "$where: those refused have changed nothing"
  does "$db" 'begin; alter extension lgtempo update; rollback' "$where: an update that is rolled back" "$OWNER"
  is_untouched "$db" "$where: leaves everything as it was"

  with_old_library "$db"
  is "$(versions "$db" public)" "$1 | $OLDER" "$where: a session that has kept an older library"
  fails "$db" 'alter extension lgtempo update' '55000: .*older' "$where: may not update" "$OWNER"
  with_library "$db"
  is_untouched "$db" "$where: and has changed nothing"

  before_it "$3"
  with_old_library "$3"
  fails "$3" 'select lgtempo_setup()' '55000: ' "$where: nor may it set up a database that is newer than the library" "$OWNER"
  with_library "$3"
  is_untouched "$3" "$where: and that has changed nothing"
}

# permissions RELEASE OLD NEW: who else than the owner may, and sessions in which CREATE EXTENSION would lay out no tables.
permissions() {
  local db where=$1
  db=$(copy_of "$2" copy)
  does "$db" 'alter extension lgtempo update' "$where: a member of the owner's role may update" "$MEMBER"
  is_fresh "$db" "$3" public "$where, by a member"
  drop_database "$db"

  db=$(copy_of "$2" copy)
  does "$db" 'alter extension lgtempo update' "$where: a superuser may update what is an owner's"
  is_fresh "$db" "$3" public "$where, by a superuser"
  drop_database "$db"

  # As pg_dumpall and pg_upgrade leave it: the extension is the superuser's, the tables are the database's owner's.
  db=$(copy_of "$2" copy)
  sql "$db" "update pg_extension set extowner = 'postgres'::regrole where extname = 'lgtempo'"
  does "$db" 'alter extension lgtempo update' "$where: a superuser may update what a restore has given him"
  sql "$db" "update pg_extension set extowner = '$OWNER'::regrole where extname = 'lgtempo'"
  is_fresh "$db" "$3" public "$where, after a superuser's restore"
  drop_database "$db"

  db=$(copy_of "$2" copy)
  does "$db" 'set lgtempo.layout = off; set row_security = off; alter extension lgtempo update' \
    "$where: an update where CREATE EXTENSION would lay out no tables" "$OWNER"
  is_fresh "$db" "$3" public "$where, with layout and row_security off"
  drop_database "$db"
}

# reduced RELEASE OLD: an administrator has taken away every policy, and every index that is no constraint's.
reduced() {
  local db where="$1, reduced" policies="select polname, polrelid::regclass from pg_policy order by 1, 2"
  local indexes="select c.oid::regclass, i.indrelid::regclass from pg_index i join pg_class c on c.oid = i.indexrelid
    where c.relnamespace = 'public'::regnamespace and not exists (select from pg_constraint where conindid = c.oid) order by 1"
  db=$(copy_of "$2" copy)
  { sql "$db" "$policies"; sql "$db" "$indexes"; } >"$SCRATCH/gone"
  sql "$db" "
    select format('drop policy %I on %s', polname, polrelid::regclass) from pg_policy \\gexec
    select format('drop index %s', indexrelid::regclass) from ($indexes) i (indexrelid) \\gexec" "$OWNER"
  see "$db" before public
  does "$db" 'alter extension lgtempo update' "$where: the update" "$OWNER"
  is "$(taken "$db" public)" "$STEPS" "$where: every step is recorded"
  same "$SCRATCH/before.rows" <(their_rows "$db") "$where: every row is there"
  is "$({ sql "$db" "$policies"; sql "$db" "$indexes"; } | sort | comm -12 - <(sort "$SCRATCH/gone"))" '' \
    "$where: what was taken away stays away"
  drop_database "$db"
}

# Sessions beside it

declare -A SESSION=()

# session NAME DATABASE [ROLE]: psql, which does what it is told; its answers are in $SCRATCH/NAME.out.
session() {
  mkfifo "$SCRATCH/$1.in"
  client "$2" "${3-}" --set ON_ERROR_STOP=0 <"$SCRATCH/$1.in" >"$SCRATCH/$1.out" 2>&1 &
  exec {SESSION[$1]}>"$SCRATCH/$1.in"
}

# tell NAME TEXT: and don't wait.
tell() { echo "$2"$'\n\\echo heard' >&"${SESSION[$1]}"; }

heard() { grep -cx heard "$SCRATCH/$1.out" || true; }

# await CONDITION…: until a command succeeds.
await() {
  local tries
  for ((tries = 0; tries < 400; tries++)); do
    ! "$@" || return 0
    sleep 0.05
  done
  return 1
}

has_heard() { [ "$(heard "$1")" -ge "$2" ]; }
waits() { [ "$(sql postgres "select count(*) from pg_stat_activity where datname = '$1' and wait_event_type = 'Lock'")" != 0 ]; }
has_heard_or_waits() { has_heard "$1" "$2" || waits "$3"; }

# leave_session NAME: what it said.
leave_session() {
  eval "exec ${SESSION[$1]}>&-"
  await has_heard "$1" "$2" || true
  grep -vx heard "$SCRATCH/$1.out" || true
  rm -f "$SCRATCH/$1".*
}

ME="set role authenticated; set request.jwt.claims = '{\"sub\":\"$ADA\",\"role\":\"authenticated\"}';"

# All tables, for the step that will want one of them for itself.
READ_ALL="select format('select from %s limit 0', oid::regclass) from pg_class where relkind = 'r' and oid >= 16384 \\gexec"

# beside RELEASE OLD: people write while it is updated, first and last.
beside() {
  local db said where=$1
  db=$(copy_of "$2" copy)
  session writer "$db"
  session updater "$db" "$OWNER"
  tell writer "begin; $READ_ALL"
  tell writer "$ME select create_goal_node(null, 'Begun before') is not null; insert into graph_nodes (node_type, label) values ('skill', 'Patience');"
  await has_heard writer 2
  tell updater 'alter extension lgtempo update;'
  await has_heard_or_waits updater 1 "$db"
  echo "# $where: beside a transaction that has written, the update $([ "$(heard updater)" = 0 ] && echo waits || echo runs)"
  tell writer "commit; select count(*) from graph_nodes where label in ('Begun before', 'Patience');"
  await has_heard updater 1
  tell writer "select count(*) from get_node_neighborhood(create_goal_node(null, 'Begun before'));"
  is "$(leave_session writer 4)" $'t\n2\n1' "$where: who was writing when the update came goes on, before its end and after"
  is "$(leave_session updater 1)" '' "$where: and the update does not fail"
  is "$(versions "$db" public)" "$VERSION | $VERSION" "$where: it is the new version"
  drop_database "$db"

  db=$(copy_of "$2" copy)
  session updater "$db" "$OWNER"
  session writer "$db"
  tell writer "$ME select count(*) > 0 from graph_nodes;"
  await has_heard writer 1
  tell updater 'begin; alter extension lgtempo update;'
  await has_heard updater 1
  tell writer "select create_goal_node(null, 'Begun meanwhile') is not null;"
  await has_heard_or_waits writer 2 "$db"
  echo "# $where: beside an update that is not committed, writing to the graph $([ "$(heard writer)" = 1 ] && echo waits || echo works)"
  tell writer "reset role; $READ_ALL"
  await has_heard_or_waits writer 3 "$db"
  echo "# $where: and reading all tables $([ "$(heard writer)" -lt 3 ] && echo waits || echo works)"
  tell updater 'commit;'
  await has_heard writer 3
  tell writer "select label from graph_nodes where label = 'Begun meanwhile';"
  is "$(leave_session writer 4)" $'t\nt\nBegun meanwhile' "$where: who begins to write during the update goes on"
  is "$(leave_session updater 2)" '' "$where: and the update is committed"
  drop_database "$db"
}

# What the comparison sees

# One change each of what an upgrade could leave out.
CHANGES="
comment on function lgtempo_uuid_v7 is 'Another'
comment on column graph_nodes.label is null
comment on type node_type is null
comment on table users is 'Another'
comment on policy graph_nodes_select_own on graph_nodes is 'Another'
comment on index graph_edges_source_idx is 'Another'
alter function track_emotion cost 7
alter function get_user_skills_graph rows 7
alter function lgtempo_version volatile
alter function lgtempo_version parallel unsafe
alter function lgtempo_version strict
alter function lgtempo_version security definer
alter function lgtempo_version set search_path = public
alter function lgtempo_version reset all
alter function lgtempo_version owner to ${OURS}_other
alter extension lgtempo drop function lgtempo_version()
grant execute on function lgtempo_setup to anon
revoke execute on function hybrid_search from anon
alter type node_type add value 'habit' before 'skill'
alter type node_type rename value 'goal' to 'aim'
alter type node_type owner to ${OURS}_other
alter table graph_nodes add column mood text
alter table graph_nodes rename label to name
alter table profiles alter full_name set default 'nobody'
alter table graph_nodes alter name drop not null
alter table profiles alter full_name set storage external
alter table profiles alter full_name set statistics 7
alter table profiles alter full_name type text collate \"C\"
alter table profiles set (fillfactor = 77)
alter table profiles set (toast.autovacuum_enabled = off)
alter table profiles replica identity full
alter table profiles force row level security
alter table profiles disable row level security
alter table profiles owner to ${OURS}_other
alter table profiles add constraint named check (full_name <> '')
alter table profiles drop constraint named
create index named on profiles (full_name)
alter index named set (fillfactor = 77)
create statistics named on id, full_name from profiles
alter table profiles disable trigger touch
drop trigger touch on profiles
drop policy graph_nodes_select_own on graph_nodes
alter policy graph_nodes_update_own on graph_nodes with check (true)
alter policy graph_nodes_insert_own on graph_nodes to anon
grant select on user_goals to anon
revoke update on user_goals from authenticated
grant update (subject) on inbox_messages to authenticated
create view viewed as select 1 as one
create or replace view viewed as select 2 as one"

# it_sees DATABASE: each of those changes shows.
it_sees() {
  local change unseen='' n=0
  catalogue "$1" >"$SCRATCH/before"
  while read -r change; do
    [ -n "$change" ] || continue
    n=$((n + 1))
    sql "$1" "$change" >/dev/null 2>"$SCRATCH/failed" || unseen+="$change: $(cat "$SCRATCH/failed")"$'\n'
    catalogue "$1" >"$SCRATCH/after"
    ! cmp -s "$SCRATCH/before" "$SCRATCH/after" || unseen+="$change"$'\n'
    mv "$SCRATCH/after" "$SCRATCH/before"
  done <<<"$CHANGES"
  is "$unseen" '' "the comparison sees each of $n changes of a catalogue"
}

# The run

[ "${#RELEASES[@]}" != 0 ] || die 'There is no older release in tests/releases.'
for release in "${RELEASES[@]}"; do show_release "$release"; done
drop_api_roles
create_api_roles
OWNER=$(new_owner owner) STRANGER=$(new_owner stranger) MEMBER=$(new_owner member)
OWNERS=([owned]=$OWNER [owned_schema]=$OWNER [supabase]=$OWNER)
SIGNERS=([supabase]=supabase_auth_admin)
sql postgres "grant $OWNER to $MEMBER"

# A library that says it is older, as a session has it that was there before the files were replaced.
OLDER=$(tr 1-9 0 <<<"$VERSION")
OLD_LIBRARY=$(server_folder /tmp/lgtempo.XXXXXX)
at_exit "rm -rf '$OLD_LIBRARY'"
LC_ALL=C sed "s/${VERSION//./\\.}/$OLDER/g" "$("$PG_CONFIG" --pkglibdir)/lgtempo.so" >"$OLD_LIBRARY/lgtempo.so"

for release in "${RELEASES[@]}"; do
  for name in "${HOMES[@]}"; do updates "$release" "$name"; done
  dumps "$release"
  old=$(home old owned "$release")
  new=$(home new owned)
  refusals "$release" "$old" "$new"
  permissions "$release" "$old" "$new"
  reduced "$release" "$old"
  beside "$release" "$old"
  drop_database "$old"
  drop_database "$new"
done
new_owner other >/dev/null
it_sees "$(home new public)"

echo "# ${#RELEASES[@]} releases, ${#HOMES[@]} homes of each, $(wc -l <<<"$STEPS") steps to $VERSION"
done_testing
