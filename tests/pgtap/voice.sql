-- Voice: events before and after sign-up, conversations, webhook deliveries; who may do what with them.
begin;
select plan(128);

-- Two people.
insert into auth.users (id, email) values
    ('00000000-0000-4000-8000-00000000000a', 'ada@example.com'),
    ('00000000-0000-4000-8000-00000000000b', 'ben@example.com');

-- Layout.
select ok(relrowsecurity, format('%s has row level security', relname))
from pg_class
where oid in ('voice_chat_events'::regclass, 'elevenlabs_conversations'::regclass, 'webhook_events'::regclass)
order by relname;
select set_eq(
    $$select conname::text from pg_constraint
      where contype = 'f' and conrelid in
          ('voice_chat_events'::regclass, 'elevenlabs_conversations'::regclass, 'webhook_events'::regclass)$$,
    array['voice_chat_events_user_fkey', 'elevenlabs_conversations_user_fkey', 'webhook_events_user_fkey'],
    'clients embed by these names'
);
select table_privs_are(tab, who, privs, format('%s: what %s may do with the table', tab, who))
from (values
    ('voice_chat_events'::name, 'anon'::name, '{SELECT,INSERT}'::name[]),
    ('voice_chat_events', 'authenticated', '{SELECT,INSERT}'),
    ('voice_chat_events', 'service_role', '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'),
    ('elevenlabs_conversations', 'anon', '{}'),
    ('elevenlabs_conversations', 'authenticated', '{SELECT,INSERT,UPDATE}'),
    ('elevenlabs_conversations', 'service_role', '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'),
    ('webhook_events', 'anon', '{}'),
    ('webhook_events', 'authenticated', '{}'),
    ('webhook_events', 'service_role', '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}')
) as v (tab, who, privs);

-- Events: checks and defaults, as the service.
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select throws_ok($$insert into voice_chat_events (event_type) values ('started')$$, '23514', null, 'an event is somebody''s');
select throws_ok(
    format('insert into voice_chat_events (anonymous_id, event_type) values (%L, %L)', anonymous_id, 'started'),
    '23514', null, what
)
from (values
    ('', 'an anonymous_id is not empty'),
    (repeat('a', 31), 'an anonymous_id of 31 characters is too short'),
    (repeat('a', 129), 'an anonymous_id of 129 characters is too long'),
    (repeat('a', 32) || '.', 'an anonymous_id has no full stop'),
    (repeat('a', 32) || ' ', 'an anonymous_id has no blank'),
    (repeat('a', 32) || E'\n', 'an anonymous_id has no line end'),
    (repeat('é', 32), 'an anonymous_id has plain letters alone')
) as v (anonymous_id, what);
select lives_ok(
    format('insert into voice_chat_events (anonymous_id, event_type) values (%L, %L)', anonymous_id, 'started'), what
)
from (values
    (repeat('a', 32), 'an anonymous_id may have 32 characters'),
    (repeat('Z', 128), 'an anonymous_id may have 128 characters'),
    ('abcXYZ0189_-abcXYZ0189_-abcXYZ0189_-', 'an anonymous_id has letters, digits, _ and -')
) as v (anonymous_id, what);
select throws_ok(
    format('insert into voice_chat_events (anonymous_id, event_type) values (%L, %L)', repeat('a', 32), event_type),
    '23514', null, format('%s is no word in snake_case', to_json(event_type))
)
from (values (''), ('Started'), ('chatStarted'), ('chat started'), ('chat-started'), ('_chat'), ('chat_'), ('chat__started'),
    ('1st_chat'), (E'chat\n'), ('début')) as v (event_type);
select lives_ok(
    format('insert into voice_chat_events (anonymous_id, event_type) values (%L, %L)', repeat('a', 32), event_type),
    format('%s is a word in snake_case', to_json(event_type))
)
from (values ('started'), ('chat_started'), ('tool2_call_ended')) as v (event_type);
select throws_ok(
    format('insert into voice_chat_events (anonymous_id) values (%L)', repeat('a', 32)),
    '23502', null, 'an event is of a type'
);
delete from voice_chat_events;

insert into voice_chat_events (id, user_id, anonymous_id, event_type) values
    ('00000000-0000-7000-8000-0000000000e1', null, repeat('x', 32), 'started'),
    ('00000000-0000-7000-8000-0000000000e2', null, repeat('x', 32), 'ended'),
    ('00000000-0000-7000-8000-0000000000e3', null, repeat('y', 32), 'started'),
    ('00000000-0000-7000-8000-0000000000e4', '00000000-0000-4000-8000-00000000000b', null, 'started'),
    ('00000000-0000-7000-8000-0000000000e5', '00000000-0000-4000-8000-00000000000b', repeat('x', 32), 'started');
