-- Voice's functions: onboarding by a conversation, claiming what was said before sign-up, scores; bad input; who may call.
begin;
select plan(244);

-- Short names: Ada and Ben; a person's rows, counted; the day Ada set out.
create function pg_temp.ada() returns uuid immutable return '00000000-0000-4000-8000-00000000000a'::uuid;
create function pg_temp.ben() returns uuid immutable return '00000000-0000-4000-8000-00000000000b'::uuid;
create function pg_temp.cid() returns uuid immutable return '00000000-0000-4000-8000-00000000000c'::uuid;
create function pg_temp.counts(p_user_id uuid, out nodes bigint, out goals bigint, out conversations bigint) language sql as $$
    select (select count(*) from graph_nodes where user_id = p_user_id), (select count(*) from user_goals where user_id = p_user_id),
        (select count(*) from elevenlabs_conversations where user_id = p_user_id)
$$;
create function pg_temp.onboard(p_extracted_goal jsonb, p_conversation_metadata jsonb default '{}', p_extracted_profile jsonb default '{}',
    p_conversation_transcript text default 'Hello', p_user_id uuid default null) returns jsonb language sql as $$
    select handle_voice_onboarding(p_user_id, p_conversation_transcript, p_extracted_profile, p_extracted_goal, p_conversation_metadata)
$$;
-- The goal that an onboarding makes.
create function pg_temp.goal_of(p_extracted_goal jsonb) returns user_goals language plpgsql as $$
declare
    made uuid := pg_temp.onboard(p_extracted_goal) ->> 'goal_id';
begin
    return (select g from user_goals g where id = made);
end$$;

insert into auth.users (id, email) values
    (pg_temp.ada(), 'ada@example.com'), (pg_temp.ben(), 'ben@example.com'), (pg_temp.cid(), 'cid@example.com');
insert into goal_categories (id, title) values ('test-career', 'Career'), ('test-health', 'Health');
update profiles set preferences = '{"tone": "dry", "theme": "dark"}' where id = pg_temp.ada();

-- What callers write: names, order and types of arguments and results.
select unnest(array[
    is(pg_get_function_arguments(p.oid), arguments, format('%s takes what it promises', name)),
    is(pg_get_function_result(p.oid), result, format('%s returns what it promises', name)),
    is(provolatile, volatility, format('%s may be called as often as it promises', name)),
    ok(exists (select from unnest(proconfig) c where c like 'search_path=%'), format('%s has a fixed search_path', name)),
    is(prosecdef, false, format('%s runs with the caller''s rights', name)),
    is(
        array(select role from unnest(array['anon', 'authenticated', 'service_role']) role where has_function_privilege(role, p.oid, 'execute')),
        callers, format('%s may be called by whom it is for', name)
    ),
    is_empty(
        format('select from pg_proc, aclexplode(proacl) where oid = %s and grantee = 0', p.oid), format('%s is nothing for PUBLIC', name)
    )
])
from (values
    ('handle_voice_onboarding',
        'p_user_id uuid, p_conversation_transcript text, p_extracted_profile jsonb, p_extracted_goal jsonb, '
        'p_conversation_metadata jsonb DEFAULT ''{}''::jsonb', 'jsonb', 'v'::"char", '{authenticated,service_role}'::text[]),
    ('claim_anonymous_events', 'p_anonymous_id text', 'bigint', 'v', '{authenticated}'),
    ('calculate_engagement_score', 'message_count integer, duration_seconds integer, tool_calls_count integer', 'numeric', 'i',
        '{authenticated,service_role}')
) as v (name, arguments, result, volatility, callers)
join pg_proc p on p.oid = name::regproc;

