-- Who finds what: nobody across what policies allow, in no search and by neither strategy, whatever an administrator adds
-- and whatever a caller puts in the way; and hybrid_search against the ranks of the searches that it fuses.
begin;
select plan(440);
set local client_min_messages = warning;
create function pg_temp.n(text) returns uuid immutable return ('00000000-0000-7000-8000-' || lpad($1, 12, '0'))::uuid;
insert into auth.users (id) values ('00000000-0000-4000-8000-00000000000a'), ('00000000-0000-4000-8000-00000000000b');

-- Bases a to f, one of them larger, and an empty one; chunks a001 and so on; entries 1001 and so on.
insert into agent_knowledge_bases (id, agent_id, name, owner_id, is_public, is_active)
select pg_temp.n(letter), 'coach', name, ('00000000-0000-4000-8000-00000000000' || owner)::uuid, public, active
from (values
    ('a', 'Ada''s', 'a', false, true), ('b', 'Ben''s', 'b', false, true), ('c', 'Shared', null, false, true), ('d', 'Public', null, true, true),
    ('e', 'Inactive, public', null, true, false), ('f', 'Inactive, Ada''s', 'a', false, false), ('0', 'Empty', null, true, true)
) v (letter, name, owner, public, active);
insert into knowledge_documents (id, knowledge_base_id, title, content)
select id, id, 'On ' || name, name from agent_knowledge_bases;

-- Texts with the words that are asked for, some or none of them; embeddings, or none.
select setseed(0.5);
create function pg_temp.text(i int) returns text immutable return concat_ws(' ', 'Note ' || i,
    case when i % 2 = 0 then repeat('calm ', 1 + i % 7) end, case when i % 3 = 0 then 'morning talk' end, repeat('filler ', i % 11));
create function pg_temp.embedding(i int) returns vector language sql as $$
    select array_agg(random() - 0.3 + 0 * i)::vector from generate_series(1, 1536) where i % 4 <> 0
$$;
insert into knowledge_chunks (id, document_id, chunk_index, content, metadata, embedding)
select pg_temp.n(right(d.id::text, 1) || lpad(i::text, 3, '0')), d.id, i, pg_temp.text(i), jsonb_build_object('i', i), pg_temp.embedding(i)
from knowledge_documents d, generate_series(1, case d.title when 'On Shared' then 200 when 'On Empty' then 0 else 4 end) i;
insert into knowledge (id, user_id, language, content, metadata, embedding)
select pg_temp.n(kind || lpad(i::text, 3, '0')), ('00000000-0000-4000-8000-00000000000' || owner)::uuid, language, pg_temp.text(i),
    jsonb_build_object('i', i), pg_temp.embedding(i)
from (values (1, null, 'english'), (2, 'a', 'english'), (3, 'b', 'english'), (4, 'b', 'simple')) v (kind, owner, language), generate_series(1, 4) i;
create temporary table asked as select pg_temp.embedding(1) as meaning, 'calm talk' as words;
grant select on asked to public;

-- What a search finds. Its body is bound to what it names before anything hostile is there.
create function pg_temp.found(search text, base uuid, most int default 1000) returns uuid[] language sql begin atomic
    select case search
        when 'chunks' then array(select chunk_id from search_knowledge_chunks(meaning, base, -1, most))
        when 'words' then array(select id from search_knowledge_base(words, base, most))
        when 'meaning' then array(select id from search_knowledge_base(null, base, most, meaning, -1))
        when 'both' then array(select id from search_knowledge_base(words, base, most, meaning, -1))
        when 'hybrid' then array(select id from hybrid_search(meaning, words, base, most))
    end
    from asked;
end;
create function pg_temp.searches() returns text[] immutable return '{chunks,words,meaning,both,hybrid}'::text[];

-- What the tables themselves show the caller of what a search looks for.
create function pg_temp.sought(search text, content text, embedding vector) returns boolean immutable
    return search <> 'words' and embedding is not null or search not in ('chunks', 'meaning') and content ~ 'calm|talk';
create function pg_temp.readable(search text, base uuid) returns uuid[] language plpgsql as $$
declare
    ids uuid[] := array(
        select id from knowledge_chunks where (base is null or knowledge_base_id = base) and pg_temp.sought(search, content, embedding)
    );
begin
    if base is null and search in ('words', 'meaning', 'both') and has_table_privilege('knowledge', 'select') then
        ids := ids || array(select id from knowledge where pg_temp.sought(search, content, embedding));
    end if;
    return ids;
