#!/usr/bin/env bash
# Who may update a database of a released version, in which state it may be, and what goes on beside the update.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"
. "$(dirname "${BASH_SOURCE[0]}")/dump.bash"
. "$(dirname "${BASH_SOURCE[0]}")/upgrade.bash"

STRANGER=$(new_owner stranger) MEMBER=$(new_owner member)
sql postgres "grant $OWNER to $MEMBER"

# A library that says it is older, as a session has it that was there before the files were replaced.
OLDER=$(tr 1-9 0 <<<"$VERSION")
new_folder old_library
OLD_LIBRARY=${FOLDERS[old_library]}
LC_ALL=C sed "s/${VERSION//./\\.}/$OLDER/g" "$("$PG_CONFIG" --pkglibdir)/lgtempo.so" >"$OLD_LIBRARY/lgtempo.so"

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

has_heard() { [ "$(heard "$1")" -ge "$2" ]; }
waits() { [ "$(sql postgres "select count(*) from pg_stat_activity where datname = '$1' and wait_event_type = 'Lock'")" != 0 ]; }
has_heard_or_waits() { has_heard "$1" "$2" || waits "$3"; }

# leave_session NAME: what it said.
leave_session() {
  eval "exec ${SESSION[$1]}>&-"
  await 'The session does not answer.' has_heard "$1" "$2"
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
  await 'The session does not answer.' has_heard writer 2
  tell updater 'alter extension lgtempo update;'
  await 'The session does not answer.' has_heard_or_waits updater 1 "$db"
  echo "# $where: beside a transaction that has written, the update $([ "$(heard updater)" = 0 ] && echo waits || echo runs)"
  tell writer "commit; select count(*) from graph_nodes where label in ('Begun before', 'Patience');"
  await 'The session does not answer.' has_heard updater 1
  tell writer "select count(*) from get_node_neighborhood(create_goal_node(null, 'Begun before'));"
  is "$(leave_session writer 4)" $'t\n2\n1' "$where: who was writing when the update came goes on, before its end and after"
  is "$(leave_session updater 1)" '' "$where: and the update does not fail"
  is "$(versions "$db" public)" "$VERSION | $VERSION" "$where: it is the new version"
  drop_database "$db"

  db=$(copy_of "$2" copy)
  session updater "$db" "$OWNER"
  session writer "$db"
  tell writer "$ME select count(*) > 0 from graph_nodes;"
  await 'The session does not answer.' has_heard writer 1
  tell updater 'begin; alter extension lgtempo update;'
  await 'The session does not answer.' has_heard updater 1
  tell writer "select create_goal_node(null, 'Begun meanwhile') is not null;"
  await 'The session does not answer.' has_heard_or_waits writer 2 "$db"
  echo "# $where: beside an update that is not committed, writing to the graph $([ "$(heard writer)" = 1 ] && echo waits || echo works)"
  tell writer "reset role; $READ_ALL"
  await 'The session does not answer.' has_heard_or_waits writer 3 "$db"
  echo "# $where: and reading all tables $([ "$(heard writer)" -lt 3 ] && echo waits || echo works)"
  tell updater 'commit;'
  await 'The session does not answer.' has_heard writer 3
  tell writer "select label from graph_nodes where label = 'Begun meanwhile';"
  is "$(leave_session writer 4)" $'t\nt\nBegun meanwhile' "$where: who begins to write during the update goes on"
  is "$(leave_session updater 2)" '' "$where: and the update is committed"
  drop_database "$db"
}

for release in "${RELEASES[@]}"; do
  old=$(home old owned "$release")
  new=$(home new owned)
  refusals "$release" "$old" "$new"
  permissions "$release" "$old" "$new"
  reduced "$release" "$old"
  beside "$release" "$old"
  drop_database "$old"
  drop_database "$new"
done

done_testing
