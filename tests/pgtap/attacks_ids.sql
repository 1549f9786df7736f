-- Whether an id exists: for every argument that takes ids, a function answers alike whether nobody has the id, another person
-- has it, in whatever table, or it was deleted. Only what a person may read by right is told from it.
begin;
set local client_min_messages = warning;
select * from no_plan();
\ir shared/people.sql
\ir shared/calls.sql

-- Of Ada's: deleted softly, and deleted for good.
delete from inbox_messages where id = '00000000-0000-7000-8000-0000000000a9';
insert into inbox_messages (id, user_id, subject) values ('00000000-0000-7000-8000-0000000000a9', '00000000-0000-4000-8000-00000000000a', 'Kept');
insert into graph_nodes (id, user_id, node_type, label) values ('00000000-0000-7000-8000-00000000da01', '00000000-0000-4000-8000-00000000000a', 'session', 'Gone');
delete from graph_nodes where id = '00000000-0000-7000-8000-00000000da01';
-- Ben has soft-deleted rows too, and a session that two edges lead to.
create temporary table foreign_ids (whose text, id uuid);
insert into foreign_ids values
    ('deleted for good', '00000000-0000-7000-8000-00000000da01'), ('Ada''s, deleted softly', '00000000-0000-7000-8000-0000000000a5');
do $$
declare
    t record;
begin
    for t in
        select c.relname, a.attname
        from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.atttypid = 'uuid'::regtype and a.attnum > 0
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relrowsecurity
    loop
        -- What belongs to Ben, or hangs on what does.
        execute format(
            'insert into foreign_ids select distinct %L, %I from %I t where to_jsonb(t)::text ~ %L and %2$I is not null',
            format('Ben''s, of %s.%s', t.relname, t.attname), t.attname, t.relname,
            'ben-secret|00000000-0000-4000-8000-00000000000b|00000000-0000-7000-8000-0000000000b'
        );
    end loop;
end $$;
delete from foreign_ids where id in (select id from agent_knowledge_bases where owner_id is null);
insert into foreign_ids
select 'Ada''s, of another kind (' || v.what || ')', v.id::uuid
from (values ('edge', '00000000-0000-7000-8000-0000000000ae'), ('document', '00000000-0000-7000-8000-0000000000ad')) v (what, id);
grant select on foreign_ids to public;

-- An id in an argument: alone, or in a list.
create function pg_temp.as_argument(id uuid, type regtype) returns text immutable
    return format(case when type = 'uuid[]'::regtype then 'array[%L]::uuid[]' else '%L::uuid' end, id);
-- What differs from answer to answer is not what the id is: the ids themselves, new keys and instants.
create function pg_temp.normal(answer text) returns text immutable
    return regexp_replace(regexp_replace(answer, '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', 'ID', 'g'),
        '\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?(\+\d\d(:\d\d)?)?', 'INSTANT', 'g');
create temporary table asked (function text, argument text, whose text, id uuid, answer text, unknown text);
create function pg_temp.ask(f callable, argument text, type regtype, id uuid) returns text language plpgsql as $$
declare
    answer text;
begin
    perform pg_temp.act_as('authenticated');
    answer := pg_temp.normal(pg_temp.answer(
        pg_temp.call_of(f, jsonb_build_object(argument, pg_temp.as_argument(id, type))), false));
    perform pg_temp.act_as('postgres');
    return answer;
end $$;
insert into asked
select c.name, a.argument, i.whose, i.id,
    pg_temp.ask(c, a.argument, a.type, i.id),
    pg_temp.ask(c, a.argument, a.type, '00000000-0000-7000-8000-00000000dead')
from callable c
cross join unnest(c.arguments, c.types) a (argument, type)
cross join foreign_ids i
where c.role = 'authenticated' and a.type in ('uuid'::regtype, 'uuid[]'::regtype);

