#!/usr/bin/env bash
# Copies that follow: a streaming standby answers every read and refuses every write until it is promoted, and a second
# database is kept by logical replication.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

HERE=$ROOT/tests/durability
new_cluster primary "${FAST}wal_level = logical"
start_cluster primary
on primary sweep
DB=$(on primary new_database replica)
on primary sql "$DB" 'create extension lgtempo cascade'
on primary sign_up "$DB"
on primary sql "$DB" "
  create function wave(i integer) returns vector immutable language sql as
    'select array_agg(sin(i * j / 100.0))::real[]::public.vector from generate_series(1, 1536) j';
  create function n(text) returns uuid immutable return ('00000000-0000-7000-8000-' || lpad(\$1, 12, '0'))::uuid;
  insert into graph_nodes (id, user_id, node_type, label, embedding) values
    (n('1'), '$ADA', 'goal', 'Speak up', wave(1)), (n('2'), '$ADA', 'session', 'Rehearsed', null), (n('3'), '$ADA', 'skill', 'Patience', wave(3));
  insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
  values ('$ADA', 'works_on', n('2'), n('1')), ('$ADA', 'has_skill', n('2'), n('3'));
  insert into agent_knowledge_bases (id, agent_id, name, owner_id, is_public)
  values (n('b1'), 'coach', 'Open', null, true), (n('b2'), 'coach', 'Ada''s', '$ADA', false);
  insert into knowledge (id, user_id, content, embedding) values (n('c1'), '$ADA', 'I breathe before I speak.', wave(5));
  select add_knowledge_document(b.id, 'Part ' || i, 'Breathe slowly ' || i || ' times. ' || repeat('Rehearse standing up. ', i), p_max_tokens => 32, p_overlap_tokens => 4)
  from agent_knowledge_bases b, generate_series(1, 40) i;
  update knowledge_chunks set embedding = wave(chunk_index + 1);
  insert into inbox_messages (id, user_id, subject, expires_at) values (n('e1'), '$ADA', 'Hello', null), (n('e2'), '$ADA', 'Old', now() - interval '1 day');
  insert into voice_chat_events (user_id, anonymous_id, event_type) values (null, repeat('x', 32), 'call_started')" >/dev/null
on primary client "$DB" <"$HERE/calls.sql"

# calls WHICH: a script that makes the calls that are WHICH, and says how each ended.
calls() {
  cat <<SQL
\\set ON_ERROR_STOP off
set request.headers = '{"x-anonymous-id":"$(printf 'x%.0s' {1..32})"}';
SQL
  on primary sql "$DB" "
    select format(E'\\\\echo %1\$s as %2\$s\\nset request.jwt.claims = ''{\"sub\":\"$ADA\",\"role\":\"%2\$s\"}'';\\nset role %2\$s;\\n%3\$s;\\n\\\\echo ended :SQLSTATE\\nreset role;', function, role, text)
    from call where $1 order by function, role"
}
# ends: each call and how it ended, without its rows.
ends() { grep -E '^([a-z_0-9]+ as |ended )' | sed -E 'N; s/\n/ /'; }

# caught_up: until the standby has all that the primary has.
caught_up() {
  local at
  at=$(on primary sql "$DB" 'select pg_current_wal_lsn()')
  await 'The standby does not follow.' says standby postgres "select pg_last_wal_replay_lsn() >= '$at'"
}
# says CLUSTER DATABASE QUERY: whether the answer is yes.
says() { [ "$(on "$1" sql "$2" "$3")" = t ]; }

# A streaming standby

new_folder standby
as_server "$PG_BIN/pg_basebackup" --host "${FOLDERS[primary]}" --port "$PGPORT" --username postgres \
  --pgdata "${FOLDERS[standby]}/data" --write-recovery-conf --checkpoint fast --no-sync
start_cluster standby
on primary sql "$DB" "select track_emotion('$ADA', 'motivated', 'while it follows', 0.9, n('1')) is not null;
  update knowledge_chunks set content = content || ' And rest.' where chunk_index = 0" >/dev/null
