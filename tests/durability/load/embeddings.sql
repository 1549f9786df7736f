-- An embedding worker: what is printed is committed. Embeddings lie on a curve, near to their neighbours on it.
select coalesce(jsonb_agg(to_jsonb(j) - 'content' - 'attempts' || jsonb_build_object('embedding', e.vector)), '[]') as items
from claim_embedding_jobs(8) j
cross join lateral (
    select jsonb_agg(round(sin(i * s.place)::numeric, 4) order by i) as vector
    from (select random() / 50 as place where j.id is not null offset 0) s, generate_series(1, 1536) i
) e \gset
select 'embedded', i ->> 'id'
from (select store_embeddings(:'items') as number offset 0) stored, jsonb_array_elements(:'items') i
where stored.number = jsonb_array_length(:'items');
