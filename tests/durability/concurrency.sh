#!/usr/bin/env bash
# Eight connections do the same at once, in read committed and in serializable: one outcome, whoever was first.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

HERE=$ROOT/tests/durability
CLIENTS=8
ROUNDS=4
# How often a client tries anew what PostgreSQL tells it to try anew.
TRIES=40

DB=$(new_database concurrency)
sql "$DB" 'create extension lgtempo cascade'
sign_up "$DB"
# A barrier: nobody goes on before all have come.
sql "$DB" "
  create table come (race text, round integer);
  create index on come (race, round);
  create procedure gate(race text, round integer, all_of_them integer) language plpgsql as \$\$
  declare deadline timestamptz := clock_timestamp() + interval '5 minutes';
  begin
    insert into come values (race, round);
    commit;
    loop
      exit when (select count(*) from come c where (c.race, c.round) = (gate.race, gate.round)) >= all_of_them;
      commit;
      if clock_timestamp() > deadline then raise 'the others did not come'; end if;
      perform pg_sleep(0.01);
    end loop;
  end \$\$"

# tries BODY: a statement, tried anew as long as PostgreSQL says so. Each try is a transaction of its own. Without a pause
# of chance, those that have met in a deadlock would meet again.
tries() {
  local try
  echo '\set again true'
  for ((try = 0; try < TRIES; try++)); do
    printf '%s\n' '\if :again' "$1" '\set state :SQLSTATE' '\echo state :state' \
      "select :'state' in ('40001', '40P01') as again \\gset" \
      '\if :again' 'select pg_sleep(0.2 * random()) \g /dev/null' '\endif' '\endif'
  done
  echo '\if :again'
  echo '\echo state unfinished'
  echo '\endif'
}

# client_script LEVEL BODY ME: what client ME sends, round by round.
client_script() {
  local round
  echo '\set VERBOSITY terse'
  echo '\set ON_ERROR_STOP off'
  echo "set deadlock_timeout = '100ms';"
  echo "\\set me $3"
  for ((round = 1; round <= ROUNDS; round++)); do
    echo "\\set round $round"
    echo "set default_transaction_isolation = 'read committed';"
    echo "call gate('$RACE', $round, $CLIENTS);"
    echo "set default_transaction_isolation = '$1';"
    tries "$2"
  done
}

RACES=0 SERIALIZATION=0 DEADLOCKS=0

# race NAME LEVEL BODY…: the clients run BODY at once, ROUNDS times; where there are more BODYs, they take turns. What the
# clients got is in \$SCRATCH/got: its rows, and a line with the SQLSTATE of each try.
race() {
  local me level=$2 bodies
  RACE="$1, $2"
  RACES=$((RACES + 1))
  shift 2
  bodies=("$@")
  rm -f "$SCRATCH"/got.*
  for ((me = 0; me < CLIENTS; me++)); do
    client_script "$level" "${bodies[me % ${#bodies[@]}]}" "$me" | client "$DB" >"$SCRATCH/got.$me" 2>"$SCRATCH/errors.$me" &
  done
  wait
  cat "$SCRATCH"/got.* >"$SCRATCH/got"
  SERIALIZATION=$((SERIALIZATION + $(states 40001)))
  DEADLOCKS=$((DEADLOCKS + $(states 40P01)))
  [ "$(states 40P01)" = 0 ] || echo "# $RACE: $(states 40P01) deadlocks in $ROUNDS rounds"
}

# states SQLSTATE: how many tries ended with it.
states() { grep -cx "state $1" "$SCRATCH/got" || true; }

# answers: the rows that clients got, each once, with their number.
answers() { grep -v '^state ' "$SCRATCH/got" | sort | uniq -c | sed 's/^ *//'; }

# others: how tries ended that neither succeeded nor were to be tried anew.
others() { grep '^state ' "$SCRATCH/got" | grep -vxE 'state (00000|40001|40P01)' | sort | uniq -c | sed 's/^ *//'; }

# ended WHAT [OTHERS]: no client gave up or got another error than these.
ended() { is "$(others)" "${2-}" "$RACE: $1"; }

