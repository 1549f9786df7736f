-- The inbox's functions: counting, marking, writing with attachments, putting away; bad input; who may call.
begin;
select plan(272);

-- Short names: Ada, Ben, and the key that ends in some digits.
create function pg_temp.ada() returns uuid immutable return '00000000-0000-4000-8000-00000000000a'::uuid;
create function pg_temp.ben() returns uuid immutable return '00000000-0000-4000-8000-00000000000b'::uuid;
create function pg_temp.n(text) returns uuid immutable
    return ('00000000-0000-7000-8000-' || lpad($1, 12, '0'))::uuid;

insert into auth.users (id, email) values (pg_temp.ada(), 'ada@example.com'), (pg_temp.ben(), 'ben@example.com');
insert into graph_nodes (id, user_id, node_type, label) values
    (pg_temp.n('a1'), pg_temp.ada(), 'session', 'First session'),
    (pg_temp.n('a2'), pg_temp.ada(), 'goal', 'Speak up'),
    (pg_temp.n('a3'), pg_temp.ada(), 'session', 'Deleted session'),
    (pg_temp.n('a4'), pg_temp.ada(), 'goal', 'Deleted goal'),
    (pg_temp.n('b1'), pg_temp.ben(), 'session', 'First session'),
    (pg_temp.n('b2'), pg_temp.ben(), 'goal', 'Speak up');
update graph_nodes set deleted_at = now() where id in (pg_temp.n('a3'), pg_temp.n('a4'));

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
    ('get_unread_message_count', 'p_user_id uuid DEFAULT NULL::uuid', 'bigint', 's'::"char", '{authenticated,service_role}'::text[]),
    ('mark_message_as_read', 'p_message_id uuid, p_user_id uuid DEFAULT NULL::uuid', 'boolean', 'v', '{authenticated,service_role}'),
    ('toggle_message_pin', 'p_message_id uuid, p_user_id uuid DEFAULT NULL::uuid', 'boolean', 'v', '{authenticated,service_role}'),
    ('archive_message', 'p_message_id uuid, p_user_id uuid DEFAULT NULL::uuid', 'boolean', 'v', '{authenticated,service_role}'),
    ('create_message_with_attachments',
        'p_user_id uuid, p_subject text, p_content text, p_sender_agent_id text, p_sender_name text, '
        'p_category text DEFAULT NULL::text, p_priority message_priority DEFAULT ''normal''::message_priority, '
        'p_session_node_id uuid DEFAULT NULL::uuid, p_goal_node_id uuid DEFAULT NULL::uuid, '
        'p_attachments jsonb DEFAULT ''[]''::jsonb, p_message_type message_type DEFAULT ''system''::message_type',
        'uuid', 'v', '{service_role}'),
    ('cleanup_expired_messages', '', 'bigint', 'v', '{service_role}')
) as v (name, arguments, result, volatility, callers)
join pg_proc p on p.oid = name::regproc;

-- get_unread_message_count. Of Ada's six, two count.
insert into inbox_messages (id, user_id, subject, expires_at, is_read, is_archived, archived_at) values
    (pg_temp.n('ad1'), pg_temp.ada(), 'Unread', null, false, false, null),
    (pg_temp.n('ad2'), pg_temp.ada(), 'Unread, will expire', now() + interval '1 microsecond', false, false, null),
    (pg_temp.n('ad3'), pg_temp.ada(), 'Expires at this instant', now(), false, false, null),
    (pg_temp.n('ad4'), pg_temp.ada(), 'Read', null, true, false, null),
    (pg_temp.n('ad5'), pg_temp.ada(), 'Archived', null, false, true, '2026-01-01'),
    (pg_temp.n('ad6'), pg_temp.ada(), 'Archived and expired', '2026-01-02', false, true, '2026-01-01'),
    (pg_temp.n('be1'), pg_temp.ben(), 'Unread', null, false, false, null),
    (pg_temp.n('be2'), pg_temp.ben(), 'Expired', now() - interval '1 day', false, false, null);
set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
select is(get_unread_message_count(), 2::bigint, 'what is unread, neither archived nor expired, counts');
select is(get_unread_message_count(p_user_id => pg_temp.ada()), 2::bigint, 'people may name themselves');
select throws_ok($$select get_unread_message_count(pg_temp.ben())$$, '42501', null, 'people do not count another''s messages');
select throws_ok($$select get_unread_message_count(gen_random_uuid())$$, '42501', null, 'nor those of nobody');
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated"}';
select is(get_unread_message_count(), 1::bigint, 'another person counts the own messages');
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select is(get_unread_message_count(pg_temp.ada()), 2::bigint, 'the service counts anybody''s messages');
select is(get_unread_message_count(pg_temp.n('dead')), 0::bigint, 'who is unknown has no messages');
select throws_ok($$select get_unread_message_count()$$, '22004', null, 'the service names whose');
select throws_matching($$select get_unread_message_count()$$, 'p_user_id', 'and is told so');

