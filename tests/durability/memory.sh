#!/usr/bin/env bash
# A backend that works all day does not grow: a million calls, some of which fail, and calls that are stopped halfway.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

DB=$(new_database memory)
sql "$DB" 'create extension lgtempo cascade'
sign_up "$DB"
BASE=00000000-0000-7000-8000-0000000000b1
ROUNDS=50000 # of 20 calls
GROWTH=2048  # kB, two bytes a call

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
resident() { printf '\\! sed -nE "s/^RssAnon:[^0-9]*([0-9]+) kB/%s \\\\1/p" /proc/$BACKEND/status\n' "$1"; }
backend() { printf 'select pg_backend_pid() as pid \\gset\n\\setenv BACKEND :pid\n'; }
# grown FROM TO: in kB
grown() { awk -v from="$1" -v to="$2" '{ at[$1] = $2 } END { print at[to] - at[from] }' "$SCRATCH/resident"; }

{
  backend
  echo "set synchronous_commit = off;"
  echo "call calls($((ROUNDS / 5)));"
  resident begin
  for _ in 1 2 3 4; do echo "call calls($((ROUNDS / 5)));"; done
  resident end
} | client "$DB" >"$SCRATCH/resident"
echo "# $((ROUNDS * 20)) calls: $(tr '\n' ' ' <"$SCRATCH/resident")kB"
is "$(($(grown begin end) <= GROWTH))" 1 "a million calls: the backend has not grown ($(grown begin end) kB in the last four fifths)"

# stopped: a walk, a search and a document that a timeout stops, again and again.
stopped() {
  local i
  for ((i = 0; i < 200; i++)); do
    cat <<SQL
set statement_timeout = '3ms';
select count(*) from get_node_neighborhood('00000000-0000-7000-8000-000000000001', 10000, '$BEN');
select add_knowledge_document('$BASE', 'Long', repeat('Breathe slowly. ', 50000));
set statement_timeout = 0;
\\echo ended :LAST_ERROR_SQLSTATE
SQL
  done
}
{
  backend
  echo '\set ON_ERROR_STOP off'
  stopped
  resident begin
  stopped
  stopped
  resident end
} | client "$DB" >"$SCRATCH/resident" 2>/dev/null
like "$(cat "$SCRATCH/resident")" 'ended 57014' 'calls are stopped halfway'
is "$(($(grown begin end) <= GROWTH))" 1 "calls that were stopped: the backend has not grown ($(grown begin end) kB)"

done_testing
