-- A hostile search path, for every function and every table: whatever PostgreSQL, pgvector and lgtempo have is there once more,
-- found first by whoever calls, and tells when it is run. All that is done under it is done for the first time in the session,
-- so that also what is kept is made under it.
begin;
set local client_min_messages = warning;
select * from no_plan();
\ir shared/calls.sql

create temporary table planned as select name, role, writes, pg_temp.call_of(callable) as call from callable;
create temporary table answers (name text, hostile boolean, answer text);
-- Every row is written once more, its texts are changed, and it goes.
create temporary table rewritten as
select format('update public.%I set %s', c.relname, string_agg(format('%1$I = %1$I', a.attname), ', ')) as statement
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relrowsecurity
group by c.relname;
grant all on planned, answers to public;

-- The trap: a sequence, which no rollback sets back, counts; the error stops whoever has stepped in.
create schema hostile;
grant usage on schema hostile to public;
create sequence public.test_sprung;
grant all on sequence public.test_sprung to public;
create function hostile.spring(what pg_catalog.text) returns pg_catalog.bool language plpgsql as $$
begin
    perform pg_catalog.nextval('public.test_sprung');
    raise exception 'hostile %', what;
end $$;
create temporary table made (kind text, name text);

-- Functions of the same signatures. Of polymorphic ones also those for types at hand, which fit better than the original.
do $$
declare
    f record;
    type text;
    attempts text[];
    signature text;
begin
    for f in
        select p.proname, pg_get_function_result(p.oid) as result, p.proretset,
            array(select format_type(t, null) from unnest(p.proargtypes) with ordinality a (t, i) order by i) as types
        from pg_proc p
        where p.prokind = 'f' and p.prorettype not in ('internal'::regtype, 'cstring'::regtype)
            and p.pronamespace in ('pg_catalog'::regnamespace, 'public'::regnamespace, 'auth'::regnamespace)
            and not p.proargtypes::oid[] && array['internal', 'cstring', 'trigger', 'event_trigger']::regtype[]::oid[]
            -- What tests and the trap itself need.
            and p.proname not in ('spring')
    loop
        attempts := array[array_to_string(f.types, ', ')];
        if attempts[1] ~ 'any' then
            foreach type in array array['text', 'integer', 'uuid', 'jsonb', 'name', 'oid', 'regclass', 'timestamp with time zone'] loop
                attempts := attempts || regexp_replace(regexp_replace(regexp_replace(attempts[1], '"?any(compatible)?array"?', type || '[]', 'g'),
                    'any(compatible)?(element|nonarray|enum)?\M', type, 'g'), '"', '', 'g');
            end loop;
        end if;
        foreach signature in array attempts loop
            begin
                execute format('create function hostile.%I(%s) returns %s language plpgsql as %L', f.proname, signature,
                    case when f.result ~ 'any' and signature !~ 'any' then 'text'
                        when f.result ~ '^(TABLE|SETOF record)' then 'setof record' else f.result end,
                    format('begin perform hostile.spring(%L); end', 'function ' || f.proname));
                insert into made values ('function', f.proname);
            exception when others then
                null;
            end;
        end loop;
    end loop;
end $$;
-- Operators, likewise; and those of enums, which have none of their own.
do $$
declare
    o record;
begin
    for o in
        select oprname, nullif(oprleft, 0)::regtype as l, nullif(oprright, 0)::regtype as r, oprresult::regtype as result from pg_operator
        union
        select oprname, t.oid::regtype, t.oid::regtype, oprresult::regtype
        from pg_operator
        cross join pg_type t
        where oprleft = 'anyenum'::regtype and t.typtype = 'e' and t.typnamespace = 'public'::regnamespace
            or oprleft = 'text'::regtype and oprright = 'text'::regtype and t.oid in ('varchar'::regtype, 'name'::regtype)
            or oprleft = 'oid'::regtype and oprright = 'oid'::regtype and t.oid in ('regclass'::regtype, 'regtype'::regtype, 'regrole'::regtype)
            or oprleft = 'anyarray'::regtype and t.oid in ('uuid[]'::regtype, 'text[]'::regtype)
        union
        select '||', l::regtype, r::regtype, 'text'
        from (values ('text', 'uuid'), ('text', 'int'), ('text', 'text'), ('text', 'regclass'), ('text', 'bigint'), ('text', 'name')) v (l, r)
    loop
        begin
            execute format('create function hostile.%I(%s) returns %s language plpgsql as %L', 'operator' || o.oprname,
                concat_ws(', ', o.l, o.r), o.result, format('begin perform hostile.spring(%L); end', format('operator %s (%s, %s)', o.oprname, o.l, o.r)));
            execute format('create operator hostile.%s (%s, function = hostile.%I)', o.oprname,
                concat_ws(', ', 'leftarg = ' || o.l, 'rightarg = ' || o.r), 'operator' || o.oprname);
            insert into made values ('operator', o.oprname);
        exception when others then
            null;
        end;
    end loop;
