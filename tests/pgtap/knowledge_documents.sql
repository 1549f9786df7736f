-- Adding documents: who may, what is refused, what is stored, and how it is split.
begin;
select plan(231);
set local client_min_messages = warning;

create function pg_temp.ada() returns uuid immutable return '00000000-0000-4000-8000-00000000000a'::uuid;
create function pg_temp.ben() returns uuid immutable return '00000000-0000-4000-8000-00000000000b'::uuid;
create function pg_temp.n(text) returns uuid immutable return ('00000000-0000-7000-8000-' || lpad($1, 12, '0'))::uuid;
insert into auth.users (id) values (pg_temp.ada()), (pg_temp.ben());
insert into agent_knowledge_bases (id, agent_id, name, owner_id, is_public, is_active) values
    (pg_temp.n('b1'), 'coach', 'Public', null, true, true),
    (pg_temp.n('b2'), 'coach', 'Shared', null, false, true),
    (pg_temp.n('b3'), 'coach', 'Ada''s', pg_temp.ada(), false, true),
    (pg_temp.n('b4'), 'coach', 'Ben''s', pg_temp.ben(), false, true),
    (pg_temp.n('b5'), 'coach', 'Ada''s inactive', pg_temp.ada(), false, false),
    (pg_temp.n('b8'), 'coach', 'Ada''s public', pg_temp.ada(), true, true);

-- Sentences and paragraphs in which no word is twice.
create function pg_temp.prose(words int) returns text immutable language sql as $$
    select string_agg(
        (array['calm', 'morning', 'Läufer', 'breathing', 'habit', 'naïve'])[1 + i % 6] || i
            || case when i % 60 = 0 then E'.\n\n' when i % 12 = 0 then '. ' when i % 5 = 0 then ', ' else ' ' end,
        '' order by i)
    from generate_series(1, words) i
$$;
create function pg_temp.bare(text) returns text immutable language sql as $$
    select regexp_replace($1, '[\s\u00a0\u3000]', '', 'g')
$$;
-- A document's chunks one after another, without white space.
create function pg_temp.joined(document uuid) returns text language sql as $$
    select string_agg(pg_temp.bare(content), '' order by chunk_index) from knowledge_chunks where document_id = document
$$;
-- Whether its chunks are numbered from 0, counted in tokens, and have no white space at their ends.
create function pg_temp.sound(document uuid, most int) returns boolean language sql as $$
    select bool_and(token_count between 1 and most) and bool_and(content !~ '^\n|\s$' and content <> '')
        and min(chunk_index) = 0 and max(chunk_index) = count(*) - 1
    from knowledge_chunks where document_id = document
$$;
create function pg_temp.counts(base uuid) returns text language sql as $$
    select format('%s/%s', document_count, total_chunks)
        || coalesce((select string_agg(' ' || title || ':' || chunk_count, '' order by title) from knowledge_documents where knowledge_base_id = base), '')
    from agent_knowledge_bases where id = base
$$;
-- The same, by counting.
create function pg_temp.counted(base uuid) returns text language sql as $$
    select format('%s/%s', (select count(*) from knowledge_documents where knowledge_base_id = base),
        (select count(*) from knowledge_chunks where knowledge_base_id = base))
        || coalesce((select string_agg(format(' %s:%s', title, (select count(*) from knowledge_chunks c where c.document_id = d.id)), '' order by title)
            from knowledge_documents d where knowledge_base_id = base), '')
$$;

-- ---------------------------------------------------------------------------------------------------------------
-- The contract's signature.
select is(
    pg_get_function_arguments('add_knowledge_document'::regproc),
    'p_knowledge_base_id uuid, p_title text, p_content text, p_source_url text DEFAULT NULL::text, p_document_type text DEFAULT ''text''::text, '
        'p_metadata jsonb DEFAULT ''{}''::jsonb, p_max_tokens integer DEFAULT 512, p_overlap_tokens integer DEFAULT 64',
    'it takes what it promises'
);
select is(pg_get_function_result('add_knowledge_document'::regproc), 'uuid', 'it returns the document''s id');
select is(provolatile, 'v'::"char", 'it is a write') from pg_proc where oid = 'add_knowledge_document'::regproc;
select ok(not prosecdef, 'it has no rights but the caller''s') from pg_proc where oid = 'add_knowledge_document'::regproc;
select ok(exists (select from unnest(proconfig) c where c like 'search_path=%'), 'it has a fixed search_path')
from pg_proc where oid = 'add_knowledge_document'::regproc;

