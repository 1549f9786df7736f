-- Words: whatever is written in whatever way, what is found is what BM25 says of the texts' own search_vector, to every
-- caller; and the internal tables hold exactly that.
begin;
select plan(122);
set local client_min_messages = warning;

create function pg_temp.ada() returns uuid immutable return '00000000-0000-4000-8000-00000000000a'::uuid;
create function pg_temp.ben() returns uuid immutable return '00000000-0000-4000-8000-00000000000b'::uuid;
create function pg_temp.n(text) returns uuid immutable return ('00000000-0000-7000-8000-' || lpad($1, 12, '0'))::uuid;
insert into auth.users (id) values (pg_temp.ada()), (pg_temp.ben());

-- Texts of so many words, the same for the same seed; small numbers are frequent words.
create function pg_temp.sample(seed int, size int) returns text immutable language sql as $$
    select coalesce(string_agg((array['the', 'calm', 'talks', 'runners', 'Häuser', 'morning', 'und', 'breathing', 'straße', '日本語',
            'naïve', 'running', 'habits', 'Läufer', 'confidence', 'of', 'e-mail', '3.14', 'user@example.com', 'ÉTÉ'])
            [1 + floor(20 * power(abs(hashint8(seed * 1000003::bigint + i)) / 2147483648.0, 3))::int]
        || case when hashint8(seed * 7919::bigint + i) % 5 = 0 then ' word' || abs(hashint8(seed + i)) % 300 else '' end, ' ' order by i), '')
    from generate_series(1, size) i
$$;

create temporary table caller (who text, role text, person uuid);
insert into caller values
    ('the superuser', 'none', null), ('the service', 'service_role', null), ('anon', 'anon', null),
    ('Ada', 'authenticated', pg_temp.ada()), ('Ben', 'authenticated', pg_temp.ben());
create function pg_temp.become(name text) returns void language plpgsql as $$
declare c record;
begin
    perform set_config('role', 'none', true);
    select * into c from caller where who = name;
    perform set_config('request.jwt.claims', json_build_object('role', c.role, 'sub', c.person)::text, true);
    perform set_config('role', c.role, true);
end $$;

create temporary table query (words text);
insert into query values
    ('calm'), ('running'), ('calm morning'), ('Häuser'), ('runners talk habits'), ('日本語 naïve'), ('user@example.com 3.14 e-mail'),
    ('word7 word8 word9 word10 confidence'), ('été straße'), ('the of und'), ('rare'), ('anew'), ('läufer breathing calm calm calm'), ('zzz');

-- What there is, from search_vector alone: a row for each text, and one for each of its lexemes.
create temporary table text_row (id uuid, base uuid, person uuid, language text, kind text, length bigint);
create temporary table text_lexeme (id uuid, lexeme text, tf int);
create index on text_lexeme (lexeme);
create function pg_temp.look() returns void language sql as $$
    truncate text_row, text_lexeme;
    insert into text_row
    select c.id, b.id, null, b.language, 'chunk', (select coalesce(sum(cardinality(positions)), 0) from unnest(c.search_vector))
    from knowledge_chunks c join agent_knowledge_bases b on b.id = c.knowledge_base_id
    union all
    select e.id, null, e.user_id, e.language, 'entry', (select coalesce(sum(cardinality(positions)), 0) from unnest(e.search_vector))
    from knowledge e;
    insert into text_lexeme
    select t.id, u.lexeme, cardinality(u.positions)
    from (select id, search_vector from knowledge_chunks union all select id, search_vector from knowledge) t, unnest(t.search_vector) u;
    analyze text_row, text_lexeme;
$$;
grant select on caller, query, text_row, text_lexeme to public;

-- What the caller may read; anon has no rights on entries.
create temporary table readable (like text_row);
create function pg_temp.read(name text, base_only uuid) returns void language plpgsql as $$
declare ids uuid[];
begin
    perform pg_temp.become(name);
    ids := array(select id from knowledge_chunks c where base_only is null or c.knowledge_base_id = base_only);
    if base_only is null and has_table_privilege('knowledge', 'select') then
        ids := ids || array(select id from knowledge);
    end if;
    perform pg_temp.become('the superuser');
    truncate readable;
    insert into readable select t.* from unnest(ids) id join text_row t using (id);
    analyze readable;
