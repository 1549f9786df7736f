#!/usr/bin/env bash
# Two sessions at once: what one deletes, links or restores, the other must not lose.
. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

DB=$(new_database races)
sql "$DB" 'create extension lgtempo cascade'

N1=00000000-0000-7000-8000-000000000001
N2=00000000-0000-7000-8000-000000000002
N3=00000000-0000-7000-8000-000000000003

# Ada's three nodes; an edge between the first two.
begin_anew() {
  sql "$DB" "
    delete from auth.users;
    insert into auth.users (id) values ('$ADA');
    insert into graph_nodes (id, user_id, node_type, label) values
      ('$N1', '$ADA', 'goal', 'one'), ('$N2', '$ADA', 'goal', 'two'), ('$N3', '$ADA', 'goal', 'three');
    insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
      values ('$ADA', 'works_on', '$N1', '$N2')"
}

# behind SQL: runs it in a session of its own, behind this one.
behind() { psql --no-psqlrc --quiet --dbname "$DB" --command "$1" >>"$SCRATCH/behind.log" 2>&1 & }

# until_waiting PATTERN: until a session whose statement is like this is asleep or waits for a lock.
until_waiting() {
  local deadline=$((SECONDS + 20))
  until [ "$(sql "$DB" "select count(*) from pg_stat_activity
      where query like '%$1%' and pid <> pg_backend_pid() and wait_event_type in ('Lock', 'Timeout')")" != 0 ]; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.05
  done
}

open_edges() { sql "$DB" "select count(*) from graph_edges where valid_to is null and not closed_by_delete"; }

for level in 'read committed' 'repeatable read'; do
  begin_anew
  sql "$DB" "update graph_nodes set deleted_at = now() where id in ('$N1', '$N2')"
  behind "begin isolation level $level; update graph_nodes set deleted_at = null where id = '$N1'; select pg_sleep(1); commit"
  until_waiting pg_sleep
  for _ in 1 2; do
    sql "$DB" "begin isolation level $level; update graph_nodes set deleted_at = null where id = '$N2'; commit" \
      >/dev/null 2>&1 && break
    wait
  done
  wait
  is "$(sql "$DB" 'select count(*) from graph_nodes where deleted_at is null')" 3 "$level: both ends are restored at once"
  is "$(open_edges)" 1 "$level: and their edge opens with the last"
done

# A deletion that waits while the other end is deleted must not take that deletion's mark away.
begin_anew
behind "begin; select from graph_nodes where id = '$N3' for update; select pg_sleep(2); commit"
until_waiting pg_sleep
behind "update graph_nodes set deleted_at = now() where id in ('$N2', '$N3') and true"
until_waiting 'and true'
sql "$DB" "update graph_nodes set deleted_at = now() where id = '$N1'"
wait
sql "$DB" "update graph_nodes set deleted_at = null where id in ('$N1', '$N2')"
is "$(open_edges)" 1 'both ends deleted at once and restored: the edge is open again'

# An edge that was linked after a deletion's snapshot was taken.
begin_anew
behind "begin isolation level repeatable read; select from graph_nodes; select pg_sleep(1);
  update graph_nodes set deleted_at = now() where id = '$N3'; commit"
until_waiting pg_sleep
sql "$DB" "insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
  values ('$ADA', 'works_on', '$N3', '$N1')"
wait
is "$(sql "$DB" "select count(*) from graph_edges e join graph_nodes n on n.id in (e.source_node_id, e.target_node_id)
  where e.valid_to is null and n.deleted_at is not null")" 0 'no edge is open at a deleted node, whatever the snapshot'

# A link that runs beside a deletion: either it is refused, or the deletion closes it.
begin_anew
behind "begin; update graph_nodes set deleted_at = now() where id = '$N3'; select pg_sleep(1); commit"
until_waiting pg_sleep
said=$(psql --no-psqlrc --quiet --set VERBOSITY=sqlstate --dbname "$DB" --command "
  insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
  values ('$ADA', 'works_on', '$N3', '$N1')" 2>&1) || true
wait
like "$said" 23503 'a link to a node that is being deleted waits and is refused'

# The same goal from eight sessions.
begin_anew
for _ in 1 2 3 4 5 6 7 8; do
  behind "select create_goal_node('$ADA', 'Eight')"
done
wait
is "$(sql "$DB" "select count(*) from graph_nodes where label = 'Eight'")" 1 'the same goal from eight sessions is one'

done_testing
