// What the database itself says of the schema that the API shows.

const literal = (text) => `'${text.replaceAll("'", "''")}'`

async function rows(server, query) {
  return JSON.parse(await server.sql(`select coalesce(json_agg(q), '[]') from (${query}) q`))
}

/** The tables: name, comment, and the callers with any right on them. */
function readTables(server, schema) {
  return rows(
    server,
    `select c.relname as name, obj_description(c.oid, 'pg_class') as comment, array(
         select r.rolname from pg_roles r
         where r.rolname in ('anon', 'authenticated', 'service_role')
             and has_any_column_privilege(r.oid, c.oid, 'select, insert, update, references')
     ) as callers
     from pg_class c
     where c.relnamespace = ${literal(schema)}::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
     order by 1`,
  )
}

/** The columns of the tables: type as written in a cast, comment, and whether they are generated. */
function readColumns(server, schema) {
  return rows(
    server,
    `select c.relname as table, a.attname as name, t.typname as type, t.typtype = 'e' as is_enum,
         a.attgenerated <> '' as is_generated, col_description(c.oid, a.attnum) as comment
     from pg_class c
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     join pg_type t on t.oid = a.atttypid
     where c.relnamespace = ${literal(schema)}::regnamespace and c.relkind = 'r'
     order by c.relname, a.attnum`,
  )
}

/** The foreign keys between two tables of the schema. */
function readForeignKeys(server, schema) {
  return rows(
    server,
    `select f.conname as name, c.relname as child, p.relname as parent,
         (select a.attname from pg_attribute a where a.attrelid = f.conrelid and a.attnum = f.conkey[1]) as column,
         (select a.attname from pg_attribute a where a.attrelid = f.confrelid and a.attnum = f.confkey[1]) as key
     from pg_constraint f
     join pg_class c on c.oid = f.conrelid
     join pg_class p on p.oid = f.confrelid
     where f.contype = 'f' and c.relnamespace = ${literal(schema)}::regnamespace and p.relnamespace = c.relnamespace
     order by 1`,
  )
}

/** The functions that are not another extension's: name, comment, how often the name is there, whether they only read. */
function readFunctions(server, schema) {
  return rows(
    server,
    `select p.proname as name, max(obj_description(p.oid, 'pg_proc')) as comment, count(*)::int as variants,
         bool_and(p.provolatile <> 'v') as reads
     from pg_proc p
     where p.pronamespace = ${literal(schema)}::regnamespace and p.prorettype <> 'trigger'::regtype and not exists (
         select from pg_depend d join pg_extension e on e.oid = d.refobjid
         where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e' and e.extname <> 'lgtempo'
     )
     group by 1
     order by 1`,
  )
}

/** The functions of other extensions that lie in the same schema. */
function readForeigners(server, schema) {
  return rows(
    server,
    `select distinct p.proname as name
     from pg_proc p
     join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
     join pg_extension e on e.oid = d.refobjid and e.extname <> 'lgtempo'
     where p.pronamespace = ${literal(schema)}::regnamespace`,
  )
}

export async function readCatalogue(server, schema) {
  return {
    tables: await readTables(server, schema),
    columns: await readColumns(server, schema),
    foreignKeys: await readForeignKeys(server, schema),
    functions: await readFunctions(server, schema),
    foreigners: (await readForeigners(server, schema)).map((row) => row.name),
  }
}