select results_eq(
    $$select user_id, event_data, created_at = now(), updated_at = now()
      from voice_chat_events where id = '00000000-0000-7000-8000-0000000000e1'$$,
    $$values (null::uuid, '{}'::jsonb, true, true)$$,
    'an event has its defaults'
);
select is(count(*), 5::bigint, 'the service reads everybody''s events') from voice_chat_events;

-- Events: who is not signed in.
set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select is(count(*), 0::bigint, 'anon reads nothing without the header') from voice_chat_events;
select throws_ok(
    format('insert into voice_chat_events (anonymous_id, event_type) values (%L, %L)', repeat('x', 32), 'started'),
    '42501', null, 'anon adds nothing without the header'
);
set local request.headers = '{"user-agent":"any"}';
select is(count(*), 0::bigint, 'anon reads nothing with other headers alone') from voice_chat_events;
select throws_ok(
    format('insert into voice_chat_events (anonymous_id, event_type) values (%L, %L)', repeat('x', 32), 'started'),
    '42501', null, 'anon adds nothing with other headers alone'
);
set local request.headers = '{"x-anonymous-id":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}';
select results_eq(
    $$select id from voice_chat_events order by id$$,
    $$values ('00000000-0000-7000-8000-0000000000e1'::uuid), ('00000000-0000-7000-8000-0000000000e2')$$,
    'anon reads the unclaimed events of the header''s anonymous_id and no others'
);
with added as (
    insert into voice_chat_events (anonymous_id, conversation_id, event_type, event_data)
    values (repeat('x', 32), 'c1', 'message_sent', '{"words": 3}') returning user_id, anonymous_id, event_type
)
select is(added::text, '(,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,message_sent)', 'anon adds events of the header''s anonymous_id')
from added;
select is(count(*), 3::bigint, 'anon reads what it added') from voice_chat_events;
select throws_ok(command, '42501', null, what)
from (values
    ($$insert into voice_chat_events (anonymous_id, event_type) values (repeat('y', 32), 'started')$$,
        'anon adds no event of another anonymous_id'),
    ($$insert into voice_chat_events (event_type) values ('started')$$, 'anon adds no event without an anonymous_id'),
    ($$insert into voice_chat_events (user_id, anonymous_id, event_type)
       values ('00000000-0000-4000-8000-00000000000a', repeat('x', 32), 'started')$$, 'anon adds no event of a person'),
    ($$insert into voice_chat_events (user_id, event_type) values ('00000000-0000-4000-8000-00000000000a', 'started')$$,
        'anon adds no event of a person without an anonymous_id'),
    ($$update voice_chat_events set event_type = 'changed'$$, 'anon changes no event'),
    ($$update voice_chat_events set user_id = '00000000-0000-4000-8000-00000000000a', anonymous_id = null$$,
        'anon claims no event for anybody'),
    ($$delete from voice_chat_events$$, 'anon erases no event'),
    ($$truncate voice_chat_events$$, 'anon empties no table')
) as v (command, what);
set local request.headers = '{"x-anonymous-id":"short"}';
select throws_ok(
    $$insert into voice_chat_events (anonymous_id, event_type) values ('short', 'started')$$,
    '23514', null, 'anon adds no event of an anonymous_id that can be guessed'
);

-- Events: the person.
set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
set local request.headers = '';
select is(count(*), 0::bigint, 'people read nobody else''s events') from voice_chat_events;
select lives_ok($$insert into voice_chat_events (event_type) values ('started')$$, 'people add events of their own');
select results_eq(
    $$select user_id, anonymous_id from voice_chat_events$$,
    $$values ('00000000-0000-4000-8000-00000000000a'::uuid, null::text)$$,
    'people read their own events'
);
set local request.headers = '{"x-anonymous-id":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}';
select is(count(*), 4::bigint, 'with the header people read the events they may claim, too') from voice_chat_events;
select is(count(*), 0::bigint, 'with the header people read no claimed event of another')
from voice_chat_events where user_id = '00000000-0000-4000-8000-00000000000b';
select throws_ok(command, '42501', null, what)
from (values
    ($$insert into voice_chat_events (anonymous_id, event_type) values (repeat('x', 32), 'started')$$,
        'people add no events of their own under an anonymous_id'),
    ($$insert into voice_chat_events (user_id, anonymous_id, event_type) values (null, repeat('x', 32), 'started')$$,
        'people add no unclaimed events'),
    ($$insert into voice_chat_events (user_id, event_type) values ('00000000-0000-4000-8000-00000000000b', 'started')$$,
        'people add no events in another''s name'),
    ($$update voice_chat_events set user_id = '00000000-0000-4000-8000-00000000000a' where user_id is null$$,
        'people do not claim and keep the anonymous_id'),
    ($$update voice_chat_events set anonymous_id = repeat('z', 32) where user_id is null$$,
        'people do not rename what they have not claimed'),
    ($$update voice_chat_events set user_id = '00000000-0000-4000-8000-00000000000b', anonymous_id = null
       where user_id is null$$, 'people claim for nobody else'),
    ($$delete from voice_chat_events$$, 'people erase no event'),
    ($$truncate voice_chat_events$$, 'people empty no table')
) as v (command, what);
select throws_ok(
    format('update voice_chat_events set %I = %1$I', attname),
    '42501', null, format('people do not change an event''s %s', attname)
)
from pg_attribute
where attrelid = 'voice_chat_events'::regclass and attnum > 0 and not attisdropped
    and attname not in ('user_id', 'anonymous_id')