-- handle_voice_onboarding: a person's first conversation.
set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
create temporary table answer as
select handle_voice_onboarding(
    p_user_id => null,
    p_conversation_transcript => 'I want to speak up in meetings.',
    p_extracted_profile => '{"tone": "warm", "minutes_a_day": 20}',
    p_extracted_goal => '{"name": "  Speak up ", "description": "In meetings", "category_id": "test-career", "target_date": "2030-01-31",
        "milestones": [{"title": "First word"}, "Second"], "type": "skill", "priority": "high"}',
    p_conversation_metadata => '{"conversation_id": "c1", "agent_id": "coach", "channel": "web"}'
) as a;
select is(array(select jsonb_object_keys(a) from answer order by 1), array(
    select unnest(array['success', 'user_id', 'goal_id', 'goal_node_id', 'conversation_id', 'onboarding_completed', 'next_steps']) order by 1
), 'the answer has the keys that it promises');
select results_eq(
    $$select a -> 'success', a ->> 'user_id', a ->> 'conversation_id', a -> 'onboarding_completed' from answer$$,
    $$values ('true'::jsonb, pg_temp.ada()::text, 'c1', 'true'::jsonb)$$, 'it says whose onboarding is done, by which conversation'
);
select ok(jsonb_array_length(a -> 'next_steps') > 0, 'it tells next steps') from answer;
select is_empty(
    $$select from answer, jsonb_array_elements(a -> 'next_steps') step where jsonb_typeof(step) <> 'string'$$, 'in words'
);
select results_eq(
    $$select preferences, onboarding_completed_at from profiles$$,
    $$values ('{"tone": "warm", "theme": "dark", "minutes_a_day": 20}'::jsonb, now())$$, 'preferences are merged key by key'
);
select results_eq(
    $$select n.user_id, n.node_type, n.label, n.description, n.status, n.properties ->> 'category', n.properties ->> 'target_date',
        n.properties ->> 'priority', n.properties ->> 'type' from graph_nodes n, answer where n.id::text = a ->> 'goal_node_id'$$,
    $$values (pg_temp.ada(), 'goal'::node_type, 'Speak up', 'In meetings', 'draft_verbal'::node_status, 'test-career', '2030-01-31', 'high', 'skill')$$,
    'the goal is a node of the graph, a draft'
);
select results_eq(
    $$select g.user_id, g.goal_title, g.goal_description, g.goal_status, g.category_id, g.target_date, g.milestones, g.node_id::text = a ->> 'goal_node_id'
      from user_goals g, answer where g.id::text = a ->> 'goal_id'$$,
    $$values (pg_temp.ada(), 'Speak up', 'In meetings', 'pending', 'test-career', '2030-01-31'::date,
        '[{"title": "First word"}, "Second"]'::jsonb, true)$$,
    'and a goal, linked to it'
);
select ok(metadata @> '{"type": "skill", "priority": "high", "conversation_id": "c1"}', 'which knows its type, priority and conversation')
from user_goals;
select results_eq(
    $$select user_id, conversation_id, agent_id, call_type, status, transcript, analysis, metadata ->> 'channel' from elevenlabs_conversations$$,
    $$values (pg_temp.ada(), 'c1', 'coach', 'onboarding', 'completed', '{"text": "I want to speak up in meetings."}'::jsonb,
        '{"profile": {"tone": "warm", "minutes_a_day": 20},
          "goal": {"name": "  Speak up ", "description": "In meetings", "category_id": "test-career", "target_date": "2030-01-31",
            "milestones": [{"title": "First word"}, "Second"], "type": "skill", "priority": "high"}}'::jsonb, 'web')$$,
    'the conversation is kept'
);
select results_eq($$select * from pg_temp.counts(pg_temp.ada())$$, $$values (1::bigint, 1::bigint, 1::bigint)$$, 'there is one of each');
select results_eq(
    $$select goal_title, category, target_date, priority from get_user_goals_with_progress()$$,
    $$values ('Speak up', 'test-career', '2030-01-31'::date, 'high')$$, 'the goal is among the person''s goals'
);

