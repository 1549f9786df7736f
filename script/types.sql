-- Prints types/lgtempo.ts from the catalogue and its comments, in the shape of Supabase's own generator. It finds the
-- schema that lgtempo lives in by itself.
\set QUIET on
\pset format unaligned
\pset tuples_only on
\set ON_ERROR_STOP on

select nspname as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace where extname = 'lgtempo' \gset
select set_config('search_path', quote_ident(:'schema'), false) \g /dev/null

-- What the catalogue does not say

-- Columns that are never null, and that a trigger fills where an insert leaves them out.
create temporary table filled (tab text, name text);
insert into filled values
    ('knowledge_chunks', 'knowledge_base_id'),
    ('knowledge_documents', 'content_hash');

-- Columns of results that may be null.
create temporary table unknown_result (function text, name text);
insert into unknown_result
select function, name
from (
    values
        ('claim_embedding_jobs', 'user_id'),
        ('find_similar_nodes', 'description'),
        ('get_embedding_queue_stats', 'oldest_pending'),
        ('get_node_neighborhood', 'description edge_id edge_label edge_properties edge_type source_node_id target_node_id'),
        ('get_user_goals_with_progress', 'category latest_session_date priority target_date'),
        ('get_user_skills_graph', 'skill_level'),
        ('hybrid_search', 'keyword_score similarity_score'),
        ('search_knowledge_base', 'document_id kb_id kb_name keyword_score similarity title')
) v (function, names)
cross join string_to_table(names, ' ') name;

-- Arguments that may be null though they must be given.
create temporary table unknown_argument (function text, name text);
insert into unknown_argument values
    ('create_message_with_attachments', 'p_sender_agent_id'),
    ('create_message_with_attachments', 'p_sender_name');

-- What is described

create temporary view described_table as
select c.oid, c.relname as name
from pg_class c
where c.relnamespace = (select extnamespace from pg_extension where extname = 'lgtempo')
    and c.relname in (
        select split_part(o, ' ', 2)
        from lgtempo_migrations
        cross join unnest(objects) o
        where o like 'table %'
    )
    and split_part(obj_description(c.oid, 'pg_class'), E'\n', 1) not like '%(internal).';

create temporary view member as
select d.classid, d.objid as oid
from pg_depend d
join pg_extension e on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and e.extname = 'lgtempo'
where d.deptype = 'e';

create temporary view described_function as
select p.oid, p.proname as name, p.proretset, p.prorettype, p.proargnames, p.proargmodes,
    coalesce(p.proallargtypes, p.proargtypes) as types
from pg_proc p
join member on member.oid = p.oid and classid = 'pg_proc'::regclass
where p.prorettype <> 'trigger'::regtype
    and exists (
        select
        from unnest(array['anon', 'authenticated', 'service_role']) role
        where has_function_privilege(role, p.oid, 'execute')
    );

create temporary view described_enum as
select t.oid, t.typname as name
from pg_type t
join member on member.oid = t.oid and classid = 'pg_type'::regclass
where t.typtype = 'e';

-- How it is written

create function pg_temp.quoted(name text) returns text return to_json(name)::text;

-- A key of an object: in quotes where TypeScript wants some.
create function pg_temp.key(name text) returns text
return case when name ~ '^[A-Za-z_][A-Za-z0-9_]*$' then name else pg_temp.quoted(name) end;

-- The first line of a comment, as TypeScript shows it beside the name.
create function pg_temp.doc(comment text, indent integer) returns text
return coalesce(repeat(' ', indent) || format('/** %s */', replace(split_part(comment, E'\n', 1), '*/', '* /')) || E'\n', '');

-- The labels of an enum, each in quotes.
create function pg_temp.labels(enum oid, separator text) returns text
return (
    select string_agg(pg_temp.quoted(enumlabel), separator order by enumsortorder)
    from pg_enum
    where enumtypid = enum
);

-- A type that is no array, as it is in JSON, where dates, uuids, vectors and the like are strings.
create function pg_temp.plain_type(type oid, sent boolean) returns text
return (
    select case
            when typtype = 'e' then
                format('Database[%s]["Enums"][%s]', pg_temp.quoted(nspname), pg_temp.quoted(typname))
            when typname = 'bool' then 'boolean'
            when typname in ('int2', 'int4', 'int8', 'float4', 'float8', 'numeric') then 'number'
            when typname in ('json', 'jsonb') then 'Json'
            when typname = 'void' then 'undefined'
            when typname = 'vector' and sent then 'string | number[]'
            else 'string'
        end
    from pg_type t
    join pg_namespace n on n.oid = typnamespace
    where t.oid = type
);

