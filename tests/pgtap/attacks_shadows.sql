-- Temporary tables that shadow ours and the catalogue's, which every signed-in person may make, and functions and operators in our
-- own schema that fit better than PostgreSQL's: none is read, written or run.
begin;
set local client_min_messages = warning;
select * from no_plan();
\ir shared/calls.sql

create temporary table planned as select name, role, writes, pg_temp.call_of(callable) as call from callable;
create temporary table answers (name text, shadowed boolean, answer text);
create sequence public.test_sprung;
grant all on sequence public.test_sprung to public;
grant all on planned, answers to public;
savepoint clean;
-- What is made is made out of its own reach.
set local search_path = pg_catalog, pg_temp;

-- In our schema: for the types that PostgreSQL's own functions and operators take by way of another type.
create function public.test_spring() returns void language plpgsql as $$
begin
    perform pg_catalog.nextval('public.test_sprung');
    raise exception 'hostile';
end $$;
create temporary table made (kind text);
do $$
declare
    o record;
begin
    for o in
        select oprname, l.oid::regtype as l, r.oid::regtype as r, oprresult::regtype as result
        from pg_operator
        join pg_type l on oprleft = 'anyenum'::regtype and l.typtype = 'e' and l.typnamespace = 'public'::regnamespace
            or oprleft = 'anyarray'::regtype and l.oid in ('uuid[]'::regtype, 'text[]'::regtype, 'public.node_type[]'::regtype, 'public.edge_type[]'::regtype)
            or oprleft = 'text'::regtype and l.oid = 'varchar'::regtype
            or oprleft = 'oid'::regtype and l.oid in ('regclass'::regtype, 'regrole'::regtype)
        join pg_type r on r.oid = case when oprright = oprleft then l.oid when oprright = 'text'::regtype then 'varchar'::regtype end
        where oprkind = 'b'
        union
        select '||', l::regtype, r::regtype, 'text'
        from (values ('text', 'uuid'), ('text', 'int'), ('text', 'regclass'), ('text', 'bigint'), ('int', 'text'), ('text', 'public.node_type')) v (l, r)
        union
        select '=', l::regtype, r::regtype, 'boolean' from (values ('uuid', 'text'), ('text', 'public.node_type'), ('int', 'float8'), ('jsonb', 'text')) v (l, r)
    loop
        begin
            execute format('create function public.%I(%s, %s) returns %s language plpgsql as ''begin perform public.test_spring(); end''',
                'test_' || o.oprname, o.l, o.r, o.result);
            execute format('create operator public.%s (leftarg = %s, rightarg = %s, function = public.%I)', o.oprname, o.l, o.r, 'test_' || o.oprname);
            insert into pg_temp.made values ('operator');
        exception when others then
            null;
        end;
    end loop;
    for o in
        select distinct proname as name, type
        from pg_proc
        cross join unnest(array['text', 'integer', 'uuid', 'jsonb', 'bigint', 'public.node_type', 'uuid[]', 'text[]', 'public.vector', 'double precision']) type
        where pronamespace = 'pg_catalog'::regnamespace and prokind = 'f'
            and proargtypes[0] in (select oid from pg_type where typtype = 'p' or typname in ('varchar', 'float4', 'numeric'))
    loop
        begin
            execute format('create function public.%I(%s) returns text language plpgsql as ''begin perform public.test_spring(); end''', o.name, o.type);
            insert into pg_temp.made values ('function');
        exception when others then
            null;
        end;
    end loop;
    for o in select unnest(array['concat', 'format', 'concat_ws', 'jsonb_build_object', 'coalesce', 'num_nulls']) as name loop
        execute format('create function public.%I(text, text) returns text language plpgsql as ''begin perform public.test_spring(); end''', o.name);
        execute format('create function public.%I(text, text, text) returns text language plpgsql as ''begin perform public.test_spring(); end''', o.name);
    end loop;
end $$;

