#!/usr/bin/env bash
# Whatever takes long can be stopped at any moment, by a timeout or by somebody else, and leaves nothing behind.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

HERE=$ROOT/tests/durability
DB=$(new_database interrupt)
sql "$DB" 'create extension lgtempo cascade'
sign_up "$DB"

BASE=00000000-0000-7000-8000-0000000000b1
FIRST=00000000-0000-7000-8000-000000000001

# A chain of nodes, the first of them embedded, goals, a knowledge base, leases for a thousand embeddings: enough for everything to take
# a while.
sql "$DB" "
  create function node(i integer) returns uuid immutable return ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid;
  create function wave(i integer) returns vector immutable language sql as
    'select array_agg(sin(i * j / 100.0))::real[]::vector from generate_series(1, 1536) j';
  insert into graph_nodes (id, user_id, node_type, label, embedding, created_at)
  select node(i), '$ADA', case when i % 10 = 0 then 'goal'::node_type else 'session' end, 'Node ' || i,
    case when i <= 2000 then wave(i) end, now() - interval '90 days'
  from generate_series(1, 20000) i;
  insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
  select '$ADA', 'works_on', node(i), node(i + 1) from generate_series(1, 19999) i;
  insert into agent_knowledge_bases (id, agent_id, name) values ('$BASE', 'coach', 'Base');
  insert into knowledge_documents (knowledge_base_id, title, content) values ('$BASE', 'Long', 'Long');
  insert into knowledge_chunks (document_id, chunk_index, content, embedding)
  select d.id, i - 1, 'Breathe slowly ' || i || ' times before the talk', wave(i) from knowledge_documents d, generate_series(1, 2000) i;
  create table item as
  select jsonb_agg(jsonb_build_object('kind', kind, 'id', id, 'user_id', user_id, 'lease', lease,
    'embedding', (select jsonb_agg(sin(j)) from generate_series(1, 1536) j))) as items
  from claim_embedding_jobs(1000);
  create table text as select string_agg('## Part ' || i || chr(10) || chr(10) || 'Breathe slowly ' || i || ' times. Rehearse.', chr(10)) as text
  from generate_series(1, 60000) i;
  alter table auth.users disable trigger lgtempo_sync_user;
  insert into auth.users (id) select gen_random_uuid() from generate_series(1, 50000);
  alter table auth.users enable trigger lgtempo_sync_user;
  create view state as
  select md5(string_agg(name || '=' || setting, ' ' order by name)) as settings, current_user as who, session_user as login
  from pg_settings where name <> 'statement_timeout';
  analyze"

# What takes long, by name.
declare -A LONG=(
  [get_node_neighborhood]="select count(*) from get_node_neighborhood('$FIRST', 100000)"
  [find_similar_nodes]="select count(*) from find_similar_nodes('$ADA', wave(7), 1000, -1)"
  [get_user_goals_with_progress]="select count(*) from get_user_goals_with_progress('$ADA')"
  [refresh_graph_insights]="select refresh_graph_insights('$ADA')"
  [search_knowledge_chunks]="select count(*) from search_knowledge_chunks(wave(7), '$BASE', -1, 1000)"
  [search_knowledge_base]="select count(*) from search_knowledge_base('breathe slowly talk', '$BASE', 1000, wave(7))"
  [hybrid_search]="select count(*) from hybrid_search(wave(7), 'breathe slowly talk', '$BASE', 1000)"
  [add_knowledge_document]="select add_knowledge_document('$BASE', 'Whole', text, p_document_type => 'markdown') from text"
  [store_embeddings]='select store_embeddings(items) from item'
  [lgtempo_setup]='select lgtempo_setup()'
  [handle_voice_onboarding]="select handle_voice_onboarding('$BEN', repeat(text, 3), '{}', '{\"name\": \"Speak up\"}') from text"
  [words of a language]="update agent_knowledge_bases set language = 'german'"
  [erasing a person]="delete from auth.users where id = '$ADA'"
  [deleting nodes]="update graph_nodes set deleted_at = now() where user_id = '$ADA'"
)
mapfile -t NAMES < <(printf '%s\n' "${!LONG[@]}" | sort)
EXACT="set lgtempo.exact_search_limit = 1000000;"
CUT=0

rows "$DB" >"$SCRATCH/before"

# times_out STATEMENT MILLISECONDS…: by a timeout, in a transaction that goes on and ends well.
times_out() {
  local milliseconds
  printf '%s\n' '\set ON_ERROR_STOP off' "$EXACT"
  # Libraries bring settings of their own.
  echo "select lgtempo_version(), vector_dims(wave(1)) \g /dev/null"
  echo 'select settings, who, login from state \gset before_'
  for milliseconds in "${@:2}"; do
    cat <<SQL
begin;
savepoint here;
set local statement_timeout = $milliseconds;
$1 \\g /dev/null
\\echo ended :SQLSTATE
rollback to here;
select 'otherwise: ' || s::text from state s where (settings, who, login) is distinct from (:'before_settings', :'before_who', :'before_login');
commit;
\\echo then :SQLSTATE
select 'held: ' || locktype || ' ' || mode from pg_locks where pid = pg_backend_pid() and (locktype = 'advisory' or mode not in ('AccessShareLock', 'ExclusiveLock'));
SQL
  done
}