-- ---------------------------------------------------------------------------------------------------------------
-- Who may.
select function_privs_are('add_knowledge_document', '{uuid,text,text,text,text,jsonb,integer,integer}', who, privs, format('what %s may', who))
from (values ('anon'::name, '{}'::name[]), ('authenticated', '{EXECUTE}'), ('service_role', '{EXECUTE}')) v (who, privs);

set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select throws_ok(format($$select add_knowledge_document(pg_temp.n(%L), 'Title', 'Content')$$, base), '42501', null, format('anon may not, in %s', base))
from unnest(array['b1', 'b3', 'dead']) base;

set local role authenticated;
set local request.jwt.claims = '{"role":"authenticated"}';
select throws_ok($$select add_knowledge_document(pg_temp.n('b3'), 'Title', 'Content')$$, '23503', null, 'a person without an id has no base');
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
select unnest(array[
    throws_ok(format($$select add_knowledge_document(pg_temp.n(%L), 'Title', 'Content')$$, base), '23503', null, title),
    throws_matching(format($$select add_knowledge_document(pg_temp.n(%L), 'Title', 'Content')$$, base), 'p_knowledge_base_id', 'and is told which argument')
])
from (values ('dead', 'an unknown base is refused'), ('b4', 'another person''s base is refused'), ('b1', 'a public base is refused'),
    ('b2', 'a shared base is refused'), ('b8', 'one''s own public base is refused')) v (base, title);
select isnt(add_knowledge_document(pg_temp.n(base), 'Title', 'Content'), null, title)
from (values ('b3', 'a person adds to their private base'), ('b5', 'also to an inactive one')) v (base, title);
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select isnt(add_knowledge_document(pg_temp.n(base), 'Of the service', 'Content of the service'), null, format('the service adds to base %s', base))
from unnest(array['b1', 'b2', 'b3', 'b4', 'b5', 'b8']) base;
select throws_ok($$select add_knowledge_document(pg_temp.n('dead'), 'Title', 'Content')$$, '23503', null, 'but not to an unknown one');
reset role;
delete from knowledge_documents;

-- ---------------------------------------------------------------------------------------------------------------
-- Bad input: the SQLSTATE, and a message that names the argument.
create temporary table bad (arguments text, code text, names text);
grant select on bad to public;
insert into bad
select format('%s => %s', argument, value), code, argument || coalesce('.*' || says, '')
from (values
    ('p_knowledge_base_id', 'null', '22004', null), ('p_title', 'null', '22004', null), ('p_content', 'null', '22004', null),
    ('p_document_type', 'null', '22004', null), ('p_max_tokens', 'null', '22004', null), ('p_overlap_tokens', 'null', '22004', null),
    ('p_title', '''''', '22023', 'empty'), ('p_title', '''  ''', '22023', 'empty'), ('p_title', 'E''\n\t''', '22023', 'empty'),
    ('p_content', '''''', '22023', 'empty'), ('p_content', '''  ''', '22023', 'empty'), ('p_content', 'E''\r\n\t ''', '22023', 'empty'),
    ('p_content', 'repeat(U&''\00a0\3000'', 99999)', '22023', 'empty'),
    ('p_document_type', '''word''', '22023', 'text.*markdown.*pdf.*html.*word'), ('p_document_type', '''''', '22023', 'text'),
    ('p_document_type', '''Markdown''', '22023', 'markdown'), ('p_document_type', 'repeat(''x'', 99999)', '22023', 'markdown'),
    ('p_metadata', '''[]''', '22023', 'object'), ('p_metadata', '''"text"''', '22023', 'object'), ('p_metadata', '''1''', '22023', 'object'),
    ('p_metadata', '''null''', '22023', 'object'),
    ('p_max_tokens', '0', '22023', '1.*8191'), ('p_max_tokens', '-1', '22023', '8191'), ('p_max_tokens', '8192', '22023', '8191.*8192'),
    ('p_max_tokens', '2147483647', '22023', '8191'), ('p_max_tokens', '-2147483648', '22023', '8191'),
    ('p_overlap_tokens', '-1', '22023', '0'), ('p_overlap_tokens', '512', '22023', 'p_max_tokens'), ('p_overlap_tokens', '513', '22023', 'p_max_tokens'),
    ('p_overlap_tokens', '2147483647', '22023', 'p_max_tokens'), ('p_overlap_tokens', '-2147483648', '22023', 'p_max_tokens'),
    ('p_max_tokens', '64', '22023', null)
) v (argument, value, code, says);
update bad set names = 'p_overlap_tokens' where arguments = 'p_max_tokens => 64';