# sees QUERY WANT WHAT
sees() { is "$(sql "$DB" "$1")" "$2" "$RACE: $3"; }

times() { local n; for ((n = 1; n <= ROUNDS; n++)); do echo "$1"; done; }

for level in 'read committed' serializable; do
  sql "$DB" "
    delete from auth.users;
    delete from agent_knowledge_bases;"
  sign_up "$DB"
  ALL=$((CLIENTS * ROUNDS))

  race 'the same goal' "$level" "select create_goal_node('$ADA', 'Goal ' || :round) ;"
  ended 'everybody is answered'
  is "$(answers | cut -d' ' -f1)" "$(times $CLIENTS)" "$RACE: with the same node"
  sees "select count(*) from graph_nodes where label like 'Goal %'" "$ROUNDS" 'there is one a round'

  race 'the same skill' "$level" "select create_skill_node('$ADA', 'Skill ' || :round, (array['beginner', 'expert'])[1 + :me % 2]::skill_level);"
  ended 'everybody is answered'
  is "$(answers | cut -d' ' -f1)" "$(times $CLIENTS)" "$RACE: with the same node"
  sees "select count(*) from graph_nodes where node_type = 'skill'" "$ROUNDS" 'there is one a round'

  race 'the same edge' "$level" "
    insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
    select '$ADA', 'has_skill', g.id, s.id from graph_nodes g, graph_nodes s
    where g.label = 'Goal ' || :round and s.label = 'Skill ' || :round;"
  ended 'the others are told that the fact is recorded' "$((ALL - ROUNDS)) state 23P01"
  sees "select count(*) from graph_edges where edge_type = 'has_skill'" "$ROUNDS" 'there is one a round'

  sql "$DB" "select create_session_node('$ADA', null, 10, 'Session ' || i) from generate_series(1, $ROUNDS) i" >/dev/null
  race 'a session linked to the same goal' "$level" "
    select update_session_node(s.id, p_goal_id => g.id, p_user_id => '$ADA') from graph_nodes g, graph_nodes s
    where g.label = 'Goal ' || :round and s.label = 'Session: Session ' || :round;"
  ended 'everybody is answered'
  sees "select count(*), count(distinct source_node_id) from graph_edges where edge_type = 'works_on'" \
    "$ROUNDS | $ROUNDS" 'there is one edge a round, open or closed'

  race 'a node deleted, linked and restored' "$level" \
    "update graph_nodes set deleted_at = now() where label = 'Goal ' || :round and node_type = 'goal';" \
    "select create_session_node('$ADA', id, 10, 'Linked') is not null from graph_nodes where label = 'Goal ' || :round;" \
    "update graph_nodes set deleted_at = null where label = 'Goal ' || :round;" \
    "update graph_nodes set deleted_at = now() where label = 'Skill ' || :round;"
  is "$(others | grep -v 'state 23503' || true)" '' "$RACE: everybody is answered, or told that the node is gone"
  sees "select count(*) from graph_nodes s where label = 'Session: Linked'
    and (select count(*) from graph_edges where source_node_id = s.id) <> 1" 0 'no session is without its edge'
  sql "$DB" 'update graph_nodes set deleted_at = null' >/dev/null
  sees 'select count(*) from graph_edges where closed_by_delete' 0 'restored, all is as before'

  sql "$DB" "insert into inbox_messages (user_id, subject) select '$ADA', i from generate_series(1, $ROUNDS) i"
  race 'the same message read' "$level" "select mark_message_as_read(id, '$ADA') from inbox_messages where subject = :round::text;"
  ended 'everybody is answered'
  is "$(answers)" "$((ALL - ROUNDS)) f
