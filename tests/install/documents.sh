#!/usr/bin/env bash
# Several sessions that add and erase documents at once: a base has a text once, no deadlock, and all counts hold.
. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

DB=$(new_database documents)
sql "$DB" 'create extension lgtempo cascade'

B1=00000000-0000-7000-8000-0000000000b1
B2=00000000-0000-7000-8000-0000000000b2
B3=00000000-0000-7000-8000-0000000000b3
# Sentences, several chunks of them.
TEXT=$(for i in {1..40}; do echo "Calm breathing number $i helps before a talk."; done)

begin_anew() {
  rm -f "$SCRATCH"/told.*
  sql "$DB" "
    truncate agent_knowledge_bases cascade;
    insert into agent_knowledge_bases (id, agent_id, name) values ('$B1', 'coach', 'One'), ('$B2', 'coach', 'Two'), ('$B3', 'coach', 'Three')"
}

# behind NAME SQL: runs it in a session of its own, behind this one; what it says is kept under the name.
behind() { client "$DB" '' --set VERBOSITY=sqlstate >"$SCRATCH/told.$1" 2>&1 <<<"$2" & }

# told_all: what the sessions behind were told, each answer once; errors as their SQLSTATE.
told_all() { sed -E 's/^.*ERROR: +//' "$SCRATCH"/told.* | sed '/^$/d' | sort -u; }

# until_waiting NUMBER: until so many sessions are asleep or wait for a lock.
until_waiting() {
  local deadline=$((SECONDS + 20))
  until [ "$(sql "$DB" "select count(*) from pg_stat_activity
      where datname = current_database() and wait_event_type in ('Lock', 'Timeout')")" = "$1" ]; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.05
  done
}

# adding BASE: adds the text to it.
adding() { echo "select add_knowledge_document('$1', 'Title', \$text\$$TEXT\$text\$, p_max_tokens => 50, p_overlap_tokens => 10)"; }

# miscounts: bases and documents whose counts, and collections whose size, are not what counting says.
miscounts() {
  sql "$DB" "
    select 'base', name, document_count, total_chunks from agent_knowledge_bases b
    where document_count <> (select count(*) from knowledge_documents where knowledge_base_id = b.id)
      or total_chunks <> (select count(*) from knowledge_chunks where knowledge_base_id = b.id)
    union all
    select 'document', title, chunk_count, null from knowledge_documents d
    where chunk_count <> (select count(*) from knowledge_chunks where document_id = d.id)
    union all
    select 'collection', b.name, c.texts, c.positions
    from agent_knowledge_bases b
    left join knowledge_collections c on c.knowledge_base_id = b.id
    left join (
        select k.knowledge_base_id as id, count(distinct k.id) as texts, sum(cardinality(u.positions)) as positions
        from knowledge_chunks k, unnest(k.search_vector) u group by 1
    ) k on k.id = b.id
    where (coalesce(c.texts, 0), coalesce(c.positions, 0)) <> (coalesce(k.texts, 0), coalesce(k.positions, 0))"
}

# unfound: chunks that a search for a word that all have does not find, and the other way round.
unfound() {
  sql "$DB" "
    select count(*)
    from (select id from knowledge_chunks) c
    full join (
        select f.id from agent_knowledge_bases b, search_knowledge_base('breathing', b.id, 1000) f
    ) f using (id)
    where c.id is null or f.id is null"
}

# Eight at once. All have their snapshot, and wait for the gate, when it opens.
for level in 'read committed' 'repeatable read'; do
  begin_anew
  behind gate 'begin; select from pg_advisory_xact_lock(1); select from pg_sleep(60)'
  until_waiting 1
  for worker in {1..8}; do
    behind "$worker" "begin isolation level $level; select from pg_advisory_xact_lock_shared(1); $(adding $B1); commit"
  done
  until_waiting 9
  sql "$DB" "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'" >/dev/null
  wait
  rm "$SCRATCH/told.gate"
  id=$(sql "$DB" 'select id from knowledge_documents')
  like "$id" '^[0-9a-f-]{36}$' "$level: the same document from eight sessions is one"
  if [ "$level" = 'read committed' ]; then
    is "$(told_all)" "$id" "$level: and all are told its id"
  else
    is "$(told_all | grep -vx 40001)" "$id" "$level: all are told its id, or to try again"
  fi
  is "$(sql "$DB" "select document_count, total_chunks > 5 from agent_knowledge_bases where id = '$B1'")" '1 | t' "$level: it counts once"
  is "$(miscounts)" '' "$level: and right"
