-- What the coaches know: bases, documents, chunks and entries; who may do what with them; searching them.
begin;
select plan(370);
set local client_min_messages = warning;

-- Short names: Ada and Ben, the key that ends in some digits, an embedding that begins with some numbers.
create function pg_temp.ada() returns uuid immutable return '00000000-0000-4000-8000-00000000000a'::uuid;
create function pg_temp.ben() returns uuid immutable return '00000000-0000-4000-8000-00000000000b'::uuid;
create function pg_temp.n(text) returns uuid immutable
    return ('00000000-0000-7000-8000-' || lpad($1, 12, '0'))::uuid;
create function pg_temp.vec(variadic real[]) returns vector immutable
    return ($1 || array_fill(0::real, array[1536 - cardinality($1)]))::vector(1536);

insert into auth.users (id, email) values (pg_temp.ada(), 'ada@example.com'), (pg_temp.ben(), 'ben@example.com');

-- Layout.
select set_eq(
    format('select attname::text from pg_attribute where attrelid = %L::regclass and attnum > 0 and not attisdropped', tab),
    string_to_array('id created_at updated_at ' || cols, ' '),
    format('%s has the columns it promises', tab)
)
from (values
    ('agent_knowledge_bases', 'agent_id name description owner_id is_public is_active language indexing_status document_count '
        'total_chunks metadata'),
    ('knowledge_documents', 'knowledge_base_id title content source_url document_type content_hash chunk_count metadata'),
    ('knowledge_chunks', 'document_id knowledge_base_id chunk_index content token_count embedding embedding_code metadata search_vector'),
    ('knowledge', 'user_id content language embedding embedding_code metadata source_type source_url search_vector')
) as v (tab, cols);
select set_eq(
    $$select conname::text from pg_constraint where contype = 'f' and conrelid in ('agent_knowledge_bases'::regclass,
      'knowledge_documents'::regclass, 'knowledge_chunks'::regclass, 'knowledge'::regclass)$$,
    array['agent_knowledge_bases_owner_fkey', 'knowledge_documents_knowledge_base_fkey', 'knowledge_chunks_document_fkey', 'knowledge_user_fkey'],
    'clients embed by these names'
);
select unnest(array[
    is(pg_get_function_arguments(name::regproc), arguments, format('%s takes what it promises', name)),
    is(pg_get_function_result(name::regproc), result, format('%s returns what it promises', name)),
    is(provolatile, 's'::"char", format('%s is a read', name)),
    ok(exists (select from unnest(proconfig) c where c like 'search_path=%'), format('%s has a fixed search_path', name))
])
from (values
    ('search_knowledge_chunks',
        'query_embedding vector, knowledge_base_id_param uuid DEFAULT NULL::uuid, match_threshold double precision DEFAULT 0.7, '
        'match_count integer DEFAULT 5',
        'TABLE(chunk_id uuid, document_id uuid, document_title text, content text, similarity double precision, chunk_index integer, '
        'metadata jsonb)'),
    ('search_knowledge_base',
        'search_query text DEFAULT NULL::text, kb_id_filter uuid DEFAULT NULL::uuid, limit_results integer DEFAULT 10, '
        'query_embedding vector DEFAULT NULL::vector, similarity_threshold double precision DEFAULT 0.0',
        'TABLE(id uuid, source text, document_id uuid, title text, content text, kb_id uuid, kb_name text, metadata jsonb, '
        'relevance_score double precision, similarity double precision, keyword_score double precision)')
) as v (name, arguments, result)
join pg_proc p on p.oid = name::regproc;

-- ---------------------------------------------------------------------------------------------------------------
-- What is derived.
insert into agent_knowledge_bases (id, agent_id, name) values
    (pg_temp.n('b1'), 'coach', 'One'), (pg_temp.n('b2'), 'coach', 'Two');
select results_eq(
    $$select owner_id, is_public, is_active, language, document_count, total_chunks from agent_knowledge_bases where id = pg_temp.n('b1')$$,
    $$values (null::uuid, false, true, 'english', 0, 0)$$, 'a base is active, English and empty at first'
);
select lives_ok(
    $$insert into knowledge_documents (id, knowledge_base_id, title, content) values
        (pg_temp.n('d1'), pg_temp.n('b1'), 'First', 'First text'), (pg_temp.n('d2'), pg_temp.n('b1'), 'Second', 'Second text'),
        (pg_temp.n('d3'), pg_temp.n('b2'), 'First', 'First text')$$,
    'a document''s content_hash need not be given; bases may share a text'
);
select ok(a.content_hash = b.content_hash, 'the same text has the same hash')
from knowledge_documents a, knowledge_documents b where a.id = pg_temp.n('d1') and b.id = pg_temp.n('d3');
select throws_ok(
    $$insert into knowledge_documents (knowledge_base_id, title, content) values (pg_temp.n('b1'), 'Other title', 'First text')$$,
    '23505', null, 'a base has a text once'
);
select throws_ok(
    $$update knowledge_documents set content = 'First text' where id = pg_temp.n('d2')$$, '23505', null, 'also when a document is changed'
);
select lives_ok(
    $$insert into knowledge_chunks (id, document_id, chunk_index, content) values
        (pg_temp.n('c1'), pg_temp.n('d1'), 0, 'The runners were running'), (pg_temp.n('c2'), pg_temp.n('d1'), 1, 'Two'),
        (pg_temp.n('c3'), pg_temp.n('d2'), 0, 'Three'), (pg_temp.n('c4'), pg_temp.n('d3'), 0, 'Four')$$,
    'a chunk''s base need not be given'
);
select results_eq(
    $$select knowledge_base_id from knowledge_chunks where id in (pg_temp.n('c1'), pg_temp.n('c4')) order by id$$,
    $$values (pg_temp.n('b1')), (pg_temp.n('b2'))$$, 'it is its document''s'
);
select throws_ok(
    $$insert into knowledge_chunks (document_id, knowledge_base_id, chunk_index, content) values (pg_temp.n('d1'), pg_temp.n('b2'), 9, 'x')$$,
    '23503', null, 'and no other'
);

-- Counts.
create function pg_temp.counts() returns text language sql as $$
    select string_agg(counted, ' ' order by counted) from (
        select format('%s:%s/%s', name, document_count, total_chunks) as counted from agent_knowledge_bases
        union all
        select format('%s-%s:%s', b.name, d.title, chunk_count) from knowledge_documents d join agent_knowledge_bases b on b.id = knowledge_base_id
    ) c