end $$;
-- Relations and types of the names of ours and of the catalogue's.
do $$
declare
    r record;
begin
    for r in
        select relname, oid::regclass as original from pg_class
        where relkind in ('r', 'v') and relnamespace in ('public'::regnamespace, 'pg_catalog'::regnamespace, 'auth'::regnamespace)
    loop
        begin
            execute format('create view hostile.%I as select * from %s where hostile.spring(%L)', r.relname, r.original, 'view ' || r.relname);
            execute format('grant all on hostile.%I to public', r.relname);
            insert into made values ('view', r.relname);
        exception when others then
            null;
        end;
    end loop;
    for r in
        select distinct typname from pg_type
        where typnamespace = 'public'::regnamespace and typtype in ('e', 'b') and typcategory <> 'A'
            or typname in ('bool', 'text', 'uuid', 'jsonb', 'json', 'int4', 'int8', 'float4', 'float8', 'timestamptz', 'interval', 'name',
                'oid', 'regclass', 'tsvector', 'tsquery', 'regconfig', 'numeric', 'date', 'bytea', 'bit')
    loop
        execute format('create domain hostile.%I as pg_catalog.text check (hostile.spring(%L))', r.typname, 'type ' || r.typname);
        insert into made values ('type', r.typname);
    end loop;
end $$;
create text search configuration hostile.english (copy = pg_catalog.simple);
create text search configuration hostile.simple (copy = pg_catalog.simple);
create collation hostile."C" from "C";

-- Under it, rows are written, every function is called, and every row is written again and deleted.
set local search_path = hostile, pg_catalog, public, pg_temp;
\ir shared/people.sql

set local request.headers = '{"x-anonymous-id":"anonymous_0123456789_0123456789_01"}';
\set plan 'select pg_catalog.format(''insert into pg_temp.answers select %L, true, pg_temp.answer(%L)'', name, call) from pg_temp.planned where pg_catalog.texteq(role, '
-- First what writes, then what reads.
\set ada '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}'
\set service '{"role":"service_role"}'
set local request.jwt.claims = :'ada';
set local role authenticated;
:plan 'authenticated') and writes order by name \gexec
set local request.jwt.claims = :'service';
set local role service_role;
:plan 'service_role') and writes order by name \gexec
reset role;
:plan 'postgres') order by name \gexec
set local request.jwt.claims = :'ada';
set local role authenticated;
:plan 'authenticated') and not writes order by name \gexec
set local request.jwt.claims = :'service';
set local role service_role;
:plan 'service_role') and not writes order by name \gexec
reset role;
insert into pg_temp.answers select 'signs up', true, pg_temp.answer('insert into auth.users (email) values (''cid@example.com'') returning null');

-- The same questions once more, where nothing is hostile.
set local search_path = public;
do $$
declare
    p record;
begin
    for p in select * from planned where not writes loop
        perform pg_temp.act_as(p.role);
        insert into answers select p.name, false, pg_temp.answer(p.call);
    end loop;
    perform pg_temp.act_as('postgres');
end $$;

-- And what happens to rows.
set local search_path = hostile, pg_catalog, public, pg_temp;
select statement from pg_temp.rewritten \gexec
update public.knowledge_documents set content = 'Changed', content_hash = null where pg_catalog.texteq(title, 'Talks');
update public.knowledge_chunks set content = 'Changed';
update public.knowledge set content = 'Changed';
update public.agent_knowledge_bases set language = 'simple';
update public.inbox_messages set content = '{"text": "Changed"}', preview = null;
update public.graph_nodes set description = 'Changed', deleted_at = pg_catalog.now();
update public.graph_nodes set deleted_at = null;
update auth.users set email = null, raw_user_meta_data = '{"name": "Changed"}';
truncate public.message_attachments;
delete from public.knowledge_chunks;
delete from public.agent_knowledge_bases;
delete from auth.users;
select is_called as sprung from public.test_sprung \gset
-- What takes no care does step into it.
insert into pg_temp.answers select 'careless', null, pg_temp.answer('select upper(''a'')');
set local search_path = public;

select cmp_ok(count(*), '>', case kind when 'function' then 2000 when 'operator' then 700 when 'view' then 100 else 20 end::bigint,
    format('something hostile lay in wait for every %s', kind))
from made group by kind;
select is(:'sprung'::boolean, false, 'nothing hostile was run');
select alike(answer, 'ERROR P0001: hostile%', 'though it would have told') from answers where name = 'careless';
select unalike(coalesce(answer, ''), 'ERROR%', format('%s works under a hostile search_path', name)) from answers where hostile;
select is(h.answer, p.answer, format('%s answers under a hostile search_path what it always does', h.name))
from answers h join answers p using (name) where h.hostile and not p.hostile;
select is(count(*), (select count(*) from planned), 'every function was called') from answers where hostile and name <> 'signs up';
select is(count(*), 0::bigint, 'of an erased person nothing is left') from users;

select * from finish();
rollback;
