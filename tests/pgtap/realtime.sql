-- enable_realtime: what it publishes, what it leaves as it is, what it refuses; who may call it.
begin;
select plan(43);

insert into auth.users (id, email) values ('00000000-0000-4000-8000-00000000000a', 'ada@example.com');
insert into graph_nodes (id, user_id, node_type, label)
values ('00000000-0000-7000-8000-0000000000a1', '00000000-0000-4000-8000-00000000000a', 'goal', 'Speak up');
create temporary table promised as
select unnest(array['graph_edges', 'graph_insights', 'graph_nodes', 'inbox_messages', 'user_goals']) as tab;
-- What is published, by name.
create function pg_temp.published() returns setof text language sql as $$
    select tablename::text from pg_publication_tables where pubname = 'supabase_realtime' and schemaname = 'public' order by 1
$$;
create function pg_temp.added() returns text[] language sql as $$
    select array(select unnest(enable_realtime()) order by 1)
$$;
-- A publication made by hand in one way or another, in place of the one that is there.
create function pg_temp.republish(what text) returns void language plpgsql as $$
begin
    drop publication if exists supabase_realtime;
    if what is not null then
        execute 'create publication supabase_realtime ' || what;
    end if;
end$$;

select is(pg_get_function_arguments('enable_realtime'::regproc), '', 'it takes nothing');
select is(pg_get_function_result('enable_realtime'::regproc), 'text[]', 'it returns what it promises');
select is_empty($$select from pg_publication where pubname = 'supabase_realtime'$$, 'lgtempo alone publishes nothing');

-- Who may call it.
set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select throws_ok('select enable_realtime()', '42501', null, 'anon enables nothing');
set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
select throws_ok('select enable_realtime()', '42501', null, 'nor do people');
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select throws_ok('select enable_realtime()', '42501', null, 'nor does the service');
reset role;
grant execute on function enable_realtime() to service_role;
set local role service_role;
select throws_ok('select enable_realtime()', '42501', null, 'not even where the function is granted to it');
reset role;
revoke execute on function enable_realtime() from service_role;
select is_empty($$select from pg_publication where pubname = 'supabase_realtime'$$, 'nothing of it is left');

-- Without a publication.
select set_eq('select unnest(enable_realtime())', 'select tab from promised', 'it tells the tables that it adds');
select set_eq('select pg_temp.published()', 'select tab from promised', 'they are published');
select results_eq(
    $$select pubinsert, pubupdate, pubdelete, puballtables from pg_publication where pubname = 'supabase_realtime'$$,
    $$values (true, true, true, false)$$, 'with every change to them'
);
select set_eq(
    $$select unnest(attnames)::text from pg_publication_tables where pubname = 'supabase_realtime' and tablename = 'graph_nodes'$$,
    $$select attname::text from pg_attribute where attrelid = 'graph_nodes'::regclass and attnum > 0 and not attisdropped
        and attname not in ('embedding', 'embedding_code')$$,
    'of nodes every column but the embeddings'
);
select is_empty(
    $$select tablename from pg_publication_tables p where pubname = 'supabase_realtime' and tablename <> 'graph_nodes'
        and cardinality(attnames) <> (select count(*) from pg_attribute where attrelid = tablename::regclass and attnum > 0 and not attisdropped)$$,
    'of the other tables every column'
);
select is_empty($$select rowfilter from pg_publication_tables where pubname = 'supabase_realtime' and rowfilter is not null$$, 'and every row');
select is_empty(
    $$select relname from pg_class join promised on oid = tab::regclass where relreplident <> 'd'$$, 'replica identity stays the default'
);
select is(enable_realtime(), '{}', 'again it adds nothing');
select set_eq('select pg_temp.published()', 'select tab from promised', 'and takes nothing away');

