-- Two people, Ada and Ben, who have something in every table, and what is shared, public or nobody's yet.

create function pg_temp.ada() returns uuid immutable return '00000000-0000-4000-8000-00000000000a'::uuid;
create function pg_temp.ben() returns uuid immutable return '00000000-0000-4000-8000-00000000000b'::uuid;
-- The anonymous_id that callers send, and one that nobody knows.
create function pg_temp.known_id() returns text immutable return repeat('known_', 6);
create function pg_temp.other_id() returns text immutable return repeat('other_', 6);
-- Row 7 of a: aaaaaaaa-…7. Ada's rows begin with a, Ben's with b, what is nobody's with c; what others may read of it with d.
create function pg_temp.n(whose text, place int) returns uuid immutable
    return (repeat(whose, 8) || '-0000-7000-8000-' || lpad(place::text, 12, '0'))::uuid;
create function pg_temp.embedding(place int) returns vector immutable
    return (array[1, place] || array_fill(0::real, array[1534]))::vector(1536);

insert into auth.users (id, email, raw_user_meta_data) values
    (pg_temp.ada(), 'ada@example.com', '{"full_name": "Ada"}'),
    (pg_temp.ben(), 'ben@example.com', '{"full_name": "Ben"}');
create temporary table people as
select * from (values ('Ada', 'a', pg_temp.ada()), ('Ben', 'b', pg_temp.ben())) p (name, letter, id);

insert into goal_categories (id, title) values ('work', 'Work');
insert into agent_personae (id, name, is_active) values (pg_temp.n('d', 1), 'Open', true), (pg_temp.n('c', 2), 'Retired', false);

insert into graph_nodes (id, user_id, node_type, label, embedding, deleted_at)
select pg_temp.n(letter, place), id, node_type::node_type, node_type, embedding, deleted_at
from people, (values
    (11, 'goal', pg_temp.embedding(1), null::timestamptz),
    (12, 'skill', null, null),
    (13, 'session', pg_temp.embedding(2), null),
    (14, 'emotion', null, null),
    (15, 'accomplishment', null, null),
    (16, 'session', null, now())
) v (place, node_type, embedding, deleted_at);
insert into graph_edges (id, user_id, edge_type, source_node_id, target_node_id, valid_from, valid_to)
select pg_temp.n(letter, place), id, edge_type::edge_type, pg_temp.n(letter, source), pg_temp.n(letter, target), now() - interval '2 days', valid_to
from people, (values
    (21, 'works_on', 13, 11, null::timestamptz),
    (22, 'has_skill', 13, 12, null),
    (23, 'feels', 13, 14, now() - interval '1 day')
) v (place, edge_type, source, target, valid_to);
insert into graph_insights (id, user_id, insight_type, insight_key, title, content, node_ids, model)
select pg_temp.n(letter, place), id, 'trend', 'trend', 'Trend', 'Up', array[pg_temp.n(letter, 14)], model
from people, (values (31, null), (32, 'some-model')) v (place, model);
insert into user_goals (id, user_id, goal_title, category_id, node_id)
select pg_temp.n(letter, 41), id, 'Goal', 'work', pg_temp.n(letter, 11) from people;

-- The second message is not read yet.
insert into inbox_messages (id, user_id, subject, content, is_read, session_node_id, goal_node_id)
select pg_temp.n(letter, place), id, 'Subject', '{"text": "Text"}', place = 51, pg_temp.n(letter, 13), pg_temp.n(letter, 11)
from people, (values (51), (52)) v (place);
insert into message_attachments (id, user_id, message_id, url)
select pg_temp.n(letter, 53), id, pg_temp.n(letter, 51), 'https://example.com/file' from people;
insert into message_read_receipts (id, user_id, message_id)
select pg_temp.n(letter, 54), id, pg_temp.n(letter, 51) from people;

insert into voice_chat_events (id, user_id, anonymous_id, event_type)
select pg_temp.n(letter, place), id, anonymous_id, 'started'
from people, (values (61, null), (62, pg_temp.known_id()), (63, pg_temp.other_id())) v (place, anonymous_id)
union all
values
    (pg_temp.n('d', 64), null::uuid, pg_temp.known_id(), 'started'),
    (pg_temp.n('c', 65), null, pg_temp.other_id(), 'started');
insert into elevenlabs_conversations (id, user_id, conversation_id)
select pg_temp.n(letter, 71), id, 'c1' from people;
insert into webhook_events (id, user_id, source, external_id)
select pg_temp.n(letter, 72), id, 'calls', letter from people
union all
values (pg_temp.n('c', 73), null::uuid, 'calls', 'c');

insert into knowledge (id, user_id, content, embedding)
select pg_temp.n(letter, 81), id, 'Entry', pg_temp.embedding(3) from people
union all
values (pg_temp.n('d', 82), null::uuid, 'Entry for all who are signed in', pg_temp.embedding(4));
insert into agent_knowledge_bases (id, agent_id, name, owner_id, is_active, is_public)
select pg_temp.n(case when is_active and is_public then 'd' else letter end, place + ascii(letter)), 'coach', 'Base ' || place, id, is_active, is_public
from people, (values (100, true, false), (200, false, false), (300, true, true), (400, false, true)) v (place, is_active, is_public)
union all
values
    (pg_temp.n('d', 500), 'coach', 'Shared', null::uuid, true, false),
    (pg_temp.n('d', 600), 'coach', 'Public', null, true, true),
    (pg_temp.n('c', 700), 'coach', 'Inactive', null, false, false),
    (pg_temp.n('c', 800), 'coach', 'Inactive, public', null, false, true);
insert into knowledge_documents (id, knowledge_base_id, title, content)
select pg_temp.n(left(id::text, 1), right(id::text, 3)::int + 1000), id, name, name from agent_knowledge_bases;
insert into knowledge_chunks (id, document_id, chunk_index, content, embedding)
select pg_temp.n(left(id::text, 1), right(id::text, 3)::int + 2000), id, 0, title, pg_temp.embedding(5) from knowledge_documents;
insert into knowledge_chunks (id, document_id, chunk_index, content)
select pg_temp.n(left(id::text, 1), right(id::text, 3)::int + 3000), id, 1, title from knowledge_documents where title like 'Base 100';
insert into embedding_jobs (id, node_id, user_id, chunk_id, lease, leased_until)
select pg_temp.n(letter, 91), pg_temp.n(letter, 15), id, null::uuid, pg_temp.n(letter, 1), now() + interval '1 hour' from people
union all
select pg_temp.n(letter, 92), null, null, pg_temp.n(letter, 3100 + ascii(letter)), pg_temp.n(letter, 1), now() + interval '1 hour' from people;

-- Texts that change lose their embeddings: gives them back, for searches to find.
create function pg_temp.embed() returns void language sql as $$
    update graph_nodes set embedding = pg_temp.embedding(1) where node_type in ('goal', 'session');
    update knowledge set embedding = pg_temp.embedding(2);
    update knowledge_chunks set embedding = pg_temp.embedding(3) where chunk_index = 0;
$$;