-- A type as it is received, or as it may be sent.
create function pg_temp.ts(type oid, sent boolean) returns text
return (
    select case
            when typcategory = 'A' then pg_temp.plain_type(typelem, sent) || '[]'
            else pg_temp.plain_type(type, sent)
        end
    from pg_type
    where oid = type
);

-- Columns of the tables

create temporary view described_column as
select t.oid, a.attnum, t.name as tab, a.attname as name,
    col_description(t.oid, a.attnum) as comment,
    pg_temp.ts(a.atttypid, false) || case when a.attnotnull then '' else ' | null' end as received,
    pg_temp.ts(a.atttypid, true) || case when a.attnotnull then '' else ' | null' end as sent,
    a.attgenerated <> '' or a.attidentity = 'a' as generated,
    a.attnotnull and not a.atthasdef and a.attidentity = '' and (t.name, a.attname) not in (select tab, name from filled)
        as required
from described_table t
join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped;

create function pg_temp.row_of(described oid) returns text
return (
    select string_agg(
            pg_temp.doc(comment, 10) || format('          %s: %s', pg_temp.key(name), received),
            E'\n' order by name collate "C"
        )
    from described_column c
    where c.oid = described
);

create function pg_temp.written(described oid, inserted boolean) returns text
return (
    select string_agg(
            case
                when generated then format('          %s?: never', pg_temp.key(name))
                when required and inserted then format('          %s: %s', pg_temp.key(name), sent)
                else format('          %s?: %s', pg_temp.key(name), sent)
            end,
            E'\n' order by name collate "C"
        )
    from described_column c
    where c.oid = described
);

-- Foreign keys between these tables: clients embed by their names

create function pg_temp.names_of(tab oid, numbers smallint[]) returns text
return (
    select string_agg(pg_temp.quoted(attname), ', ' order by place)
    from unnest(numbers) with ordinality n (number, place)
    join pg_attribute on attrelid = tab and attnum = number
);

-- Whether the columns of a foreign key are those of a key, so that there is at most one row for the one referred to.
create function pg_temp.is_one_to_one(foreign_key oid) returns boolean
return (
    select exists (
            select
            from pg_constraint k
            where k.contype in ('p', 'u') and k.conrelid = f.conrelid and k.conkey @> f.conkey and k.conkey <@ f.conkey
        )
    from pg_constraint f
    where f.oid = foreign_key
);

create function pg_temp.relationships(tab oid) returns text
return (
    select coalesce(
            E'[\n' || string_agg(
                format(
                    E'          {\n'
                    '            foreignKeyName: %s\n'
                    '            columns: [%s]\n'
                    '            isOneToOne: %s\n'
                    '            referencedRelation: %s\n'
                    '            referencedColumns: [%s]\n'
                    '          },',
                    pg_temp.quoted(f.conname),
                    pg_temp.names_of(f.conrelid, f.conkey),
                    pg_temp.is_one_to_one(f.oid)::text,
                    pg_temp.quoted(t.name),
                    pg_temp.names_of(f.confrelid, f.confkey)
                ),
                E'\n' order by f.conname collate "C"
            ) || E'\n        ]',
            '[]'
        )
    from pg_constraint f
    join described_table t on t.oid = f.confrelid
    where f.contype = 'f' and f.conrelid = tab
);

-- Arguments and results of the functions

create temporary view argument as
select f.oid, f.name as function, place, coalesce(mode, 'i') as mode, f.proargnames[place] as name, type,
    pg_get_function_arg_default(f.oid, place::integer) as fallback
from described_function f
cross join unnest(f.types, f.proargmodes) with ordinality a (type, mode, place);

create function pg_temp.arguments(described oid) returns text
return (
    select coalesce(
            E'{\n' || string_agg(
                format(
                    '          %s%s: %s%s',
                    pg_temp.key(name),
                    case when fallback is not null then '?' end,
                    pg_temp.ts(type, true),
                    case
                        when fallback like 'NULL::%'
                            or name = 'p_user_id'
                            or (a.function, name) in (select u.function, u.name from unknown_argument u)
                        then ' | null'
                    end
                ),
                E'\n' order by place
            ) || E'\n        }',
            'never'
        )
    from argument a
    where a.oid = described and mode = 'i'
);

create function pg_temp.result_columns(described oid) returns text
return (
    select E'{\n' || string_agg(
            format(
                '          %s: %s%s',
                pg_temp.key(name),
                pg_temp.ts(type, false),
                case when (a.function, name) in (select u.function, u.name from unknown_result u) then ' | null' end
            ),
            E'\n' order by place
        ) || E'\n        }'
    from argument a
    where a.oid = described and mode = 't'
);