end $$;
create function pg_temp.sorted(uuid[]) returns uuid[] immutable return array(select unnest($1) order by 1);

-- Where the searches, by both strategies, differ from what the tables show: in the rows, or in the promised count of the best.
create function pg_temp.differences(base uuid default null) returns text language plpgsql as $$
declare
    found uuid[];
    best uuid[];
    readable uuid[];
    search text;
    exact int;
    differences text := '';
begin
    foreach search in array pg_temp.searches() loop
        readable := pg_temp.readable(search, base);
        foreach exact in array array[0, 1000000] loop
            perform set_config('lgtempo.exact_search_limit', exact::text, true);
            found := pg_temp.found(search, base);
            if pg_temp.sorted(found) is distinct from pg_temp.sorted(readable) then
                differences := differences || format('%s (%s): %s for %s; ', search, exact, found, readable);
            end if;
            best := pg_temp.found(search, base, 10);
            -- A fusion of fewer candidates may rank them otherwise.
            if cardinality(best) <> least(10, cardinality(readable)) or not best <@ readable
                or search not in ('both', 'hybrid') and best <> found[:10] then
                differences := differences || format('%s (%s), the best 10: %s of %s; ', search, exact, best, found[:10]);
            end if;
        end loop;
    end loop;
    return differences;
end $$;
-- The bases and kinds of entries that something is found in, by a search.
create function pg_temp.places(search text, base uuid default null) returns text language sql as $$
    select coalesce(string_agg(distinct substr(id::text, 33, 1), ''), '') from unnest(pg_temp.found(search, base)) id
$$;
create function pg_temp.act_as(who text) returns void language sql as $$
    select set_config('request.jwt.claims', case who
            when 'Ada' then '{"sub":"00000000-0000-4000-8000-00000000000a"}'
            when 'Ben' then '{"sub":"00000000-0000-4000-8000-00000000000b"}'
            else '{}' end, true),
        set_config('role', case when who in ('Ada', 'Ben', 'nobody') then 'authenticated' else who end, true)
$$;
create function pg_temp.everybody(title text, base uuid default null) returns setof text language plpgsql as $$
declare
    who text;
begin
    foreach who in array array['anon', 'Ada', 'Ben', 'nobody', 'service_role'] loop
        perform pg_temp.act_as(who);
        return next is(pg_temp.differences(base), '', format('%s: %s finds what the tables show', title, who));
    end loop;
    perform pg_temp.act_as('none');
end $$;

-- ---------------------------------------------------------------------------------------------------------------
-- A hostile search_path, at the first calls, so that also what is kept for later is made under it.
create function pg_temp.names() returns text[] immutable return '{agent_knowledge_bases,knowledge_documents,knowledge_chunks,knowledge,
    knowledge_collections,knowledge_postings,knowledge_pending_words,knowledge_codes,knowledge_pending_codes,pg_ts_config}'::text[];
create schema test_hostile;
grant usage, create on schema test_hostile to public;
create function test_hostile.raise(uuid, uuid) returns boolean language plpgsql as $$begin raise exception 'hostile operator on uuid'; end$$;
create function test_hostile.raise(vector, vector) returns float8 language plpgsql as $$begin raise exception 'hostile operator on vector'; end$$;
create function test_hostile.raise(tsvector, tsquery) returns boolean language plpgsql as $$begin raise exception 'hostile operator @@'; end$$;
create operator test_hostile.= (leftarg = uuid, rightarg = uuid, function = test_hostile.raise);
create operator test_hostile.<=> (leftarg = vector, rightarg = vector, function = test_hostile.raise);
create operator test_hostile.@@ (leftarg = tsvector, rightarg = tsquery, function = test_hostile.raise);
create function test_hostile.unnest(uuid[]) returns setof uuid language plpgsql as $$begin raise exception 'hostile unnest'; end$$;
create function test_hostile.unnest(text[]) returns setof text language plpgsql as $$begin raise exception 'hostile unnest'; end$$;
create function test_hostile.to_tsvector(regconfig, text) returns tsvector language plpgsql as $$begin raise exception 'hostile to_tsvector'; end$$;
create function test_hostile.phraseto_tsquery(regconfig, text) returns tsquery language plpgsql as $$begin raise exception 'hostile query'; end$$;
create function test_hostile.binary_quantize(vector) returns bit language plpgsql as $$begin raise exception 'hostile code'; end$$;
create text search configuration test_hostile.english (copy = pg_catalog.simple);
select pg_temp.act_as('Ada');
do $$
declare
    name text;
