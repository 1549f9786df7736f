-- Prints the reference for README.md, in Markdown, from the catalogue and its comments.
\set QUIET on
\pset format unaligned
\pset tuples_only on

create temporary view described as
select p.oid, p.proname as name, pg_get_function_identity_arguments(p.oid) as identity,
    split_part(obj_description(p.oid, 'pg_proc'), E'\n', 1) as summary,
    nullif(array_to_string((string_to_array(obj_description(p.oid, 'pg_proc'), E'\n'))[2:], ' '), '') as details
from pg_proc p
join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
join pg_extension e on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and e.extname = 'lgtempo'
where p.prorettype <> 'trigger'::regtype;

select '### Functions';
select format(
        E'\n**`%s(%s)`** → `%s`\n\n%s%s\n\nFor %s.',
        f.name,
        pg_get_function_arguments(f.oid),
        pg_get_function_result(f.oid),
        f.summary,
        coalesce(' ' || f.details, ''),
        coalesce(
            (
                select string_agg(r.name, ', ' order by r.place)
                from unnest(array['anon', 'authenticated', 'service_role']) with ordinality r (name, place)
                where has_function_privilege(r.name, f.oid, 'execute')
            ),
            'the owner of the extension'
        )
    )
from described f
order by f.name;

select E'\n### Types\n\n| type | labels | what it is |\n|---|---|---|';
select format(
        '| `%s` | %s | %s |',
        t.typname,
        (select string_agg(enumlabel, ', ' order by enumsortorder) from pg_enum where enumtypid = t.oid),
        obj_description(t.oid, 'pg_type')
    )
from pg_type t
join pg_depend d on d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e'
join pg_extension e on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and e.extname = 'lgtempo'
where t.typtype = 'e'
order by t.typname;

select E'\n### Tables';
select format(
        E'\n#### %s\n\n%s\n\n| column | type | what it is |\n|---|---|---|\n%s',
        c.relname,
        replace(obj_description(c.oid, 'pg_class'), E'\n', ' '),
        (
            select string_agg(
                format(
                    '| `%s` | %s | %s |',
                    a.attname,
                    format_type(a.atttypid, a.atttypmod),
                    col_description(c.oid, a.attnum)
                ),
                E'\n' order by a.attnum
            )
            from pg_attribute a
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        )
    )
from pg_class c
where c.relkind = 'r'
    and c.relname in (
        select split_part(o, ' ', 2)
        from lgtempo_migrations
        cross join unnest(objects) o
        where o like 'table %'
    )
order by c.relname;