-- Everything can still be changed.
select lives_ok(command, format('published, it can be changed: %s', command))
from (values
    ($$update graph_nodes set description = 'In meetings', embedding = array_fill(1, array[1536])::vector(1536)$$),
    ($$update graph_nodes set deleted_at = now()$$),
    ($$update graph_nodes set deleted_at = null$$),
    ($$insert into inbox_messages (user_id, subject) values ('00000000-0000-4000-8000-00000000000a', 'Hello')$$),
    ($$update inbox_messages set is_read = true$$),
    ($$insert into user_goals (user_id, goal_title) values ('00000000-0000-4000-8000-00000000000a', 'Speak up')$$),
    ($$update user_goals set goal_status = 'active'$$),
    ($$insert into graph_insights (user_id, insight_type, insight_key, title, content)
       values ('00000000-0000-4000-8000-00000000000a', 'x', 'x', 'x', 'x')$$),
    ($$update graph_insights set status = 'seen'$$),
    ($$delete from graph_nodes$$)
) as v (command);

-- Some of them are there already, with whatever else an administrator publishes.
create table test_own (id integer primary key);
select pg_temp.republish('for table graph_edges, test_own, user_goals (id, user_id, goal_title)');
select is(pg_temp.added(), '{graph_insights,graph_nodes,inbox_messages}', 'what is published already is not added');
select set_eq('select pg_temp.published()', $$select tab from promised union all select 'test_own'$$, 'what an administrator publishes stays');
select is(attnames::text[], '{id,user_id,goal_title}', 'with the columns that the administrator chose')
from pg_publication_tables where pubname = 'supabase_realtime' and tablename = 'user_goals';
select is(enable_realtime(), '{}', 'nothing is left to add');
alter publication supabase_realtime drop table inbox_messages;
select is(enable_realtime(), '{inbox_messages}', 'what an administrator takes out is added when asked for');
select pg_temp.republish('with (publish = ''insert'')');
select is(pg_temp.added(), array(select tab from promised order by 1), 'an empty publication gets them all');
select is(pubupdate, false, 'and stays as it is otherwise') from pg_publication where pubname = 'supabase_realtime';

-- An administrator's own column is published too.
alter table graph_nodes add column test_colour text;
select pg_temp.republish(null);
select enable_realtime() \gset
select ok('test_colour' = any (attnames), 'a column that an administrator has added is published')
from pg_publication_tables where pubname = 'supabase_realtime' and tablename = 'graph_nodes';
select pg_temp.republish(null);
alter table graph_nodes drop column test_colour;

-- Publications of everything need nothing.
select pg_temp.republish('for all tables');
select is(enable_realtime(), '{}', 'a publication for all tables needs nothing');
select pg_temp.republish('for tables in schema public');
select is(enable_realtime(), '{}', 'nor does one for all tables of the schema');

-- A column list with replica identity full would stop every update of the table.
select pg_temp.republish(null);
alter table graph_nodes replica identity full;
select throws_ok('select enable_realtime()', '55000', null, 'graph_nodes with replica identity full is refused');
create function pg_temp.told() returns text language plpgsql as $$
declare
    message text; detail text; hint text;
begin
    perform enable_realtime();
    return 'nothing';
exception when others then
    get stacked diagnostics message = message_text, detail = pg_exception_detail, hint = pg_exception_hint;
    return concat_ws(' ', message, detail, hint);
end$$;
select matches(pg_temp.told(), 'graph_nodes', 'it tells the table');
select imatches(pg_temp.told(), 'alter table .*graph_nodes replica identity default', 'and the remedy');
select is_empty($$select from pg_publication where pubname = 'supabase_realtime'$$, 'nothing is published by half');
alter table graph_nodes replica identity default;
select is(pg_temp.added(), array(select tab from promised order by 1), 'the remedy helps');
alter table graph_edges replica identity full;
select pg_temp.republish(null);
select is(pg_temp.added(), array(select tab from promised order by 1), 'another table''s replica identity may be full');
alter table graph_edges replica identity default;

select * from finish();
rollback;