-- mark_message_as_read.
set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
select is(mark_message_as_read(pg_temp.n('ad1')), true, 'an unread message is marked');
select results_eq(
    $$select is_read, read_at, is_pinned, is_archived from inbox_messages where id = pg_temp.n('ad1')$$,
    $$values (true, now(), false, false)$$, 'it is read now, and nothing else'
);
select results_eq(
    $$select message_id, user_id, read_at from message_read_receipts$$, $$values (pg_temp.n('ad1'), pg_temp.ada(), now())$$,
    'which leaves a receipt'
);
select is(get_unread_message_count(), 1::bigint, 'a message that is read counts no longer');
select is(mark_message_as_read(pg_temp.n('ad1')), false, 'a message that is read is not marked again');
select is(count(*), 1::bigint, 'nor is there a second receipt') from message_read_receipts;
select is(mark_message_as_read(id, pg_temp.ada()), false, title)
from (values
    (pg_temp.n('ad4'), 'nor is one marked that was read before'),
    (pg_temp.n('dead'), 'an unknown message is not marked'),
    (pg_temp.n('be1'), 'nor is another person''s')
) as v (id, title);
select is(read_at, null, 'when it was read stays as it is') from inbox_messages where id = pg_temp.n('ad4');
select is(mark_message_as_read(p_message_id => pg_temp.n('ad5'), p_user_id => pg_temp.ada()), true, 'an archived message can be read');
select is(mark_message_as_read(pg_temp.n('ad3')), true, 'and so can an expired one');
insert into message_read_receipts (message_id, read_at, read_duration_seconds) values (pg_temp.n('ad2'), '2026-01-03', 7);
select is(mark_message_as_read(pg_temp.n('ad2')), true, 'a message whose receipt is there already is marked');
select results_eq(
    $$select count(*), max(read_duration_seconds) from message_read_receipts where message_id = pg_temp.n('ad2')$$,
    $$values (1::bigint, 7)$$, 'and has that one receipt'
);
update inbox_messages set is_read = false, read_at = null where id = pg_temp.n('ad1');
select is(mark_message_as_read(pg_temp.n('ad1')), true, 'what the person marks as unread can be read again');
select is(count(*), 1::bigint, 'a message that is read twice has one receipt') from message_read_receipts where message_id = pg_temp.n('ad1');

-- toggle_message_pin.
select is(toggle_message_pin(pg_temp.n('ad1')), true, 'a message is pinned');
select is(is_pinned, true, 'it is') from inbox_messages where id = pg_temp.n('ad1');
select is(toggle_message_pin(p_message_id => pg_temp.n('ad1'), p_user_id => pg_temp.ada()), true, 'and found again');
select is(is_pinned, false, 'which takes it down') from inbox_messages where id = pg_temp.n('ad1');
select is(toggle_message_pin(pg_temp.n('ad5')), true, 'an archived message can be pinned');
select is(toggle_message_pin(id), false, title)
from (values
    (pg_temp.n('dead'), 'an unknown message is not pinned'),
    (pg_temp.n('be1'), 'nor is another person''s')
) as v (id, title);

-- archive_message.
select is(archive_message(pg_temp.n('ad4')), true, 'a message is put away');
select results_eq(
    $$select is_archived, archived_at, is_read, is_pinned from inbox_messages where id = pg_temp.n('ad4')$$,
    $$values (true, now(), true, false)$$, 'it is archived now, and nothing else'
);
select is(archive_message(p_message_id => pg_temp.n('ad5'), p_user_id => pg_temp.ada()), true, 'what was put away before is found');
select results_eq(
    $$select is_archived, archived_at from inbox_messages where id = pg_temp.n('ad5')$$, $$values (true, '2026-01-01'::timestamptz)$$,
    'and stays archived since then'
);
select is(archive_message(id), false, title)
from (values
    (pg_temp.n('dead'), 'an unknown message is not put away'),
    (pg_temp.n('be1'), 'nor is another person''s')
) as v (id, title);