-- Temporary relations and types. A statement trigger tells of a write, an empty answer of a read.
create function pg_temp.spring() returns trigger language plpgsql as $$
begin
    perform public.test_spring();
end $$;
do $$
declare
    name text;
begin
    for name in
        select distinct relname from pg_catalog.pg_class
        where relkind = 'r' and relnamespace in ('public'::regnamespace, 'auth'::regnamespace)
            or relname in ('pg_proc', 'pg_type', 'pg_class', 'pg_namespace', 'pg_extension', 'pg_ts_config', 'pg_roles', 'pg_enum', 'pg_authid',
                'pg_depend', 'pg_index', 'pg_attribute', 'pg_publication', 'pg_operator')
        order by 1
    loop
        execute format('create temporary table %I (id uuid)', name);
        execute format('create trigger spring before insert or update or delete or truncate on pg_temp.%I execute function pg_temp.spring()', name);
        execute format('grant all on pg_temp.%I to public', name);
        insert into pg_temp.made values ('table');
    end loop;
    for name in select typname from pg_catalog.pg_type where typtype = 'e' and typnamespace = 'public'::regnamespace 
        union select unnest(array['text', 'uuid', 'jsonb', 'vector', 'int4', 'float8'])
    loop
        execute format('create domain pg_temp.%I as pg_catalog.bytea', name);
        insert into pg_temp.made values ('type');
    end loop;
end $$;

-- Under the default search path, in which temporary names come first.
set local search_path = public;
\ir shared/people.sql
set local request.headers = '{"x-anonymous-id":"anonymous_0123456789_0123456789_01"}';
\set plan 'select pg_catalog.format(''insert into pg_temp.answers select %L, true, pg_temp.answer(%L)'', name, call) from pg_temp.planned where role operator(pg_catalog.=) '
\set ada '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}'
\set service '{"role":"service_role"}'
set local request.jwt.claims = :'ada';
set local role authenticated;
:plan 'authenticated' and writes order by name \gexec
set local request.jwt.claims = :'service';
set local role service_role;
:plan 'service_role' and writes order by name \gexec
reset role;
:plan 'postgres' order by name \gexec
set local request.jwt.claims = :'ada';
set local role authenticated;
:plan 'authenticated' and not writes order by name \gexec
set local request.jwt.claims = :'service';
set local role service_role;
:plan 'service_role' and not writes order by name \gexec
reset role;
update public.graph_nodes set description = 'Changed', deleted_at = pg_catalog.now();
update public.graph_nodes set deleted_at = null;
update public.knowledge_chunks set content = 'Changed';
update public.knowledge set content = 'Changed';
update auth.users set email = null;
delete from public.agent_knowledge_bases;
delete from auth.users;
select is_called as sprung from public.test_sprung \gset
select pg_catalog.json_object_agg(name, coalesce(answer, ''))::pg_catalog.text as answers from pg_temp.answers \gset
select pg_catalog.json_object_agg(kind, n)::pg_catalog.text as made
from (select kind, pg_catalog.count(*) as n from pg_temp.made group by kind) m \gset
select pg_temp.answer('select format(''%s'', ''a''::pg_catalog.text)') as careless \gset

-- Away with all of it, before the tests themselves run into it.
rollback to clean;
select is(:'sprung'::boolean, false, 'nothing that shadows ours was run or written');
select alike(:'careless'::text, 'ERROR P0001: hostile%', 'though it would have told');
select cmp_ok(n::int, '>', case kind when 'type' then 10 when 'table' then 35 else 60 end, format('a hostile %s lay in wait in many places', kind))
from json_each_text(:'made') m (kind, n);
select unalike(answer, 'ERROR%', format('%s works beside what shadows ours', name)) from json_each_text(:'answers') a (name, answer);
select isnt(answer, '', format('%s finds its rows beside what shadows ours', name))
from json_each_text(:'answers') a (name, answer)
join callable using (name);
select is(count(*), (select count(*) from callable), 'every function was called') from json_each_text(:'answers');

select * from finish();
rollback;
