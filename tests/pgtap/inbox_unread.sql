-- Counting unread messages is one index-only read, however large the inboxes are. Vacuum needs to be outside of a transaction.
select plan(9);

insert into auth.users (id, email) values
    ('00000000-0000-4000-8000-00000000000a', 'ada@example.com'),
    ('00000000-0000-4000-8000-00000000000b', 'ben@example.com');
-- Vacuum marks rows as visible to everybody once their commit is on disk, and nobody else looks at the table.
set synchronous_commit = on;
alter table inbox_messages set (autovacuum_enabled = off);
-- Ada's 10,000 messages among Ben's 20,000: of hers, 5,000 are unread, of which 1,000 have expired.
insert into inbox_messages (user_id, subject, is_read, is_archived, expires_at)
select case when i % 3 = 0 then '00000000-0000-4000-8000-00000000000a' else '00000000-0000-4000-8000-00000000000b' end::uuid,
    'Message ' || i, i % 10 in (1, 3, 5, 7), i % 10 = 9,
    case i % 10 when 2 then now() - interval '1 day' when 4 then now() + interval '1 day' end
from generate_series(1, 30000) i;
vacuum (analyze) inbox_messages;

begin;
-- The plan of the same count, as the caller has it, under the settings that the function brings.
create function pg_temp.plan_of_count() returns setof text language plpgsql as $$
begin
    perform set_config(split_part(setting, '=', 1), split_part(setting, '=', 2), true)
    from pg_proc, unnest(proconfig) setting
    where oid = 'get_unread_message_count'::regproc and setting not like 'search_path=%';
    return query execute 'explain (analyze, costs off, timing off, summary off)
        select count(*) from inbox_messages
        where user_id = (select auth.uid()) and not is_read and not is_archived and (expires_at is null or expires_at > now())';
end$$;
-- What a call reads: scans of the table, scans of the index, rows fetched from the table by the index, rows counted.
create function pg_temp.reads(p_user_id uuid, out scans bigint, out index_scans bigint, out fetched bigint, out unread bigint)
language plpgsql as $$
declare
    indexes regclass[] := array(select indexrelid from pg_index where indrelid = 'inbox_messages'::regclass);
begin
    -- The first call in a session prepares its statement, and may look around.
    perform get_unread_message_count(p_user_id);
    scans := -pg_stat_get_xact_numscans('inbox_messages'::regclass);
    index_scans := -pg_stat_get_xact_numscans('inbox_messages_user_unread_idx'::regclass);
    fetched := -(select sum(pg_stat_get_xact_tuples_fetched(i)) from unnest(indexes) i);
    unread := get_unread_message_count(p_user_id);
    scans := scans + pg_stat_get_xact_numscans('inbox_messages'::regclass);
    index_scans := index_scans + pg_stat_get_xact_numscans('inbox_messages_user_unread_idx'::regclass);
    fetched := fetched + (select sum(pg_stat_get_xact_tuples_fetched(i)) from unnest(indexes) i);
end$$;

set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
create temporary table seen as select * from pg_temp.plan_of_count() as line;
reset enable_seqscan;
reset enable_bitmapscan;
select matches(string_agg(line, E'\n'), 'Index Only Scan using inbox_messages_user_unread_idx', 'the count reads the index alone') from seen;
select matches(string_agg(line, E'\n'), 'Heap Fetches: 0', 'and no row of the table') from seen;
select doesnt_match(string_agg(line, E'\n'), 'Seq Scan|Bitmap', 'it does not go through the table') from seen;
select results_eq(
    $$select * from pg_temp.reads(null)$$, $$values (0::bigint, 1::bigint, 0::bigint, 4000::bigint)$$,
    'get_unread_message_count counts 4,000 of 10,000 by one scan of the index, without a row of the table'
);
select is(
    (select count(*) from inbox_messages where not is_read and not is_archived and (expires_at is null or expires_at > now())),
    4000::bigint, 'which are as many as there are'
);
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated"}';
select results_eq(
    $$select * from pg_temp.reads(null)$$, $$values (0::bigint, 1::bigint, 0::bigint, 8000::bigint)$$, 'another person counts as well'
);
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select results_eq(
    $$select * from pg_temp.reads('00000000-0000-4000-8000-00000000000a')$$, $$values (0::bigint, 1::bigint, 0::bigint, 4000::bigint)$$,
    'and so does the service'
);

-- A message that is read leaves the index.
set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
update inbox_messages set is_read = true;
select is(get_unread_message_count(), 0::bigint, 'who has read everything has nothing unread');
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated"}';
select is(get_unread_message_count(), 8000::bigint, 'which is nothing to another');

select * from finish();
rollback;