-- Bad input, and who may name whom.
create temporary table bad (call text, code text, names text);
insert into bad values
    ('mark_message_as_read(null)', '22004', 'p_message_id'),
    ('toggle_message_pin(null)', '22004', 'p_message_id'),
    ('archive_message(null)', '22004', 'p_message_id'),
    ('mark_message_as_read(pg_temp.n(''be1''), pg_temp.ben())', '42501', ''),
    ('toggle_message_pin(pg_temp.n(''be1''), pg_temp.ben())', '42501', ''),
    ('archive_message(pg_temp.n(''be1''), pg_temp.ben())', '42501', ''),
    ('archive_message(pg_temp.n(''ad1''), pg_temp.ben())', '42501', '');
select unnest(array[
    throws_ok(format('select %s', call), code, null, format('%s: %s', code, call)),
    throws_matching(format('select %s', call), names, format('says what is wrong: %s', call))
])
from bad;

-- What an administrator's policy hides is not there.
reset role;
update inbox_messages set is_read = false where id in (pg_temp.n('ad1'), pg_temp.n('ad2'));
create policy test_hidden on inbox_messages as restrictive for select to authenticated using (subject <> 'Unread');
set local role authenticated;
select is(get_unread_message_count(), 1::bigint, 'what an administrator''s policy hides does not count');
select is(mark_message_as_read(pg_temp.n('ad1')), false, 'nor is it marked');
select is(toggle_message_pin(pg_temp.n('ad1')), false, 'nor pinned');
select is(archive_message(pg_temp.n('ad1')), false, 'nor put away');
reset role;
drop policy test_hidden on inbox_messages;

-- Nobody, and a name that gives no rights.
set local role authenticated;
set local request.jwt.claims = '{"role":"authenticated"}';
select throws_ok(format('select %s', call), '42501', null, format('nobody: %s', call))
from (values
    ('get_unread_message_count()'), ('get_unread_message_count(pg_temp.ada())'), ('mark_message_as_read(pg_temp.n(''ad1''))'),
    ('mark_message_as_read(pg_temp.n(''ad1''), pg_temp.ada())'), ('toggle_message_pin(pg_temp.n(''ad1''))'),
    ('archive_message(pg_temp.n(''ad1''))')
) as v (call);
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"service_role"}';
select throws_ok(format('select %s', call), '42501', null, format('claims of service_role give no rights: %s', call))
from (values
    ('archive_message(pg_temp.n(''be1''), pg_temp.ben())'),
    ('create_message_with_attachments(pg_temp.ada(), ''Hello'', ''Text'', null, null)'),
    ('cleanup_expired_messages()')
) as v (call);
set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select throws_ok(format('select %s', call), '42501', null, format('anon: %s', call))
from (values
    ('get_unread_message_count(pg_temp.ada())'), ('mark_message_as_read(pg_temp.n(''ad1''), pg_temp.ada())'),
    ('toggle_message_pin(pg_temp.n(''ad1''), pg_temp.ada())'), ('archive_message(pg_temp.n(''ad1''), pg_temp.ada())'),
    ('create_message_with_attachments(pg_temp.ada(), ''Hello'', ''Text'', null, null)'), ('cleanup_expired_messages()')
) as v (call);

-- The service marks the messages of anybody: of whom it names, or of whose they are.
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select is(mark_message_as_read(pg_temp.n('be1'), pg_temp.ada()), false, 'a message is not that of another whom the service names');
select is(toggle_message_pin(pg_temp.n('be1'), pg_temp.ada()), false, 'nor pinned for another');
select is(archive_message(pg_temp.n('be1'), pg_temp.ada()), false, 'nor put away for another');
select results_eq(
    $$select is_read, read_at, is_pinned, is_archived, archived_at, updated_at = created_at from inbox_messages where id = pg_temp.n('be1')$$,
    $$values (false, null::timestamptz, false, false, null::timestamptz, true)$$, 'of all this nothing has changed it'
);
select is(mark_message_as_read(pg_temp.n('be1')), true, 'the service marks its owner''s message');
select results_eq(
    $$select user_id, read_at from message_read_receipts where message_id = pg_temp.n('be1')$$, $$values (pg_temp.ben(), now())$$,
    'the receipt is the owner''s'
);
select is(toggle_message_pin(pg_temp.n('be1')), true, 'it pins its owner''s message');
select is(archive_message(pg_temp.n('be1'), pg_temp.ben()), true, 'and puts away that of whom it names');
select results_eq(
    $$select is_read, read_at, is_pinned, is_archived, archived_at from inbox_messages where id = pg_temp.n('be1')$$,
    $$values (true, now(), true, true, now())$$, 'all of which is done'
);
select is(mark_message_as_read(pg_temp.n('dead')), false, 'an unknown message is nobody''s: it is not marked');
select is(toggle_message_pin(pg_temp.n('dead')), false, 'nor pinned');
select is(archive_message(pg_temp.n('dead')), false, 'nor put away');