end $$;
-- BM25 as the contract has it, of what is readable.
create temporary table expected (words text, id uuid, score float8);
create function pg_temp.expect() returns void language sql as $$
    truncate expected;
    insert into expected
    with corpus as (
        select count(*)::float8 as n, sum(length)::float8 / count(*) as average from readable
    ), terms as (
        select words, language, lexeme
        from query cross join (select distinct language from readable) l cross join unnest(to_tsvector(language::regconfig, words))
    ), matches as (
        select t.words, r.id, r.length, l.lexeme, l.tf
        from terms t join text_lexeme l using (lexeme) join readable r on r.id = l.id and r.language = t.language
    ), frequencies as (
        select words, lexeme, count(*)::float8 as df from matches group by words, lexeme
    )
    select m.words, m.id, sum(ln(1 + (n - df + 0.5) / (df + 0.5)) * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * length / average)))
    from matches m join frequencies using (words, lexeme) cross join corpus
    group by m.words, m.id
$$;
grant select on expected to public;
-- What a caller is answered otherwise than expected: missing, too much, or with another score.
create function pg_temp.otherwise(name text, base_only uuid) returns setof text language plpgsql as $$
begin
    perform pg_temp.read(name, base_only);
    perform pg_temp.expect();
    perform pg_temp.become(name);
    return query
        select format('%s: %s %s instead of %s', left(words, 30), id, f.keyword_score, e.score)
        from (
            select q.words, f.id, f.keyword_score, f.relevance_score from query q, search_knowledge_base(q.words, base_only, 1000) f
        ) f
        full join expected e using (words, id)
        where f.id is null or e.id is null or abs(f.keyword_score - e.score) > 1e-9 or f.relevance_score <> f.keyword_score;
    perform pg_temp.become('the superuser');
end $$;
-- What the internal tables say, unpacked.
create function pg_temp.number(bytes bytea, at int, size int) returns bigint immutable language sql as $$
    select sum(get_byte(bytes, at + i)::bigint << (8 * i))::bigint from generate_series(0, size - 1) i
$$;
create function pg_temp.pending_words(bytes bytea) returns table (lexeme text, tf bigint) immutable language plpgsql as $$
declare at int := 0; size int;
begin
    while at < length(bytes) loop
        size := pg_temp.number(bytes, at, 2);
        lexeme := convert_from(substring(bytes from at + 5 for size), 'UTF8');
        tf := pg_temp.number(bytes, at + 2, 2);
        at := at + 4 + size;
        return next;
    end loop;
end $$;
-- In which the internal tables differ from the texts. Long lexemes are stored by a digest: of them the length must do.
create function pg_temp.inconsistent() returns setof text language sql as $$
    with kept as (
        select p.collection_id, p.lexeme, encode(substring(p.texts from 22 * i + 1 for 16), 'hex')::uuid as id,
            pg_temp.number(p.texts, 22 * i + 16, 2) as tf, pg_temp.number(p.texts, 22 * i + 18, 4) as length
        from knowledge_postings p, generate_series(0, length(p.texts) / 22 - 1) i
        union all
        select p.collection_id, w.lexeme, p.passage_id, w.tf, sum(w.tf) over (partition by p.passage_id)
        from knowledge_pending_words p, pg_temp.pending_words(p.words) w
    ), kept_texts as (
        select k.id, c.knowledge_base_id, c.user_id, c.language, case when octet_length(k.lexeme) > 100 then 'long' else k.lexeme end as lexeme, k.tf, k.length
        from kept k left join knowledge_collections c on c.id = k.collection_id
    ), expected as (
        select t.id, t.base, t.person, case when t.kind = 'entry' then t.language end,
            case when octet_length(l.lexeme) > 100 then 'long' else l.lexeme end, l.tf::bigint, t.length
        from text_row t join text_lexeme l using (id)
    )
    select 'too much: ' || k::text from (select * from kept_texts except all select * from expected) k
    union all
    select 'missing: ' || k::text from (select * from expected except all select * from kept_texts) k
    union all
    select 'counts: ' || c::text
    from (
        (select knowledge_base_id, user_id, language, texts, positions from knowledge_collections
            except select base, person, case when kind = 'entry' then language end, count(*), sum(length)::bigint from text_row group by 1, 2, 3)
        union all
        (select base, person, case when kind = 'entry' then language end, count(*), sum(length)::bigint from text_row group by 1, 2, 3
            except select knowledge_base_id, user_id, language, texts, positions from knowledge_collections)
    ) c
    union all
    select 'pending: ' || c::text from knowledge_collections c
    where c.pending_words <> (select count(*) from knowledge_pending_words p where p.collection_id = c.id) or c.pending_words >= 64
    union all
    select 'empty: ' || p::text from knowledge_postings p where p.texts = ''