order by attnum;
with claimed as (
    update voice_chat_events set user_id = '00000000-0000-4000-8000-00000000000a', anonymous_id = null
    where anonymous_id = repeat('y', 32) returning id
)
select is(count(*), 0::bigint, 'people claim nothing of another anonymous_id') from claimed;
-- An update that reads no column is bound by the policy for updates alone.
select lives_ok(
    $$update voice_chat_events set user_id = '00000000-0000-4000-8000-00000000000a', anonymous_id = null$$,
    'people claim the unclaimed events of the header''s anonymous_id'
);
select is(count(*), 4::bigint, 'what people claim is theirs')
from voice_chat_events where user_id = '00000000-0000-4000-8000-00000000000a' and anonymous_id is null;
with changed as (update voice_chat_events set anonymous_id = null returning id)
select is(count(*), 0::bigint, 'people change nothing of what is claimed') from changed;

-- Another person, with the same header.
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated"}';
select results_eq(
    $$select id from voice_chat_events order by id$$,
    $$values ('00000000-0000-7000-8000-0000000000e4'::uuid), ('00000000-0000-7000-8000-0000000000e5')$$,
    'another person reads nothing of what is claimed'
);
with claimed as (
    update voice_chat_events set user_id = '00000000-0000-4000-8000-00000000000b', anonymous_id = null
    where user_id is distinct from '00000000-0000-4000-8000-00000000000b' returning id
)
select is(count(*), 0::bigint, 'what is claimed cannot be claimed again') from claimed;
set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select is(count(*), 0::bigint, 'anon no longer reads what is claimed') from voice_chat_events;
set local request.headers = '';

-- Conversations.
select throws_ok(command, '42501', null, 'anon: ' || command)
from (values
    ($$select from elevenlabs_conversations$$),
    ($$insert into elevenlabs_conversations (user_id, conversation_id) values ('00000000-0000-4000-8000-00000000000a', 'c1')$$),
    ($$update elevenlabs_conversations set status = 'done'$$),
    ($$delete from elevenlabs_conversations$$)
) as v (command);
set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
select lives_ok(
    $$insert into elevenlabs_conversations (conversation_id, agent_id, status) values ('c1', 'coach', 'in-progress')$$,
    'people add conversations of their own'
);
select results_eq(
    $$select user_id, metadata, substr(id::text, 15, 1), created_at = now() from elevenlabs_conversations$$,
    $$values ('00000000-0000-4000-8000-00000000000a'::uuid, '{}'::jsonb, '7', true)$$,
    'a conversation has its defaults, and people read their own'
);
select throws_ok(
    $$insert into elevenlabs_conversations (conversation_id) values ('c1')$$,
    '23505', null, 'a person has one row a conversation'
);
select lives_ok(
    $$insert into elevenlabs_conversations (conversation_id, status, duration_minutes, transcript)
      values ('c1', 'done', 12, '[{"role": "user", "message": "Hello"}]')
      on conflict (user_id, conversation_id)
      do update set status = excluded.status, duration_minutes = excluded.duration_minutes, transcript = excluded.transcript$$,
    'a repeated report upserts'
);
select results_eq(
    $$select status, agent_id from elevenlabs_conversations$$, $$values ('done', 'coach')$$,
    'an upsert changes what it brings and nothing else'
);
select throws_ok(command, sqlstate, null, what)
from (values
    ($$insert into elevenlabs_conversations (conversation_id, duration_minutes) values ('c2', -1)$$, '23514'::char(5),
        'no conversation lasts less than no time'),
    ($$insert into elevenlabs_conversations (conversation_id, scheduled_duration) values ('c2', -1)$$, '23514',
        'no conversation is planned for less than no time'),
    ($$insert into elevenlabs_conversations (conversation_id, metadata) values ('c2', '[]')$$, '23514',
        'a conversation''s metadata is an object'),
    ($$insert into elevenlabs_conversations (status) values ('done')$$, '23502', 'a conversation has an id'),
    ($$insert into elevenlabs_conversations (user_id, conversation_id)
       values ('00000000-0000-4000-8000-00000000000b', 'c2')$$, '42501', 'people add no conversation in another''s name'),
    ($$update elevenlabs_conversations set user_id = '00000000-0000-4000-8000-00000000000b'$$, '42501',
        'people give no conversation away'),
    ($$delete from elevenlabs_conversations$$, '42501', 'people erase no conversation'),
    ($$truncate elevenlabs_conversations$$, '42501', 'people empty no table of conversations')
) as v (command, sqlstate, what);
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated"}';
select is(count(*), 0::bigint, 'another person does not read them') from elevenlabs_conversations;
select lives_ok($$update elevenlabs_conversations set status = 'mine'$$, 'another person changes the own alone');
select lives_ok(
    $$insert into elevenlabs_conversations (conversation_id) values ('c1')$$,
    'another person may have a conversation of that id'
);
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
select is(status, 'done', 'another person has not changed them') from elevenlabs_conversations;