done
is "$(sql "$DB" "$(adding $B1)")" "$id" 'who tries again is told it'

# Whoever waits for a document that is taken back adds it.
begin_anew
behind first "begin; $(adding $B1); select from pg_sleep(1); rollback"
until_waiting 1
behind second "$(adding $B1)"
until_waiting 2
wait
is "$(sql "$DB" 'select id from knowledge_documents')" "$(cat "$SCRATCH/told.second")" 'a document that another session takes back is added after all'
is "$(miscounts)" '' 'and counted'

# Other bases are not held up.
begin_anew
behind first "begin; $(adding $B1); select from pg_sleep(60)"
until_waiting 1
does "$DB" "set lock_timeout = '2s'; $(adding $B2)" 'a document of another base waits for nobody'
sql "$DB" "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'" >/dev/null
wait

# A base that is erased meanwhile.
begin_anew
behind first "begin; delete from agent_knowledge_bases where id = '$B1'; select from pg_sleep(1); commit"
until_waiting 1
behind second "$(adding $B1)"
until_waiting 2
wait
is "$(told_all)" 23503 'a document of a base that is being erased waits and is refused'
is "$(sql "$DB" "select (select count(*) from knowledge_documents), (select count(*) from knowledge_collections)")" '0 | 0' 'and nothing of it stays'

# over_and_over STATEMENT: runs it, with ROUND counting, each time in a transaction of its own.
over_and_over() {
  cat <<SQL
do \$do\$
declare round integer := 0; deadline timestamptz := clock_timestamp() + interval '1.5 seconds';
begin
  while clock_timestamp() < deadline loop
    round := round + 1;
    $1;
    commit;
  end loop;
end \$do\$
SQL
}

# Four that add, to the same and to different bases, and two that erase, some of a base in a statement; half stays.
begin_anew
for worker in 1 2 3 4; do
  behind "$worker" "$(over_and_over "perform add_knowledge_document(
    ('{$B1,$B2,$B3}'::uuid[])[1 + (round * $worker) % 3], 'Document', format('Worker $worker, round %s. ', round) || \$text\$$TEXT\$text\$,
    p_max_tokens => 50, p_overlap_tokens => 10)")"
done
for half in 0 1; do
  behind "half $half" "$(over_and_over "delete from knowledge_documents where id in (
    select id from knowledge_documents
    where get_byte(uuid_send(id), 15) % 4 = $half and knowledge_base_id = ('{$B1,$B2,$B3}'::uuid[])[1 + (round + $half) % 3]
    order by random() limit 5)")"
done
wait
is "$(told_all)" '' 'adding and erasing at once: no deadlock'
is "$(sql "$DB" 'select count(distinct knowledge_base_id) from knowledge_documents')" 3 'something stays in each base'
is "$(miscounts)" '' 'and all counts hold'

# The same document over and over, erased as often; added once more, it stays. Each of its chunks has the word.
SAME="select add_knowledge_document('$B1', 'Same', 'Calm breathing helps. So does breathing out.', p_max_tokens => 6, p_overlap_tokens => 0)"
begin_anew
for worker in 1 2 3 4; do behind "$worker" "$(over_and_over "${SAME/select/perform}")"; done
for worker in 5 6; do behind "$worker" "$(over_and_over 'delete from knowledge_documents')"; done
wait
is "$(told_all)" '' 'adding and erasing the same at once: nobody is refused'
sql "$DB" "$SAME" >/dev/null
is "$(sql "$DB" 'select count(*) from knowledge_chunks')" 2 'one document of two chunks is there in the end'
is "$(miscounts)" '' 'all counts hold'
is "$(unfound)" 0 'and what is found is what there is'

done_testing