-- create_message_with_attachments.
select create_message_with_attachments(pg_temp.ada(), 'Hello', 'A short text', null, null) as id \gset
select results_eq(
    format($$select user_id, sender_type, sender_id, sender_name, message_type, priority, subject, preview, content, category, tags, metadata,
        is_read, is_pinned, is_archived, expires_at, session_node_id, goal_node_id from inbox_messages where id = %L$$, :'id'),
    $$values (pg_temp.ada(), 'ai_coach', null::text, null::text, 'system'::message_type, 'normal'::message_priority, 'Hello', 'A short text',
        '{"text": "A short text"}'::jsonb, null::text, '{}'::text[], '{}'::jsonb, false, false, false, null::timestamptz, null::uuid, null::uuid)$$,
    'a message needs a person, a subject and a text'
);
select is_empty(format('select from message_attachments where message_id = %L', :'id'), 'and has no attachments');
select is(substr(:'id', 15, 1), '7', 'its key is a uuid, version 7');
select create_message_with_attachments(
    p_user_id => pg_temp.ada(),
    p_subject => 'After your session',
    p_content => repeat('é', 250),
    p_sender_agent_id => 'coach-1',
    p_sender_name => 'Edda',
    p_category => 'sessions',
    p_priority => 'urgent',
    p_session_node_id => pg_temp.n('a1'),
    p_goal_node_id => pg_temp.n('a2'),
    p_attachments => '[
        {"type": "audio", "name": "Recording", "description": "All of it", "storage_path": "talks/1.mp3", "url": "https://example.com/1.mp3",
            "mime_type": "audio/mpeg", "file_size_bytes": 5000000000, "metadata": {"track": 1}},
        {"url": "https://example.com/2"},
        {"type": null, "name": null, "description": null, "storage_path": "talks/3", "url": null, "mime_type": null,
            "file_size_bytes": null, "metadata": null},
        {"storage_path": "talks/4", "file_size_bytes": 0, "colour": "red"}
    ]',
    p_message_type => 'session_summary'
) as id \gset
select results_eq(
    format($$select user_id, sender_id, sender_name, message_type, priority, subject, preview, content, category, session_node_id, goal_node_id
        from inbox_messages where id = %L$$, :'id'),
    $$values (pg_temp.ada(), 'coach-1', 'Edda', 'session_summary'::message_type, 'urgent'::message_priority, 'After your session',
        repeat('é', 200), jsonb_build_object('text', repeat('é', 250)), 'sessions', pg_temp.n('a1'), pg_temp.n('a2'))$$,
    'a message has all that is given; its preview is the first 200 characters'
);
select results_eq(
    format($$select user_id, attachment_type, title, description, storage_path, url, mime_type, file_size_bytes, metadata
        from message_attachments where message_id = %L order by id$$, :'id'),
    $$values
        (pg_temp.ada(), 'audio', 'Recording', 'All of it', 'talks/1.mp3', 'https://example.com/1.mp3', 'audio/mpeg', 5000000000::bigint,
            '{"track": 1}'::jsonb),
        (pg_temp.ada(), 'file', null, null, null, 'https://example.com/2', null, null, '{}'),
        (pg_temp.ada(), 'file', null, null, 'talks/3', null, null, null, '{}'),
        (pg_temp.ada(), 'file', null, null, 'talks/4', null, null, 0, '{}')$$,
    'its attachments have all that is given, in the order given; what is null is left out'
);
select create_message_with_attachments(
    pg_temp.ben(), 'By position', 'Text', 'coach-2', 'Bo', null, 'low', pg_temp.n('b1'), pg_temp.n('b2'), null, 'reminder'
) as id \gset
select results_eq(
    format('select user_id, message_type, priority, session_node_id, goal_node_id from inbox_messages where id = %L', :'id'),
    $$values (pg_temp.ben(), 'reminder'::message_type, 'low'::message_priority, pg_temp.n('b1'), pg_temp.n('b2'))$$,
    'the arguments may be given by position, and attachments may be null'
);
select create_message_with_attachments(
    pg_temp.ben(), 'Many', 'Text', null, null, p_attachments => (select jsonb_agg(jsonb_build_object('url', 'https://example.com/', 'name', i)
        || jsonb_build_object('name', i::text) order by i) from generate_series(1, 200) i)
) as id \gset
select is(
    array(select title::integer from message_attachments where message_id = :'id' order by id), array(select generate_series(1, 200)),
    'two hundred attachments come in their order'
);
select lives_ok(
    format('select create_message_with_attachments(pg_temp.ben(), %L, %L, null, null, p_priority => %L)', 'x', 'y', priority),
    format('a message can be %s', priority)
) from unnest(enum_range(null::message_priority)) priority;
select lives_ok(
    format('select create_message_with_attachments(pg_temp.ben(), %L, %L, null, null, p_message_type => %L)', 'x', 'y', type),
    format('a message can be a %s', type)
) from unnest(enum_range(null::message_type)) type;