$$;
select is(pg_temp.counts(), 'One-First:2 One-Second:1 One:2/3 Two-First:1 Two:1/1', 'documents and chunks are counted');
insert into knowledge_chunks (document_id, chunk_index, content) select pg_temp.n('d2'), i, 'Many' from generate_series(1, 5) i;
select is(pg_temp.counts(), 'One-First:2 One-Second:6 One:2/8 Two-First:1 Two:1/1', 'many at once too');
delete from knowledge_chunks where document_id = pg_temp.n('d2') and content = 'Many';
select is(pg_temp.counts(), 'One-First:2 One-Second:1 One:2/3 Two-First:1 Two:1/1', 'chunks that are erased no longer count');
update knowledge_chunks set content = 'Changed', chunk_index = 7 where id = pg_temp.n('c2');
select is(pg_temp.counts(), 'One-First:2 One-Second:1 One:2/3 Two-First:1 Two:1/1', 'a change of text changes no count');
update knowledge_chunks set document_id = pg_temp.n('d2') where id = pg_temp.n('c2');
select is(pg_temp.counts(), 'One-First:1 One-Second:2 One:2/3 Two-First:1 Two:1/1', 'a chunk that moves counts where it is');
update knowledge_chunks set document_id = pg_temp.n('d3'), knowledge_base_id = pg_temp.n('b2') where id = pg_temp.n('c2');
select is(pg_temp.counts(), 'One-First:1 One-Second:1 One:2/2 Two-First:2 Two:1/2', 'also in another base');
update knowledge_documents set knowledge_base_id = pg_temp.n('b2') where id = pg_temp.n('d2');
select is(pg_temp.counts(), 'One-First:1 One:1/1 Two-First:2 Two-Second:1 Two:2/3', 'a document that moves takes its chunks with it');
select is(knowledge_base_id, pg_temp.n('b2'), 'which are then of its base') from knowledge_chunks where id = pg_temp.n('c3');
delete from knowledge_documents where id = pg_temp.n('d2');
select is(pg_temp.counts(), 'One-First:1 One:1/1 Two-First:2 Two:1/2', 'a document that is erased takes its chunks with it');
select lives_ok($$delete from agent_knowledge_bases where id = pg_temp.n('b2')$$, 'a base can be erased');
select is(pg_temp.counts(), 'One-First:1 One:1/1', 'and all that is in it goes with it');
select is(count(*), 1::bigint, 'its chunks too') from knowledge_chunks;

-- Words, in the base's language.
select is(search_vector, to_tsvector('english', 'The runners were running'), 'a chunk''s words are in the base''s language')
from knowledge_chunks where id = pg_temp.n('c1');
update knowledge_chunks set content = 'Die Häuser der Läufer' where id = pg_temp.n('c1');
select is(search_vector, to_tsvector('english', 'Die Häuser der Läufer'), 'they follow its text') from knowledge_chunks where id = pg_temp.n('c1');
update knowledge_chunks set search_vector = to_tsvector('english', 'forged') where id = pg_temp.n('c1');
select is(search_vector, to_tsvector('english', 'Die Häuser der Läufer'), 'and are not written by hand') from knowledge_chunks where id = pg_temp.n('c1');
update agent_knowledge_bases set language = 'german' where id = pg_temp.n('b1');
select is(search_vector, to_tsvector('german', 'Die Häuser der Läufer'), 'they follow the base''s language') from knowledge_chunks where id = pg_temp.n('c1');
insert into knowledge_chunks (id, document_id, chunk_index, content) values (pg_temp.n('c5'), pg_temp.n('d1'), 5, 'Häuser');
select is(search_vector, to_tsvector('german', 'Häuser'), 'as do new chunks') from knowledge_chunks where id = pg_temp.n('c5');
insert into agent_knowledge_bases (id, agent_id, name, language) values (pg_temp.n('b3'), 'coach', 'Three', 'english');
update knowledge_documents set knowledge_base_id = pg_temp.n('b3') where id = pg_temp.n('d1');
select is(search_vector, to_tsvector('english', 'Häuser'), 'and chunks that move to another base') from knowledge_chunks where id = pg_temp.n('c5');
insert into knowledge (id, content, language) values (pg_temp.n('e1'), 'Häuser', 'german');
insert into knowledge (id, content) values (pg_temp.n('e2'), 'Runners running');
select results_eq(
    $$select search_vector from knowledge order by id$$, $$values (to_tsvector('german', 'Häuser')), (to_tsvector('english', 'Runners running'))$$,
    'an entry''s words are in its own language'
);
update knowledge set language = 'simple' where id = pg_temp.n('e2');
select is(search_vector, to_tsvector('simple', 'Runners running'), 'and follow it') from knowledge where id = pg_temp.n('e2');
update knowledge set content = 'Swimmers' where id = pg_temp.n('e2');
select is(search_vector, to_tsvector('simple', 'Swimmers'), 'as they follow its text') from knowledge where id = pg_temp.n('e2');

-- Checks and keys.
select throws_ok(command, code, null, title)
from (values
    ($$insert into agent_knowledge_bases (agent_id, name, language) values ('coach', 'x', 'klingon')$$, '23514', 'a base''s language exists'),
    ($$update agent_knowledge_bases set language = 'klingon'$$, '23514', 'also when it changes'),
    ($$update agent_knowledge_bases set language = ''$$, '23514', 'an empty one does not'),
    ($$insert into knowledge (content, language) values ('x', 'klingon')$$, '23514', 'an entry''s language exists'),
    ($$update knowledge set language = 'klingon'$$, '23514', 'also when it changes'),
    ($$update agent_knowledge_bases set indexing_status = 'done'$$, '23514', 'indexing is pending, processing, completed or failed'),
    ($$update knowledge_documents set document_type = 'word'$$, '23514', 'a document is text, markdown, pdf or html'),
    ($$insert into agent_knowledge_bases (agent_id, name) values ('coach', 'One')$$, '23505', 'a shared base''s name is unique for its coach'),
    ($$insert into knowledge_chunks (document_id, chunk_index, content) values (pg_temp.n('d1'), 0, 'x')$$, '23505', 'a place in a document is taken once'),
    ($$insert into knowledge_chunks (document_id, chunk_index, content, embedding) values (pg_temp.n('d1'), 99, 'x', pg_temp.vec(0))$$, '23514',
        'the zero vector is no chunk''s embedding'),
    ($$update knowledge set embedding = pg_temp.vec(0)$$, '23514', 'nor an entry''s'),
    ($$update knowledge_chunks set embedding_code = null::bit(1536)$$, '428C9', 'a chunk''s code is never written by hand'),
    ($$update knowledge set embedding_code = null::bit(1536)$$, '428C9', 'nor an entry''s'),
    ($$insert into agent_knowledge_bases (agent_id, name, owner_id) values ('coach', 'x', gen_random_uuid())$$, '23503', 'an owner exists'),
    ($$insert into knowledge_documents (knowledge_base_id, title, content) values (gen_random_uuid(), 'x', 'x')$$, '23503', 'a document''s base exists')
) as v (command, code, title);
select throws_matching($$update knowledge_chunks set embedding = '[1, 2, 3]'$$, '1536', 'a chunk''s embedding has 1536 dimensions');
select throws_matching($$update knowledge set embedding = '[1, 2, 3]'$$, '1536', 'so has an entry''s');
select lives_ok(
    $$insert into agent_knowledge_bases (agent_id, name, owner_id) values ('coach', 'One', pg_temp.ada()), ('coach', 'One', pg_temp.ben()),
        ('other', 'One', null)$$,
    'another owner or coach may have a base of the same name'
);
select throws_ok(
    $$insert into agent_knowledge_bases (agent_id, name, owner_id) values ('coach', 'One', pg_temp.ada())$$, '23505', null, 'an owner has it once'
);
select lives_ok(format('update agent_knowledge_bases set indexing_status = %L', status), format('indexing can be %s', status))
from unnest(array['pending', 'processing', 'completed', 'failed']) status;
select lives_ok(format('update knowledge_documents set document_type = %L', type), format('a document can be %s', type))
from unnest(array['text', 'markdown', 'pdf', 'html']) type;
update knowledge_chunks set embedding = pg_temp.vec(1, -1, 2) where id = pg_temp.n('c1');
select is(embedding_code, ('101' || repeat('0', 1533))::bit(1536), 'an embedding''s code is made of its signs') from knowledge_chunks where id = pg_temp.n('c1');

