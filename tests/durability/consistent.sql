-- Says what does not agree with what, a line each: nothing where all is well. For psql, in a database whose tables are in
-- public; it reads and leaves nothing.
\set ON_ERROR_STOP on
begin isolation level repeatable read;
set local client_min_messages = warning;
-- Whatever is asked here is asked of the tables themselves.
set local enable_indexscan = off;
set local enable_indexonlyscan = off;
set local enable_bitmapscan = off;

-- Every reference leads somewhere. Triggers of foreign keys look at an index; this looks at the rows.
select format(
    'select %L || c::text from (select %s from %s) c where num_nulls(%s) = 0 and not exists (select from %s p where (%s) = (%s))',
    'orphan of ' || f.conname || ': ', columns, f.conrelid::regclass, columns, f.confrelid::regclass, parents, columns
)
from pg_constraint f
cross join lateral (
    select string_agg(quote_ident(c.attname), ', ' order by k.place) as columns,
        string_agg('p.' || quote_ident(p.attname), ', ' order by k.place) as parents
    from unnest(f.conkey, f.confkey) with ordinality k (child, parent, place)
    join pg_attribute c on c.attrelid = f.conrelid and c.attnum = k.child
    join pg_attribute p on p.attrelid = f.confrelid and p.attnum = k.parent
) k
where f.contype = 'f' and f.connamespace = 'public'::regnamespace
order by f.conname \gexec

select 'account without a row in ' || place || ': ' || id
from (
    select 'users' as place, id from auth.users where id not in (select id from users)
    union all select 'profiles', id from auth.users where id not in (select id from profiles)
) missing;

-- Nothing is half there.
select 'document without all of its chunks: ' || d.id
from knowledge_documents d
left join lateral (
    select count(*), min(chunk_index), max(chunk_index) from knowledge_chunks c where c.document_id = d.id
) c on true
where d.chunk_count <> c.count or c.count > 0 and (c.min, c.max) <> (0, c.count - 1);
select 'base with wrong counts: ' || b.id
from agent_knowledge_bases b
where b.document_count <> (select count(*) from knowledge_documents d where d.knowledge_base_id = b.id)
    or b.total_chunks <> (select count(*) from knowledge_chunks c where c.knowledge_base_id = b.id);
select 'session without the edge to its goal: ' || s.id
from graph_nodes s
where s.node_type = 'session' and s.properties ->> 'goal_id' is not null
    and exists (select from graph_nodes g where g.id::text = s.properties ->> 'goal_id')
    and not exists (
        select from graph_edges e
        where e.source_node_id = s.id and e.target_node_id::text = s.properties ->> 'goal_id' and e.edge_type = 'works_on'
    );

-- What is unique is there once, whatever the indexes say.
select 'goal or skill twice: ' || min(label)
from graph_nodes
where deleted_at is null and node_type in ('goal', 'skill')
group by user_id, node_type, btrim(label, E' \t\n\r\f\x0b')
having count(*) > 1;
select 'fact twice at one instant: ' || a.id || ' and ' || b.id
from graph_edges a
join graph_edges b
    on (a.user_id, a.edge_type, a.source_node_id, a.target_node_id) = (b.user_id, b.edge_type, b.source_node_id, b.target_node_id)
    and a.id < b.id and tstzrange(a.valid_from, a.valid_to) && tstzrange(b.valid_from, b.valid_to);
select 'edge that is open at a deleted node: ' || e.id
from graph_edges e
join graph_nodes n on n.id in (e.source_node_id, e.target_node_id)
where e.valid_to is null and n.deleted_at is not null;
select 'edge that a deletion closed between live nodes: ' || e.id
from graph_edges e
where e.closed_by_delete
    and not exists (select from graph_nodes n where n.id in (e.source_node_id, e.target_node_id) and n.deleted_at is not null)
    and not exists (
        select from graph_edges later
        where (later.user_id, later.edge_type, later.source_node_id, later.target_node_id)
                = (e.user_id, e.edge_type, e.source_node_id, e.target_node_id)
            and later.id <> e.id and (later.valid_to is null or later.valid_to > e.valid_from)
    );
select 'two jobs for one text: ' || coalesce(node_id, chunk_id, entry_id)
from embedding_jobs
group by coalesce(node_id, chunk_id, entry_id)
having count(*) > 1;

-- The internal tables say what the texts say.
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
create temporary view texts as
select id, knowledge_base_id as base, null::uuid as person, null::text as language, search_vector, embedding, embedding_code
from knowledge_chunks
union all
select id, null, user_id, language, search_vector, embedding, embedding_code
from knowledge;

