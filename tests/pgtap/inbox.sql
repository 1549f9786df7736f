-- The inbox: messages, attachments, read receipts; who may do what with them.
begin;
select plan(118);

-- Two people, a session and a goal of each.
insert into auth.users (id, email) values
    ('00000000-0000-4000-8000-00000000000a', 'ada@example.com'),
    ('00000000-0000-4000-8000-00000000000b', 'ben@example.com');
insert into graph_nodes (id, user_id, node_type, label) values
    ('00000000-0000-7000-8000-0000000000a1', '00000000-0000-4000-8000-00000000000a', 'session', 'First session'),
    ('00000000-0000-7000-8000-0000000000a2', '00000000-0000-4000-8000-00000000000a', 'goal', 'Speak up'),
    ('00000000-0000-7000-8000-0000000000b1', '00000000-0000-4000-8000-00000000000b', 'session', 'First session'),
    ('00000000-0000-7000-8000-0000000000b2', '00000000-0000-4000-8000-00000000000b', 'goal', 'Speak up');

-- Layout.
select ok(relrowsecurity, format('%s has row level security', relname))
from pg_class
where oid in ('inbox_messages'::regclass, 'message_attachments'::regclass, 'message_read_receipts'::regclass)
order by relname;
select set_eq(
    $$select conname::text from pg_constraint
      where contype = 'f' and conrelid in
          ('inbox_messages'::regclass, 'message_attachments'::regclass, 'message_read_receipts'::regclass)$$,
    array[
        'inbox_messages_user_fkey', 'inbox_messages_session_node_fkey', 'inbox_messages_goal_node_fkey',
        'message_attachments_user_fkey', 'message_attachments_message_fkey',
        'message_read_receipts_user_fkey', 'message_read_receipts_message_fkey'
    ],
    'clients embed by these names'
);
select table_privs_are(tab, who, privs, format('%s: what %s may do with the table', tab, who))
from (values
    ('inbox_messages'::name, 'anon'::name, '{}'::name[]),
    ('inbox_messages', 'authenticated', '{SELECT}'),
    ('inbox_messages', 'service_role', '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'),
    ('message_attachments', 'anon', '{}'),
    ('message_attachments', 'authenticated', '{SELECT}'),
    ('message_attachments', 'service_role', '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'),
    ('message_read_receipts', 'anon', '{}'),
    ('message_read_receipts', 'authenticated', '{SELECT,INSERT,UPDATE}'),
    ('message_read_receipts', 'service_role', '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}')
) as v (tab, who, privs);

-- The service writes messages for anybody.
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select lives_ok(
    $$insert into inbox_messages (id, user_id, message_type, subject, content, session_node_id, goal_node_id) values
        ('00000000-0000-7000-8000-00000000ad01', '00000000-0000-4000-8000-00000000000a', 'session_summary', 'Your session',
         '{"text": "Well done."}', '00000000-0000-7000-8000-0000000000a1', '00000000-0000-7000-8000-0000000000a2'),
        ('00000000-0000-7000-8000-00000000ad02', '00000000-0000-4000-8000-00000000000a', 'reminder', 'Again', '{}', null, null),
        ('00000000-0000-7000-8000-00000000be01', '00000000-0000-4000-8000-00000000000b', 'insight', 'Noticed',
         '{"text": "You ask more."}', '00000000-0000-7000-8000-0000000000b1', '00000000-0000-7000-8000-0000000000b2')$$,
    'the service writes messages for anybody'
);
select is(count(*), 3::bigint, 'the service reads everybody''s messages') from inbox_messages;

