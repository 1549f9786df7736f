-- Tables, keys and indexes.

-- A foreign key whose columns, in whatever order, don't lead an index: checking and cascading read the whole table.
create temporary view unindexed_foreign_key as
select f.conrelid::regclass || '.' || f.conname as object
from pg_constraint f
join house_table t on t.oid = f.conrelid
where f.contype = 'f'
    and not exists (
        select
        from pg_index i
        join pg_class c on c.oid = i.indexrelid
        join pg_am a on a.oid = c.relam and a.amname = 'btree'
        cross join lateral (select (i.indkey::smallint[])[0:cardinality(f.conkey) - 1] as leading) l
        where i.indrelid = f.conrelid
            and i.indisvalid
            and i.indpred is null
            and i.indnkeyatts >= cardinality(f.conkey)
            and l.leading @> f.conkey
            and l.leading <@ f.conkey
    );

-- A foreign key to something of auth's that is unique but no primary key: Supabase may change it.
create temporary view foreign_key_to_auth_unique as
select f.conrelid::regclass || '.' || f.conname as object
from pg_constraint f
join house_table t on t.oid = f.conrelid
join pg_class r on r.oid = f.confrelid and r.relnamespace = 'auth'::regnamespace
where f.contype = 'f'
    and not exists (select from pg_constraint k where k.conindid = f.conindid and k.contype = 'p');

create temporary view table_without_primary_key as
select t.oid::regclass::text as object
from house_table t
where not exists (select from pg_constraint k where k.conrelid = t.oid and k.contype = 'p');

-- Two indexes that differ in nothing but their names and, at most, in that one of them is unique.
create temporary view duplicate_index as
select a.indrelid::regclass || ': ' || least(a.indexrelid::regclass::text, b.indexrelid::regclass::text) || ', '
    || greatest(a.indexrelid::regclass::text, b.indexrelid::regclass::text) as object
from pg_index a
join house_table t on t.oid = a.indrelid
join pg_index b on b.indrelid = a.indrelid and b.indexrelid > a.indexrelid
join pg_class ca on ca.oid = a.indexrelid
join pg_class cb on cb.oid = b.indexrelid
where ca.relam = cb.relam
    and a.indnkeyatts = b.indnkeyatts
    and a.indkey::text = b.indkey::text
    and a.indclass::text = b.indclass::text
    and a.indcollation::text = b.indcollation::text
    and a.indoption::text = b.indoption::text
    and pg_get_expr(a.indexprs, a.indrelid) is not distinct from pg_get_expr(b.indexprs, b.indrelid)
    and pg_get_expr(a.indpred, a.indrelid) is not distinct from pg_get_expr(b.indpred, b.indrelid);

-- pg_upgrade refuses columns of types that hold numbers of things in the catalogue.
create temporary view unsupported_reg_type as
select format('%s.%s (%s)', t.oid::regclass, a.attname, format_type(a.atttypid, null)) as object
from house_table t
join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
join pg_type y on y.oid = a.atttypid
where coalesce(nullif(y.typelem, 0), y.oid) in (
    'regcollation'::regtype,
    'regconfig'::regtype,
    'regdictionary'::regtype,
    'regnamespace'::regtype,
    'regoper'::regtype,
    'regoperator'::regtype,
    'regproc'::regtype,
    'regprocedure'::regtype
);