$ROUNDS t" "$RACE: one a round was the first"
  sees "select count(*), count(distinct message_id) from message_read_receipts" "$ROUNDS | $ROUNDS" 'there is one receipt a round'

  race 'the same message pinned and unpinned' "$level" "select toggle_message_pin(id, '$ADA') from inbox_messages where subject = :round::text;"
  ended 'everybody is answered'
  sees "select count(*) from inbox_messages where is_pinned" 0 'no turn is lost'

  sql "$DB" "insert into inbox_messages (user_id, subject, expires_at) select '$ADA', 'old', now() - interval '1 day' from generate_series(1, 200)"
  race 'expired messages put away' "$level" "select cleanup_expired_messages();"
  ended 'everybody is answered'
  is "$(grep -v '^state ' "$SCRATCH/got" | awk '{ n += $1 } END { print n + 0 }')" 200 "$RACE: each is counted once"
  sees "select count(*) from inbox_messages where is_archived" 200 'all are put away'

  sql "$DB" "insert into agent_knowledge_bases (id, agent_id, name) select lgtempo_uuid_v7(), 'coach', 'Base ' || i from generate_series(1, 3) i"
  race 'the same document' "$level" "
    select add_knowledge_document(id, 'Advice', repeat('Breathe slowly before the talk. ', 50) || :round, p_max_tokens => 64, p_overlap_tokens => 8)
    from agent_knowledge_bases where name = 'Base 1';"
  ended 'everybody is answered'
  is "$(answers | cut -d' ' -f1)" "$(times $CLIENTS)" "$RACE: with the same document"
  sees "select document_count, total_chunks = (select count(*) from knowledge_chunks)
    from agent_knowledge_bases where name = 'Base 1'" "$ROUNDS | t" 'there is one a round'

  race 'embedding jobs claimed' "$level" "select kind, id from claim_embedding_jobs(7);"
  ended 'everybody is answered'
  is "$(answers | grep -vc '^1 ' || true)" 0 "$RACE: nobody gets another's"
  sees 'select count(*), count(distinct coalesce(node_id, chunk_id, entry_id)) from embedding_jobs' \
    "$(answers | wc -l) | $(answers | wc -l)" 'there is a lease for each'

  sql "$DB" 'delete from embedding_jobs'
  sql "$DB" "create table item as
    select row_number() over () as round, jsonb_build_array(jsonb_build_object('kind', kind, 'id', id, 'user_id', user_id, 'lease', lease,
        'embedding', (select jsonb_agg(sin(i)) from generate_series(1, 1536) i))) as items
    from claim_embedding_jobs($ROUNDS)"
  race 'the same embedding stored' "$level" "select store_embeddings(items) from item where round = :round;"
  ended 'everybody is answered'
  is "$(answers)" "$((ALL - ROUNDS)) 0