-- Defaults.
insert into inbox_messages (user_id, message_type, subject)
values ('00000000-0000-4000-8000-00000000000b', 'system', 'Plain');
select results_eq(
    $$select sender_type, priority::text, content, tags, metadata, is_read, is_pinned, is_archived
      from inbox_messages where subject = 'Plain'$$,
    $$values ('ai_coach', 'normal', '{}'::jsonb, '{}'::text[], '{}'::jsonb, false, false, false)$$,
    'a message has its defaults'
);
select results_eq(
    $$select read_at, archived_at, expires_at, session_node_id, goal_node_id from inbox_messages where subject = 'Plain'$$,
    $$values (null::timestamptz, null::timestamptz, null::timestamptz, null::uuid, null::uuid)$$,
    'a new message is unread, not archived, never expires and is about no node'
);
select is(substr(id::text, 15, 1), '7', 'a message''s key is a uuid, version 7')
from inbox_messages where subject = 'Plain';
select ok(created_at = now() and updated_at = now(), 'a message bears its times')
from inbox_messages where subject = 'Plain';
select throws_ok(
    $$insert into inbox_messages (message_type, subject) values ('system', 'Nobody''s')$$,
    '23502', null, 'a message is somebody''s'
);

-- Preview.
insert into inbox_messages (user_id, message_type, subject, preview, content)
values
    ('00000000-0000-4000-8000-00000000000b', 'system', 'Long', null, jsonb_build_object('text', repeat('é', 250))),
    ('00000000-0000-4000-8000-00000000000b', 'system', 'Given', 'In short', '{"text": "At length"}');
select is(preview, 'Well done.', 'a preview left out is the text')
from inbox_messages where id = '00000000-0000-7000-8000-00000000ad01';
select is(preview, repeat('é', 200), 'a preview left out is the first 200 characters of a long text')
from inbox_messages where subject = 'Long';
select is(preview, 'In short', 'a preview that is given stays')
from inbox_messages where subject = 'Given';
select is(preview, null, 'a message without text has no preview')
from inbox_messages where subject = 'Plain';

-- Checks and keys.
select throws_ok(
    $$insert into inbox_messages (user_id, message_type, metadata)
      values ('00000000-0000-4000-8000-00000000000a', 'system', '[]')$$,
    '23514', null, 'metadata is an object'
);
select throws_ok(
    $$insert into inbox_messages (user_id, message_type, session_node_id)
      values ('00000000-0000-4000-8000-00000000000a', 'system', '00000000-0000-7000-8000-0000000000b1')$$,
    '23503', null, 'a message is about no other person''s session'
);
select throws_ok(
    $$insert into inbox_messages (user_id, message_type, goal_node_id)
      values ('00000000-0000-4000-8000-00000000000a', 'system', '00000000-0000-7000-8000-0000000000b2')$$,
    '23503', null, 'a message is about no other person''s goal'
);
select throws_ok(
    $$insert into inbox_messages (user_id, message_type) values ('00000000-0000-4000-8000-00000000000c', 'system')$$,
    '23503', null, 'a message is for a person who exists'
);