-- The same conversation again.
reset role;
update profiles set onboarding_completed_at = '2026-01-01' where id = pg_temp.ada();
set local role authenticated;
create temporary table repeated as select pg_temp.onboard(
    '{"name": "Speak up", "category_id": "test-career"}', '{"conversation_id": "c1", "device": "phone"}', '{"theme": "light"}', 'The whole of it.', pg_temp.ada()
) as a;
select results_eq(
    $$select a - 'next_steps' from repeated$$, $$select a - 'next_steps' from answer$$, 'the same conversation again is the same goal'
);
select results_eq($$select * from pg_temp.counts(pg_temp.ada())$$, $$values (1::bigint, 1::bigint, 1::bigint)$$, 'nothing is made twice');
select results_eq(
    $$select transcript, metadata @> '{"channel": "web", "device": "phone"}', agent_id from elevenlabs_conversations$$,
    $$values ('{"text": "The whole of it."}'::jsonb, true, 'coach')$$, 'the transcript is replaced, metadata is merged, what is not given stays'
);
select results_eq(
    $$select preferences, onboarding_completed_at from profiles$$,
    $$values ('{"tone": "warm", "theme": "light", "minutes_a_day": 20}'::jsonb, '2026-01-01'::timestamptz)$$,
    'onboarding was completed when it was first'
);
-- Between, the person gives the goal another name, and the voice service reports the conversation anew.
update graph_nodes set label = 'Speak up in meetings', status = 'curated';
update user_goals set goal_title = 'Speak up in meetings', goal_status = 'active';
insert into elevenlabs_conversations (conversation_id, status, analysis, metadata) values ('c1', 'done', '{"calls": 1}', '{"source": "webhook"}')
on conflict (user_id, conversation_id) do update set status = excluded.status, analysis = excluded.analysis, metadata = excluded.metadata;
create temporary table repeated_late as select pg_temp.onboard('{"name": "Speak up"}', '{"conversation_id": "c1"}') as a;
select results_eq(
    $$select a - 'next_steps' from repeated_late$$, $$select a - 'next_steps' from answer$$,
    'it is the same goal still where the person has renamed it and the conversation was reported anew'
);
select results_eq($$select * from pg_temp.counts(pg_temp.ada())$$, $$values (1::bigint, 1::bigint, 1::bigint)$$, 'and nothing is made twice');
create temporary table repeated_other as select pg_temp.onboard('{"name": "Another name"}', '{"conversation_id": "c1"}') as a;
select results_eq(
    $$select a ->> 'goal_id', a ->> 'goal_node_id' from repeated_other$$, $$select a ->> 'goal_id', a ->> 'goal_node_id' from answer$$,
    'a conversation has one goal, whatever name it bears'
);
select results_eq($$select * from pg_temp.counts(pg_temp.ada())$$, $$values (1::bigint, 1::bigint, 1::bigint)$$, 'no second is made');
delete from user_goals;
create temporary table repeated_erased as select pg_temp.onboard('{"name": "Speak up"}', '{"conversation_id": "c1"}') as a;
select results_eq(
    $$select a -> 'success', a -> 'goal_id' from repeated_erased$$, $$values ('true'::jsonb, 'null'::jsonb)$$,
    'a goal that the person has erased is no longer named'
);
select results_eq($$select * from pg_temp.counts(pg_temp.ada())$$, $$values (1::bigint, 0::bigint, 1::bigint)$$, 'nor is it made again');

-- Another conversation; a goal that is there.
insert into graph_nodes (id, node_type, label, description, properties, status) values
    ('00000000-0000-7000-8000-0000000000a1', 'goal', 'Run', 'Ten kilometres', '{"coach": "Max", "priority": "low"}', 'curated'),
    ('00000000-0000-7000-8000-0000000000a2', 'goal', 'Sleep', null, '{}', 'curated'),
    ('00000000-0000-7000-8000-0000000000a3', 'skill', 'Paint', null, '{}', 'curated');
update graph_nodes set deleted_at = now() where label = 'Sleep';
select pg_temp.onboard('{"name": "Run", "priority": "urgent", "type": "habit"}', '{"conversation_id": "c2"}') ->> 'goal_node_id' as run \gset
select is(:'run'::uuid, '00000000-0000-7000-8000-0000000000a1', 'a live goal of that title is the goal''s node');
select results_eq(
    $$select status, description, properties ->> 'coach', properties ->> 'priority', properties ->> 'type' from graph_nodes where label = 'Run'$$,
    $$values ('curated'::node_status, 'Ten kilometres', 'Max', 'urgent', 'habit')$$, 'its properties are merged, what is not given stays'
);
select isnt(
    pg_temp.onboard('{"name": "Sleep"}', '{"conversation_id": "c3"}') ->> 'goal_node_id', '00000000-0000-7000-8000-0000000000a2',
    'a deleted goal''s title is a new node'
);
select isnt(
    pg_temp.onboard('{"name": "Paint"}', '{"conversation_id": "c4"}') ->> 'goal_node_id', '00000000-0000-7000-8000-0000000000a3',
    'and so is a skill''s name'
);
select pg_temp.onboard('{"name": "Least", "description": null, "category_id": null, "target_date": null, "milestones": null, "type": null, "priority": null}',
    null) as a \gset