-- Bad input: the SQLSTATE, a message that names what is wrong, and nothing written.
select count(*) as messages from inbox_messages \gset
select count(*) as attachments from message_attachments \gset
create function pg_temp.write(p_attachments jsonb, p_session_node_id uuid default null, p_goal_node_id uuid default null,
    p_user_id uuid default pg_temp.ada()) returns uuid language sql as $$
    select create_message_with_attachments(p_user_id, 'Bad', 'Text', null, null, null, 'normal', p_session_node_id, p_goal_node_id, p_attachments)
$$;
select unnest(array[
    throws_ok(format('select %s', call), code, null, format('%s: %s', code, call)),
    throws_matching(format('select %s', call), names, format('says what is wrong: %s', call))
])
from (values
    ('create_message_with_attachments(null, ''x'', ''y'', null, null)', '22004', 'p_user_id'),
    ('create_message_with_attachments(pg_temp.ada(), null, ''y'', null, null)', '22004', 'p_subject'),
    ('create_message_with_attachments(pg_temp.ada(), ''x'', null, null, null)', '22004', 'p_content'),
    ('create_message_with_attachments(pg_temp.ada(), ''x'', ''y'', null, null, p_priority => null)', '22004', 'p_priority'),
    ('create_message_with_attachments(pg_temp.ada(), ''x'', ''y'', null, null, p_message_type => null)', '22004', 'p_message_type'),
    ('create_message_with_attachments(pg_temp.ada(), ''x'', ''y'', null, null, p_priority => ''unknown'')', '22P02', 'message_priority.*unknown'),
    ('create_message_with_attachments(pg_temp.ada(), ''x'', ''y'', null, null, p_message_type => ''unknown'')', '22P02', 'message_type.*unknown'),
    ('pg_temp.write(''[]'', p_user_id => pg_temp.n(''dead''))', '23503', ''),
    ('pg_temp.write(''[]'', pg_temp.n(''dead''))', '23503', 'p_session_node_id'),
    ('pg_temp.write(''[]'', pg_temp.n(''b1''))', '23503', 'p_session_node_id'),
    ('pg_temp.write(''[]'', pg_temp.n(''a3''))', '23503', 'p_session_node_id'),
    ('pg_temp.write(''[]'', pg_temp.n(''a2''))', '23503', 'p_session_node_id'),
    ('pg_temp.write(''[]'', null, pg_temp.n(''dead''))', '23503', 'p_goal_node_id'),
    ('pg_temp.write(''[]'', null, pg_temp.n(''b2''))', '23503', 'p_goal_node_id'),
    ('pg_temp.write(''[]'', null, pg_temp.n(''a4''))', '23503', 'p_goal_node_id'),
    ('pg_temp.write(''[]'', null, pg_temp.n(''a1''))', '23503', 'p_goal_node_id'),
    ('pg_temp.write(''{}'')', '22023', 'p_attachments.*array'),
    ('pg_temp.write(''{"url": "https://example.com/"}'')', '22023', 'p_attachments.*array'),
    ('pg_temp.write(''"https://example.com/"'')', '22023', 'p_attachments.*array'),
    ('pg_temp.write(''1'')', '22023', 'p_attachments.*array'),
    ('pg_temp.write(''true'')', '22023', 'p_attachments.*array')
) as v (call, code, names);
create temporary table wrong_parts (place integer, part text, names text);
insert into wrong_parts values
    (0, 'null', ''), (1, '"https://example.com/"', ''), (0, '1', ''), (1, '[]', ''), (0, '[{"url": "https://example.com/"}]', ''),
    (0, '{}', 'url.*storage_path|storage_path.*url'), (1, '{"name": "Nowhere"}', 'url.*storage_path|storage_path.*url'),
    (2, '{"url": null, "storage_path": null}', 'url.*storage_path|storage_path.*url'),
    (0, '{"url": 1}', 'url'), (1, '{"url": ["https://example.com/"]}', 'url'),
    (0, '{"storage_path": {}}', 'storage_path'), (2, '{"url": "https://example.com/", "storage_path": false}', 'storage_path'),
    (0, '{"url": "https://example.com/", "type": 1}', 'type'), (1, '{"url": "https://example.com/", "name": true}', 'name'),
    (0, '{"url": "https://example.com/", "description": {}}', 'description'), (1, '{"url": "https://example.com/", "mime_type": []}', 'mime_type'),
    (0, '{"url": "https://example.com/", "file_size_bytes": -1}', 'file_size_bytes'),
    (1, '{"url": "https://example.com/", "file_size_bytes": 1.5}', 'file_size_bytes'),
    (0, '{"url": "https://example.com/", "file_size_bytes": 1e30}', 'file_size_bytes'),
    (1, '{"url": "https://example.com/", "file_size_bytes": 9223372036854775808}', 'file_size_bytes'),
    (0, '{"url": "https://example.com/", "file_size_bytes": "big"}', 'file_size_bytes'),
    (1, '{"url": "https://example.com/", "file_size_bytes": true}', 'file_size_bytes'),
    (0, '{"url": "https://example.com/", "file_size_bytes": {}}', 'file_size_bytes'),
    (0, '{"url": "https://example.com/", "metadata": []}', 'metadata'), (1, '{"url": "https://example.com/", "metadata": "text"}', 'metadata'),
    (0, '{"url": "https://example.com/", "metadata": 1}', 'metadata');