begin
    foreach name in array pg_temp.names() loop
        execute format('create table test_hostile.%I (id uuid)', name);
        execute format('create temporary table %I (id uuid)', name);
    end loop;
end $$;
create temporary table under_hostile (search text, found uuid[]);
set local search_path = test_hostile, pg_catalog, public;
insert into under_hostile select s, pg_temp.found(s, null) from pg_catalog.unnest(pg_temp.searches()) s;
insert into under_hostile
select 'phrases and exclusions', pg_catalog.array_agg(id) from asked, public.hybrid_search(meaning, '"morning talk" -calm', null, 1000);
reset role;
drop schema test_hostile cascade;
set local search_path = public;
do $$
declare
    name text;
begin
    foreach name in array pg_temp.names() loop
        execute format('drop table pg_temp.%I', name);
    end loop;
end $$;
select pg_temp.act_as('Ada');
select ok(cardinality(found) > 0 and found = pg_temp.found(search, null), format('a hostile search_path changes nothing of %s', search))
from under_hostile where search <> 'phrases and exclusions';
select ok(
    cardinality(found) > 0 and found = array(select id from asked, hybrid_search(meaning, '"morning talk" -calm', null, 1000)),
    'nor of ' || search
)
from under_hostile where search = 'phrases and exclusions';
reset role;

-- ---------------------------------------------------------------------------------------------------------------
-- The table of rights.
create function pg_temp.rights(who text, chunks text, entries text) returns setof text language plpgsql as $$
declare
    search text;
    exact int;
begin
    perform pg_temp.act_as(who);
    foreach search in array pg_temp.searches() loop
        foreach exact in array array[0, 1000000] loop
            perform set_config('lgtempo.exact_search_limit', exact::text, true);
            return next is(pg_temp.places(search), case when search in ('chunks', 'hybrid') then '' else entries end || chunks,
                format('%s, exact up to %s: what %s finds', search, exact, who));
        end loop;
    end loop;
    perform pg_temp.act_as('none');
end $$;
select pg_temp.rights(who, chunks, entries)
from (values ('anon', 'd', ''), ('Ada', 'acdf', '12'), ('Ben', 'bcd', '134'), ('nobody', 'cd', '1'), ('service_role', 'abcdef', '1234'))
    v (who, chunks, entries);
select pg_temp.everybody('by the policies of ours');
select pg_temp.everybody(format('in base %s alone', base), pg_temp.n(base)) from unnest(array['a', 'b', 'c', 'd', 'e', 'f', '0', 'dead']) base;
select pg_temp.act_as('Ben');
select is(pg_temp.places(search, pg_temp.n(base)), '', format('%s: Ben finds nothing in base %s', search, base))
from unnest(pg_temp.searches()) search, unnest(array['a', 'e', 'f', '0', 'dead']) base;
reset role;

-- ---------------------------------------------------------------------------------------------------------------
-- What an administrator adds.
create function pg_temp.under(policy text, title text) returns setof text language plpgsql as $$
begin
    execute 'create policy test_restriction on ' || policy;
    return query select pg_temp.everybody(title);
    execute 'drop policy test_restriction on ' || split_part(policy, ' ', 1);
end $$;
select pg_temp.under('knowledge_chunks as restrictive for select using ((metadata ->> ''i'')::int % 4 in (1, 2))', 'where half of the chunks are hidden');
select pg_temp.under('knowledge_chunks as restrictive for select using ((metadata ->> ''i'')::int % 80 = 2)', 'where most chunks are hidden');
select pg_temp.under('knowledge_documents as restrictive for select using (false)', 'where documents are hidden');
select pg_temp.under('agent_knowledge_bases as restrictive for select using (name <> ''Shared'')', 'where a base is hidden');
select pg_temp.under('agent_knowledge_bases as permissive for select using (is_public)', 'where more bases are shown');
select pg_temp.under('knowledge as restrictive for select using (content ~ ''talk'')', 'where some entries are hidden');

