#!/usr/bin/env bash
# A backend that works all day does not grow: a million calls, some of which fail, and calls that are stopped halfway.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

DB=$(new_database memory)
sql "$DB" 'create extension lgtempo cascade'
sign_up "$DB"
BASE=00000000-0000-7000-8000-0000000000b1
ROUNDS=50000 # of 20 calls
# kB. What leaks grows in every part of the day; a table that is analyzed meanwhile, and planned for anew, makes it grow once.
GROWTH_OF_EACH=128
GROWTH=8192

sql "$DB" "
  create function node(i integer) returns uuid immutable return ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid;
  create function wave(i integer) returns vector immutable language sql as
    'select array_agg(sin(i * j / 100.0))::real[]::vector from generate_series(1, 1536) j';
  insert into graph_nodes (id, user_id, node_type, label, embedding)
  select node(i), '$ADA', case when i % 4 = 0 then 'goal'::node_type else 'skill' end, 'Node ' || i, wave(i) from generate_series(1, 8) i;
  insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
  select '$ADA', 'works_on', node(i), node(i + 1) from generate_series(1, 7) i;
  insert into graph_nodes (id, user_id, node_type, label) select node(i), '$BEN', 'session', 'Node ' || i from generate_series(1, 5000) i;
  insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
  select '$BEN', 'works_on', node(i), node(i + 1) from generate_series(1, 4999) i;
  insert into agent_knowledge_bases (id, agent_id, name) values ('$BASE', 'coach', 'Base');
  select add_knowledge_document('$BASE', 'Advice', 'Breathe slowly. Rehearse the opening standing up.') is not null;
  create procedure calls(rounds integer) language plpgsql as \$\$
  declare near vector := wave(1); node uuid := node(1); unknown uuid := node(9999999); session uuid;
  begin
    for i in 1..rounds loop
      for j in 1..5 loop
        perform lgtempo_version();
        perform lgtempo_uuid_v7();
      end loop;
      perform get_unread_message_count('$ADA');
      perform mark_message_as_read(unknown, '$ADA');
      perform update_node_status(node, 'curated', '$BEN');
      if i % 5 = 0 then
        perform from get_node_neighborhood(node, 1, '$ADA');
        perform from find_similar_nodes('$ADA', near, 3);
        perform from get_user_skills_graph('$ADA');
        perform from search_knowledge_base('rehearse', '$BASE');
        perform from search_knowledge_chunks(near, '$BASE');
        begin
          perform create_goal_node('$ADA', '');
        exception when invalid_parameter_value then null;
        end;
      else
        for j in 1..6 loop
          perform calculate_engagement_score(i, 300, j);
        end loop;
      end if;
      if i % 20 = 0 then
        session := create_session_node('$ADA', null, 10, 'Summary ' || i);
        delete from graph_nodes where id = session;
      else
        perform upsert_node_embedding(unknown, near, '$ADA');
      end if;
      if i % 50 = 0 then commit; end if;
    end loop;
  end \$\$" >/dev/null

# What the backend has of its own; pages of shared memory count in the resident size too, once they are touched.
resident() { printf '\\! sed -nE "s/^RssAnon:[^0-9]*([0-9]+) kB/resident \\1/p" /proc/$BACKEND/status\n'; }
backend() { printf 'select pg_backend_pid() as pid \\gset\n\\setenv BACKEND :pid\n'; }
# growth: in kB, of each part after the first.
growth() { awk '$1 == "resident" { if (n++) print $2 - before; before = $2 }' "$SCRATCH/said"; }
# flat WHAT: there were five parts, and the last four did not make it grow.
flat() {
  is "$(growth | awk -v each="$GROWTH_OF_EACH" -v all="$GROWTH" '
    { sum += $1; if (NR == 1 || $1 < least) least = $1 }
    END { print NR, least <= each && sum <= all }')" '4 1' "$1: the backend has not grown ($(growth | paste -sd ' ') kB)"
}

{
  backend
  echo "set synchronous_commit = off;"
  for _ in 1 2 3 4 5; do
    echo "call calls($((ROUNDS / 5)));"
    resident
  done
} | client "$DB" >"$SCRATCH/said"
echo "# $((ROUNDS * 20)) calls in one backend: it grows by $(growth | paste -sd ' ') kB after the first fifth"
flat 'a million calls'

# stopped MILLISECONDS ROUNDS: a walk and a document that a timeout stops, again and again. A document that was not stopped in
# time is undone, so that the next is one again.
stopped() {
  local i
  for ((i = 0; i < $2; i++)); do
    cat <<SQL
set statement_timeout = $1;
select count(*) from get_node_neighborhood('00000000-0000-7000-8000-000000000001', 10000, '$BEN');
\\echo ended :SQLSTATE
begin\; select add_knowledge_document('$BASE', 'Long', repeat('Breathe slowly. ', 50000));
\\echo ended :SQLSTATE
set statement_timeout = 0;
rollback;
SQL
  done
}
{
  backend
  echo '\set ON_ERROR_STOP off'
  # How far a call comes is chance: all of both first.
  stopped 0 2
  for _ in 1 2 3 4 5; do
    stopped 3 120
    resident
  done
} | client "$DB" >"$SCRATCH/said" 2>/dev/null
STOPPED=$(grep -c 'ended 57014' "$SCRATCH/said" || true)
echo "# $STOPPED statements stopped in one backend: it grows by $(growth | paste -sd ' ') kB after the first fifth"
is "$((STOPPED >= 100))" 1 'calls are stopped halfway'
flat 'calls that were stopped'

done_testing