set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
-- The call with that argument, and good ones for those that have no default.
create function pg_temp.call(arguments text) returns text language sql as $$
    select format('select add_knowledge_document(%s)', concat_ws(', ', arguments,
        case when arguments !~ 'p_knowledge_base_id' then 'p_knowledge_base_id => pg_temp.n(''b3'')' end,
        case when arguments !~ 'p_title' then 'p_title => ''Title''' end,
        case when arguments !~ 'p_content' then 'p_content => ''Content''' end))
$$;
select unnest(array[
    throws_ok(pg_temp.call(arguments), code, null, format('%s: %s', code, left(arguments, 50))),
    throws_matching(pg_temp.call(arguments), names, format('says what is wrong: %s', left(arguments, 50)))
])
from bad;
select is_empty('select from knowledge_documents', 'what is refused leaves nothing');

-- NUL is no character of a text.
select throws_ok($$select add_knowledge_document(pg_temp.n('b3'), 'Title', 'a' || chr(0))$$, '54000', null, 'NUL is made by no function');
select throws_ok($$select add_knowledge_document(pg_temp.n('b3'), 'Title', '{"t": "a\u0000b"}'::jsonb ->> 't')$$, '22P05', null, 'and is in no JSON');
select throws_ok($$select add_knowledge_document(pg_temp.n('b3'), 'Title', convert_from('\x610062', 'UTF8'))$$, '22021', null, 'nor in bytes');

-- ---------------------------------------------------------------------------------------------------------------
-- What is stored.
select add_knowledge_document(pg_temp.n('b3'), 'First', 'Calm breathing helps.', 'https://example.com/calm', 'html', '{"page": 7}') as first \gset
select results_eq(
    format('select knowledge_base_id, title, content, source_url, document_type, metadata, chunk_count from knowledge_documents where id = %L', :'first'),
    $$values (pg_temp.n('b3'), 'First', 'Calm breathing helps.', 'https://example.com/calm', 'html', '{"page": 7}'::jsonb, 1)$$, 'all that was said'
);
select is(content_hash, encode(sha256(convert_to('Calm breathing helps.', 'UTF8')), 'hex'), 'content_hash is the SHA-256 of its bytes')
from knowledge_documents where id = :'first';
select results_eq(
    format('select knowledge_base_id, chunk_index, content, token_count, embedding is null from knowledge_chunks where document_id = %L', :'first'),
    $$values (pg_temp.n('b3'), 0, 'Calm breathing helps.', 5, true)$$, 'a short text is one chunk'
);
select is(pg_temp.counts(pg_temp.n('b3')), '1/1 First:1', 'it is counted');
select results_eq(
    $$select document_id, title, content from search_knowledge_base('breathing', pg_temp.n('b3'))$$,
    format($$values (%L::uuid, 'First', 'Calm breathing helps.')$$, :'first'), 'and found at once'
);
select add_knowledge_document(pg_temp.n('b5'), 'Defaults', 'Text') as defaults \gset
select results_eq(
    format('select document_type, source_url, metadata from knowledge_documents where id = %L', :'defaults'),
    $$values ('text', null::text, '{}'::jsonb)$$, 'what is left out has its default'
);
select add_knowledge_document(pg_temp.n('b5'), 'Null', 'Null', null, 'pdf', null) as nothing \gset
select is(metadata, '{}', 'metadata null is an empty object') from knowledge_documents where id = :'nothing';