create policy test_restriction on knowledge_documents as restrictive for select to authenticated using (title <> 'On Shared');
create policy test_restriction on agent_knowledge_bases as restrictive for select to authenticated using (name <> 'Public');
select pg_temp.act_as('Ada');
select results_eq(
    format('select distinct left(title, 8) from asked, %s order by 1', call),
    array['On Ada''s', 'On Inact', null], format('a title that policies hide is null: %s', call)
)
from (values
    ('search_knowledge_chunks(meaning, null, -1, 1000) f (chunk_id, document_id, title)'),
    ('search_knowledge_base(words, null, 1000, meaning, -1)'), ('hybrid_search(meaning, words, null, 1000)')
) v (call);
select is(pg_temp.places(search), 'acf' || entries, format('%s: a chunk is found though its document is hidden, unless its base is', search))
from (values ('chunks', ''), ('hybrid', '')) v (search, entries);
reset role;
drop policy test_restriction on knowledge_documents;
drop policy test_restriction on agent_knowledge_bases;

-- Languages that can't be used: a configuration that is gone, and one in a schema that others may not use.
savepoint languages;
create schema test_private;
create text search configuration public.test_gone (copy = pg_catalog.english);
create text search configuration test_private.words (copy = pg_catalog.english);
update agent_knowledge_bases set language = 'public.test_gone' where name = 'Ada''s';
update agent_knowledge_bases set language = 'test_private.words' where name = 'Public';
update knowledge set language = 'test_private.words' where user_id is null;
drop text search configuration public.test_gone;
select pg_temp.act_as('Ada');
select is(pg_temp.places(search), found, format('%s, where languages can''t be used: words find the other texts', search))
from (values ('chunks', 'acdf'), ('words', '2cf'), ('meaning', '12acdf'), ('both', '12acdf'), ('hybrid', 'acdf')) v (search, found);
select set_eq(
    format('select distinct substr(id::text, 33, 1) from asked, hybrid_search(meaning, %L, null, 1000)', words), array['c', 'f'],
    format('nor do phrases and exclusions of %s fail', words)
)
from unnest(array['"morning talk"', 'calm -breakfast']) words;
reset role;
rollback to languages;

-- Policies that see with whose rights they are asked.
create function public.test_as_caller(tab text) returns boolean language plpgsql stable as $$
begin
    if current_user::text <> current_setting('role') then
        raise exception 'a policy is asked by % for %', current_user, current_setting('role');
    end if;
    perform set_config('test.asked_of_' || tab, 'yes', true);
    return true;
end $$;
create function public.test_as_owner() returns boolean language sql security definer as 'select public.test_as_caller(''none'')';
select pg_temp.act_as('Ada');
select throws_ok('select public.test_as_owner()', 'P0001', null, 'a policy''s function notices another''s rights');
reset role;
create function pg_temp.asked_as_caller(title text) returns setof text language plpgsql as $$
declare
    tables text[] := '{agent_knowledge_bases,knowledge_documents,knowledge_chunks,knowledge}';
    tab text;
begin
    foreach tab in array tables loop
        perform set_config('test.asked_of_' || tab, 'no', true);
        execute format('create policy test_caller on %I as restrictive for select using (public.test_as_caller(%1$L))', tab);
    end loop;
    return query select pg_temp.everybody(title || ', policies run functions');
    foreach tab in array tables loop
        return next is(current_setting('test.asked_of_' || tab), 'yes', format('%s: which are asked on %s', title, tab));
        execute format('drop policy test_caller on %I', tab);
    end loop;
end $$;
select pg_temp.asked_as_caller('plainly');

-- The same beside an administrator's index on the codes.
update agent_knowledge_bases set total_chunks = 200000;
create index test_codes on knowledge_chunks using hnsw (embedding_code bit_hamming_ops);
select pg_temp.asked_as_caller('with an index on the codes');
select pg_temp.under('knowledge_chunks as restrictive for select using ((metadata ->> ''i'')::int % 4 in (1, 2))', 'with an index where half is hidden');
drop index test_codes;

-- Row-level security that binds the owner too, who is no superuser.
create role test_owner;
grant usage on schema auth to test_owner;
grant usage, create on schema public to test_owner;
grant execute on function search_knowledge_chunks, search_knowledge_base, hybrid_search, lgtempo_uuid_v7 to test_owner;
create function pg_temp.internal() returns text[] immutable
    return '{knowledge_collections,knowledge_postings,knowledge_pending_words,knowledge_codes,knowledge_pending_codes}'::text[];
create function pg_temp.force() returns void language plpgsql as $$
declare
    tab text;