-- updated_at.
update agent_knowledge_bases set updated_at = '2000-01-01';
update knowledge_documents set updated_at = '2000-01-01';
update knowledge_chunks set updated_at = '2000-01-01';
update knowledge set updated_at = '2000-01-01';
select ok(bool_and(updated_at >= now()), 'the database keeps a base''s updated_at') from agent_knowledge_bases;
select ok(bool_and(updated_at >= now()), 'the database keeps a document''s updated_at') from knowledge_documents;
select ok(bool_and(updated_at >= now()), 'the database keeps a chunk''s updated_at') from knowledge_chunks;
select ok(bool_and(updated_at >= now()), 'the database keeps an entry''s updated_at') from knowledge;
delete from agent_knowledge_bases;
delete from knowledge;

-- ---------------------------------------------------------------------------------------------------------------
-- Who may do what. Eight bases: shared or owned, public or not, active or not; a document and a chunk in each.
insert into agent_knowledge_bases (id, agent_id, name, owner_id, is_public, is_active) values
    (pg_temp.n('b1'), 'coach', 'Public', null, true, true),
    (pg_temp.n('b2'), 'coach', 'Shared', null, false, true),
    (pg_temp.n('b3'), 'coach', 'Ada''s', pg_temp.ada(), false, true),
    (pg_temp.n('b4'), 'coach', 'Ben''s', pg_temp.ben(), false, true),
    (pg_temp.n('b5'), 'coach', 'Ada''s inactive', pg_temp.ada(), false, false),
    (pg_temp.n('b6'), 'coach', 'Shared inactive', null, false, false),
    (pg_temp.n('b7'), 'coach', 'Public inactive', null, true, false),
    (pg_temp.n('b8'), 'coach', 'Ada''s public', pg_temp.ada(), true, true);
insert into knowledge_documents (id, knowledge_base_id, title, content)
select pg_temp.n('d' || right(b.id::text, 1)), b.id, 'On ' || name, 'Text of ' || name from agent_knowledge_bases b;
insert into knowledge_chunks (id, document_id, chunk_index, content, embedding, metadata)
select pg_temp.n('c' || right(id::text, 1)), id, 0,
    'Confidence grows with practice' || repeat(', and with patience', right(id::text, 1)::int - 1),
    pg_temp.vec(10, right(id::text, 1)::real), jsonb_build_object('page', right(id::text, 1)::int)
from knowledge_documents;
insert into knowledge (id, user_id, content, embedding) values
    (pg_temp.n('e1'), null, 'Confidence is shared', pg_temp.vec(10, 20)),
    (pg_temp.n('e2'), pg_temp.ada(), 'Confidence of Ada, Ada, Ada', pg_temp.vec(10, 30)),
    (pg_temp.n('e3'), pg_temp.ben(), 'Confidence of Ben and of nobody else who might ask', pg_temp.vec(10, 40));

select table_privs_are(tab, who, privs, format('%s: what %s may do with the table', tab, who))
from (values ('agent_knowledge_bases'::name), ('knowledge_documents'), ('knowledge_chunks')) as t (tab),
    (values
        ('anon'::name, '{SELECT}'::name[]),
        ('authenticated', '{SELECT,INSERT,UPDATE,DELETE}'),
        ('service_role', '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}')
    ) as v (who, privs);
select table_privs_are('knowledge', who, privs, format('knowledge: what %s may do with the table', who))
from (values
    ('anon'::name, '{}'::name[]),
    ('authenticated', '{SELECT,INSERT,UPDATE,DELETE}'),
    ('service_role', '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}')
) as v (who, privs);

-- What a caller reads: the bases by their digits, and by both searches the chunks, in tables and answers alike.
create function pg_temp.reads() returns text language sql as $$
    select concat_ws(' ',
        (select string_agg(right(id::text, 1), '' order by id) from agent_knowledge_bases),
        (select string_agg(right(id::text, 1), '' order by id) from knowledge_documents),
        (select string_agg(right(id::text, 1), '' order by id) from knowledge_chunks),
        (select string_agg(right(chunk_id::text, 1), '' order by chunk_id) from search_knowledge_chunks(pg_temp.vec(1), null, -1, 100)),
        (select string_agg(right(id::text, 1), '' order by id) from search_knowledge_base('confidence', null, 100) where source = 'chunk'),
        (select string_agg(right(id::text, 1), '' order by id)
            from search_knowledge_base(null, null, 100, pg_temp.vec(1), -1) where source = 'chunk'))
$$;
create function pg_temp.entries() returns text language sql as $$
    select concat_ws(' ',
        coalesce((select string_agg(right(id::text, 1), '' order by id) from search_knowledge_base('confidence', null, 100) where source = 'entry'), '-'),
        coalesce((select string_agg(right(id::text, 1), '' order by id)
            from search_knowledge_base('confidence', null, 100, pg_temp.vec(1), -1) where source = 'entry'), '-'))