select isnt((:'a'::jsonb) ->> 'conversation_id', null, 'a conversation that is not named is given a name');
select results_eq(
    format('select call_type, status from elevenlabs_conversations where conversation_id = %L', (:'a'::jsonb) ->> 'conversation_id'),
    $$values ('onboarding', 'completed')$$, 'and kept'
);
select results_eq(
    format('select goal_title, goal_description, category_id, target_date, milestones from user_goals where id = %L', (:'a'::jsonb) ->> 'goal_id'),
    $$values ('Least', null::text, null::text, null::date, '[]'::jsonb)$$, 'a goal needs a name alone; what is null is left out'
);
select is(properties ->> 'priority', 'medium', 'its priority is medium at first') from graph_nodes where id::text = (:'a'::jsonb) ->> 'goal_node_id';
select isnt(pg_temp.onboard('{"name": "Least"}') ->> 'conversation_id', (:'a'::jsonb) ->> 'conversation_id', 'no name is given twice');
select is(
    (pg_temp.goal_of(jsonb_build_object('name', repeat('é', 255)))).goal_title, repeat('é', 255), 'a name of 255 characters is allowed'
);

-- The voice service's report came first.
insert into elevenlabs_conversations (conversation_id, agent_id, status, started_at, duration_minutes, metadata)
values ('c5', 'coach', 'in-progress', '2026-01-01', 12, '{"source": "webhook"}');
select pg_temp.onboard('{"name": "Write"}', '{"conversation_id": "c5"}', p_conversation_transcript => 'I want to write.') as a \gset
select results_eq(
    $$select count(*), max(agent_id), max(status), max(call_type), max(started_at), max(duration_minutes), max(metadata ->> 'source'), max(transcript ->> 'text')
      from elevenlabs_conversations where conversation_id = 'c5'$$,
    $$values (1::bigint, 'coach', 'completed', 'onboarding', '2026-01-01'::timestamptz, 12, 'webhook', 'I want to write.')$$,
    'a conversation that was reported before is updated, and keeps what it had'
);
select is(goal_title, 'Write', 'its goal is made') from user_goals where id::text = (:'a'::jsonb) ->> 'goal_id';

-- The target date: as written, wherever the caller is and however it writes dates.
set local timezone = 'Pacific/Kiritimati';
set local datestyle = 'SQL, DMY';
select is(
    (pg_temp.goal_of(jsonb_build_object('name', 'By ' || written, 'target_date', written))).target_date,
    make_date(2030, 3, 4), format('%s is a date', written)
)
from (values ('2030-03-04'), ('2030-03-04T10:00:00'), ('2030-03-04 10:00'), ('2030-03-04T23:30:00-08:00'), ('2030-03-04T00:30:00+14:00'),
    ('2030-03-04T10:00:00.000Z')) as v (written);
select is(target_date, make_date(2030, 3, 4), 'progress reads the date that is stored')
from get_user_goals_with_progress() where goal_title = 'By 2030-03-04';
reset timezone;
reset datestyle;