-- What is declared above must be there.
create temporary view gone as
select tab || '.' || name as declared from filled
except
select tab || '.' || name from described_column
union all
(
    select function || '.' || name from unknown_result
    except
    select function || '.' || name from argument where mode = 't'
)
union all
(
    select function || '.' || name from unknown_argument
    except
    select function || '.' || name from argument where mode = 'i'
);
do $$begin
    if exists (select from gone) then
        raise exception 'script/types.sql declares what is not there: %', (select string_agg(declared, ', ') from gone);
    end if;
end$$;

-- The file

\qecho '// The types of lgtempo''s tables and functions, for supabase-js: createClient<Database>(url, key).'
\qecho '// script/types writes this file from the database''s catalogue; tests keep it fresh.'
\qecho '//'
\qecho '// It has the shape that `supabase gen types typescript` gives, and is stricter or kinder in this:'
\qecho '// - Only what the API''s roles are meant to use is here: no internal tables, no trigger functions.'
\qecho '// - Generated columns can''t be written. What a trigger fills in may be left out of an insert.'
\qecho '// - An embedding is received as a string, and sent as a string or as an array of numbers.'
\qecho '// - An argument is optional where the function has a default, and takes null where that default is null. p_user_id'
\qecho '//   takes null everywhere: null is the signed-in person.'
\qecho '// - Columns of results are null where the function''s contract says that they may be.'
\qecho '// - bit, interval and tsvector are strings, as they are in JSON.'
\qecho ''
\qecho 'export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]'
\qecho ''
\qecho 'export type Database = {'
select format('  %s: {', pg_temp.key(:'schema'));
\qecho '    Tables: {'
select pg_temp.doc(obj_description(oid, 'pg_class'), 6)
    || format(
        E'      %s: {\n'
        '        Row: {\n%s\n        }\n'
        '        Insert: {\n%s\n        }\n'
        '        Update: {\n%s\n        }\n'
        '        Relationships: %s\n'
        '      }',
        pg_temp.key(name),
        pg_temp.row_of(oid),
        pg_temp.written(oid, true),
        pg_temp.written(oid, false),
        pg_temp.relationships(oid)
    )
from described_table
order by name collate "C";
\qecho '    }'
\qecho '    Views: {'
\qecho '      [_ in never]: never'
\qecho '    }'
\qecho '    Functions: {'
select pg_temp.doc(obj_description(oid, 'pg_proc'), 6)
    || format(
        E'      %s: {\n        Args: %s\n        Returns: %s%s\n      }',
        pg_temp.key(name),
        pg_temp.arguments(oid),
        coalesce(pg_temp.result_columns(oid), pg_temp.ts(prorettype, false)),
        case when proretset then '[]' end
    )
from described_function
order by name collate "C";
\qecho '    }'
\qecho '    Enums: {'
select pg_temp.doc(obj_description(oid, 'pg_type'), 6) || format('      %s: %s', pg_temp.key(name), pg_temp.labels(oid, ' | '))
from described_enum
order by name collate "C";
\qecho '    }'
\qecho '    CompositeTypes: {'
\qecho '      [_ in never]: never'
\qecho '    }'
\qecho '  }'
\qecho '}'
\qecho ''
select format('type Schema = Database[%s]', pg_temp.quoted(:'schema'));
\qecho ''
\qecho '/** A row of a table, as it is read. */'
\qecho 'export type Tables<Name extends keyof Schema["Tables"]> = Schema["Tables"][Name]["Row"]'
\qecho ''
\qecho '/** A row of a table, as it is inserted. */'
\qecho 'export type TablesInsert<Name extends keyof Schema["Tables"]> = Schema["Tables"][Name]["Insert"]'
\qecho ''
\qecho '/** What an update of a table may change. */'
\qecho 'export type TablesUpdate<Name extends keyof Schema["Tables"]> = Schema["Tables"][Name]["Update"]'
\qecho ''
\qecho '/** A label of an enum. */'
\qecho 'export type Enums<Name extends keyof Schema["Enums"]> = Schema["Enums"][Name]'
\qecho ''
\qecho '/** The labels of the enums, in order. */'
\qecho 'export const Constants = {'
select format('  %s: {', pg_temp.key(:'schema'));
\qecho '    Enums: {'
select format('      %s: [%s],', pg_temp.key(name), pg_temp.labels(oid, ', '))
from described_enum
order by name collate "C";
\qecho '    },'
\qecho '  },'
\qecho '} as const'