$$;
create function pg_temp.one(digit text) returns text language sql as $$
    select concat_ws(' ',
        (select count(*) from search_knowledge_chunks(pg_temp.vec(1), pg_temp.n('b' || digit), -1, 100)),
        (select count(*) from search_knowledge_base('confidence', pg_temp.n('b' || digit), 100)))
$$;

set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select is(pg_temp.reads(), repeat('18 ', 5) || '18', 'anon reads and finds what is public and active');
select is(pg_temp.entries(), '- -', 'anon finds no entries');
select is(pg_temp.one(digit), case when digit in ('1', '8') then '1 1' else '0 0' end, format('anon asks base %s alone', digit))
from unnest(array['1', '2', '3', '7', '8']) digit;
select throws_ok(command, '42501', null, 'anon: ' || command)
from (values ('select from knowledge'), ('insert into knowledge (content) values (''x'')'), ('update knowledge set content = ''x'''),
    ('delete from knowledge'), ('truncate knowledge'), ('insert into agent_knowledge_bases (agent_id, name) values (''x'', ''x'')'),
    ('update agent_knowledge_bases set name = ''x'''), ('delete from agent_knowledge_bases'), ('truncate agent_knowledge_bases cascade'),
    ('update knowledge_documents set title = ''x'''), ('delete from knowledge_documents'), ('update knowledge_chunks set content = ''x'''),
    ('delete from knowledge_chunks'), ('truncate knowledge_chunks')) as v (command);

set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated"}';
select is(pg_temp.reads(), repeat('1248 ', 5) || '1248', 'Ben reads and finds what is shared, public and his');
select is(pg_temp.entries(), '13 13', 'Ben finds the shared entries and his own');
select results_eq('select id from knowledge order by id', $$values (pg_temp.n('e1')), (pg_temp.n('e3'))$$, 'Ben reads the shared entries and his own');
select is(pg_temp.one(digit), case when digit in ('1', '2', '4', '8') then '1 1' else '0 0' end, format('Ben asks base %s alone', digit))
from generate_series(1, 8) i, cast(i as text) digit;

set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
select is(pg_temp.reads(), repeat('12358 ', 5) || '12358', 'Ada reads and finds what is shared, public and hers, active or not');
select is(pg_temp.entries(), '12 12', 'Ada finds the shared entries and her own');
select is(pg_temp.one(digit), case when digit in ('1', '2', '3', '5', '8') then '1 1' else '0 0' end, format('Ada asks base %s alone', digit))
from generate_series(1, 8) i, cast(i as text) digit;

-- What a person writes.
select lives_ok(command, title)
from (values
    ($$insert into agent_knowledge_bases (id, agent_id, name, owner_id) values (pg_temp.n('ba'), 'coach', 'New', pg_temp.ada())$$, 'people add bases'),
    ($$update agent_knowledge_bases set description = 'Mine' where id = pg_temp.n('ba')$$, 'people change their bases'),
    ($$insert into knowledge_documents (id, knowledge_base_id, title, content) values (pg_temp.n('da'), pg_temp.n('ba'), 'Mine', 'Mine')$$,
        'people add documents'),
    ($$update knowledge_documents set title = 'Still mine' where id = pg_temp.n('da')$$, 'people change their documents'),
    ($$insert into knowledge_chunks (id, document_id, chunk_index, content) values (pg_temp.n('ca'), pg_temp.n('da'), 0, 'Mine')$$,
        'people add chunks'),
    ($$update knowledge_chunks set content = 'Still mine' where id = pg_temp.n('ca')$$, 'people change their chunks'),
    ($$insert into knowledge_documents (id, knowledge_base_id, title, content) values (pg_temp.n('d9'), pg_temp.n('b5'), 'Too', 'Too')$$,
        'people add documents to their inactive bases'),
    ($$insert into knowledge (id, user_id, content) values (pg_temp.n('ea'), pg_temp.ada(), 'Mine')$$, 'people add entries'),
    ($$update knowledge set content = 'Still mine' where id = pg_temp.n('ea')$$, 'people change their entries')
) as v (command, title);
select results_eq(
    $$select document_count, total_chunks from agent_knowledge_bases where id = pg_temp.n('ba')$$, $$values (1, 1)$$, 'what people add is counted'
);
select throws_ok(command, '42501', null, title)
from (values
    ($$insert into agent_knowledge_bases (agent_id, name, owner_id) values ('coach', 'x', pg_temp.ben())$$, 'people add no bases in another''s name'),
    ($$insert into agent_knowledge_bases (agent_id, name, owner_id) values ('coach', 'x', null)$$, 'nor shared ones'),
    ($$insert into agent_knowledge_bases (agent_id, name, owner_id, is_public) values ('coach', 'x', pg_temp.ada(), true)$$, 'nor public ones'),
    ($$update agent_knowledge_bases set is_public = true where id = pg_temp.n('ba')$$, 'people make no base public'),
    ($$update agent_knowledge_bases set owner_id = null where id = pg_temp.n('ba')$$, 'nor shared'),
    ($$update agent_knowledge_bases set owner_id = pg_temp.ben() where id = pg_temp.n('ba')$$, 'nor another''s'),
    ($$insert into knowledge_documents (knowledge_base_id, title, content) values (pg_temp.n('b1'), 'x', 'x')$$, 'people add no documents to public bases'),
    ($$insert into knowledge_documents (knowledge_base_id, title, content) values (pg_temp.n('b2'), 'x', 'x')$$, 'nor to shared ones'),
    ($$insert into knowledge_documents (knowledge_base_id, title, content) values (pg_temp.n('b8'), 'x', 'x')$$, 'nor to their own that are public'),
    ($$insert into knowledge_documents (knowledge_base_id, title, content) values (pg_temp.n('b4'), 'x', 'x')$$, 'nor to another''s'),
    ($$update knowledge_documents set knowledge_base_id = pg_temp.n('b2') where id = pg_temp.n('da')$$, 'people move no document to a shared base'),
    ($$insert into knowledge_chunks (document_id, chunk_index, content) values (pg_temp.n('d2'), 9, 'x')$$, 'people add no chunks to shared documents'),
    ($$insert into knowledge_chunks (document_id, chunk_index, content) values (pg_temp.n('d8'), 9, 'x')$$, 'nor to public ones'),
    ($$insert into knowledge_chunks (document_id, knowledge_base_id, chunk_index, content) values (pg_temp.n('d4'), pg_temp.n('b4'), 9, 'x')$$,
        'nor to another''s'),
    ($$insert into knowledge (user_id, content) values (pg_temp.ben(), 'x')$$, 'people add no entries in another''s name'),
    ($$insert into knowledge (user_id, content) values (null, 'x')$$, 'nor shared ones'),
    ($$update knowledge set user_id = null where id = pg_temp.n('ea')$$, 'people make no entry shared'),
    ('truncate agent_knowledge_bases cascade', 'people empty no table of bases'),
    ('truncate knowledge_documents cascade', 'people empty no table of documents'),
    ('truncate knowledge_chunks', 'people empty no table of chunks'),
    ('truncate knowledge', 'people empty no table of entries')
) as v (command, title);
select throws_ok(
    $$insert into knowledge_chunks (document_id, chunk_index, content) values (pg_temp.n('d4'), 9, 'x')$$, null, null,
    'people add no chunks to another''s document by leaving out the base'
);
select throws_ok(
    $$insert into knowledge_chunks (document_id, knowledge_base_id, chunk_index, content) values (pg_temp.n('d4'), pg_temp.n('ba'), 9, 'x')$$, null, null,
    'nor by naming their own'
);
with changed as (update agent_knowledge_bases set description = 'x' where id <> pg_temp.n('ba') returning id)
select set_eq('select unnest(' || quote_literal(array_agg(id)::text) || '::uuid[])', $$values (pg_temp.n('b3')), (pg_temp.n('b5'))$$,
    'people change their own private bases alone') from changed;