-- Bad input: the SQLSTATE, a message that names what is wrong, and nothing written.
create temporary table before_bad as select counts.*, preferences, onboarding_completed_at from profiles, pg_temp.counts(pg_temp.ada());
create temporary table bad (call text, code text, names text);
insert into bad values
    ('handle_voice_onboarding(null, null, ''{}'', ''{"name": "x"}'')', '22004', 'p_conversation_transcript'),
    ('handle_voice_onboarding(null, ''Hello'', null, ''{"name": "x"}'')', '22004', 'p_extracted_profile'),
    ('handle_voice_onboarding(null, ''Hello'', ''{}'', null)', '22004', 'p_extracted_goal'),
    ('pg_temp.onboard(''{"name": "x"}'', ''{}'', ''[]'')', '22023', 'p_extracted_profile.*object'),
    ('pg_temp.onboard(''{"name": "x"}'', ''{}'', ''"warm"'')', '22023', 'p_extracted_profile.*object'),
    ('pg_temp.onboard(''[{"name": "x"}]'')', '22023', 'p_extracted_goal.*object'),
    ('pg_temp.onboard(''"x"'')', '22023', 'p_extracted_goal.*object'),
    ('pg_temp.onboard(''{"name": "x"}'', ''[]'')', '22023', 'p_conversation_metadata.*object'),
    ('pg_temp.onboard(''{"name": "x"}'', ''1'')', '22023', 'p_conversation_metadata.*object'),
    ('pg_temp.onboard(''{}'')', '22004', 'p_extracted_goal\.name'),
    ('pg_temp.onboard(''{"name": null}'')', '22004', 'p_extracted_goal\.name'),
    ('pg_temp.onboard(''{"name": ""}'')', '22023', 'p_extracted_goal\.name'),
    ('pg_temp.onboard(''{"name": " \t "}'')', '22023', 'p_extracted_goal\.name'),
    ('pg_temp.onboard(jsonb_build_object(''name'', repeat(''é'', 256)))', '22023', 'p_extracted_goal\.name.*255'),
    ('pg_temp.onboard(''{"name": 1}'')', '22023', 'p_extracted_goal\.name'),
    ('pg_temp.onboard(''{"name": {"text": "x"}}'')', '22023', 'p_extracted_goal\.name'),
    ('pg_temp.onboard(''{"name": "x", "description": 1}'')', '22023', 'p_extracted_goal\.description'),
    ('pg_temp.onboard(''{"name": "x", "category_id": "test-none"}'')', '23503', 'p_extracted_goal\.category_id'),
    ('pg_temp.onboard(''{"name": "x", "milestones": {}}'')', '22023', 'p_extracted_goal\.milestones.*array'),
    ('pg_temp.onboard(''{"name": "x", "milestones": "First word"}'')', '22023', 'p_extracted_goal\.milestones.*array'),
    ('pg_temp.onboard(''{"name": "x", "type": 1}'')', '22023', 'p_extracted_goal\.type'),
    ('pg_temp.onboard(''{"name": "x", "type": ["habit"]}'')', '22023', 'p_extracted_goal\.type'),
    ('pg_temp.onboard(''{"name": "x", "priority": 1}'')', '22023', 'p_extracted_goal\.priority'),
    ('pg_temp.onboard(''{"name": "x", "priority": true}'')', '22023', 'p_extracted_goal\.priority'),
    ('pg_temp.onboard(''{"name": "x"}'', p_user_id => pg_temp.ben())', '42501', 'p_user_id');
insert into bad
select format('pg_temp.onboard(%L)', jsonb_build_object('name', 'x', 'target_date', written)), '22007', 'p_extracted_goal\.target_date'
from (values ('next year'), (''), ('2026-02-30'), ('2026-13-01'), ('2026-00-10'), ('0000-01-01'), ('tomorrow'), ('now'), ('infinity'), ('2030'),
    ('2030-01'), ('20300131'), ('31.01.2030'), ('01/02/2030'), ('2030-1-31'), ('January 31, 2030'), ('2030-01-31 next year'),
    ('2030-01-31T'), ('2030-01-31T25:00:00'), ('2030-01-31BC'), ('-2030-01-31'), (' 2030-01-32')) as v (written);
select unnest(array[
    throws_ok(format('select %s', call), code, null, format('%s: %s', code, call)),
    throws_matching(format('select %s', call), names, format('says what is wrong: %s', call))
])
from bad;
select results_eq(
    $$select counts.*, preferences, onboarding_completed_at from profiles, pg_temp.counts(pg_temp.ada())$$, 'select * from before_bad',
    'nothing of it left a trace'
);
create function pg_temp.told(command text) returns text language plpgsql as $$
declare
    code text; message text; detail text; hint text;
begin
    execute command;
    return 'nothing';
exception when others then
    get stacked diagnostics code = returned_sqlstate, message = message_text, detail = pg_exception_detail, hint = pg_exception_hint;
    return concat_ws(' ', code, message, detail, hint);
end$$;
select is_empty(
    $$select call from bad where pg_temp.told('select ' || call) ~ 'panic|pgrx|std::|\.rs'$$, 'nor was there a panic text'
);

-- A transcript of 10 MB.
select pg_temp.onboard('{"name": "Long"}', '{"conversation_id": "long"}', p_conversation_transcript => repeat('Hello you.', 1000000)) as a \gset
select is(md5(transcript ->> 'text'), md5(repeat('Hello you.', 1000000)), 'a transcript of 10 MB is kept')
from elevenlabs_conversations where conversation_id = 'long';