create function pg_temp.write_part(p_place integer, p_part jsonb) returns uuid language sql as $$
    select pg_temp.write(jsonb_insert(jsonb_build_array() || coalesce((select jsonb_agg('{"url": "https://example.com/"}'::jsonb)
        from generate_series(1, p_place)), '[]'), array[p_place::text], p_part))
$$;
select unnest(array[
    throws_ok(format('select pg_temp.write_part(%s, %L)', place, part), '22023', null, format('an attachment is not %s', part)),
    throws_matching(format('select pg_temp.write_part(%s, %L)', place, part), format('p_attachments\[%s\]', place), format('which it is: %s', part)),
    throws_matching(format('select pg_temp.write_part(%s, %L)', place, part), names, format('and what of it: %s', part))
])
from wrong_parts;
select is(count(*), :messages::bigint, 'nothing of it left a message') from inbox_messages;
select is(count(*), :attachments::bigint, 'nothing of it left an attachment') from message_attachments;

-- What a client is told bears nothing of the machinery.
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
    $$select part from wrong_parts where pg_temp.told(format('select pg_temp.write_part(%s, %L)', place, part)) ~ 'panic|pgrx|std::|\.rs'$$,
    'no panic text comes of bad attachments'
);

-- cleanup_expired_messages. Ada's third message and Ben's second have expired; her sixth was put away before.
insert into inbox_messages (id, user_id, subject, is_read, expires_at) values
    (pg_temp.n('be3'), pg_temp.ben(), 'Read and expired', true, '2026-01-01'),
    (pg_temp.n('be4'), pg_temp.ben(), 'Expires in no time', false, now() + interval '1 microsecond');
create temporary table before as select * from inbox_messages;
select is(cleanup_expired_messages(), 3::bigint, 'what has expired is put away');
select results_eq(
    $$select m.id, m.is_archived, m.archived_at, m.is_read is not distinct from b.is_read
      from inbox_messages m join before b using (id) where m is distinct from b order by id$$,
    $$values (pg_temp.n('ad3'), true, now(), true), (pg_temp.n('be2'), true, now(), true), (pg_temp.n('be3'), true, now(), true)$$,
    'it is archived now, and nothing else'
);
select is(cleanup_expired_messages(), 0::bigint, 'once');
set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
select throws_ok(format('select %s', call), '42501', null, format('a signed-in person: %s', call))
from (values
    ('create_message_with_attachments(pg_temp.ada(), ''To myself'', ''Text'', null, null)'),
    ('create_message_with_attachments(pg_temp.ben(), ''Buy now'', ''Text'', null, null)'),
    ('cleanup_expired_messages()')
) as v (call);

select * from finish();
rollback;