-- Attachments: the service writes them, their person is derived.
select lives_ok(
    $$insert into message_attachments (id, message_id, attachment_type, url) values
        ('00000000-0000-7000-8000-00000000aa01', '00000000-0000-7000-8000-00000000ad01', 'link', 'https://example.com/a'),
        ('00000000-0000-7000-8000-00000000bb01', '00000000-0000-7000-8000-00000000be01', 'link', 'https://example.com/b')$$,
    'the service attaches'
);
select results_eq(
    $$select user_id from message_attachments order by id$$,
    $$values ('00000000-0000-4000-8000-00000000000a'::uuid), ('00000000-0000-4000-8000-00000000000b')$$,
    'an attachment''s person is the message''s'
);
select is(metadata, '{}', 'an attachment''s metadata is an empty object at first')
from message_attachments where id = '00000000-0000-7000-8000-00000000aa01';
select lives_ok(
    $$insert into message_attachments (message_id, attachment_type, storage_path, duration_seconds, file_size_bytes)
      values ('00000000-0000-7000-8000-00000000ad01', 'audio', 'talks/1.mp3', 0, 5000000000)$$,
    'a storage path does as well as an address'
);
select throws_ok(
    $$insert into message_attachments (message_id, attachment_type, title)
      values ('00000000-0000-7000-8000-00000000ad01', 'link', 'Nowhere')$$,
    '23514', null, 'an attachment is somewhere'
);
select throws_ok(
    $$insert into message_attachments (message_id, attachment_type, url, duration_seconds)
      values ('00000000-0000-7000-8000-00000000ad01', 'audio', 'https://example.com/c', -1)$$,
    '23514', null, 'no attachment plays for less than no time'
);
select throws_ok(
    $$insert into message_attachments (message_id, attachment_type, url, file_size_bytes)
      values ('00000000-0000-7000-8000-00000000ad01', 'audio', 'https://example.com/c', -1)$$,
    '23514', null, 'no attachment is smaller than nothing'
);
select throws_ok(
    $$insert into message_attachments (message_id, attachment_type, url, metadata)
      values ('00000000-0000-7000-8000-00000000ad01', 'audio', 'https://example.com/c', '"text"')$$,
    '23514', null, 'an attachment''s metadata is an object'
);
select throws_ok(
    $$insert into message_attachments (message_id, user_id, attachment_type, url)
      values ('00000000-0000-7000-8000-00000000ad01', '00000000-0000-4000-8000-00000000000b', 'link', 'https://example.com/c')$$,
    '23503', null, 'an attachment is never another person''s than its message'
);

-- Receipts: the service writes them too.
select lives_ok(
    $$insert into message_read_receipts (message_id) values ('00000000-0000-7000-8000-00000000be01')$$,
    'the service writes receipts'
);
select results_eq(
    $$select user_id, device_info, read_at is not null from message_read_receipts$$,
    $$values ('00000000-0000-4000-8000-00000000000b'::uuid, '{}'::jsonb, true)$$,
    'a receipt''s person is the message''s'
);
select throws_ok(
    $$insert into message_read_receipts (message_id, user_id)
      values ('00000000-0000-7000-8000-00000000ad01', '00000000-0000-4000-8000-00000000000b')$$,
    '23503', null, 'a receipt is never another person''s than its message'
);
select throws_ok(
    $$insert into message_read_receipts (message_id, read_duration_seconds)
      values ('00000000-0000-7000-8000-00000000ad01', -1)$$,
    '23514', null, 'no message is read for less than no time'
);

-- Nobody without an account sees or does anything.
set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select throws_ok(format(command, tab), '42501', null, format('anon: ' || command, tab))
from (values ('inbox_messages'), ('message_attachments'), ('message_read_receipts')) as t (tab),
    (values ('select from %I'), ('insert into %I default values'), ('delete from %I'), ('truncate %I')) as c (command);
select throws_ok($$update inbox_messages set is_read = true$$, '42501', null, 'anon marks no message');
select throws_ok(
    $$insert into inbox_messages (user_id, message_type, subject)
      values ('00000000-0000-4000-8000-00000000000a', 'system', 'Buy now')$$,
    '42501', null, 'anon fills nobody''s inbox'
);

-- The person.
set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
select results_eq(
    $$select id from inbox_messages order by id$$,
    $$values ('00000000-0000-7000-8000-00000000ad01'::uuid), ('00000000-0000-7000-8000-00000000ad02')$$,
    'people read their own messages and no others'
);
select lives_ok(
    $$update inbox_messages
      set is_read = true, is_pinned = true, is_archived = true, read_at = now(), archived_at = now()
      where id = '00000000-0000-7000-8000-00000000ad01'$$,
    'people mark their own messages'
);
select results_eq(
    $$select is_read, is_pinned, is_archived, read_at is not null, archived_at is not null
      from inbox_messages where id = '00000000-0000-7000-8000-00000000ad01'$$,
    $$values (true, true, true, true, true)$$,
    'what people mark stays marked'
);
select throws_ok(
    format('update inbox_messages set %I = %1$I', attname),
    '42501', null, format('people do not change a message''s %s', attname)
)
from pg_attribute
where attrelid = 'inbox_messages'::regclass and attnum > 0 and not attisdropped
    and attname not in ('is_read', 'is_pinned', 'is_archived', 'read_at', 'archived_at')