-- The same content again.
create temporary table before as select * from knowledge_documents;
create temporary table chunks_before as select * from knowledge_chunks;
select is(add_knowledge_document(pg_temp.n('b3'), 'Second', 'Calm breathing helps.'), :'first', 'the same content again has the same id');
select is(
    add_knowledge_document(pg_temp.n('b3'), 'Third', 'Calm breathing helps.', 'https://example.com/other', 'markdown', '{"page": 8}', 2, 1), :'first',
    'whatever else differs'
);
select results_eq('select * from knowledge_documents order by id', 'select * from before order by id', 'which changes nothing of it');
select results_eq(
    'select id, content, updated_at from knowledge_chunks order by id', 'select id, content, updated_at from chunks_before order by id', 'nor of its chunks'
);
select is(pg_temp.counts(pg_temp.n('b3')), '1/1 First:1', 'nor of the counts');
select isnt(add_knowledge_document(pg_temp.n('b5'), 'First', 'Calm breathing helps.'), :'first', 'in another base it is another document');
select isnt(add_knowledge_document(pg_temp.n('b3'), 'Blank', 'Calm breathing helps. '), :'first', 'one blank more is another content');
select is(content, 'Calm breathing helps. ', 'which is kept as it is') from knowledge_documents where title = 'Blank';
select is(pg_temp.counts(pg_temp.n('b3')), '2/2 Blank:1 First:1', 'they are counted');
set local role service_role;
select is(add_knowledge_document(pg_temp.n('b3'), 'Service', 'Calm breathing helps.'), :'first', 'the service is told the same id');
set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated"}';
select is_empty($$select from search_knowledge_base('breathing')$$, 'another person finds nothing of it');
select isnt(add_knowledge_document(pg_temp.n('b4'), 'First', 'Calm breathing helps.'), :'first', 'and has a document of their own of it');
select throws_ok($$select add_knowledge_document(pg_temp.n('b3'), 'x', 'Calm breathing helps.')$$, '23503', null, 'nor learns that it is there');
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';

-- Counts.
select add_knowledge_document(pg_temp.n('b3'), 'Long', pg_temp.prose(600), p_max_tokens => 50, p_overlap_tokens => 0) as long \gset
select is(pg_temp.counts(pg_temp.n('b3')), pg_temp.counted(pg_temp.n('b3')), 'counts hold after adding');
select cmp_ok(chunk_count, '>', 20, 'of many chunks') from knowledge_documents where id = :'long';
update knowledge_documents set content = 'Changed' where id = :'first';
select is(content_hash, encode(sha256('Changed'), 'hex'), 'a change of content changes content_hash') from knowledge_documents where id = :'first';
select isnt(add_knowledge_document(pg_temp.n('b3'), 'Anew', 'Calm breathing helps.'), :'first', 'so the content from before is new');
select is(add_knowledge_document(pg_temp.n('b3'), 'Changed', 'Changed'), :'first', 'and the changed one is known');
select is(pg_temp.counts(pg_temp.n('b3')), pg_temp.counted(pg_temp.n('b3')), 'counts hold after a change');
delete from knowledge_chunks where document_id = :'long' and chunk_index % 2 = 1;
select is(pg_temp.counts(pg_temp.n('b3')), pg_temp.counted(pg_temp.n('b3')), 'after chunks are erased');
update knowledge_documents set knowledge_base_id = pg_temp.n('b5') where id = :'long';
select is(pg_temp.counts(pg_temp.n(base)), pg_temp.counted(pg_temp.n(base)), format('after a move: %s', base)) from unnest(array['b3', 'b5']) base;
delete from knowledge_documents where id = :'long';
select is(pg_temp.counts(pg_temp.n('b5')), pg_temp.counted(pg_temp.n('b5')), 'after an erasure');
select isnt(add_knowledge_document(pg_temp.n('b5'), 'Long', pg_temp.prose(600)), :'long', 'what was erased can be added anew');
delete from knowledge_documents;
select is(pg_temp.counts(pg_temp.n(base)), '0/0', format('empty: %s', base)) from unnest(array['b3', 'b5']) base;

-- ---------------------------------------------------------------------------------------------------------------
-- How text is split.
create temporary table example (name text, content text);
insert into example values
    ('prose', pg_temp.prose(900)),
    ('one line', replace(pg_temp.prose(900), E'\n', ' ')),
    ('one word', repeat(md5('x'), 200)),
    ('Windows lines', replace(pg_temp.prose(300), E'\n', E'\r\n')),
    ('emoji', repeat('👩‍👩‍👧‍👦 is 👍🏽, 🏳️‍🌈 and 🇩🇪. ', 40)),
    ('CJK', repeat('呼吸を整えると、心が落ち着きます。毎日続けましょう。', 40)),
    ('Thai', repeat('การหายใจช้าๆช่วยให้ใจสงบ', 40)),
    ('combining', repeat(U&'e\0301te\0301 nai\0308f ', 80)),
    ('code', repeat(E'fn main() {\n    let x = [1, 2];\n\n\tprintln!("{x:?}");\n}\n\n', 40)),
    ('signs', repeat('-=*#', 400)),
    ('white space', E'begin' || repeat(E' \n\t', 2000) || 'end'),
    ('unclosed fence', E'# One\n\nText.\n\n```sql\n' || repeat(E'select 1;\n\n# no heading\n\n', 60)),
    ('unclosed marks', repeat('**bold [link](x `code <b> ', 60)),
    ('table', E'| a | b |\n|---|---|\n' || repeat(E'| 1 | two |\n', 200)),
    ('deep', repeat('> ', 300) || repeat('- ', 300) || 'end');