$$;
create function pg_temp.holds(phase text) returns setof text language plpgsql as $$
begin
    perform pg_temp.look();
    return next is_empty('select * from pg_temp.inconsistent()', phase || ': the internal tables hold the texts and nothing else');
    return next is_empty($q$select * from pg_temp.otherwise('Ada', null)$q$, phase || ': Ada');
end $$;
create function pg_temp.holds_for_all(phase text) returns setof text language plpgsql as $$
begin
    return query select pg_temp.holds(phase);
    return query select is_empty(format('select * from pg_temp.otherwise(%L, null)', who), format('%s: %s', phase, who)) from caller where who <> 'Ada';
    return next is_empty($q$select * from pg_temp.otherwise('Ada', pg_temp.n('b3'))$q$, phase || ': one base alone');
    return next is_empty($q$select * from pg_temp.otherwise('Ada', pg_temp.n('b4'))$q$, phase || ': another''s base alone');
end $$;
create function pg_temp.found(asked text) returns bigint language sql as $$
    select pg_temp.read('the superuser', null);
    select pg_temp.expect();
    select count(*) from expected where words = asked
$$;

-- ---------------------------------------------------------------------------------------------------------------
insert into agent_knowledge_bases (id, agent_id, name, owner_id, is_public, is_active, language) values
    (pg_temp.n('b1'), 'coach', 'Public', null, true, true, 'english'), (pg_temp.n('b2'), 'coach', 'Shared', null, false, true, 'german'),
    (pg_temp.n('b3'), 'coach', 'Ada''s', pg_temp.ada(), false, true, 'english'), (pg_temp.n('b4'), 'coach', 'Ben''s', pg_temp.ben(), false, true, 'simple'),
    (pg_temp.n('b5'), 'coach', 'Ada''s inactive', pg_temp.ada(), false, false, 'french'), (pg_temp.n('b6'), 'coach', 'Inactive', null, true, false, 'english');
insert into knowledge_documents (id, knowledge_base_id, title, content)
select pg_temp.n('d' || b || d), pg_temp.n('b' || b), 'Document', d::text from generate_series(1, 6) b, generate_series(1, 3) d;
select pg_temp.holds('nothing');

-- One by one, in every base and of every kind, so that texts are pending.
do $$
begin
    for i in 1..30 loop
        insert into knowledge_chunks (document_id, chunk_index, content) values (pg_temp.n('d' || 1 + i % 6 || '1'), i, pg_temp.sample(i, 1 + i % 17));
        insert into knowledge (user_id, language, content)
        values ((array[null, pg_temp.ada(), pg_temp.ben()])[1 + i % 3], (array['english', 'german'])[1 + i % 2], pg_temp.sample(-i, 1 + i % 11));
    end loop;
end $$;
select pg_temp.holds('one by one');
select cmp_ok(pg_temp.found(words), '>', 3::bigint, 'which finds something: ' || words) from query where words in ('calm', 'running', 'calm morning', 'Häuser');

-- Exactly a segment, one fewer, one more, many; into several bases with one statement.
insert into knowledge_chunks (document_id, chunk_index, content) select pg_temp.n('d12'), i, pg_temp.sample(1000 + i, 1 + i % 30) from generate_series(1, 64) i;
select pg_temp.holds('64 at once');
insert into knowledge_chunks (document_id, chunk_index, content) select pg_temp.n('d22'), i, pg_temp.sample(2000 + i, 1 + i % 30) from generate_series(1, 63) i;
insert into knowledge_chunks (document_id, chunk_index, content) select pg_temp.n('d32'), i, pg_temp.sample(3000 + i, 1 + i % 30) from generate_series(1, 65) i;
select pg_temp.holds('63 and 65 at once');
insert into knowledge_chunks (document_id, chunk_index, content)
select pg_temp.n('d' || 1 + i % 6 || '3'), i, pg_temp.sample(4000 + i, 1 + i % 20) from generate_series(1, 400) i;
insert into knowledge (user_id, language, content)
select (array[null, pg_temp.ada(), pg_temp.ben()])[1 + i % 3], (array['english', 'german', 'simple', 'english', 'english'])[1 + i % 5], pg_temp.sample(5000 + i, 1 + i % 9)
from generate_series(1, 300) i;
select pg_temp.holds_for_all('hundreds at once, of several bases and people');

-- As people write, with their own rights.
select pg_temp.become('Ada');
insert into knowledge_chunks (document_id, chunk_index, content) select pg_temp.n('d31'), 100 + i, pg_temp.sample(6000 + i, 5) from generate_series(1, 70) i;
insert into knowledge (content) select pg_temp.sample(6500 + i, 5) from generate_series(1, 70) i;
update knowledge set content = 'anew ' || content where abs(hashtext(content)) % 3 = 0;
update knowledge_chunks set content = 'anew ' || content where abs(hashtext(content)) % 3 = 0;
delete from knowledge_chunks where abs(hashtext(content)) % 7 = 1;
select pg_temp.become('the superuser');
select pg_temp.holds('written by Ada');

