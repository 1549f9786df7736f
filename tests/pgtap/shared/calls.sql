-- Calls of every member function that is no trigger's, found in the catalogue: a new function is attacked without being named
-- here. It needs a name for an argument alone where the value that its type gets does not do.
-- A function works as written under any search path; nothing of lgtempo's is run here.

create temporary table callable as
select p.oid, p.proname::text as name, p.provolatile = 'v' as writes, p.prosrc, who.role,
    p.proargnames[:p.pronargs] as arguments,
    array(select t::regtype from unnest(p.proargtypes) with ordinality a (t, i) order by i)::regtype[] as types
from pg_proc p
join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
join pg_extension e on d.refclassid = 'pg_extension'::regclass and e.oid = d.refobjid and e.extname = 'lgtempo'
-- The least of those who may call it.
cross join lateral (
    select role from (values (1, 'authenticated'), (2, 'service_role'), (3, 'postgres')) r (i, role)
    where has_function_privilege(role, p.oid, 'execute') order by i limit 1
) who
where p.prorettype <> 'trigger'::regtype;

create temporary table sample (argument text, value text);
insert into sample values
    ('p_user_id', null),
    ('p_session_id', '00000000-0000-7000-8000-0000000000a2'), ('p_session_node_id', '00000000-0000-7000-8000-0000000000a2'),
    ('p_message_id', '00000000-0000-7000-8000-0000000000a9'),
    ('p_knowledge_base_id', '00000000-0000-7000-8000-0000000000ab'),
    ('knowledge_base_id_param', '00000000-0000-7000-8000-0000000000cb'), ('kb_id_filter', '00000000-0000-7000-8000-0000000000cb'),
    ('p_at', null), ('p_exclude_node_ids', '{}'),
    ('search_query', 'breathe'), ('query_text', 'breathe'), ('match_threshold', '-1'),
    ('p_document_type', 'text'), ('p_overlap_tokens', '2'), ('p_max_tokens', '16'),
    ('p_anonymous_id', 'anonymous_0123456789_0123456789_01'),
    ('p_items', '[]'), ('p_attachments', '[{"type": "link", "name": "x", "url": "https://example.com"}]'),
    ('p_extracted_goal', '{"name": "Another goal"}'), ('p_conversation_metadata', '{"conversation_id": "c1"}');

-- The value of an argument as a literal of its type: the sample's, or one that every argument of the type should bear.
create function pg_temp.value_of(argument text, type regtype) returns text language sql as $$
    select format('%L::%s', case
            when s.argument is not null then s.value
            when type = 'uuid'::regtype then '00000000-0000-7000-8000-0000000000a1'
            when typname = 'vector' then '[1' || repeat(',0', 1535) || ']'
            when typtype = 'e' then (select enumlabel from pg_enum where enumtypid = type order by enumsortorder limit 1)
            when type in ('int'::regtype, 'bigint'::regtype) then '5'
            when type in ('float8'::regtype, 'real'::regtype, 'numeric'::regtype) then '0.5'
            when type in ('interval'::regtype) then '5 minutes'
            when type = 'jsonb'::regtype then '{}'
            when typcategory = 'A' then null
            when type = 'text'::regtype then 'Some words'
        end, (select format('%I.%I', nspname, typname) from pg_namespace n where n.oid = typnamespace))
    from pg_type t left join sample s on s.argument = value_of.argument
    where t.oid = type
$$;
-- The function's arguments by name; an override takes the place of one, as an expression.
create function pg_temp.arguments_of(called callable, override jsonb default '{}') returns text language sql as $$
    select coalesce(string_agg(
        format('%I => %s', argument, coalesce(override ->> argument, case
            -- Whom RLS does not bind says for whom.
            when argument = 'p_user_id' and called.role <> 'authenticated' then '''00000000-0000-4000-8000-00000000000a''::pg_catalog.uuid'
            else pg_temp.value_of(argument, type)
        end)), ', ' order by i), '')
    from unnest(called.arguments, called.types) with ordinality a (argument, type, i)
$$;
-- The statement that calls it: one text with all its rows, or null if there is none.
create function pg_temp.call_of(called callable, override jsonb default '{}') returns text language sql as $$
    select format('select pg_catalog.string_agg(answer::pg_catalog.text, e''\n'') from public.%I(%s) answer',
        called.name, pg_temp.arguments_of(called, override))
$$;

-- Becomes somebody: authenticated is Ada.
create function pg_temp.act_as(role text, person text default 'a') returns void language sql as $$
    select set_config('request.jwt.claims', case
            when role = 'authenticated' then format('{"sub":"00000000-0000-4000-8000-00000000000%s","role":"authenticated"}', person)
            else format('{"role":"%s"}', role) end, true),
        set_config('request.headers', '{"x-anonymous-id":"anonymous_0123456789_0123456789_01"}', true),
        set_config('role', case role when 'postgres' then 'none' else role end, true)
$$;
-- What a call answers: its rows, or SQLSTATE, message, detail and hint of its error. What it has written stays, or not.
create function pg_temp.answer(call pg_catalog.text, stay pg_catalog.bool default true) returns pg_catalog.text language plpgsql as $$
declare
    answer pg_catalog.text;
    state pg_catalog.text;
    message pg_catalog.text;
    detail pg_catalog.text;
    hint pg_catalog.text;
begin
    execute call into answer;
    if stay then
        return answer;
    end if;
    raise sqlstate 'UNDO0';
exception when others then
    get stacked diagnostics state = returned_sqlstate, message = message_text, detail = pg_exception_detail, hint = pg_exception_hint;
    return case when state operator(pg_catalog.=) 'UNDO0' then answer
        else pg_catalog.concat('ERROR ', state, ': ', message, ' | ', detail, ' | ', hint) end;
end $$;
grant select on callable, sample to public;