begin
    foreach tab in array pg_temp.internal() || '{agent_knowledge_bases,knowledge_documents,knowledge_chunks,knowledge}' loop
        execute format('alter table %I owner to test_owner', tab);
        execute format('alter table %I force row level security', tab);
    end loop;
end $$;
select pg_temp.force();
select pg_temp.everybody('where row-level security is forced');
select pg_temp.under('knowledge_chunks as restrictive for select using ((metadata ->> ''i'')::int % 4 in (1, 2))', 'forced, where half is hidden');
select pg_temp.asked_as_caller('forced');
create index test_codes on knowledge_chunks using hnsw (embedding_code bit_hamming_ops);
select pg_temp.asked_as_caller('forced, with an index on the codes');
drop index test_codes;
select pg_temp.act_as('test_owner');
select is(pg_temp.differences(), '', 'forced: the owner finds what the tables show');
select is(pg_temp.places('both'), '', 'which is nothing');
select pg_temp.act_as('Ada');
select lives_ok(
    format('insert into knowledge_chunks (id, document_id, chunk_index, content, embedding) select %L, %L, 99, ''calm and new'', meaning from asked',
        pg_temp.n('a099'), pg_temp.n('a')),
    'forced: Ada writes'
);
reset role;
select pg_temp.everybody('forced, after a chunk more');
select pg_temp.act_as('Ada');
select is((pg_temp.found('chunks', null, 1))[1], pg_temp.n('a099'), 'which she finds');
select lives_ok(format('delete from knowledge_chunks where id = %L', pg_temp.n('a099')), 'and erases');
reset role;
select pg_temp.everybody('forced, after a chunk less');

-- ---------------------------------------------------------------------------------------------------------------
-- What is internal, forced or not.
create function pg_temp.closed(who text) returns setof text language sql as $$
    select throws_ok(format(command, tab), '42501', null, format('%s: ' || command, who, tab))
    from unnest(pg_temp.internal()) tab,
        unnest(array['select from %I', 'insert into %I default values', 'delete from %I', 'truncate %I']) command
    union all
    select throws_ok(format('update %I set collection_id = null', tab), '42501', null, format('%s: update %s', who, tab))
    from unnest(pg_temp.internal()) tab where tab <> 'knowledge_collections'
    union all
    select throws_ok('update knowledge_collections set texts = 0', '42501', null, who || ': update knowledge_collections')
$$;
create function pg_temp.uncallable(who text) returns setof text language sql as $$
    select throws_ok(format(command, name), '42501', null, format('%s: ' || command, who, name))
    from unnest(array['lgtempo_chunk_index', 'lgtempo_entry_index']) name, unnest(array['select %I()',
        'create trigger test after delete on pg_temp.theirs referencing old table as changed for each statement execute function %I()']) command
$$;
select pg_temp.act_as('anon');
create temporary table theirs (id uuid, document_id uuid, knowledge_base_id uuid);
select pg_temp.closed('anon');
select pg_temp.uncallable('anon');
reset role;
drop table theirs;
select pg_temp.act_as('Ada');
create temporary table theirs (id uuid, document_id uuid, knowledge_base_id uuid);
select pg_temp.closed('authenticated');
select pg_temp.uncallable('authenticated');
reset role;
select pg_temp.act_as('service_role');
select isnt_empty(format('select from %I', tab), format('service_role reads %s', tab)) from unnest(array['knowledge_collections', 'knowledge_pending_words']) tab;
select lives_ok(format('select from %I', tab), format('service_role may read %s', tab)) from unnest(pg_temp.internal()) tab;
reset role;

-- Rights on the tables that a caller lacks.
create role test_caller;
grant usage on schema auth to test_caller;
grant execute on function search_knowledge_chunks, search_knowledge_base, hybrid_search to test_caller;
create temporary table call (text text);
grant select on call to public;
insert into call values ('search_knowledge_chunks(meaning)'), ('search_knowledge_base(words)'), ('search_knowledge_base(null, null, 10, meaning)'),
    ('search_knowledge_base(words, null, 10, meaning)'), ('hybrid_search(meaning, words)');
create function pg_temp.refused(title text) returns setof text language sql as $$
    select throws_ok(format('select from asked, %s', text), '42501', null, format('%s: %s', title, text)) from call
