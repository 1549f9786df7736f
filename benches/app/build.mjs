// Makes the database: full inboxes, and graphs of several sizes.

import { asOwner, filesBeside } from '../common/database.mjs'

const file = filesBeside(import.meta.url)

export const DATABASE = 'app'
/** How many messages those have who are not measured. */
const ORDINARY = 1000
/** The measured inboxes: which share of their messages is unread. */
const UNREAD = [0.1, 1]

/** A database with lgtempo in it, and the rivals. */
export async function create() {
  await asOwner('postgres', (owner) => owner.run(`create database ${DATABASE}`))
  await asOwner(DATABASE, async (owner) => {
    await owner.run('create extension lgtempo cascade')
    await owner.run('create schema rival; grant usage on schema rival to authenticated, service_role')
    for (const rival of ['messages', 'onboarding']) await owner.run(file(`rivals/${rival}.sql`))
    await owner.run(file('sql/draft.sql'))
  })
}

/** Fills the inboxes: `inbox` messages for each measured person, and `messages` in all. */
export async function loadInboxes(owner, { messages, inbox }) {
  const others = Math.max(1, Math.round((messages - UNREAD.length * inbox) / ORDINARY))
  await owner.rows(
    `insert into draft.inbox
     select p, md5('inbox ' || p)::uuid, case when p <= cardinality($1::float8[]) then $2::int else $3::int end,
       coalesce(($1::float8[])[p], 0.1)
     from generate_series(1, cardinality($1::float8[]) + $4::int) p
     order by p`,
    [UNREAD, inbox, ORDINARY, others],
  )
  await load(owner, 'load_inbox', ['inbox_messages'])
}

/** Adds people with graphs: `graphs` says how many have how many nodes. */
export async function loadGraphs(owner, graphs) {
  const sizes = Object.entries(graphs).flatMap(([nodes, people]) => Array.from({ length: people }, () => Number(nodes)))
  await owner.rows(
    `insert into draft.graph
     select p, md5('graph ' || p)::uuid, nodes
     from unnest($1::int[]) with ordinality sized (nodes, p)`,
    [sizes],
  )
  await load(owner, 'load_graphs', ['graph_nodes', 'graph_edges', 'user_goals', 'graph_insights'])
}

const INDEXES = `
  select i.indexrelid::regclass, pg_get_indexdef(i.indexrelid)
  from pg_index i
  where i.indrelid = any ($1::regclass[]) and not exists (select from pg_constraint c where c.conindid = i.indexrelid)`

/**
 * Accounts get their rows by triggers. The other rows come without triggers, as they are complete, and get their
 * secondary indexes afterwards.
 */
async function load(owner, name, tables) {
  const [accounts, ...rows] = file(`sql/${name}.sql`).split(/(?<=;\n)\n/)
  await owner.run(accounts)
  const indexes = await owner.rows(INDEXES, [tables])
  for (const [index] of indexes) await owner.run(`drop index ${index}`)
  await owner.run("set session_replication_role = replica; set work_mem = '512MB'; set maintenance_work_mem = '1GB'")
  for (const statements of rows) await owner.run(statements)
  for (const [, definition] of indexes) await owner.run(definition)
  await owner.run('reset session_replication_role')
  // What is committed asynchronously is not taken for visible by all before it is on disk.
  await owner.run('checkpoint')
  for (const table of tables) await owner.run(`vacuum analyze ${table}`)
}

/** How many rows there are, for the report. */
export async function counts(owner) {
  const [[people, messages, nodes, edges]] = await owner.rows(
    `select (select count(*) from auth.users), (select count(*) from inbox_messages),
       (select count(*) from graph_nodes), (select count(*) from graph_edges)`,
  )
  return { people: Number(people), messages: Number(messages), nodes: Number(nodes), edges: Number(edges) }
}