with changed as (update knowledge_documents set title = 'x' where id = any (array[pg_temp.n('d1'), pg_temp.n('d2'), pg_temp.n('d4'), pg_temp.n('d8')]) returning id)
select is(count(*), 0::bigint, 'people change no other documents') from changed;
with changed as (update knowledge_chunks set content = 'x' where id = any (array[pg_temp.n('c1'), pg_temp.n('c2'), pg_temp.n('c4'), pg_temp.n('c8')]) returning id)
select is(count(*), 0::bigint, 'people change no other chunks') from changed;
with changed as (update knowledge set content = 'x' where id <> all (array[pg_temp.n('e2'), pg_temp.n('ea')]) returning id)
select is(count(*), 0::bigint, 'people change no shared entries and no other people''s') from changed;
with erased as (delete from knowledge where id <> all (array[pg_temp.n('e2'), pg_temp.n('ea')]) returning id)
select is(count(*), 0::bigint, 'people erase no shared entries and no other people''s') from erased;
with erased as (delete from agent_knowledge_bases where id = any (array[pg_temp.n('b1'), pg_temp.n('b2'), pg_temp.n('b4'), pg_temp.n('b8')]) returning id)
select is(count(*), 0::bigint, 'people erase no other bases') from erased;
with erased as (delete from knowledge_documents where id = any (array[pg_temp.n('d1'), pg_temp.n('d2'), pg_temp.n('d4'), pg_temp.n('d8')]) returning id)
select is(count(*), 0::bigint, 'people erase no other documents') from erased;
with erased as (delete from knowledge_chunks where id = any (array[pg_temp.n('c1'), pg_temp.n('c2'), pg_temp.n('c4'), pg_temp.n('c8')]) returning id)
select is(count(*), 0::bigint, 'people erase no other chunks') from erased;
select lives_ok(command, title)
from (values
    ($$delete from knowledge_chunks where id = pg_temp.n('ca')$$, 'people erase their chunks'),
    ($$delete from knowledge_documents where id in (pg_temp.n('da'), pg_temp.n('d9'))$$, 'people erase their documents'),
    ($$delete from agent_knowledge_bases where id = pg_temp.n('ba')$$, 'people erase their bases'),
    ($$delete from knowledge where id = pg_temp.n('ea')$$, 'people erase their entries')
) as v (command, title);

-- Nobody and the service.
set local request.jwt.claims = '';
select is(pg_temp.reads(), repeat('128 ', 5) || '128', 'a signed-in caller without a name reads what is shared and public');
select is(pg_temp.entries(), '1 1', 'and finds the shared entries');
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select is(pg_temp.reads(), repeat('12345678 ', 5) || '12345678', 'the service reads and finds everything');
select is(pg_temp.entries(), '123 123', 'and everybody''s entries');
select lives_ok($$update agent_knowledge_bases set description = 'x'$$, 'the service changes bases');
select lives_ok($$insert into knowledge (id, content) values (pg_temp.n('ef'), 'Shared')$$, 'the service adds shared entries');
select is(user_id, null, 'which are nobody''s') from knowledge where id = pg_temp.n('ef');
select lives_ok($$delete from knowledge where id = pg_temp.n('ef')$$, 'the service erases entries');
select lives_ok($$update knowledge_chunks set token_count = 4 where id = pg_temp.n('c4')$$, 'the service changes chunks');
reset role;

-- A caller whom an administrator has left no rights on entries; an administrator's policy.
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
revoke select on knowledge from authenticated;
create policy test_hidden on knowledge_chunks as restrictive for select to authenticated using (id <> pg_temp.n('c1'));
set local role authenticated;
select is(pg_temp.entries(), '- -', 'who has no rights on entries finds chunks alone, without error');
select is(pg_temp.reads(), '12358 12358 2358 2358 2358 2358', 'what an administrator''s policy hides is not found');
select results_eq(
    $$select chunk_id from search_knowledge_chunks(pg_temp.vec(1), null, -1, 2)$$, $$values (pg_temp.n('c2')), (pg_temp.n('c3'))$$,
    'and does not make the answer shorter'
);
select is(count(*), 2::bigint, 'nor that to words') from search_knowledge_base('confidence', null, 2);
reset role;
drop policy test_hidden on knowledge_chunks;
grant select on knowledge to authenticated;