-- Changes of content: one, some, all; and changes that are none.
update knowledge_chunks set content = 'rare ' || content where id = (select min(id::text)::uuid from knowledge_chunks where document_id = pg_temp.n('d11'));
select pg_temp.holds('one changed');
update knowledge_chunks set content = pg_temp.sample(chunk_index + 9000, 7) where chunk_index % 3 = 0;
update knowledge set content = pg_temp.sample(length(content) + 9500, 6) where hashtext(content) % 3 = 0;
select pg_temp.holds('a third changed');
create temporary table before as select * from knowledge_postings;
update knowledge_chunks set metadata = '{"seen": true}', token_count = 3;
update knowledge_chunks set content = content;
select is_empty('(table before except table knowledge_postings) union all (table knowledge_postings except table before)', 'what changes no word changes no posting');
select pg_temp.holds('all touched');
update knowledge_chunks set content = content || ' again';
update knowledge set content = content || ' again';
select pg_temp.holds_for_all('all changed');
-- Two texts change places, as an update of both at once.
update knowledge_chunks c set content = o.content from knowledge_chunks o
where c.document_id = pg_temp.n('d12') and o.document_id = c.document_id and o.chunk_index = 65 - c.chunk_index;
select pg_temp.holds('places changed');

-- The first update of a session changes one text, and the plan that is kept for it must do for many.
savepoint many;
insert into knowledge_chunks (document_id, chunk_index, content) select pg_temp.n('d13'), 50000 + i, 'calm word' || i from generate_series(1, 6000) i;
create temporary table clock as select clock_timestamp() as start;
update knowledge_chunks set content = content || ' anew' where chunk_index > 50000;
select cmp_ok(clock_timestamp() - start, '<', interval '4 seconds', 'many texts are changed about as fast as few') from clock;
rollback to many;

-- Moves.
update knowledge_chunks set document_id = pg_temp.n('d23'), knowledge_base_id = pg_temp.n('b2'), chunk_index = chunk_index + 10000
where document_id = pg_temp.n('d12') and chunk_index % 2 = 0;
select pg_temp.holds('chunks moved to another base');
update knowledge_documents set knowledge_base_id = pg_temp.n('b4'), content = 'moved' where id = pg_temp.n('d32');
select pg_temp.holds('a document moved to another base');
update knowledge_chunks set document_id = pg_temp.n('d33'), chunk_index = chunk_index + 20000 where document_id = pg_temp.n('d31');
select pg_temp.holds('chunks moved within their base');

-- Languages.
update agent_knowledge_bases set language = 'german' where id = pg_temp.n('b3');
select pg_temp.holds('a base in another language');
update agent_knowledge_bases set language = case language when 'german' then 'english' else 'german' end;
select pg_temp.holds('all bases in another language');
update knowledge set language = 'german' where language = 'english' and user_id = pg_temp.ada();
select pg_temp.holds('entries in another language');
update knowledge set user_id = pg_temp.ben() where user_id is null and hashtext(content) % 2 = 0;
select pg_temp.holds('shared entries given to Ben');
select pg_temp.become('Ada');
update agent_knowledge_bases set language = 'simple' where id = pg_temp.n('b3');
select pg_temp.become('the superuser');
select is(count(*) filter (where search_vector <> to_tsvector('simple', content)), 0::bigint, 'Ada''s own change of language splits her chunks anew')
from knowledge_chunks where knowledge_base_id = pg_temp.n('b3');
select pg_temp.holds('a base in another language by its owner');

-- Sharing and activity change who finds what.
update agent_knowledge_bases set is_active = not is_active where id in (pg_temp.n('b1'), pg_temp.n('b6'));
select pg_temp.holds_for_all('a base retired, another revived');

-- Odd texts: stop words alone, nothing, one word 300 times, lexemes of 2,000 bytes that differ in their last, 20,000 words.
insert into knowledge_chunks (document_id, chunk_index, content) values
    (pg_temp.n('d41'), 501, 'the of and'), (pg_temp.n('d41'), 502, '...'), (pg_temp.n('d41'), 503, ''),
    (pg_temp.n('d41'), 504, repeat('rare ', 300)), (pg_temp.n('d41'), 505, repeat('x', 2000) || ' rare'), (pg_temp.n('d41'), 506, repeat('x', 1999) || 'y rare'),
    (pg_temp.n('d41'), 507, repeat('é', 1000) || ' anew'), (pg_temp.n('d41'), 508, repeat('日', 600)), (pg_temp.n('d41'), 509, repeat('z', 2047) || ' rare'),
    (pg_temp.n('d41'), 511, repeat('x', 100)), (pg_temp.n('d41'), 512, repeat('x', 128)), (pg_temp.n('d41'), 513, repeat('x', 129)),
    (pg_temp.n('d41'), 510, (select 'rare ' || string_agg('unique' || i, ' ') from generate_series(1, 20000) i));
