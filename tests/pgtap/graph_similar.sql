-- find_similar_nodes by its two ways, comparing every embedding and by a shortlist of codes, against plain SQL.
begin;
select plan(6);

create temporary table person as select lgtempo_uuid_v7() as id;
insert into auth.users (id) select id from person;

-- Embeddings in clusters, as texts about a few subjects have them.
select setseed(0.15);
create temporary table subjects as
select subject, array_agg(random() - 0.5 order by place) as center
from generate_series(1, 12) subject
cross join generate_series(1, 1536) place
group by subject;
create function about(p_subject integer, p_spread double precision) returns vector
language sql volatile
as $$
    select array_agg(component + p_spread * (random() - 0.5) order by place)::vector(1536)
    from subjects
    cross join unnest(center) with ordinality c (component, place)
    where subject = p_subject
$$;
insert into graph_nodes (user_id, node_type, label, embedding)
select (select id from person),
    (enum_range(null::node_type))[1 + n % 5],
    'node ' || n,
    about(1 + n % 12, 0.3 + (n % 7) * 0.2)
from generate_series(1, 700) n;
create temporary table questions as
select n, about(1 + n % 12, 0.8) as question from generate_series(1, 20) n;

create function by_sql(p_question vector, p_limit integer, p_types node_type[], p_excluded uuid[])
returns setof uuid
language sql
as $$
    select id
    from graph_nodes
    where user_id = (select id from person)
        and deleted_at is null
        and embedding is not null
        and (p_types is null or node_type = any (p_types))
        and (p_excluded is null or id <> all (p_excluded))
    order by embedding <=> p_question, id
    limit p_limit
$$;
create function found(p_exact integer, p_question vector, p_limit integer, p_types node_type[], p_excluded uuid[])
returns setof uuid
language sql
as $$
    select set_config('lgtempo.exact_search_limit', p_exact::text, true);
    select f.node_id
    from find_similar_nodes((select id from person), p_question, p_limit, -1, p_types, p_excluded)
        with ordinality f
    order by f.ordinality
$$;

select is_empty(
    $$
        select n
        from questions
        where array(select found(1000, question, 25, null, null)) <> array(select by_sql(question, 25, null, null))
    $$,
    'up to the limit every embedding is compared'
);
select is_empty(
    $$
        select n
        from questions
        where array(select found(1000, question, 25, '{goal,skill}', null))
            <> array(select by_sql(question, 25, '{goal,skill}', null))
    $$,
    'types limit the comparison'
);
select cmp_ok(
    (
        select avg(
            (
                select count(*)
                from found(0, question, 10, null, null) f
                where f in (select by_sql(question, 10, null, null))
            ) / 10.0
        )
        from questions
    ),
    '>=', 0.99,
    'above the limit at least 99 of 100 are found'
);
select is_empty(
    $$
        select n
        from questions
        where array(select found(0, question, 10, '{session}', null))
            <> array(select by_sql(question, 10, '{session}', null))
    $$,
    'a shortlist has room for the types that are asked for'
);
select is_empty(
    $$
        select n
        from questions
        cross join lateral (select array(select by_sql(question, 5, null, null)) as best) b
        where array(select found(0, question, 5, null, best)) && best
            or cardinality(array(select found(0, question, 5, null, best))) <> 5
    $$,
    'what is excluded is not found, by the shortlist either, and makes room for others'
);
select results_eq(
    $$
        select count(*)
        from questions
        cross join lateral (select set_config('lgtempo.exact_search_limit', '0', true)) s
        cross join lateral find_similar_nodes((select id from person), question, 1000, -1) f
        where f.similarity is distinct from (
            select 1 - (n.embedding <=> question) from graph_nodes n where n.id = f.node_id
        )
    $$,
    array[0::bigint],
    'similarity is 1 minus the cosine distance'
);
select * from finish();
rollback;
