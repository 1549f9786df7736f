// What the API has, asked of the catalogue, so that tests that try everything need no list.

import { readFile } from 'node:fs/promises'

const query = async (server, text) => JSON.parse(await server.sql(text))

/** The functions that a role may call: name, reads (STABLE or IMMUTABLE), arguments [{name, type, optional}]. */
export function functions(server, role) {
  return query(
    server,
    `select json_agg(json_build_object('name', p.proname, 'reads', p.provolatile <> 'v', 'arguments', (
         select coalesce(json_agg(json_build_object('name', p.proargnames[i], 'type', format_type(t, null),
           'optional', i > p.pronargs - p.pronargdefaults) order by i), '[]')
         from unnest(p.proargtypes) with ordinality a (t, i)
       )) order by p.proname)
     from pg_proc p
     join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
     join pg_extension e on d.refclassid = 'pg_extension'::regclass and e.oid = d.refobjid and e.extname = 'lgtempo'
     where p.prorettype <> 'trigger'::regtype and has_function_privilege('${role}', p.oid, 'execute')`,
  )
}

/** Every table of ours: name, whether it is open to signed-in people, columns [{name, type}], and the tables that PostgREST can embed in it. */
export function tables(server) {
  return query(
    server,
    `select json_agg(json_build_object('name', c.relname, 'open', has_table_privilege('authenticated', c.oid, 'select'), 'columns', (
         select json_agg(json_build_object('name', attname, 'type', format_type(atttypid, null)) order by attnum)
         from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped
       ), 'embeds', (
         select coalesce(json_agg(f.conname || ':' || o.relname || '!' || f.conname order by f.conname), '[]')
         from pg_constraint f
         join pg_class o on o.oid = case f.conrelid when c.oid then f.confrelid else f.conrelid end
         where f.contype = 'f' and c.oid in (f.conrelid, f.confrelid) and o.relnamespace = c.relnamespace
       )) order by c.relname)
     from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relrowsecurity`,
  )
}

/** Puts in two people, Ada and Ben, with a row of their own in every table (see the file). */
export async function twoPeople(server) {
  await server.sql(await readFile(new URL('../pgtap/shared/people.sql', import.meta.url), 'utf8'))
  const people = { ada: 'a', ben: 'b' }
  return Object.entries(people).map(([name, letter]) => ({
    name,
    id: `00000000-0000-4000-8000-00000000000${letter}`,
    word: `${name}-secret`,
    ids: [...'0123456789abcdef'].map((last) => `00000000-0000-7000-8000-0000000000${letter}${last}`),
  }))
}