caught_up

calls reads >"$SCRATCH/reads.sql"
# The one write that writes nothing.
calls "not reads and function <> 'lgtempo_uuid_v7' and role = case when has_function_privilege('authenticated', ('public.' || function)::regproc, 'execute')
    then 'authenticated' else 'postgres' end" >"$SCRATCH/writes.sql"
READS=$(grep -c '^select' "$SCRATCH/reads.sql") WRITES=$(grep -c '^select' "$SCRATCH/writes.sql")
echo "# $((READS + WRITES)) calls on a standby: $READS that read, $WRITES that write"

on primary client "$DB" <"$SCRATCH/reads.sql" >"$SCRATCH/primary.reads" 2>"$SCRATCH/primary.complaints" || true
on standby client "$DB" <"$SCRATCH/reads.sql" >"$SCRATCH/standby.reads" 2>"$SCRATCH/standby.complaints" || true
is "$(ends <"$SCRATCH/standby.reads" | grep -v 'ended 00000$' || true)$(cat "$SCRATCH/standby.complaints")" '' 'every function that reads works on the standby'
is "$(ends <"$SCRATCH/standby.reads" | wc -l)" "$READS" 'all of them, as all who may'
same "$SCRATCH/primary.reads" "$SCRATCH/standby.reads" 'and answers as the primary does'
is "$(awk '/ as [a-z_]+$/ { f = $1; if (!(f in rows)) rows[f] = 0; next } /^ended / { next } { rows[f]++ } END { for (f in rows) if (!rows[f]) print f }' \
  "$SCRATCH/standby.reads")" '' 'and none says nothing to everybody'
is "$(on standby sql "$DB" "select lgtempo_uuid_v7() <> lgtempo_uuid_v7()")" t 'keys are made on the standby too'

on standby client "$DB" <"$SCRATCH/writes.sql" >"$SCRATCH/standby.writes" 2>"$SCRATCH/standby.complaints" || true
is "$(ends <"$SCRATCH/standby.writes" | grep -v 'ended 25006$' || true)" '' 'every function that writes says that the standby is read-only'
is "$(ends <"$SCRATCH/standby.writes" | wc -l)" "$WRITES" 'all of them'
is "$(grep '^ERROR' "$SCRATCH/standby.complaints" | grep -vE 'ERROR: +cannot execute .* (in a read-only transaction|during recovery)$' || true)" '' 'in clear words'

is "$(on standby sql postgres 'select pg_promote(true, 300)')" t 'the standby is promoted'
on standby client "$DB" <"$SCRATCH/writes.sql" >"$SCRATCH/standby.writes" 2>"$SCRATCH/standby.complaints" || true
is "$(ends <"$SCRATCH/standby.writes" | grep -v 'ended 00000$' || true)$(cat "$SCRATCH/standby.complaints")" '' 'every function that writes works after that'
is "$(on standby client "$DB" <"$HERE/consistent.sql" 2>&1)" '' 'and keeps references, counts, postings and codes in agreement'
is "$(on standby client "$DB" <"$HERE/indexes.sql" 2>&1)" '' 'heaps and indexes agree there'

# Logical replication into a second database: the recipe of docs/operations.md. What triggers keep comes along, and triggers
# rest where it arrives.

SECOND=$(on standby new_database second)
on standby sql "$SECOND" 'create extension lgtempo cascade'
on primary client "$DB" <<'SQL'
drop view call;
drop table sample;
select format('create publication lgtempo for table %s', string_agg(oid::regclass::text, ', ' order by oid))
from pg_class
where relkind = 'r' and relname <> 'lgtempo_migrations' and (relnamespace = 'public'::regnamespace or oid = 'auth.users'::regclass) \gexec
SQL
on standby sql "$SECOND" "create subscription lgtempo
  connection 'host=${FOLDERS[primary]} port=$PGPORT user=postgres dbname=$DB' publication lgtempo"