# timed_out STATEMENT: what is said of that, until a timeout was short enough.
timed_out() {
  local try said
  said=$(times_out "$1" 200 50 20 5 1 | client "$DB" 2>/dev/null || true)
  for ((try = 0; try < 20; try++)); do
    [[ $said != *'ended 57014'* ]] || break
    said+=$'\n'$(times_out "$1" 1 | client "$DB" 2>/dev/null || true)
  done
  echo "$said"
}

for name in "${NAMES[@]}"; do
  said=$(timed_out "${LONG[$name]}")
  like "$said" 'ended 57014' "$name: a timeout stops it"
  is "$(grep -vxE 'ended (57014|00000)|then 00000' <<<"$said" || true)" '' "$name: and the transaction goes on as before"
  CUT=$((CUT + $(grep -c 'ended 57014' <<<"$said" || true)))
done
rows "$DB" >"$SCRATCH/after"
same "$SCRATCH/before" "$SCRATCH/after" 'nothing is left of what timed out'

# By somebody else, while it is working.

# victim STATEMENT: runs it, and undoes it, until it was stopped. What begins with it is one message: a cancel that comes too early
# or too late stops all of it or nothing.
victim() {
  local round
  printf '%s\n' '\set ON_ERROR_STOP off' "$EXACT" '\set again true'
  for ((round = 0; round < 1000; round++)); do
    printf '%s\n' '\if :again' "begin\\; $1 \\g /dev/null" '\set state :SQLSTATE' '\echo ended :SQLSTATE' 'rollback;' \
      "select :'state' <> '57014' as again \\gset" '\endif'
  done
}

# cancel: stops the victim when it has worked for a while; a shorter one each time that it looks in vain.
cancel() {
  client "$DB" <<SQL
do \$\$
begin
  for i in 1..100 loop
    perform pg_cancel_backend(pid) from pg_stat_activity
    where application_name = 'victim' and state = 'active' and query like 'begin;%'
      and clock_timestamp() - query_start > interval '20 ms' / i;
    exit when found or not exists (select from pg_stat_activity where application_name = 'victim');
    commit;
    perform pg_sleep(0.01 * random());
  end loop;
end \$\$
SQL
}

for name in "${NAMES[@]}"; do
  victim "${LONG[$name]}" | PGAPPNAME=victim client "$DB" >"$SCRATCH/victim" 2>/dev/null &
  victim=$!
  while kill -0 "$victim" 2>/dev/null; do cancel; done
  wait "$victim" || true
  like "$(cat "$SCRATCH/victim")" 'ended 57014' "$name: somebody else stops it"
  CUT=$((CUT + $(grep -c 'ended 57014' "$SCRATCH/victim" || true)))
done
rows "$DB" >"$SCRATCH/after"
same "$SCRATCH/before" "$SCRATCH/after" 'nothing is left of what was stopped'
# Whoever is leaving is in one of the two views a moment longer.
unlocked() { [ "$(sql "$DB" "select count(*) from pg_locks where locktype = 'advisory' or pid not in (select pid from pg_stat_activity)")" = 0 ]; }
await 'Somebody who is gone holds a lock.' unlocked
told ok 'nobody holds a lock any more'

# In the middle of CREATE EXTENSION.
sql postgres 'drop database if exists '"${OURS}_half"
HALF=$(new_database half)
leftovers "$HALF" >"$SCRATCH/before"
said=$(for milliseconds in 150 80 40 20 10 5 1; do
  printf '\\set ON_ERROR_STOP off\nset statement_timeout = %s;\nbegin\\; create extension lgtempo cascade;\n\\echo ended :SQLSTATE\nrollback;\n' "$milliseconds"
done | client "$HALF" 2>/dev/null || true)
like "$said" 'ended 57014' 'create extension: a timeout stops it'
leftovers "$HALF" >"$SCRATCH/after"
same "$SCRATCH/before" "$SCRATCH/after" 'create extension: and nothing is left of it'
does "$HALF" 'create extension lgtempo cascade' 'create extension: the next succeeds'

is "$(sql "$DB" "update knowledge_documents set title = 'Again'; select lgtempo_setup() >= 0;
    select (select count(*) from profiles) = (select count(*) from auth.users)")" $'t\nt' 'and everything can be done after that'
is "$(client "$DB" <"$HERE/consistent.sql" 2>&1)" '' 'references, counts, postings and codes agree with the rows'
echo "# $CUT statements stopped, ${#LONG[@]} kinds"

done_testing
