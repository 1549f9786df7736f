#!/usr/bin/env bash
# Backends and whole servers are killed while several connections write: what was acknowledged is there, and all of it agrees.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

KILLS=${KILLS:-9}
# Before each kill, so many seconds of load, so many more commits acknowledged, so many more of each kind.
PAUSE=3 MORE=500 MORE_OF_EACH=3
KINDS=(emotion session skill edge deleted restored message read document erased embedded)
HERE=$ROOT/tests/durability

# Small enough for checkpoints and vacuums to happen between the kills. Nothing that keeps data safe is switched off.
new_cluster crash 'checkpoint_timeout = 30s
max_wal_size = 64MB
autovacuum_naptime = 1s
fsync = on
full_page_writes = on
synchronous_commit = on'
export PGHOST=${FOLDERS[crash]}
SERVER=

# start_server: without pg_ctl, so that a parent learns of its death; what nobody waits for still counts as running.
start_server() {
  as_server "$PG_BIN/postgres" -D "$PGHOST/data" -c listen_addresses= -c unix_socket_directories="$PGHOST" -c port="$PGPORT" \
    >>"$PGHOST/server.log" 2>&1 9<&- &
  SERVER=$!
  up postgres
}

# up DATABASE: until the server answers.
up() { await 'The server does not come back.' answers "$1"; }
answers() { client "$1" <<<'select' >/dev/null 2>&1; }

start_server
DB=$(new_database crash)
sql "$DB" 'create extension lgtempo cascade'

BASES=(00000000-0000-7000-8000-0000000000b1 00000000-0000-7000-8000-0000000000b2 00000000-0000-7000-8000-0000000000b3)
sign_up "$DB"
sql "$DB" "
  insert into graph_nodes (user_id, node_type, label)
  select id, 'goal', 'Goal ' || i from auth.users, generate_series(1, 5) i;
  insert into agent_knowledge_bases (id, agent_id, name) select id, 'coach', id from unnest('{$(IFS=, && echo "${BASES[*]}")}'::uuid[]) id;
  create index on knowledge_chunks using hnsw (embedding_code bit_hamming_ops)"

# The load

LOAD=()

# rounds FILE: its text over and over, until the end of the load or of its reader.
rounds() { while [ ! -e "$SCRATCH/enough" ] && cat "$HERE/load/$1.sql"; do :; done; }

# writes NAME FILE [OPTION…]: a connection that writes what FILE says, and another one when it is lost. What it prints, and so
# what is acknowledged, goes to a file of its name.
writes() {
  local name=$1 file=$2
  shift 2
  while [ ! -e "$SCRATCH/enough" ]; do
    rounds "$file" 2>/dev/null | client "$DB" '' "$@" >>"$SCRATCH/$name.said" 2>>"$SCRATCH/$name.complaints" || true
    echo lost >>"$SCRATCH/$name.lost"
    sleep 0.1
  done
}

begin_load() {
  local person
  for person in "$ADA" "$BEN"; do
    writes "graph-$person" graph --set person="$person" & LOAD+=($!)
    writes "lifecycle-$person" lifecycle --set person="$person" & LOAD+=($!)
  done
  writes messages messages --set person="$ADA" & LOAD+=($!)
  writes documents-1 documents --set base="${BASES[0]}" --set shared="${BASES[2]}" & LOAD+=($!)
  writes documents-2 documents --set base="${BASES[1]}" --set shared="${BASES[2]}" & LOAD+=($!)
  writes embeddings embeddings & LOAD+=($!)
}

# kinds: how often a commit of each kind was acknowledged.
kinds() { awk -F ' [|] ' -v OFS='\t' 'length($2) == 36 { n[$1]++ } END { for (kind in n) print kind, n[kind] }' "$SCRATCH"/*.said; }

# loaded TIMES: whether the load has come as far as that many kills want it.
loaded() {
  kinds | awk -v kinds="${KINDS[*]}" -v more=$(($1 * MORE)) -v of_each=$(($1 * MORE_OF_EACH)) '
    { n[$1] = $2 }
    END {
      split(kinds, kind, " ")
      for (i in kind) { all += n[kind[i]]; missing += n[kind[i]] < of_each }
      exit (all < more || missing > 0)
    }'
}

end_load() {
  touch "$SCRATCH/enough"
  wait "${LOAD[@]}"
}
at_exit 'touch "$SCRATCH/enough"'

# Killing

# The server starts all others anew when one of them dies this way; it is not at once that the postmaster learns of it.
kill_backend() {
  local pid before
  before=$(restarts)
  pid=$(sql "$DB" "select pid from pg_stat_activity
    where backend_type = 'client backend' and state = 'active' and pid <> pg_backend_pid() order by random() limit 1")
  [[ $pid =~ ^[0-9]+$ ]] && as_root kill -KILL "$pid" && await 'The postmaster goes on after a crash.' restarted "$before"
}
restarts() { as_root grep -c 'all server processes terminated; reinitializing' "$PGHOST/server.log" || true; }
restarted() { [ "$(restarts)" -gt "$1" ]; }

# processes: the postmaster and its children, which all work in the data's folder.
processes() { find /proc/[0-9]*/cwd -maxdepth 0 -lname "$PGHOST/data" 2>/dev/null | cut -d/ -f3; }

# As if the machine had stopped, but for what the operating system holds. A server does not start while a child of the old one
# is left, and one may just have been made.
kill_server() {
  local processes
  while mapfile -t processes < <(processes) && [ "${#processes[@]}" != 0 ]; do
    as_root kill -KILL "${processes[@]}" 2>/dev/null || true
  done
  wait "$SERVER" 2>/dev/null || true
  start_server
}