# in_step: until the second database has all that the first has.
in_step() {
  local at
  await 'The tables are not copied.' says standby "$SECOND" "select not exists (select from pg_subscription_rel where srsubstate <> 'r')"
  at=$(on primary sql "$DB" 'select pg_current_wal_lsn()')
  await 'The subscription does not follow.' says primary "$DB" "select bool_and(confirmed_flush_lsn >= '$at') from pg_replication_slots"
}

# is_copy WHAT: the second database says what the first says.
is_copy() {
  in_step
  on primary rows "$DB" | grep -v lgtempo_migrations >"$SCRATCH/first"
  on standby rows "$SECOND" | grep -v lgtempo_migrations >"$SCRATCH/second"
  same "$SCRATCH/first" "$SCRATCH/second" "$1: every row is there, and no other"
  is "$(on standby client "$SECOND" <"$HERE/consistent.sql" 2>&1)" '' "$1: references, counts, postings and codes agree there"
}

is_copy 'copied'
on primary client "$DB" <"$SCRATCH/writes.sql" >"$SCRATCH/primary.writes" 2>"$SCRATCH/primary.complaints" || true
is "$(ends <"$SCRATCH/primary.writes" | grep -v 'ended 00000$' || true)$(cat "$SCRATCH/primary.complaints")" '' 'every function writes in the first'
is_copy 'followed by functions'
CID=00000000-0000-4000-8000-00000000000c
on primary sql "$DB" "
  insert into auth.users (id, email, raw_user_meta_data) values ('$CID', 'cid@example.com', '{\"full_name\":\"Cid\"}');
  update auth.users set email = 'ada@example.org' where id = '$ADA';
  select add_knowledge_document(n('b1'), 'More ' || i, 'Listen ' || i || ' times. ' || repeat('Walk. ', i), p_max_tokens => 32, p_overlap_tokens => 4)
  from generate_series(1, 100) i;
  update knowledge_chunks set embedding = wave(chunk_index + 7);
  update agent_knowledge_bases set language = 'german' where id = n('b1');
  delete from knowledge_documents where title like 'Part 1%';
  update graph_nodes set deleted_at = now() where id = n('1');
  insert into graph_nodes (user_id, node_type, label) values ('$CID', 'goal', 'Run');
  delete from auth.users where id = '$BEN'" >/dev/null
is_copy 'followed by hand'
on primary sql "$DB" 'truncate knowledge cascade; delete from agent_knowledge_bases where owner_id is not null; update graph_nodes set deleted_at = null'
is_copy 'emptied in part'
on primary client "$DB" <"$SCRATCH/reads.sql" >"$SCRATCH/primary.reads" 2>&1 || true
on standby sql "$SECOND" "create function wave(i integer) returns vector immutable language sql as
    'select array_agg(sin(i * j / 100.0))::real[]::public.vector from generate_series(1, 1536) j'"
on standby client "$SECOND" <"$SCRATCH/reads.sql" >"$SCRATCH/second.reads" 2>&1 || true
same "$SCRATCH/primary.reads" "$SCRATCH/second.reads" 'and everybody reads the same there'

# A move to the second: the first rests, the second goes on by itself.
on standby sql "$SECOND" 'drop subscription lgtempo'
on standby client "$SECOND" <"$SCRATCH/writes.sql" >"$SCRATCH/second.writes" 2>"$SCRATCH/second.complaints" || true
is "$(on standby sql "$SECOND" "
    insert into agent_knowledge_bases (agent_id, name) values ('coach', 'New') returning 'base';
    select count(add_knowledge_document(id, 'Own', 'Sing ' || i, p_max_tokens => 32, p_overlap_tokens => 4)) from agent_knowledge_bases, generate_series(1, 80) i;
    insert into auth.users (id) values ('00000000-0000-4000-8000-00000000000d');
    select count(*) from profiles where id::text like '%0d'")" 'base
160
1' 'without the subscription, the second goes on by itself'
is "$(on standby client "$SECOND" <"$HERE/consistent.sql" 2>&1)" '' 'and all agrees'

done_testing