-- Another person, nobody, the service.
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated"}';
select pg_temp.onboard('{"name": "Speak up"}', '{"conversation_id": "c1"}') as a \gset
select results_eq(
    $$select user_id, conversation_id from elevenlabs_conversations$$, $$values (pg_temp.ben(), 'c1')$$,
    'another person''s conversation of that id is another'
);
select results_eq($$select * from pg_temp.counts(pg_temp.ben())$$, $$values (1::bigint, 1::bigint, 1::bigint)$$, 'with a goal and a node of their own');
select results_eq(
    $$select id::text = (select id::text from user_goals where node_id = n.id), user_id from graph_nodes n$$, $$values (false, pg_temp.ben())$$,
    'which are that person''s'
);
select throws_ok($$select pg_temp.onboard('{"name": "x"}', p_user_id => pg_temp.ada())$$, '42501', null, 'nobody onboards another');
set local request.jwt.claims = '{"role":"authenticated"}';
select throws_ok($$select pg_temp.onboard('{"name": "x"}', p_user_id => pg_temp.ada())$$, '42501', null, 'who is nobody onboards nobody');
select throws_ok($$select pg_temp.onboard('{"name": "x"}')$$, '42501', null, 'nor itself');
set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select throws_ok($$select pg_temp.onboard('{"name": "x"}', p_user_id => pg_temp.ada())$$, '42501', null, 'anon onboards nobody');
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select is(
    pg_temp.onboard('{"name": "Dance"}', '{"conversation_id": "c1"}', '{"tone": "warm"}', p_user_id => pg_temp.cid()) ->> 'user_id',
    pg_temp.cid()::text, 'the service onboards anybody'
);
select results_eq($$select * from pg_temp.counts(pg_temp.cid())$$, $$values (1::bigint, 1::bigint, 1::bigint)$$, 'whom it names');
select results_eq(
    $$select preferences ->> 'tone', onboarding_completed_at from profiles where id = pg_temp.cid()$$, $$values ('warm', now())$$,
    'it completes that person''s profile'
);
select is(count(*), 3::bigint, 'three people have a conversation of one id') from elevenlabs_conversations where conversation_id = 'c1';
select throws_ok($$select pg_temp.onboard('{"name": "x"}')$$, '22004', null, 'the service names whom');
select throws_matching($$select pg_temp.onboard('{"name": "x"}')$$, 'p_user_id', 'and is told so');
select throws_ok(
    $$select pg_temp.onboard('{"name": "x"}', p_user_id => '00000000-0000-4000-8000-00000000dead')$$, '23503', null, 'the person exists'
);

-- claim_anonymous_events.
insert into voice_chat_events (id, user_id, anonymous_id, event_type, event_data, conversation_id, created_at) values
    ('00000000-0000-7000-8000-0000000000e1', null, repeat('x', 32), 'started', '{"n": 1}', 'c1', '2026-01-01'),
    ('00000000-0000-7000-8000-0000000000e2', null, repeat('x', 32), 'ended', '{}', 'c1', '2026-01-02'),
    ('00000000-0000-7000-8000-0000000000e3', null, repeat('y', 128), 'started', '{}', null, '2026-01-03'),
    ('00000000-0000-7000-8000-0000000000e4', pg_temp.ben(), repeat('x', 32), 'started', '{}', null, '2026-01-04'),
    ('00000000-0000-7000-8000-0000000000e5', pg_temp.ben(), null, 'started', '{}', null, '2026-01-05');