-- Webhook deliveries.
select throws_ok(command, '42501', null, 'a signed-in person: ' || command)
from (values ('select from webhook_events'), ('insert into webhook_events (source) values (''x'')'),
    ('update webhook_events set processed_at = now()'), ('delete from webhook_events'), ('truncate webhook_events')) as v (command);
set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select throws_ok(command, '42501', null, 'anon: ' || command)
from (values ('select from webhook_events'), ('insert into webhook_events (source) values (''x'')'),
    ('update webhook_events set processed_at = now()'), ('delete from webhook_events'), ('truncate webhook_events')) as v (command);
select policies_are('webhook_events', '{}'::name[], 'deliveries are for the service alone, whatever is granted');
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select lives_ok(
    $$insert into webhook_events (source, event_type, type, external_id, user_id, data) values
        ('elevenlabs', 'call', 'post_call', 'd1', '00000000-0000-4000-8000-00000000000a', '{"ok": true}'),
        ('elevenlabs', 'call', 'post_call', 'd2', '00000000-0000-4000-8000-00000000000b', '{"ok": true}'),
        ('stripe', 'payment', 'invoice.paid', 'd1', null, '{}')$$,
    'the service keeps deliveries of every source'
);
select throws_ok(
    $$insert into webhook_events (source, external_id) values ('elevenlabs', 'd1')$$,
    '23505', null, 'a repeated delivery is recognised'
);
select throws_ok(
    $$insert into webhook_events (source, external_id, user_id)
      values ('elevenlabs', 'd3', '00000000-0000-4000-8000-00000000000c')$$,
    '23503', null, 'a delivery is about a person who exists'
);
select lives_ok($$insert into webhook_events (source, external_id) values ('other', 'd1')$$, 'a delivery need not be about anybody');
select results_eq(
    $$select user_id, processed_at, substr(id::text, 15, 1) from webhook_events where source = 'other'$$,
    $$values (null::uuid, null::timestamptz, '7')$$,
    'a delivery is nobody''s and not processed at first'
);

-- updated_at, as the service, which may change everything.
update voice_chat_events set updated_at = '2000-01-01';
update elevenlabs_conversations set updated_at = '2000-01-01';
update webhook_events set updated_at = '2000-01-01';
select ok(count(*) = 7 and bool_and(updated_at >= now()), 'the database keeps an event''s updated_at') from voice_chat_events;
select ok(count(*) = 2 and bool_and(updated_at >= now()), 'the database keeps a conversation''s updated_at')
from elevenlabs_conversations;
select ok(count(*) = 4 and bool_and(updated_at >= now()), 'the database keeps a delivery''s updated_at') from webhook_events;
select lives_ok($$delete from voice_chat_events where id = '00000000-0000-7000-8000-0000000000e3'$$, 'the service erases events');
select lives_ok($$delete from webhook_events where source = 'other'$$, 'the service erases deliveries');

-- Erasing a person.
reset role;
delete from auth.users where id = '00000000-0000-4000-8000-00000000000a';
select results_eq(
    $$select distinct user_id from voice_chat_events$$, $$values ('00000000-0000-4000-8000-00000000000b'::uuid)$$,
    'an erased person''s events are gone, claimed ones too; other people''s stay'
);
select results_eq(
    $$select user_id from elevenlabs_conversations$$, $$values ('00000000-0000-4000-8000-00000000000b'::uuid)$$,
    'an erased person''s conversations are gone, other people''s stay'
);
select results_eq(
    $$select source, external_id from webhook_events order by source$$,
    $$values ('elevenlabs', 'd2'), ('stripe', 'd1')$$,
    'an erased person''s deliveries are gone, others stay'
);

select * from finish();
rollback;