-- ---------------------------------------------------------------------------------------------------------------
-- search_knowledge_chunks.
set local role authenticated;
select results_eq(
    $$select chunk_id, document_id, document_title, content, similarity::numeric(9, 6), chunk_index, metadata
      from search_knowledge_chunks(pg_temp.vec(0, 1), pg_temp.n('b3'), 0, 5)$$,
    $$values (pg_temp.n('c3'), pg_temp.n('d3'), 'On Ada''s', 'Confidence grows with practice, and with patience, and with patience',
        (3 / sqrt(109))::numeric(9, 6), 0, '{"page": 3}'::jsonb)$$,
    'a row tells all of its chunk'
);
select results_eq(
    $$select chunk_id, similarity from search_knowledge_chunks(pg_temp.vec(3, 2, 1), null, -1, 100)$$,
    $$select id, 1 - (embedding <=> pg_temp.vec(3, 2, 1)) from knowledge_chunks order by 2 desc$$,
    'similarity is one minus the cosine distance, best first'
);
select is(count(*), 2::bigint, 'match_count limits') from search_knowledge_chunks(pg_temp.vec(1), null, -1, 2);
select is_empty($$select * from search_knowledge_chunks(pg_temp.vec(1), null, -1, 0)$$, 'match_count 0 is an empty answer');
select is(count(*), 5::bigint, 'match_count 1000 is allowed') from search_knowledge_chunks(pg_temp.vec(1), null, -1, 1000);
select results_eq(
    $$select chunk_id from search_knowledge_chunks(pg_temp.vec(1))$$, $$select chunk_id from search_knowledge_chunks(pg_temp.vec(1), null, 0.7, 5)$$,
    'match_threshold is 0.7 and match_count 5 at first'
);
select results_eq(
    format('select chunk_id from search_knowledge_chunks(pg_temp.vec(1), null, %L, 100)', 1 - (embedding <=> pg_temp.vec(1))),
    $$values (pg_temp.n('c1')), (pg_temp.n('c2')), (pg_temp.n('c3'))$$, 'match_threshold is inclusive'
)
from knowledge_chunks where id = pg_temp.n('c3');
select results_eq(
    $$select chunk_id from search_knowledge_chunks(query_embedding => pg_temp.vec(1), match_count => 1, match_threshold => 0.1,
        knowledge_base_id_param => pg_temp.n('b8'))$$,
    $$values (pg_temp.n('c8'))$$, 'it can be called by name'
);
select is_empty($$select * from search_knowledge_chunks(pg_temp.vec(1), pg_temp.n('dead'), -1)$$, 'an unknown base is empty');
reset role;
insert into knowledge_chunks (document_id, chunk_index, content, embedding)
select pg_temp.n('d4'), i, 'Nearer', pg_temp.vec(1000, i::real) from generate_series(1, 600) i;
insert into knowledge_chunks (id, document_id, chunk_index, content) values (pg_temp.n('cb'), pg_temp.n('d3'), 9, 'Without an embedding, confidence');
set local role authenticated;
select is(count(*), 5::bigint, 'the count is a promise, however small the caller''s share of the table is')
from search_knowledge_chunks(pg_temp.vec(1), null, -1, 10);
select is(count(*), 4::bigint, 'also to anon and above a threshold')
from (select from search_knowledge_chunks(pg_temp.vec(1), null, 1 - (pg_temp.vec(10, 5) <=> pg_temp.vec(1)), 10)) f;
set local role service_role;
select is(count(*), 608::bigint, 'as many rows as there are, for who may read all of them')
from search_knowledge_chunks(pg_temp.vec(1), null, -1, 1000);
reset role;
delete from knowledge_chunks where content = 'Nearer';

-- ---------------------------------------------------------------------------------------------------------------
-- search_knowledge_base by words. The oracle is the contract's formula over what the caller may read.
insert into knowledge_chunks (id, document_id, chunk_index, content, embedding) values
    (pg_temp.n('10'), pg_temp.n('d3'), 10, 'Practice speaking slowly. Slow speech gives confidence, and confidence gives calm.', pg_temp.vec(0, 0, 1)),
    (pg_temp.n('11'), pg_temp.n('d3'), 11, 'Calm breathing calms the calmest speaker of a morning talk', pg_temp.vec(0, 0, 1, 1)),
    (pg_temp.n('12'), pg_temp.n('d3'), 12, 'A talk in the morning, before breakfast', pg_temp.vec(0, 0, 1, 2)),
    (pg_temp.n('13'), pg_temp.n('d2'), 13, 'For a morning talk, drink water', pg_temp.vec(0, 0, 1, 3)),
    (pg_temp.n('14'), pg_temp.n('d2'), 14, 'Nothing to do with it at all, unless one counts a mountain of words that make a text long', pg_temp.vec(0, 0, 0, 1));
create function pg_temp.oracle(words text, base uuid) returns table (id uuid, score float8) language sql as $$
    with texts as (
        select c.id, c.search_vector from knowledge_chunks c where base is null or knowledge_base_id = base
        union all
        select e.id, e.search_vector from knowledge e where base is null
    ), lengths as (
        select t.id, t.search_vector, (select sum(cardinality(u.positions)) from unnest(t.search_vector) u) as length from texts t
    ), corpus as (
        select count(*)::float8 as n, sum(length)::float8 / count(*) as average from lengths
    ), terms as (
        select lexeme as term, (select count(*) from texts t where exists (select from unnest(t.search_vector) u where u.lexeme = q.lexeme))::float8 as df
        from unnest(to_tsvector('english', words)) q
    )
    select l.id, sum(
        ln(1 + (n - df + 0.5) / (df + 0.5)) * tf * (1.2 + 1) / (tf + 1.2 * (1 - 0.75 + 0.75 * length / average))
    )
    from lengths l cross join corpus cross join terms
    cross join lateral (select cardinality(u.positions)::float8 as tf from unnest(l.search_vector) u where u.lexeme = term) f
    group by l.id
$$;
set local role authenticated;
select set_eq(
    format('select id, keyword_score::numeric(12, 9) from search_knowledge_base(%L, %L, 1000)', words, base),
    format('select id, score::numeric(12, 9) from pg_temp.oracle(%L, %L)', words, base),
    format('BM25 of "%s" in %s is the formula''s', words, coalesce(right(base::text, 2), 'all that Ada may read'))
)
from (values ('calm'), ('confidence'), ('confidence practice'), ('calm talk morning water'), ('speak slowly or never'), ('patience and Ada')) as w (words),
    (values (null::uuid), (pg_temp.n('b3')), (pg_temp.n('b2'))) as b (base);