create temporary table added (name text, type text, most int, overlap int, content text, id uuid);
insert into added
select name, type, most, overlap, content || most || type || overlap,
    add_knowledge_document(pg_temp.n('b3'), name, content || most || type || overlap, null, type, '{}', most, overlap)
from example, unnest(array['text', 'markdown']) type, (values (8, 0), (48, 0), (48, 16)) v (most, overlap);
select is(count(*), 90::bigint, 'each is added in each way') from added;
select ok(bool_and(pg_temp.sound(id, most)), format('%s as %s: chunks from 0, none too large, all trimmed', name, type)) from added group by name, type;
select ok(bool_and(pg_temp.joined(id) = pg_temp.bare(content)), format('%s as %s: the chunks are the content, in order', name, type))
from added where overlap = 0 group by name, type;
select ok(bool_and(exists (select from knowledge_chunks where document_id = a.id and chunk_index > 3)), 'they are many') from added a where name = 'prose';
select is(d.content, a.content, format('%s is kept as it is', a.name)) from added a join knowledge_documents d using (id)
where a.name in ('emoji', 'CJK', 'combining') and most = 8 and type = 'text';
select ok(bool_and(not c.content ~ U&'^[\200d\fe0f\0301\0308]'), 'no chunk begins inside of what is seen as one character: ' || name)
from added a join knowledge_chunks c on c.document_id = a.id where name in ('emoji', 'combining') and most = 48 group by name;

-- Overlaps: of two neighbours the longest end of the one that is the beginning of the other.
create function pg_temp.common(front text, behind text) returns int immutable language sql as $$
    select coalesce(max(k), 0) from generate_series(1, least(length(front), length(behind))) k where right(front, k) = left(behind, k)
$$;
create temporary table neighbours as
select name, type, overlap, document_id, chunk_index, c.content, pg_temp.common(lag(c.content) over w, c.content) as common
from added a join knowledge_chunks c on c.document_id = a.id where name in ('prose', 'one line') and most = 48
window w as (partition by document_id order by chunk_index);
select ok(
    bool_and(case when overlap = 0 then common <= 1 else common > 5 end),
    format('%s as %s, %s: %s', name, type, overlap, case when overlap = 0 then 'nothing is repeated' else 'each chunk repeats the end of the one before' end)
)
from neighbours where chunk_index > 0 group by name, type, overlap;
select is(
    string_agg(pg_temp.bare(substr(n.content, common + 1)), '' order by chunk_index), pg_temp.bare(a.content),
    format('%s as %s: what is not repeated is the content', a.name, a.type)
)
from neighbours n join added a on a.id = n.document_id where n.overlap = 16 group by a.id, a.name, a.type, a.content;

-- Tokens and no less: a character that has more than p_max_tokens is a chunk of its own.
select add_knowledge_document(pg_temp.n('b5'), 'One token', 'a b👍c', p_max_tokens => 1, p_overlap_tokens => 0) as tiny \gset
select results_eq(
    format('select content from knowledge_chunks where document_id = %L order by chunk_index', :'tiny'), array['a', 'b', '👍', 'c'],
    'a token a chunk, and no character divided'
);
select add_knowledge_document(pg_temp.n('b5'), 'Whole', pg_temp.prose(900), p_max_tokens => 8191, p_overlap_tokens => 0) as whole \gset
select is(chunk_count, 1, 'up to 8191 tokens are one chunk') from knowledge_documents where id = :'whole';