$ROUNDS 1" "$RACE: one a round was the first"
  sql "$DB" 'drop table item'

  race 'the same conversation handled' "$level" "
    select handle_voice_onboarding('$ADA', 'I want to speak up.', '{\"mood\": \"calm\"}', ('{\"name\": \"Onboarding ' || :round || '\"}')::jsonb,
      jsonb_build_object('conversation_id', 'conversation ' || :round)) ->> 'goal_id';"
  ended 'everybody is answered'
  is "$(answers | cut -d' ' -f1)" "$(times $CLIENTS)" "$RACE: with the same goal"
  sees "select (select count(*) from elevenlabs_conversations), (select count(*) from user_goals),
    (select count(*) from graph_nodes where label like 'Onboarding %')" "$ROUNDS | $ROUNDS | $ROUNDS" 'there is one conversation, goal and node a round'

  sql "$DB" "insert into voice_chat_events (user_id, anonymous_id, event_type)
    select null, repeat('x', 31) || r, 'call_started' from generate_series(1, $ROUNDS) r, generate_series(1, 20)"
  claim() {
    echo "set local role authenticated\\; set local request.jwt.claims = '{\"sub\":\"$1\",\"role\":\"authenticated\"}'\\;
      select set_config('request.headers', format('{\"x-anonymous-id\":\"%s\"}', repeat('x', 31) || :round), true) <> ''\\;
      select claim_anonymous_events(repeat('x', 31) || :round);"
  }
  race 'events claimed by two people' "$level" "$(claim "$ADA")" "$(claim "$BEN")"
  ended 'everybody is answered'
  is "$(grep -E '^[0-9]+$' "$SCRATCH/got" | awk '{ n += $1 } END { print n + 0 }')" $((20 * ROUNDS)) "$RACE: each is counted once"
  sees "select count(*), count(user_id), count(anonymous_id) from voice_chat_events" "$((20 * ROUNDS)) | $((20 * ROUNDS)) | 0" 'each is somebody'"'"'s'

  sql "$DB" "update graph_nodes set created_at = now() - interval '90 days' where node_type = 'goal'"
  race 'the same insights' "$level" "select refresh_graph_insights('$ADA');"
  ended 'everybody is answered'
  is "$(grep -v '^state ' "$SCRATCH/got" | awk '{ n += $1 } END { print (n > 0), n + 0 }')" "1 $(sql "$DB" 'select count(*) from graph_insights')" "$RACE: each is counted once"
  sees 'select count(*) - count(distinct (user_id, insight_key)) from graph_insights' 0 'there is none twice'

  # What has to wait in an order that nobody chose can deadlock: one is told so, tries anew, and all agrees in the end.
  sql "$DB" "
    insert into knowledge_documents (knowledge_base_id, title, content)
    select b.id, 'Of round ' || r, b.name || r || i from agent_knowledge_bases b, generate_series(1, $ROUNDS) r, generate_series(1, 8) i;
    insert into knowledge_chunks (document_id, chunk_index, content)
    select d.id, i, 'Breathe ' || i from knowledge_documents d, generate_series(1, 10) i where title like 'Of round %'"
  race 'documents of several bases erased' "$level" \
    "delete from knowledge_documents where title = 'Of round ' || :round and right(content, 1)::integer > 4;" \
    "delete from knowledge_documents where id in (
      select id from knowledge_documents where title = 'Of round ' || :round and right(content, 1)::integer <= 4 order by id desc);"
  ended 'everybody is answered in the end'
  sees "select count(*) from knowledge_documents where title like 'Of round %'" 0 'all are gone'

  sql "$DB" "
    insert into agent_knowledge_bases (agent_id, name) select 'coach', 'To go ' || r from generate_series(1, $ROUNDS) r;
    insert into knowledge_documents (knowledge_base_id, title, content)
    select id, 'By hand', i from agent_knowledge_bases, generate_series(1, 8) i where name like 'To go %'"
  race 'a base erased while chunks come' "$level" \
    "insert into knowledge_chunks (document_id, chunk_index, content)
      select d.id, :me, 'Breathe' from knowledge_documents d join agent_knowledge_bases b on b.id = knowledge_base_id where name = 'To go ' || :round;" \
    "delete from agent_knowledge_bases where name = 'To go ' || :round;"
  is "$(others | grep -vE 'state (23503|23502)' || true)" '' "$RACE: everybody is answered in the end, or told that the document is gone"
  sees "select count(*) from agent_knowledge_bases where name like 'To go %'" 0 'all are gone'

  sql "$DB" "insert into auth.users (id) select ('00000000-0000-4000-8000-0000000000' || 10 + r)::uuid from generate_series(1, $ROUNDS) r"
  person="('00000000-0000-4000-8000-0000000000' || 10 + :round)::uuid"
  race 'a person erased while she writes' "$level" \
    "select track_emotion($person, 'motivated') is not null;" \
    "select create_goal_node($person, 'Goal') is not null;" \
    "insert into knowledge (user_id, content) values ($person, 'Note');" \
    "delete from auth.users where id = $person;"
  is "$(others | grep -vE 'state 23503' || true)" '' "$RACE: everybody is answered in the end, or told that she is gone"
  sees "select count(*) from graph_nodes where user_id not in (select id from auth.users)" 0 'nothing of her is left'

  is "$(client "$DB" <"$HERE/consistent.sql" 2>&1)" '' "$level: references, counts, postings and codes agree with the rows"
done
is "$(client "$DB" <"$HERE/indexes.sql" 2>&1)" '' 'heaps and indexes agree'
echo "# $RACES races of $CLIENTS connections, $ROUNDS rounds each: tried anew after $SERIALIZATION serialization failures and $DEADLOCKS deadlocks"

done_testing