$$;
select pg_temp.act_as('test_caller');
select pg_temp.refused('without rights on the tables');
reset role;
grant select on agent_knowledge_bases to test_caller;
select pg_temp.act_as('test_caller');
select pg_temp.refused('with rights on the bases alone');
reset role;
grant select on knowledge_chunks to test_caller;
select pg_temp.act_as('test_caller');
select pg_temp.refused('without rights on the documents');
reset role;
grant select on knowledge_documents to test_caller;
select pg_temp.act_as('test_caller');
select is(pg_temp.differences(), '', 'with rights on these, but none by a policy: nothing is found');
select is(pg_temp.places('both'), '', 'without error');
reset role;
revoke execute on function search_knowledge_chunks, search_knowledge_base, hybrid_search from test_caller;
select pg_temp.act_as('test_caller');
select pg_temp.refused('without the right to call');
select pg_temp.act_as('anon');
select throws_ok('select from knowledge', '42501', null, 'anon has no rights on entries');
select is(pg_temp.places(search), 'd', format('%s: and finds chunks without error', search)) from unnest(pg_temp.searches()) search;
reset role;

-- One after the other in a session: everybody's own, however often.
create temporary table own (who text, search text, found uuid[]);
grant all on own to public;
create function pg_temp.in_turn(turns int) returns void language plpgsql as $$
declare
    who text;
begin
    for turn in 1..turns loop
        foreach who in array array['Ada', 'anon', 'Ben', 'service_role', 'Ada', 'Ben'] loop
            perform pg_temp.act_as(who);
            insert into own select who, search, pg_temp.found(search, null) from unnest(pg_temp.searches()) search;
        end loop;
    end loop;
    perform pg_temp.act_as('none');
end $$;
select pg_temp.in_turn(3);
select is(count(distinct found), 1::bigint, format('%s: %s finds the same at every turn', search, who)) from own group by search, who;
select is(count(distinct found), 4::bigint, format('%s: and everybody something else', search)) from own group by search;

-- ---------------------------------------------------------------------------------------------------------------
-- hybrid_search: the ranks of the two single searches in a base, fused.
create function pg_temp.fused(words text, weight float8, most int) returns table (id uuid, score numeric) language sql as $$
    with by_meaning as (
        select chunk_id as id, place
        from search_knowledge_chunks((select meaning from asked), pg_temp.n('c'), -1, 1000)
            with ordinality f (chunk_id, document_id, title, content, similarity, chunk_index, metadata, place)
        where place <= greatest(100, 4 * most)
    ), by_words as (
        select f.id, f.place
        from search_knowledge_base(words, pg_temp.n('c'), 1000) with ordinality
            f (id, source, document_id, title, content, kb_id, kb_name, metadata, relevance_score, similarity, keyword_score, place)
        where place <= greatest(100, 4 * most)
    )
    select id, (coalesce(weight / (60 + m.place), 0) + coalesce((1 - weight) / (60 + w.place), 0))::numeric(12, 10)
    from by_meaning m full join by_words w using (id)