create temporary table events_before as select * from voice_chat_events;
set local request.headers = '{"x-anonymous-id":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}';
select throws_ok($$select claim_anonymous_events(repeat('x', 32))$$, '42501', null, 'the service claims nothing');
set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select throws_ok($$select claim_anonymous_events(repeat('x', 32))$$, '42501', null, 'nor does anon');
set local role authenticated;
set local request.jwt.claims = '{"role":"authenticated"}';
select throws_ok($$select claim_anonymous_events(repeat('x', 32))$$, '42501', null, 'nor does nobody');
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
select throws_ok($$select claim_anonymous_events(null)$$, '22004', null, 'the id is given');
select throws_matching($$select claim_anonymous_events(null)$$, 'p_anonymous_id', 'and named where it is not');
select throws_ok($$select claim_anonymous_events(repeat('y', 128))$$, '42501', null, 'an id that is not the header''s is refused');
select throws_ok($$select claim_anonymous_events(repeat('x', 33))$$, '42501', null, 'also where it begins like it');
select throws_ok($$select claim_anonymous_events(repeat('X', 32))$$, '42501', null, 'or is written in capitals');
set local request.headers = '{"user-agent":"any"}';
select throws_ok($$select claim_anonymous_events(repeat('x', 32))$$, '42501', null, 'and any id without the header');
set local request.headers = '{"x-anonymous-id":null}';
select throws_ok($$select claim_anonymous_events(repeat('x', 32))$$, '42501', null, 'with an empty one');
set local request.headers = '';
select throws_ok($$select claim_anonymous_events(repeat('x', 32))$$, '42501', null, 'and without headers');
-- Forms that no id has are refused also where the header says the same.
select throws_ok(
    format($$select claim_anonymous_events(id) from (select set_config('request.headers', jsonb_build_object('x-anonymous-id', id)::text, true),
        id from (values (%L)) v (id) offset 0) h$$, id), '22023', null, what
)
from (values
    ('', 'an anonymous_id is not empty'),
    (repeat('a', 31), 'an anonymous_id of 31 characters is too short'),
    (repeat('a', 129), 'an anonymous_id of 129 characters is too long'),
    (repeat('a', 32) || '.', 'an anonymous_id has no full stop'),
    (repeat('a', 32) || ' ', 'an anonymous_id has no blank'),
    (repeat('a', 32) || E'\n', 'an anonymous_id has no line end'),
    (repeat('é', 32), 'an anonymous_id has plain letters alone')
) as v (id, what);
select throws_matching($$select claim_anonymous_events('short')$$, 'p_anonymous_id.*32.*128', 'which is told');
set local request.headers = '{"x-anonymous-id":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","user-agent":"any"}';
select is(claim_anonymous_events(repeat('x', 32)), 2::bigint, 'people claim what was said under the id that they know');
select results_eq(
    $$select id, user_id, anonymous_id from voice_chat_events order by id$$,
    $$values ('00000000-0000-7000-8000-0000000000e1'::uuid, pg_temp.ada(), null::text),
        ('00000000-0000-7000-8000-0000000000e2', pg_temp.ada(), null)$$,
    'it is theirs, and no longer anonymous'
);
select is(claim_anonymous_events(p_anonymous_id => repeat('x', 32)), 0::bigint, 'once');
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated"}';
select is(claim_anonymous_events(repeat('x', 32)), 0::bigint, 'another person claims nothing of it');
set local request.headers = '{"x-anonymous-id":"unknown_id-unknown_id-unknown_id-"}';
select is(claim_anonymous_events('unknown_id-unknown_id-unknown_id-'), 0::bigint, 'an unknown id has nothing to claim');
select set_config('request.headers', jsonb_build_object('x-anonymous-id', repeat('y', 128))::text, true) \gset
select is(claim_anonymous_events(repeat('y', 128)), 1::bigint, 'an id of 128 characters is claimed');
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select results_eq(
    $$select a.id, a.user_id, a.anonymous_id from voice_chat_events a join events_before b using (id)
      where a.user_id is distinct from b.user_id or a.anonymous_id is distinct from b.anonymous_id order by id$$,
    $$values ('00000000-0000-7000-8000-0000000000e1'::uuid, pg_temp.ada(), null::text),
        ('00000000-0000-7000-8000-0000000000e2', pg_temp.ada(), null), ('00000000-0000-7000-8000-0000000000e3', pg_temp.ben(), null)$$,
    'of all events these are claimed, by these'
);
select is_empty(
    $$select id from voice_chat_events a join events_before b using (id)
      where (a.event_type, a.event_data, a.conversation_id, a.created_at) is distinct from (b.event_type, b.event_data, b.conversation_id, b.created_at)$$,
    'and nothing else is changed'
);
set local request.headers = '';