-- Markdown follows headings where plain text fills chunks.
create temporary table guide as
select string_agg(format(E'## Heading %s\n\n%s', i, (select string_agg('word' || i || j, ' ') from generate_series(1, 18) j)), E'\n\n' order by i) as content
from generate_series(1, 12) i;
select add_knowledge_document(pg_temp.n('b5'), 'Guide', content, null, 'markdown', '{}', 64, 0) as markdown from guide \gset
select is(
    (select count(*) from knowledge_chunks where document_id = :'markdown' and content like '## Heading %'), 12::bigint,
    'Markdown: a chunk begins at each heading'
);
select is(count(*), 12::bigint, 'and nowhere else') from knowledge_chunks where document_id = :'markdown';
select add_knowledge_document(pg_temp.n('b5'), 'Guide', content || ' ', null, 'text', '{}', 64, 0) as plain from guide \gset
select isnt(
    (select array_agg(content order by chunk_index) from knowledge_chunks where document_id = :'plain'),
    (select array_agg(content order by chunk_index) from knowledge_chunks where document_id = :'markdown'),
    'as text the same is split otherwise'
);
select add_knowledge_document(pg_temp.n('b5'), 'Guide', content || '  ', null, 'markdown', '{}', 512, 0) as roomy from guide \gset
select cmp_ok(count(*), '<', 4::bigint, 'sections that fit together share a chunk') from knowledge_chunks where document_id = :'roomy';

-- ---------------------------------------------------------------------------------------------------------------
-- Large texts. How a call ends, and whether it did within so many seconds.
reset role;
delete from knowledge_documents;
create temporary table line (megabytes int, content text);
insert into line select size, string_agg(md5(i::text), '' order by i) from (values (2), (20)) v (size), generate_series(1, size * 31250) i group by size;
create function pg_temp.timed(size int, seconds int) returns text language plpgsql as $$
declare
    began timestamptz := clock_timestamp();
    outcome text := 'stored';
begin
    begin
        perform add_knowledge_document(pg_temp.n('b2'), 'Line', content) from line where megabytes = size;
    exception when query_canceled then outcome := 'cancelled';
    end;
    return outcome || case when clock_timestamp() < began + make_interval(secs => seconds) then ' in time' else ' late' end;
end $$;
-- The content is read from disk and hashed before it is split: the first ends there, the second in the middle of splitting.
set local statement_timeout = '100ms';
select pg_temp.timed(20, 3) as soon \gset
set local statement_timeout = '700ms';
select pg_temp.timed(20, 3) as later \gset
set local statement_timeout = 0;
select is(:'soon'::text, 'cancelled in time', '20 MB in a line can be cancelled');
select is(:'later'::text, 'cancelled in time', 'at any time');
select is(pg_temp.counts(pg_temp.n('b2')) || ' ' || pg_temp.counted(pg_temp.n('b2')), '0/0 0/0', 'which leaves nothing');
select is_empty('select from knowledge_collections', 'of the index either');
select is(pg_temp.timed(2, 8), 'stored in time', '2 MB in a line without blanks are split');
select ok(pg_temp.sound(d.id, 512), 'well') from knowledge_documents d;
select cmp_ok(chunk_count, '>', 1000, 'into many') from knowledge_documents;
delete from knowledge_documents;

-- A document whose chunks fail late leaves nothing.
create function pg_temp.refuse() returns trigger language plpgsql as $$begin raise 'no third chunk' using errcode = 'insufficient_resources'; end$$;
create trigger refuse before insert on knowledge_chunks for each row when (new.chunk_index = 2) execute function pg_temp.refuse();
set local role authenticated;
select throws_ok(
    $$select add_knowledge_document(pg_temp.n('b3'), 'Late', pg_temp.prose(100), p_max_tokens => 50, p_overlap_tokens => 0)$$, '53000', 'no third chunk',
    'an administrator''s refusal is what the caller is told'
);
select is(pg_temp.counts(pg_temp.n('b3')) || ' ' || pg_temp.counted(pg_temp.n('b3')), '0/0 0/0', 'and nothing is left of it');
select is_empty($$select from search_knowledge_base('calm6', pg_temp.n('b3'))$$, 'nor found');
select lives_ok($$select add_knowledge_document(pg_temp.n('b3'), 'Short', 'Short')$$, 'what has no third chunk is added');
reset role;
select is(array_agg(texts), array[1::bigint], 'and alone in the index') from knowledge_collections;

-- A policy of an administrator's that forbids a chunk forbids the document.
drop trigger refuse on knowledge_chunks;
create policy brief on knowledge_chunks as restrictive for insert to authenticated with check (length(content) < 100);
set local role authenticated;
select throws_ok(
    $$select add_knowledge_document(pg_temp.n('b3'), 'Late', pg_temp.prose(100))$$, '42501', null, 'an administrator''s policy is honoured'
);
select is(pg_temp.counts(pg_temp.n('b3')) || ' ' || pg_temp.counted(pg_temp.n('b3')), '1/1 Short:1 1/1 Short:1', 'and leaves nothing either');

select * from finish();
rollback;