order by attnum;
select throws_ok(
    $$insert into inbox_messages (message_type, subject) values ('system', 'To myself')$$,
    '42501', null, 'people write no messages'
);
select throws_ok($$delete from inbox_messages$$, '42501', null, 'people erase no messages');
select throws_ok($$truncate inbox_messages cascade$$, '42501', null, 'people empty no table');
with marked as (
    update inbox_messages set is_read = true where id = '00000000-0000-7000-8000-00000000be01' returning id
)
select is(count(*), 0::bigint, 'people do not mark other people''s messages') from marked;

select is(count(*), 2::bigint, 'people read the attachments of their own messages and no others') from message_attachments;
select throws_ok(
    $$insert into message_attachments (message_id, attachment_type, url)
      values ('00000000-0000-7000-8000-00000000ad01', 'link', 'https://example.com/c')$$,
    '42501', null, 'people attach nothing'
);
select throws_ok($$update message_attachments set title = 'Mine'$$, '42501', null, 'people change no attachment');
select throws_ok($$delete from message_attachments$$, '42501', null, 'people erase no attachment');

select is(count(*), 0::bigint, 'people do not read other people''s receipts') from message_read_receipts;
select lives_ok(
    $$insert into message_read_receipts (message_id, read_duration_seconds, device_info)
      values ('00000000-0000-7000-8000-00000000ad01', 7, '{"os": "any"}')$$,
    'people add receipts for their own messages'
);
select results_eq(
    $$select user_id, read_duration_seconds from message_read_receipts$$,
    $$values ('00000000-0000-4000-8000-00000000000a'::uuid, 7)$$,
    'people read their own receipts'
);
select throws_ok(
    $$insert into message_read_receipts (message_id) values ('00000000-0000-7000-8000-00000000ad01')$$,
    '23505', null, 'a message has one receipt'
);
select lives_ok(
    $$insert into message_read_receipts (message_id, read_duration_seconds)
      values ('00000000-0000-7000-8000-00000000ad01', 9)
      on conflict (message_id, user_id) do update set read_duration_seconds = excluded.read_duration_seconds$$,
    'a receipt can be upserted'
);
select is(read_duration_seconds, 9, 'people change their own receipts') from message_read_receipts;
select throws_ok(
    $$insert into message_read_receipts (message_id, user_id)
      values ('00000000-0000-7000-8000-00000000be01', '00000000-0000-4000-8000-00000000000b')$$,
    '42501', null, 'people add no receipts in another''s name'
);
select throws_ok(
    $$insert into message_read_receipts (message_id) values ('00000000-0000-7000-8000-00000000be01')$$,
    '23503', null, 'people add no receipts for other people''s messages'
);
select throws_ok(
    $$insert into message_read_receipts (message_id, user_id) values ('00000000-0000-7000-8000-00000000be01', null)$$,
    null, null, 'nor by leaving open whose they are'
);
select throws_ok(
    $$update message_read_receipts set message_id = '00000000-0000-7000-8000-00000000be01'$$,
    '23503', null, 'people move no receipt to another''s message'
);
select throws_ok(
    $$update message_read_receipts set user_id = '00000000-0000-4000-8000-00000000000b'$$,
    '42501', null, 'people give no receipt away'
);
select throws_ok($$delete from message_read_receipts$$, '42501', null, 'people erase no receipt');