-- calculate_engagement_score.
select is(calculate_engagement_score(messages, seconds, calls)::text, score, format('%s messages, %s seconds, %s calls: %s', messages, seconds, calls, score))
from (values
    (0, 0, 0, '0.00'), (20, 600, 5, '1.00'), (10, 300, 2, '0.48'), (20, 0, 0, '0.40'), (0, 600, 0, '0.40'), (0, 0, 5, '0.20'),
    (1, 1, 1, '0.06'), (7, 100, 3, '0.33'), (0, 7, 0, '0.00'), (0, 8, 0, '0.01'), (21, 0, 0, '0.40'), (0, 601, 0, '0.40'), (0, 0, 6, '0.20'),
    (2147483647, 2147483647, 2147483647, '1.00'), (19, 599, 4, '0.94')
) as v (messages, seconds, calls, score);
select is_empty(
    $$select m, s, c from generate_series(0, 25) m, generate_series(0, 660, 11) s, generate_series(0, 6) c
      where calculate_engagement_score(m, s, c) <> round(0.4 * least(m / 20.0, 1) + 0.4 * least(s / 600.0, 1) + 0.2 * least(c / 5.0, 1), 2)$$,
    'everywhere it is the sum of its capped parts'
);
select is(calculate_engagement_score(message_count => 10, duration_seconds => 300, tool_calls_count => 2), 0.48, 'its arguments have names');
select unnest(array[
    throws_ok(format('select calculate_engagement_score(%s)', given), code, null, format('no score of %s', given)),
    throws_matching(format('select calculate_engagement_score(%s)', given), names, format('says why: %s', given))
])
from (values
    ('null, 0, 0', '22004', 'message_count'), ('0, null, 0', '22004', 'duration_seconds'), ('0, 0, null', '22004', 'tool_calls_count'),
    ('-1, 0, 0', '22023', 'message_count'), ('0, -1, 0', '22023', 'duration_seconds'), ('0, 0, -1', '22023', 'tool_calls_count'),
    ('-2147483648, 0, 0', '22023', 'message_count')
) as v (given, code, names);
set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
select is(calculate_engagement_score(20, 0, 0), 0.40, 'people may calculate');
set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select throws_ok($$select calculate_engagement_score(20, 0, 0)$$, '42501', null, 'anon may not');
reset role;
create temporary table chats (
    messages integer,
    seconds integer,
    calls integer,
    score numeric generated always as (calculate_engagement_score(messages, seconds, calls)) stored
);
create index on chats (calculate_engagement_score(messages, seconds, calls));
insert into chats values (10, 300, 2), (20, 600, 5);
select is(array(select score from chats order by calculate_engagement_score(messages, seconds, calls)), array[0.48, 1.00], 'a score can be a column and a key');

-- Webhooks: a delivery that is repeated, as the service takes it.
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
create function pg_temp.deliver(p_source text, p_external_id text, p_data jsonb) returns bigint language sql as $$
    with taken as (
        insert into webhook_events (source, external_id, data) values (p_source, p_external_id, p_data)
        on conflict (source, external_id) do nothing returning id
    )
    select count(*) from taken
$$;
select is(pg_temp.deliver('elevenlabs', 'd1', '{"n": 1}'), 1::bigint, 'a delivery is taken');
select is(pg_temp.deliver('elevenlabs', 'd1', '{"n": 2}'), 0::bigint, 'not so the same again');
select is(pg_temp.deliver('stripe', 'd1', '{"n": 3}'), 1::bigint, 'another source''s is another');
select is(pg_temp.deliver('elevenlabs', null, '{}') + pg_temp.deliver('elevenlabs', null, '{}'), 2::bigint, 'those without an id are always new');
select results_eq(
    $$select source, data from webhook_events where external_id is not null order by source$$,
    $$values ('elevenlabs', '{"n": 1}'::jsonb), ('stripe', '{"n": 3}')$$, 'a delivery is as it came first'
);
select lives_ok(
    $$insert into webhook_events (source, external_id, processed_at) values ('elevenlabs', 'd1', now())
      on conflict (source, external_id) do update set processed_at = coalesce(webhook_events.processed_at, excluded.processed_at)$$,
    'a delivery is marked as dealt with by an upsert'
);
select results_eq(
    $$select processed_at, data from webhook_events where source = 'elevenlabs' and external_id = 'd1'$$, $$values (now(), '{"n": 1}'::jsonb)$$,
    'which changes nothing else'
);
create function pg_temp.report(p_user_id uuid, p_status text) returns bigint language sql as $$
    with reported as (
        insert into elevenlabs_conversations (user_id, conversation_id, status) values (p_user_id, 'reported', p_status)
        on conflict (user_id, conversation_id) do nothing returning id
    )
    select count(*) from reported
$$;
select is(pg_temp.report(pg_temp.ada(), 'done'), 1::bigint, 'a conversation is reported');
select is(pg_temp.report(pg_temp.ada(), 'late'), 0::bigint, 'not so the same again');
select is(pg_temp.report(pg_temp.ben(), 'done'), 1::bigint, 'another person''s is another');
select is(status, 'done', 'it is as it was reported first') from elevenlabs_conversations where conversation_id = 'reported' and user_id = pg_temp.ada();

select * from finish();
rollback;