select is_empty(
    format($$select whose, id, answer, unknown from asked
        where function = %L and argument = %L and answer is distinct from unknown$$, function, argument),
    format('%s tells nothing by %s: %s ids of others and deleted ones are as unknown as any', function, argument, count(*))
)
from asked
group by function, argument
order by function, argument;
select unalike(coalesce(pg_temp.answer(pg_temp.call_of(callable), false), ''), 'ERROR%', format('%s does answer about ids of one''s own', name))
from (select pg_temp.act_as('authenticated')) ada, callable
where role = 'authenticated';
select pg_temp.act_as('postgres');
select cmp_ok(count(distinct whose), '>', 15::bigint, 'ids of every kind were tried') from asked;
select cmp_ok(count(distinct function), '>', 12::bigint, 'by every function that takes ids') from asked;

-- Nor does a text with ids in it: no key of a jsonb argument reads anything of the person who owns the id.
create function pg_temp.ids_within(id uuid) returns jsonb immutable return (
    select jsonb_object_agg(key, id)
    from unnest(array['id', 'user_id', 'owner_id', 'goal_id', 'node_id', 'session_id', 'goal_node_id', 'session_node_id', 'message_id',
        'category_id', 'knowledge_base_id', 'document_id', 'source_node_id', 'target_node_id', 'related_node_id', 'skills', 'name']) key
);
select is(
    pg_temp.normal(theirs), pg_temp.normal(nobodys),
    format('%s tells nothing by ids within %s', name, argument)
)
from (
    select c.name, a.argument, pg_temp.act_as('authenticated'),
        pg_temp.answer(pg_temp.call_of(c, jsonb_build_object(a.argument, format('%L::jsonb', pg_temp.ids_within('00000000-0000-7000-8000-0000000000b1')))), false) as theirs,
        pg_temp.answer(pg_temp.call_of(c, jsonb_build_object(a.argument, format('%L::jsonb', pg_temp.ids_within('00000000-0000-7000-8000-00000000dead')))), false) as nobodys
    from callable c
    cross join unnest(c.arguments, c.types) a (argument, type)
    where c.role = 'authenticated' and a.type = 'jsonb'::regtype
    offset 0
) answers;

select pg_temp.act_as('postgres');

-- Nor does a row that points to the id: a unique key would be looked at before the reference.
create function pg_temp.chunk_of(document uuid) returns text language plpgsql as $$
declare
    answer text;
begin
    perform pg_temp.act_as('authenticated');
    answer := pg_temp.normal(pg_temp.answer(format(
        'insert into knowledge_chunks (document_id, knowledge_base_id, chunk_index, content) values (%L, %L, 0, %L) returning chunk_index',
        document, '00000000-0000-7000-8000-0000000000f1', 'x'), false))
        || pg_temp.normal(pg_temp.answer(format(
        'update knowledge_chunks set document_id = %L where document_id = %L and chunk_index = 0 returning chunk_index',
        document, '00000000-0000-7000-8000-0000000000f2'), false));
    perform pg_temp.act_as('postgres');
    return answer;
end $$;
insert into agent_knowledge_bases (id, agent_id, name, owner_id)
values ('00000000-0000-7000-8000-0000000000f1', 'coach', 'Ada''s own', '00000000-0000-4000-8000-00000000000a');
insert into knowledge_documents (id, knowledge_base_id, title, content)
values ('00000000-0000-7000-8000-0000000000f2', '00000000-0000-7000-8000-0000000000f1', 'Own', 'Own'),
    ('00000000-0000-7000-8000-0000000000f3', '00000000-0000-7000-8000-0000000000f1', 'Own too', 'Own too');
insert into knowledge_chunks (document_id, chunk_index, content) values ('00000000-0000-7000-8000-0000000000f2', 0, 'Own');
select is(
    pg_temp.chunk_of(document_id), pg_temp.chunk_of('00000000-0000-7000-8000-00000000dead'),
    'a chunk tells nothing of another''s document that has the same place taken'
)
from knowledge_chunks
where chunk_index = 0 and document_id in (
    select d.id from knowledge_documents d join agent_knowledge_bases b on b.id = d.knowledge_base_id
    where b.owner_id = '00000000-0000-4000-8000-00000000000b'
);
select is(pg_temp.chunk_of('00000000-0000-7000-8000-0000000000f3'), '00', 'one''s own takes it');

select * from finish();
rollback;