select cmp_ok(count(*), '>', 5::bigint, 'which says something') from pg_temp.oracle('calm talk morning confidence', null);
select results_eq(
    $$select id from search_knowledge_base('confidence practice', null, 4)$$,
    $$select id from pg_temp.oracle('confidence practice', null) order by score desc limit 4$$, 'best first, up to the limit'
);
select ok(bool_and(relevance_score = keyword_score), 'by words alone the relevance is the BM25 score') from search_knowledge_base('calm talk');
select ok(bool_and(similarity is null), 'and without an embedding there is no similarity') from search_knowledge_base('calm talk');
select results_eq(
    $$select id, source, document_id, title, content, kb_id, kb_name, metadata from search_knowledge_base('confidence', pg_temp.n('b8'))$$,
    $$values (pg_temp.n('c8'), 'chunk', pg_temp.n('d8'), 'On Ada''s public', (select content from knowledge_chunks where id = pg_temp.n('c8')),
        pg_temp.n('b8'), 'Ada''s public', '{"page": 8}'::jsonb)$$,
    'a row tells all of its chunk'
);
select results_eq(
    $$select id, source, document_id, content, kb_id, kb_name, metadata from search_knowledge_base('ada')$$,
    $$values (pg_temp.n('e2'), 'entry', null::uuid, 'Confidence of Ada, Ada, Ada', null::uuid, null::text, '{}'::jsonb)$$,
    'or of its entry'
);
select is(count(*), 0::bigint, 'in one base there are no entries') from search_knowledge_base('confidence', pg_temp.n('b3'), 100) where source <> 'chunk';
select set_eq(
    format('select right(id::text, 2) from search_knowledge_base(%L, null, 100)', query), string_to_array(found, ' '), format('%s: %s', query, title)
)
from (values
    ('calm water', '10 11 13', 'any word may match'),
    ('CALM, Water!', '10 11 13', 'whatever its case and punctuation'),
    ('calming', '10 11', 'in its base''s language'),
    ('"morning talk"', '11 13', 'a phrase must'),
    ('"talk in the morning"', '12', 'in its order'),
    ('calm "morning talk"', '11 13', 'a phrase must, words may'),
    ('water "morning talk" "calm breathing"', '11', 'both of two phrases must'),
    ('talk -water', '11 12', 'a word with a dash must not'),
    ('talk -"morning talk"', '12', 'nor a phrase with one'),
    ('calm -breathing -water', '10', 'nor one of several')
) as v (query, found, title);
select is_empty(
    format('select * from search_knowledge_base(%L)', query), format('%s: nothing is found, without error', to_json(query))
)
from (values
    ('the of and'), (''), ('   '), ('"'), ('""'), ('-'), ('--'), ('- "'), ('<->'), ('&|!()'), (''':*'), ('\'), ('"the of"'), ('???'), ('🙂'),
    (E'\t\n'), ('zzzz'), ('talk -talk'), ('"water mountain"')
) as v (query);
select lives_ok(format('select * from search_knowledge_base(%L)', query), format('%s: no error', to_json(left(query, 30))))
from (values
    ('"calm'), ('calm"'), ('calm & | talk'), ('calm <-> talk'), ('!calm'), ('calm:*'), ('calm:AB'), ('(calm'), ('calm''s'), ('-calm'), ('- calm'), ('--calm'),
    ('calm -'), ('or'), ('calm or'), ('or calm'), ('and not or'), ('"calm" OR -"talk'), ('user@example.com https://example.com/a?b=c'), ('%_*\'),
    ('C++ 100% $x'), (repeat('calm ', 5000)), (repeat('x', 5000)), (repeat('"', 999)), (repeat('-', 999))
) as v (query);

-- Another language.
reset role;
insert into agent_knowledge_bases (id, agent_id, name, owner_id, language) values (pg_temp.n('b9'), 'coach', 'Deutsch', pg_temp.ben(), 'german');
insert into knowledge_documents (id, knowledge_base_id, title, content) values (pg_temp.n('d9'), pg_temp.n('b9'), 'Deutsch', 'Deutsch');
insert into knowledge_chunks (id, document_id, chunk_index, content) values (pg_temp.n('c9'), pg_temp.n('d9'), 0, 'Die Häuser der Nachbarn');
set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated"}';
select results_eq($$select id from search_knowledge_base('Haus', pg_temp.n('b9'))$$, $$values (pg_temp.n('c9'))$$, 'a German base is asked in German');
select results_eq($$select id from search_knowledge_base('Haus')$$, $$values (pg_temp.n('c9'))$$, 'also among others');
select is_empty($$select id from search_knowledge_base('die der', pg_temp.n('b9'))$$, 'German stop words ask for nothing');
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
select is_empty($$select id from search_knowledge_base('Haus')$$, 'and others'' bases stay theirs');

-- By meaning.
select results_eq(
    $$select id, similarity, relevance_score from search_knowledge_base(query_embedding => pg_temp.vec(1, 2, 3, 4), limit_results => 1000,
        similarity_threshold => -1)$$,
    $$select id, 1 - (embedding <=> pg_temp.vec(1, 2, 3, 4)) as s, 1 - (embedding <=> pg_temp.vec(1, 2, 3, 4))
      from (select id, embedding from knowledge_chunks union all select id, embedding from knowledge) t where embedding is not null order by s desc$$,
    'by an embedding alone: the similarity, best first, chunks and entries'
);
select results_eq(
    format('select right(id::text, 2) from search_knowledge_base(null, null, 100, pg_temp.vec(0, 0, 1), %L)', threshold),
    string_to_array(found, ' '), format('the threshold is inclusive: %s', threshold)
)
from (values (1::float8, '10'), (1 - (pg_temp.vec(0, 0, 1, 2) <=> pg_temp.vec(0, 0, 1)), '10 11 12')) as v (threshold, found);
select is(
    (select count(*) from search_knowledge_base(null, null, 100, pg_temp.vec(0, 0, 0, -1))),
    (select count(*) from (select embedding from knowledge_chunks union all select embedding from knowledge) t
        where 1 - (embedding <=> pg_temp.vec(0, 0, 0, -1)) >= 0),
    'the threshold is 0 at first'
);
select results_eq(
    $$select right(id::text, 2) from search_knowledge_base(null, pg_temp.n('b2'), 2, pg_temp.vec(0, 0, 1, 3))$$, array['13', '14'],
    'one base alone, up to the limit'
);

-- By both. The weights are those of the function's comment.
create temporary table ranks as
with words as (
    select id, row_number() over (order by score desc) as place from pg_temp.oracle('calm talk water', null)
), meaning as (
    select id, row_number() over (order by 1 - (embedding <=> pg_temp.vec(1, 2, 3, 4)) desc) as place
    from (select id, embedding from knowledge_chunks union all select id, embedding from knowledge) t
    where 1 - (embedding <=> pg_temp.vec(1, 2, 3, 4)) >= 0.6
)
select id, words.place as by_words, meaning.place as by_meaning,
    coalesce(0.7 / (60 + words.place), 0) + coalesce(0.3 / (60 + meaning.place), 0) as fused
from words full join meaning using (id);
create temporary table fused as select * from search_knowledge_base('calm talk water', null, 1000, pg_temp.vec(1, 2, 3, 4), 0.6);
select set_eq('select id from fused', 'select id from ranks', 'by both: what is found by either');
select ok(
    count(*) filter (where by_words is null) > 0 and count(*) filter (where by_meaning is null) > 0
        and count(*) filter (where by_words + by_meaning > 0) > 0,
    'some by words, some by meaning, some by both'
)
from ranks;
select results_eq(
    'select relevance_score from fused', 'select relevance_score from fused order by 1 desc', 'best first'
);
select set_eq(
    'select id, (relevance_score / max(relevance_score) over ())::numeric(12, 9) from fused',
    'select id, (fused / max(fused) over ())::numeric(12, 9) from ranks',
    'fused by reciprocal rank, 60 and the rank from 1, with weights'
);
select set_eq(
    'select id, relevance_score::numeric(12, 9) from fused', 'select id, fused::numeric(12, 9) from ranks',
    'which are 0.7 and 0.3, as the comment says'
);
select set_eq(
    'select id, keyword_score::numeric(12, 9) from fused where id in (select id from ranks where by_words is not null)',
    $$select id, score::numeric(12, 9) from pg_temp.oracle('calm talk water', null)$$, 'keyword_score is the BM25 score'
);
select results_eq(
    'select id, similarity from fused order by id',
    $$select id, 1 - (embedding <=> pg_temp.vec(1, 2, 3, 4)) from fused join (
        select id, embedding from knowledge_chunks union all select id, embedding from knowledge) t using (id) order by id$$,
    'similarity is told of every row, also of those found by words alone'
);
select is(similarity, null, 'and null without an embedding')
from search_knowledge_base('without', null, 100, pg_temp.vec(1)) where id = pg_temp.n('cb');
select results_eq(
    $$select id from search_knowledge_base('breakfast', null, 100, pg_temp.vec(1), 1)$$, $$values (pg_temp.n('12'))$$,
    'the threshold binds the side of meaning alone'
);
select is((select similarity from search_knowledge_base('breakfast', null, 100, pg_temp.vec(1), 1)), 0::float8, 'below it a similarity is told all the same');
select results_eq(
    'select id from search_knowledge_base(''calm talk water'', null, 3, pg_temp.vec(1, 2, 3, 4), 0.6)', 'select id from fused limit 3',
    'up to the limit'
);
select set_eq(
    $$select id from search_knowledge_base('the of', null, 100, pg_temp.vec(0, 0, 1), 0.5)$$,
    $$select id from search_knowledge_base(null, null, 100, pg_temp.vec(0, 0, 1), 0.5)$$, 'words that ask for nothing leave the meaning'
);

-- ---------------------------------------------------------------------------------------------------------------
-- Bad input: the SQLSTATE, and a message that names the argument. The same for everybody who may call.
create temporary table bad (call text, code text, names text);
grant select on bad to public;
insert into bad values
    ('search_knowledge_chunks(null)', '22004', 'query_embedding'),
    ('search_knowledge_chunks(pg_temp.vec(1), null, null)', '22004', 'match_threshold'),
    ('search_knowledge_chunks(pg_temp.vec(1), null, 0.5, null)', '22004', 'match_count'),
    ('search_knowledge_chunks(pg_temp.vec(1), null, 1.01)', '22023', 'match_threshold.*-1.*1'),
    ('search_knowledge_chunks(pg_temp.vec(1), null, -1.01)', '22023', 'match_threshold'),
    ('search_knowledge_chunks(pg_temp.vec(1), null, ''NaN'')', '22023', 'match_threshold'),
    ('search_knowledge_chunks(pg_temp.vec(1), null, 0.5, -1)', '22023', 'match_count'),
    ('search_knowledge_chunks(pg_temp.vec(1), null, 0.5, 1001)', '22023', 'match_count.*1000'),
    ('search_knowledge_chunks(''[1,2,3]'')', '22023', 'query_embedding.*1536'),
    ('search_knowledge_chunks(pg_temp.vec(0))', '22023', 'query_embedding.*zero'),
    ('search_knowledge_base()', '22004', 'search_query.*query_embedding'),
    ('search_knowledge_base(null, null, 10, null)', '22004', 'search_query.*query_embedding'),
    ('search_knowledge_base(''x'', null, null)', '22004', 'limit_results'),
    ('search_knowledge_base(''x'', null, -1)', '22023', 'limit_results'),
    ('search_knowledge_base(''x'', null, 1001)', '22023', 'limit_results.*1000'),
    ('search_knowledge_base(''x'', null, 10, ''[1,2,3]'')', '22023', 'query_embedding.*1536'),
    ('search_knowledge_base(null, null, 10, pg_temp.vec(0))', '22023', 'query_embedding.*zero'),
    ('search_knowledge_base(''x'', null, 10, pg_temp.vec(1), null)', '22004', 'similarity_threshold'),
    ('search_knowledge_base(''x'', null, 10, pg_temp.vec(1), 1.01)', '22023', 'similarity_threshold.*-1.*1'),
    ('search_knowledge_base(''x'', null, 10, pg_temp.vec(1), -1.01)', '22023', 'similarity_threshold'),
    ('search_knowledge_base(''x'', null, 10, pg_temp.vec(1), ''NaN'')', '22023', 'similarity_threshold');
select unnest(array[
    throws_ok(format('select %s', call), code, null, format('%s: %s', code, call)),
    throws_matching(format('select %s', call), names, format('says what is wrong: %s', call))
])
from bad;
select is_empty($$select * from search_knowledge_base('calm', null, 0)$$, 'limit_results 0 is an empty answer');
select is_empty($$select * from search_knowledge_base('calm', null, 0, pg_temp.vec(1))$$, 'also to both');
select lives_ok($$select * from search_knowledge_base('calm', null, 1000)$$, 'limit_results 1000 is allowed');
select is_empty($$select * from search_knowledge_base('calm', pg_temp.n('dead'))$$, 'an unknown base is empty');
select is_empty($$select * from search_knowledge_base('confidence', pg_temp.n('b4'))$$, 'as is another person''s');
select results_eq(
    $$select id from search_knowledge_base(limit_results => 1, search_query => 'breakfast', similarity_threshold => 0.5, kb_id_filter => pg_temp.n('b3'),
        query_embedding => null)$$,
    $$values (pg_temp.n('12'))$$, 'it can be called by name'
);
set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select throws_ok(format('select %s', call), code, null, format('anon: %s: %s', code, call)) from bad;

-- Reads write nothing.
reset role;
create function pg_temp.read_only() returns bigint language sql stable set transaction_read_only = on as $$
    select (select count(*) from search_knowledge_chunks(pg_temp.vec(1)))
        + (select count(*) from search_knowledge_base('calm', null, 10, pg_temp.vec(1)))
$$;
select lives_ok('select pg_temp.read_only()', 'reads work in a read-only transaction');

-- Whoever goes takes bases and entries along; what is shared stays.
set local request.jwt.claims = '';
delete from auth.users where id = pg_temp.ada();
select set_eq('select right(id::text, 2) from agent_knowledge_bases', array['b1', 'b2', 'b4', 'b6', 'b7', 'b9'], 'an erased person''s bases are gone');
select set_eq('select right(id::text, 2) from knowledge', array['e1', 'e3'], 'an erased person''s entries are gone');

select * from finish();
rollback;