-- Another person.
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated"}';
select is(count(*), 0::bigint, 'another person does not read them')
from inbox_messages where user_id = '00000000-0000-4000-8000-00000000000a';
select results_eq(
    $$select id from message_attachments$$, $$values ('00000000-0000-7000-8000-00000000bb01'::uuid)$$,
    'another person reads other attachments'
);
select results_eq(
    $$select user_id from message_read_receipts$$,
    $$values ('00000000-0000-4000-8000-00000000000b'::uuid)$$,
    'another person reads other receipts'
);
with changed as (
    update message_read_receipts set read_duration_seconds = 1
    where user_id = '00000000-0000-4000-8000-00000000000a' returning id
)
select is(count(*), 0::bigint, 'another person does not change them') from changed;

-- An update that reads no column is bound by the policy for updates alone.
select lives_ok($$update inbox_messages set is_pinned = true$$, 'another person marks the own messages alone');
select lives_ok(
    $$update message_read_receipts set device_info = '{"os": "other"}'$$, 'another person changes the own receipts alone'
);

-- A caller who is nobody.
set local request.jwt.claims = '';
select is(count(*), 0::bigint, 'a caller without a name has no messages') from inbox_messages;

set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select is(is_pinned, false, 'another person has not marked them')
from inbox_messages where id = '00000000-0000-7000-8000-00000000ad02';
select is(device_info, '{"os": "any"}', 'another person has not changed their receipts')
from message_read_receipts where user_id = '00000000-0000-4000-8000-00000000000a';

-- updated_at.
update inbox_messages set updated_at = '2000-01-01' where user_id = '00000000-0000-4000-8000-00000000000a';
update message_attachments set updated_at = '2000-01-01';
update message_read_receipts set updated_at = '2000-01-01';
select ok(bool_and(updated_at >= now()), 'the database keeps a message''s updated_at')
from inbox_messages where user_id = '00000000-0000-4000-8000-00000000000a';
select ok(bool_and(updated_at >= now()), 'the database keeps an attachment''s updated_at') from message_attachments;
select ok(bool_and(updated_at >= now()), 'the database keeps a receipt''s updated_at') from message_read_receipts;

-- Erasing a node, a message, a person.
delete from graph_nodes where id = '00000000-0000-7000-8000-0000000000a1';
select results_eq(
    $$select user_id, session_node_id, goal_node_id from inbox_messages
      where id = '00000000-0000-7000-8000-00000000ad01'$$,
    $$values ('00000000-0000-4000-8000-00000000000a'::uuid, null::uuid, '00000000-0000-7000-8000-0000000000a2'::uuid)$$,
    'an erased session leaves the message, its person and its goal'
);
delete from graph_nodes where id = '00000000-0000-7000-8000-0000000000b2';
select results_eq(
    $$select user_id, session_node_id, goal_node_id from inbox_messages
      where id = '00000000-0000-7000-8000-00000000be01'$$,
    $$values ('00000000-0000-4000-8000-00000000000b'::uuid, '00000000-0000-7000-8000-0000000000b1'::uuid, null::uuid)$$,
    'an erased goal leaves the message, its person and its session'
);
select lives_ok(
    $$delete from inbox_messages where id = '00000000-0000-7000-8000-00000000be01'$$,
    'the service erases a message'
);
select is(count(*), 0::bigint, 'its attachments go with it')
from message_attachments where message_id = '00000000-0000-7000-8000-00000000be01';
select is(count(*), 0::bigint, 'its receipt goes with it')
from message_read_receipts where message_id = '00000000-0000-7000-8000-00000000be01';

reset role;
delete from auth.users where id = '00000000-0000-4000-8000-00000000000a';
select is(count(*), 0::bigint, 'an erased person''s messages are gone')
from inbox_messages where user_id = '00000000-0000-4000-8000-00000000000a';
select is(count(*), 0::bigint, 'an erased person''s attachments are gone')
from message_attachments where user_id = '00000000-0000-4000-8000-00000000000a';
select is(count(*), 0::bigint, 'an erased person''s receipts are gone')
from message_read_receipts where user_id = '00000000-0000-4000-8000-00000000000a';
select is(count(*), 3::bigint, 'other people''s messages stay') from inbox_messages;

select * from finish();
rollback;
