#!/usr/bin/env bash
# Several embedding workers at once: none gets another's job, none stores what is out of date, none is lost by a crash.
. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

DB=$(new_database workers)
sql "$DB" 'create extension lgtempo cascade'

# Nodes and entries whose text is a number, 100 times SIZE of either.
begin_anew() {
  sql "$DB" "
    delete from auth.users;
    truncate knowledge cascade;
    insert into auth.users (id) values ('$ADA');
    insert into graph_nodes (user_id, node_type, label) select '$ADA', 'emotion', i from generate_series(1, 100 * $1) i;
    insert into knowledge (user_id, content) select null, i from generate_series(1, 100 * $1) i;
    drop table if exists got;
    create table got (worker integer, round integer, id uuid, lease uuid)"
}

# behind SQL: runs it in a session of its own, behind this one.
behind() { client "$DB" >>"$SCRATCH/behind.log" 2>&1 <<<"$1" & }

# What the sessions behind complained of.
complaints() { grep -E '^(psql|ERROR|FATAL)' "$SCRATCH/behind.log" || true; }

# until_asleep: until a session sleeps.
until_asleep() {
  local deadline=$((SECONDS + 20))
  until [ "$(sql "$DB" "select count(*) from pg_stat_activity where wait_event = 'PgSleep'")" != 0 ]; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.05
  done
}

# claiming WORKER: claims seven at a time until there is nothing left.
claiming() {
  cat <<SQL
do \$\$
declare taken bigint; round integer := 0;
begin
  loop
    round := round + 1;
    begin
      insert into got select $1, round, id, lease from claim_embedding_jobs(7);
      get diagnostics taken = row_count;
    exception when serialization_failure then taken := null;
    end;
    commit;
    exit when taken = 0;
  end loop;
end \$\$
SQL
}

for level in 'read committed' 'repeatable read'; do
  begin_anew 20
  for worker in 1 2 3; do behind "set default_transaction_isolation = '$level'; $(claiming $worker)"; done
  wait
  is "$(sql "$DB" 'select count(*), count(distinct id), count(distinct worker) from got')" '4000 | 4000 | 3' \
    "$level: three workers share the jobs, and none is claimed twice"
  is "$(sql "$DB" 'select count(*) from got g join embedding_jobs j on g.lease = j.lease and g.id = coalesce(j.node_id, j.entry_id)')" 4000 \
    "$level: and everybody's lease is good"
done
is "$(complaints)" '' 'nobody complained'

# A claim that has not ended holds up nobody, and ends as if it had never been when its worker dies.
begin_anew 1
behind 'begin; insert into got select 1, 1, id, lease from claim_embedding_jobs(50); select pg_sleep(60)'
until_asleep
is "$(sql "$DB" "set statement_timeout = '5s'; select count(*) from claim_embedding_jobs(1000)")" 150 'the rest is claimed beside a claim that has not ended'
sql "$DB" "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'" >/dev/null
wait
is "$(sql "$DB" 'select count(*) from claim_embedding_jobs(1000)')" 50 'what a worker had not committed when it died is free at once'

# A worker that dies after its claim.
begin_anew 1
is "$(sql "$DB" "select count(*) from claim_embedding_jobs(1000, '1 second')")" 200 'a worker claims all, and dies'
is "$(sql "$DB" 'select count(*) from claim_embedding_jobs(1000)')" 0 'the others wait for its lease to end'
sleep 1.1
is "$(sql "$DB" 'select count(*), min(attempts), max(attempts) from claim_embedding_jobs(1000)')" '200 | 2 | 2' 'and then take over'

# working: claims for a moment, so that others take over at once, and stores what it has made of the text, over and over.
working() {
  cat <<SQL
do \$\$
declare items jsonb; deadline timestamptz := clock_timestamp() + interval '4 seconds';
begin
  while clock_timestamp() < deadline loop
    select jsonb_agg(
        jsonb_build_object('kind', kind, 'id', id, 'user_id', user_id, 'lease', lease)
        || case when random() < 0.1 then '{"error": "no"}' else jsonb_build_object('embedding', content::jsonb || (select jsonb_agg(0) from generate_series(1, 1535))) end
        order by random()
    ) into items from claim_embedding_jobs(5, '1 millisecond');
    commit;
    perform store_embeddings(coalesce(items, '[]'));
    commit;
  end loop;
end \$\$
SQL
}

# changing: gives texts other numbers, several in a transaction, and retries now and then.
changing() {
  cat <<SQL
do \$\$
declare deadline timestamptz := clock_timestamp() + interval '4 seconds';
begin
  while clock_timestamp() < deadline loop
    update graph_nodes set label = label::integer + 1 where id in (select id from graph_nodes order by random() limit 1);
    update knowledge set content = content::integer + 1 where id in (select id from knowledge order by random() limit 1);
    commit;
    perform retry_embedding_jobs();
    commit;
  end loop;
end \$\$
SQL
}

begin_anew 1
: >"$SCRATCH/behind.log"
sql "$DB" 'create table stored (n integer); create function note() returns trigger language plpgsql as $$begin insert into public.stored values (1); return null; end$$;
  create trigger note after update of embedding on graph_nodes for each row when (new.embedding is not null) execute function note()'
for _ in 1 2 3; do behind "$(working)"; done
behind "$(changing)"
wait
is "$(complaints)" '' 'workers, changes and retries at once: no deadlock'
is "$(sql "$DB" 'select count(*) > 100 from stored')" t 'much was stored'
is "$(sql "$DB" "
    select count(*) from (select label, embedding from graph_nodes union all select content, embedding from knowledge) t
    where (embedding::real[])[1] <> label::real")" 0 'no embedding is of an older text'
is "$(sql "$DB" "
    select count(*)
    from embedding_jobs j
    left join graph_nodes n on n.id = j.node_id and n.user_id = j.user_id
    left join knowledge e on e.id = j.entry_id
    where coalesce(n.embedding, e.embedding) is not null")" 0 'and no job is left of what has one'

done_testing
