-- Makes a view of a call for each function of the extension and each role that may make it, with sample arguments by their
-- names. For psql; people, rows and ids are those of replica.sh. A function whose arguments have no samples is in the view
-- with a call that fails and says so.
create table sample (argument text primary key, value text not null);
insert into sample values
    ('p_user_id', $$'00000000-0000-4000-8000-00000000000a'$$),
    ('p_node_id', $$'00000000-0000-7000-8000-000000000001'$$),
    ('p_goal_id', $$'00000000-0000-7000-8000-000000000001'$$),
    ('p_session_id', $$'00000000-0000-7000-8000-000000000002'$$),
    ('p_related_node_id', $$'00000000-0000-7000-8000-000000000002'$$),
    ('p_knowledge_base_id', $$'00000000-0000-7000-8000-0000000000b2'$$),
    ('p_message_id', $$'00000000-0000-7000-8000-0000000000e1'$$),
    ('p_query_embedding', 'public.wave(3)'),
    ('query_embedding', 'public.wave(3)'),
    ('p_embedding', 'public.wave(4)'),
    ('p_threshold', '-1'),
    ('match_threshold', '-1'),
    ('p_emotion', $$'motivated'$$),
    ('p_title', $$'Learn to rest'$$),
    ('p_skill_name', $$'Rhetoric'$$),
    ('p_new_status', $$'curated'$$),
    ('p_summary', $$'Rehearsed again'$$),
    ('p_content', $$'Breathe out slowly.'$$),
    ('search_query', $$'breathe'$$),
    ('query_text', $$'breathe'$$),
    ('p_items', $$jsonb_build_array(jsonb_build_object('kind', 'node', 'id', '00000000-0000-7000-8000-000000000002',
        'user_id', '00000000-0000-4000-8000-00000000000a', 'lease', '00000000-0000-7000-8000-0000000000f1', 'error', 'no'))$$),
    ('p_subject', $$'Hello'$$),
    ('p_sender_agent_id', $$'coach'$$),
    ('p_sender_name', $$'Coach'$$),
    ('p_conversation_transcript', $$'I want to rest more.'$$),
    ('p_extracted_profile', $$'{"mood": "calm"}'$$),
    ('p_extracted_goal', $$'{"name": "Rest more"}'$$),
    ('p_conversation_metadata', $$'{"conversation_id": "second"}'$$),
    ('p_anonymous_id', $$repeat('x', 32)$$),
    ('message_count', '7'),
    ('duration_seconds', '300'),
    ('tool_calls_count', '2');

create view call as
with member as (
    select p.*, coalesce(p.proargmodes, array_fill('i'::"char", array[p.pronargs])) as modes
    from pg_extension e
    join pg_depend d on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.deptype = 'e'
    join pg_proc p on d.classid = 'pg_proc'::regclass and p.oid = d.objid
    where e.extname = 'lgtempo' and p.prorettype <> 'trigger'::regtype
)
select m.proname as function, m.provolatile <> 'v' as reads, r.role,
    format('select * from public.%I(%s)', m.proname, string_agg(a.argument, ', ' order by a.place)) as text
from member m
join (values ('anon'), ('authenticated'), ('service_role'), ('postgres')) r (role) on has_function_privilege(r.role, m.oid, 'execute')
left join lateral (
    select place, format('%I => %s', name, coalesce(s.value, format('no_sample_for(%L)', name))) as argument
    from unnest(m.proargnames, m.modes) with ordinality a (name, mode, place)
    left join sample s on s.argument = a.name
    where mode = 'i' and (s.value is not null or place <= m.pronargs - m.pronargdefaults)
) a on true
group by m.proname, m.provolatile, r.role;