begin_load
backends=0 servers=0
for ((kill = 1; kill <= KILLS; kill++)); do
  sleep "$PAUSE"
  await 'There is no load of every kind.' loaded "$kill"
  if ((kill % 2)); then
    await 'No backend can be killed.' kill_backend
    backends=$((backends + 1))
  else
    kill_server
    servers=$((servers + 1))
  fi
  up "$DB"
done
await 'There is no load of every kind.' loaded $((KILLS + 1))
end_load

# What came of it

# acknowledged: all that connections were told, as rows.
acknowledged() {
  local file
  for file in "$SCRATCH"/*.said; do
    awk -F ' [|] ' -v OFS='\t' -v client="$(basename "$file" .said)" \
      '$2 ~ /^[0-9a-f-]+$/ && length($2) == 36 { print client, NR, $1, $2 }' "$file"
  done
}
acknowledged >"$SCRATCH/acknowledged"
sql "$DB" 'create table acknowledged (client text, line integer, what text, id uuid)'
client "$DB" <<<"\\copy acknowledged from '$SCRATCH/acknowledged'"
sql "$DB" 'create index on acknowledged (id); analyze'

COMMITS=$(sql "$DB" "select count(*) from acknowledged where what not in ('trying', 'erasing')")
LOST=$(cat "$SCRATCH"/*.lost | wc -l)
echo "# $KILLS kills: $backends of a backend, $servers of the postmaster with all its children"
echo "# $COMMITS acknowledged commits, $LOST connections lost or ended"
echo "# of them$(for what in "${KINDS[@]}"; do echo " $what $(grep -c "	$what	" "$SCRATCH/acknowledged" || true)"; done | paste -sd ,)"
is "$(sql "$DB" "
    select w from unnest(string_to_array('${KINDS[*]}', ' ')) w
    where (select count(*) from acknowledged where what = w) < 20")" '' 'there was a load of every kind'
is "$(cat "$SCRATCH"/*.complaints | grep -Ev 'recovery mode|shutting down|starting up|not yet accepting|No such file|Connection refused|Is the server running|server closed|connection to server|could not (send|receive) data|abnormally|before or while|terminating connection|another server process|roll back the|shared memory|reconnect to|repeat your command|no connection|^(DETAIL|HINT|WARNING): ' |
  sort | uniq -c | head -n 20)" '' 'no connection was told anything but that it was lost'

# lost WHAT QUERY: what was acknowledged and is not so.
lost() { is "$(sql "$DB" "$2")" '' "no acknowledged $1 is lost"; }

lost emotion "select id from acknowledged where what = 'emotion' and id not in (select id from graph_nodes where node_type = 'emotion')"
lost session "select id from acknowledged where what = 'session' and id not in (select id from graph_nodes where node_type = 'session')"
lost skill "select id from acknowledged where what = 'skill' and id not in (select id from graph_nodes where node_type = 'skill')"
lost edge "select id from acknowledged where what = 'edge' and id not in (select id from graph_edges)"
lost 'deletion or restoration' "
  select n.id, last.what
  from (select distinct on (id) id, what from acknowledged where what in ('trying', 'deleted', 'restored') order by id, line desc) last
  left join graph_nodes n using (id)
  where n.id is null or last.what <> 'trying' and (last.what = 'deleted') <> (n.deleted_at is not null)"
lost message "select id from acknowledged where what = 'message' and id not in (select id from inbox_messages)"
lost reading "
  select id from acknowledged
  where what = 'read'
    and id not in (select m.id from inbox_messages m join message_read_receipts r on r.message_id = m.id where m.is_read)"
lost document "
  select id from acknowledged
  where what = 'document' and id not in (select id from knowledge_documents)
    and id not in (select id from acknowledged where what = 'erasing')"
lost erasure "select id from acknowledged where what = 'erased' and id in (select id from knowledge_documents)"
lost embedding "
  select id from acknowledged
  where what = 'embedded'
    and id in (select id from graph_nodes where embedding is null union all select id from knowledge_chunks where embedding is null)"

is "$(sql "$DB" "
    select 'emotion', id from graph_nodes n
    where node_type = 'emotion' and (select count(*) from graph_edges where target_node_id = n.id and edge_type = 'feels') <> 1
    union all
    select 'session', id from graph_nodes n
    where node_type = 'session' and (select count(*) from graph_edges where source_node_id = n.id and edge_type = 'works_on') <> 1
    union all
    select 'accomplishment', id from graph_nodes n
    where node_type = 'accomplishment' and (select count(*) from graph_edges where n.id in (source_node_id, target_node_id)) <> 1
    union all
    select 'message', id from inbox_messages m
    where (select count(*) from message_attachments where message_id = m.id) <> 2
    union all
    select 'receipt', id from inbox_messages m
    where is_read <> exists (select from message_read_receipts where message_id = m.id)
    union all
    select 'document', id from knowledge_documents where chunk_count < 5")" '' 'nothing is half written, acknowledged or not'
is "$(client "$DB" <"$HERE/consistent.sql" 2>&1)" '' 'references, counts, postings and codes agree with the rows'
is "$(client "$DB" <"$HERE/indexes.sql" 2>&1)" '' 'heaps, btrees, GIN and GiST agree'
is "$(client "$DB" <"$HERE/nearest.sql" 2>&1)" '' 'HNSW has every row and finds what reading all rows finds'
is "$(as_root grep -cE 'PANIC|invalid page|could not read block|unexpected data beyond EOF' "$PGHOST/server.log" || true)" 0 'recovery met nothing unexpected'

done_testing