insert into query values (repeat('x', 2000)), (repeat('x', 1999) || 'y'), (repeat('é', 1000)), (repeat('日', 600)), ('unique19999 unique5 rare'),
    (repeat('x', 100)), (repeat('x', 128)), (repeat('x', 129));
select pg_temp.holds('odd texts, pending');
select is(pg_temp.found(repeat('x', 2000)), 1::bigint, 'a long word is found and no other that begins like it');
update knowledge_chunks set content = 'rare' where chunk_index = 510;
insert into knowledge_chunks (document_id, chunk_index, content) select pg_temp.n('d42'), i, repeat('x', 1900 + i) || ' rare' from generate_series(1, 130) i;
select pg_temp.holds_for_all('odd texts, in postings');
update knowledge_chunks set content = 'y' || content where length(content) > 1000;
select pg_temp.holds('odd texts, changed');
select pg_temp.become('the superuser');
insert into knowledge (user_id, content) values (null, ''), (null, 'the'), (pg_temp.ada(), repeat('rare ', 70000));
select pg_temp.holds('odd entries');

-- Erasing: one, some, documents, bases, people.
delete from knowledge_chunks where id = (select min(id::text)::uuid from knowledge_chunks);
delete from knowledge where id = (select min(id::text)::uuid from knowledge);
select pg_temp.holds('one erased');
delete from knowledge_chunks where hashtext(content) % 2 = 0;
delete from knowledge where hashtext(content) % 2 = 0;
select pg_temp.holds_for_all('half erased');
delete from knowledge_documents where id in (pg_temp.n('d11'), pg_temp.n('d23'));
select pg_temp.holds('documents erased');
delete from agent_knowledge_bases where id in (pg_temp.n('b1'), pg_temp.n('b6'));
select pg_temp.holds('bases erased');
-- Within one statement something is erased and something of the same collection is added.
with gone as (delete from knowledge_chunks where document_id = pg_temp.n('d33') returning 1)
insert into knowledge_chunks (document_id, chunk_index, content) select pg_temp.n('d33'), 90000 + i, pg_temp.sample(i, 9) from generate_series(1, 5) i;
select pg_temp.holds('erased and added at once');
insert into knowledge (id, user_id, content) values (pg_temp.n('e1'), pg_temp.ada(), 'rare')
on conflict (id) do update set content = 'calm', user_id = null;
insert into knowledge (id, user_id, content) values (pg_temp.n('e1'), pg_temp.ada(), 'rare'), (pg_temp.n('e2'), pg_temp.ada(), 'rare')
on conflict (id) do update set content = 'calm', user_id = null;
select pg_temp.holds('upserted');
savepoint before_failure;
select throws_ok(
    $$insert into knowledge_chunks (document_id, chunk_index, content) select pg_temp.n('d33'), 100000 + i % 99, 'rare' from generate_series(1, 200) i$$,
    '23505', null, 'a statement that fails'
);
rollback to before_failure;
select pg_temp.holds('nothing of what failed is left');
delete from auth.users where id = pg_temp.ada();
select pg_temp.holds_for_all('a person erased');
truncate knowledge_chunks cascade;
select pg_temp.holds('chunks truncated');
insert into knowledge_chunks (document_id, chunk_index, content) select pg_temp.n('d21'), i, pg_temp.sample(i, 6) from generate_series(1, 100) i;
select pg_temp.holds('and written again');
truncate knowledge cascade;
select pg_temp.holds('entries truncated');
truncate knowledge_documents cascade;
insert into knowledge (user_id, content) select pg_temp.ben(), pg_temp.sample(i, 6) from generate_series(1, 100) i;
select pg_temp.holds('documents truncated');
delete from knowledge;
delete from agent_knowledge_bases;
delete from auth.users;
select is_empty(format('select * from %I', tab), format('nothing is left in %s', tab))
from unnest(array['knowledge_collections', 'knowledge_postings', 'knowledge_pending_words', 'knowledge_codes', 'knowledge_pending_codes']) tab;

select * from finish();
rollback;