$$;
select pg_temp.act_as('Ada');
select unnest(array[
    results_eq(
        format('select combined_score::numeric(12, 10) from asked, hybrid_search(meaning, words, pg_temp.n(''c''), %s, %s)', most, weight),
        format('select score from asked, pg_temp.fused(words, %s, %s) order by 1 desc limit %2$s', weight, most),
        format('semantic_weight %s, the best %s: the best sums of reciprocal ranks', weight, most)
    ),
    is_empty(
        format('select id, combined_score::numeric(12, 10) from asked, hybrid_search(meaning, words, pg_temp.n(''c''), %s, %s)
            except select id, score from asked, pg_temp.fused(words, %2$s, %1$s)', most, weight),
        format('semantic_weight %s, the best %s: each its own', weight, most)
    )
])
from unnest(array[0.3, 0.7, 0, 1]) weight, unnest(array[5, 30, 1000]) most;
select results_eq(
    'select id, combined_score from asked, hybrid_search(meaning, words, pg_temp.n(''c''))',
    'select id, combined_score from asked, hybrid_search(meaning, words, pg_temp.n(''c''), 10, 0.7)', 'at first it is 0.7, and the best 10'
);
select results_eq(
    'select f.id, f.combined_score from asked, hybrid_search(semantic_weight => 0.3, match_count => 5, kb_id_filter => pg_temp.n(''c''),
        query_text => words, query_embedding => meaning) f',
    'select id, combined_score from asked, hybrid_search(meaning, words, pg_temp.n(''c''), 5, 0.3)', 'it can be called by name'
);
create temporary table fused as select f.* from asked, hybrid_search(meaning, words, pg_temp.n('c'), 1000) f;
select set_eq(
    'select f.id, f.title, f.content, f.metadata, f.similarity_score::numeric(12, 10) from fused f',
    $$select c.id, 'On Shared', c.content, c.metadata, (1 - (c.embedding <=> asked.meaning))::numeric(12, 10) from asked, knowledge_chunks c
      where knowledge_base_id = pg_temp.n('c') and pg_temp.sought('hybrid', c.content, c.embedding)$$,
    'a row tells all of its chunk; its similarity is null without an embedding'
);
select set_eq(
    'select id, keyword_score::numeric(12, 9) from fused where keyword_score <> 0',
    $$select f.id, f.keyword_score::numeric(12, 9) from asked, search_knowledge_base(words, pg_temp.n('c'), 1000) f$$, 'keyword_score is the BM25 score'
);
select set_eq(
    'select id from fused where keyword_score = 0', $$select id from fused where content !~ 'calm|talk'$$, 'and 0 where no word matches'
);
select ok(
    bool_or(similarity_score is null) and bool_or(keyword_score = 0) and bool_or(similarity_score is not null and keyword_score > 0),
    'some are found by words, some by meaning, some by both'
)
from fused;
select unnest(array[set_eq(
    format('select id from asked, hybrid_search(meaning, %L, pg_temp.n(''c''), 1000)', words),
    format('select id from knowledge_chunks where knowledge_base_id = pg_temp.n(''c'') and (%s)', condition),
    format('hybrid_search, by either side: %s', words)
),
set_eq(
    format('select id from asked, search_knowledge_base(%L, null, 1000, meaning, -1)', words),
    format('select id from knowledge_chunks where %s union all select id from knowledge where %1$s', condition),
    format('search_knowledge_base, by either side: %s', words)
)])
from (values
    ('calm "morning talk"', 'content ~ ''morning talk'''),
    ('calm "talk morning"', 'false'),
    ('calm -talk', '(embedding is not null or content ~ ''calm'') and content !~ ''talk'''),
    ('-talk', 'embedding is not null and content !~ ''talk'''),
    ('"morning talk" -calm', 'content ~ ''morning talk'' and content !~ ''calm'''),
    ('filler -"morning talk" -calm', '(embedding is not null or content ~ ''filler'') and content !~ ''talk|calm'''),
    ('the of', 'embedding is not null'),
    ('', 'embedding is not null')
) v (words, condition);

-- Bad input: the SQLSTATE, and a message that names the argument.
create temporary table bad (call text, code text, names text);
grant select on bad to public;
insert into bad values
    ('null, words', '22004', 'query_embedding'), ('meaning, null', '22004', 'query_text'),
    ('meaning, words, null, null', '22004', 'match_count'), ('meaning, words, null, 10, null', '22004', 'semantic_weight'),
    ('meaning, words, null, 10, -0.1', '22023', 'semantic_weight.*0.*1'), ('meaning, words, null, 10, 1.1', '22023', 'semantic_weight.*0.*1'),
    ('meaning, words, null, 10, ''NaN''', '22023', 'semantic_weight'), ('meaning, words, null, 10, ''infinity''', '22023', 'semantic_weight'),
    ('meaning, words, null, -1', '22023', 'match_count'), ('meaning, words, null, 1001', '22023', 'match_count.*1000'),
    ('''[1,2,3]'', words', '22023', 'query_embedding.*1536'), ('array_fill(0, array[1536])::vector, words', '22023', 'query_embedding.*zero');
select unnest(array[
    throws_ok(format('select hybrid_search(%s) from asked', call), code, null, format('hybrid_search(%s): %s', call, code)),
    throws_matching(format('select hybrid_search(%s) from asked', call), names, format('hybrid_search(%s) says what is wrong', call))
])
from bad;
select is_empty('select f.* from asked, hybrid_search(meaning, words, null, 0) f', 'match_count 0 is an empty answer');
select is_empty(format('select f.* from asked, hybrid_search(meaning, words, %L) f', pg_temp.n(base)), format('base %s is as good as none', base))
from unnest(array['b', 'e', '0', 'dead']) base;
select pg_temp.act_as('anon');
select throws_ok(format('select hybrid_search(%s) from asked', call), code, null, format('anon: hybrid_search(%s): %s', call, code)) from bad;
reset role;

select * from finish();
rollback;