create temporary table kept_words on commit drop as
select c.knowledge_base_id as base, c.user_id as person, c.language, k.lexeme, k.id, k.tf, k.length
from (
    select p.collection_id, p.lexeme, encode(substring(p.texts from 22 * i + 1 for 16), 'hex')::uuid as id,
        pg_temp.number(p.texts, 22 * i + 16, 2) as tf, pg_temp.number(p.texts, 22 * i + 18, 4) as length
    from knowledge_postings p, generate_series(0, length(p.texts) / 22 - 1) i
    union all
    select p.collection_id, w.lexeme, p.passage_id, w.tf, sum(w.tf) over (partition by p.passage_id)
    from knowledge_pending_words p, pg_temp.pending_words(p.words) w
) k
left join knowledge_collections c on c.id = k.collection_id;
create temporary table text_words on commit drop as
select t.base, t.person, t.language, w.lexeme, t.id, cardinality(w.positions)::bigint as tf,
    (select sum(cardinality(positions)) from unnest(t.search_vector))::bigint as length
from texts t, unnest(t.search_vector) w;
-- Of a lexeme of more bytes than this a digest is kept.
delete from kept_words where octet_length(lexeme) > 87;
delete from text_words where octet_length(lexeme) > 87;
select 'word in the index alone: ' || k::text from (table kept_words except all table text_words) k;
select 'word missing in the index: ' || k::text from (table text_words except all table kept_words) k;
select 'empty posting: ' || collection_id || ' ' || lexeme from knowledge_postings where texts = '';

create temporary table kept_codes on commit drop as
select collection_id, pending, encode(substring(code from 1 for 16), 'hex')::uuid as id, substring(code from 17) as code
from (
    select collection_id, false as pending, substring(codes from 208 * i + 1 for 208) as code
    from knowledge_codes, generate_series(0, (length(codes) - 1) / 208) i
    union all
    select collection_id, true, code from knowledge_pending_codes
) k;
select 'code cut off: ' || id from kept_codes where length(code) <> 192;
-- Behind its length, bit_send gives the bits as they lie in memory.
create temporary table text_codes on commit drop as
select c.id as collection_id, t.id, substring(bit_send(t.embedding_code) from 5) as code
from texts t
left join knowledge_collections c on (c.knowledge_base_id, c.user_id, c.language) is not distinct from (t.base, t.person, t.language)
where t.embedding is not null;
-- What is in a segment and is no text's code, or is so once more, or is pending too, is stale: it may stay, and is counted.
create temporary table live_codes on commit drop as
select collection_id, id, code from kept_codes where pending
union all
select distinct collection_id, id, code
from kept_codes
where not pending and (collection_id, id, code) in (table text_codes)
    and (collection_id, id) not in (select collection_id, id from kept_codes where pending);
select 'code missing in the index: ' || c.id from (table text_codes except all table live_codes) c;
select 'code pending for no text: ' || c.id from (table live_codes except all table text_codes) c;
select 'codes of no collection: ' || id from kept_codes where collection_id not in (select id from knowledge_collections);

select 'collection with wrong counts: ' || c::text || ' instead of ' || t::text || ' and ' || i::text
from knowledge_collections c
cross join lateral (
    select count(*) as texts, coalesce(sum(length), 0)::bigint as positions
    from (
        select (select sum(cardinality(positions)) from unnest(t.search_vector)) as length
        from texts t
        where (t.base, t.person, t.language) is not distinct from (c.knowledge_base_id, c.user_id, c.language)
    ) t
) t
cross join lateral (
    select (select count(*) from knowledge_pending_words p where p.collection_id = c.id) as pending_words,
        (select count(*) from knowledge_pending_codes p where p.collection_id = c.id) as pending_codes,
        (select coalesce(sum(length(codes)), 0) / 208 from knowledge_codes p where p.collection_id = c.id) as codes,
        (select count(*) from kept_codes k where k.collection_id = c.id)
            - (select count(*) from live_codes l where l.collection_id = c.id) as stale_codes
) i
where (c.texts, c.positions, c.pending_words, c.pending_codes, c.codes, c.stale_codes)
    <> (t.texts, t.positions, i.pending_words, i.pending_codes, i.codes, i.stale_codes);
select 'texts of no collection: ' || coalesce(base, person)::text
from texts t
where not exists (
    select from knowledge_collections c where (t.base, t.person, t.language) is not distinct from (c.knowledge_base_id, c.user_id, c.language)
);
rollback;
