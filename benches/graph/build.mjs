// Makes the databases: one with everybody, smaller ones with the first people only.

import { asOwner, filesBeside } from '../common/database.mjs'
import { packed } from '../common/vectors.mjs'
import { embeddings } from './vectors.mjs'
import { wordnet } from './wordnet.mjs'

const file = filesBeside(import.meta.url)

const EDGES_PER_NODE = 4
const ROWS_AT_ONCE = 5000

/** A database with lgtempo in it, and the rivals' schema. */
export async function create(name) {
  await asOwner('postgres', (owner) => owner.run(`create database ${name}`))
  await asOwner(name, async (owner) => {
    await owner.run('create extension lgtempo cascade')
    await owner.run('create schema rival; grant usage on schema rival to authenticated')
    await owner.run(file('rivals/neighborhood_walk.sql'))
    await owner.run(file('rivals/writes.sql'))
    await owner.run(file('sql/draft.sql'))
  })
}

/** Adds `people` who have `nodes` nodes each, then one person for each of `sizes`. */
export async function draftPeople(owner, { people, nodes, sizes = [] }) {
  await owner.rows(
    `insert into draft.person
     select p, md5('person ' || p)::uuid, coalesce(($4::int[])[p - $1], $2::int), $3::int
     from generate_series(1, $1::int + cardinality($4::int[])) p
     order by p`,
    [people, nodes, EDGES_PER_NODE, sizes],
  )
}

/** The person with so many nodes that `sizes` asked for. */
export function personOfSize({ people, sizes }, size) {
  return people + 1 + sizes.indexOf(size)
}

/** Gives all nodes of a person embeddings. */
export async function draftVectors(owner, person) {
  const next = embeddings(person)
  const nodes = Number(await owner.value('select nodes from draft.person where person = $1', [person]))
  await owner.run('begin')
  for (let n = 1; n <= nodes; n++) {
    await owner.client.query({
      name: 'draft vector',
      text: 'insert into draft.vector values ($1, $2, $3)',
      values: [person, n, packed(next())],
    })
  }
  await owner.run('commit')
}

/** Adds the big person's synsets and links. */
export async function draftWordnet(owner, limit) {
  const { synsets, links } = wordnet(limit)
  for (let i = 0; i < synsets.length; i += ROWS_AT_ONCE) {
    const rows = synsets.slice(i, i + ROWS_AT_ONCE)
    const columns = ['n', 'type', 'label', 'gloss'].map((name) => rows.map((row) => row[name]))
    await owner.rows(
      'insert into draft.synset select * from unnest($1::int[], $2::node_type[], $3::text[], $4::text[])',
      columns,
    )
  }
  for (let i = 0; i < links.length; i += ROWS_AT_ONCE) {
    const rows = links.slice(i, i + ROWS_AT_ONCE)
    const columns = ['source', 'target', 'type', 'symbol'].map((name) => rows.map((row) => row[name]))
    await owner.rows(
      'insert into draft.link select * from unnest($1::int[], $2::int[], $3::edge_type[], $4::text[])',
      columns,
    )
  }
}

const INDEXES = `
  select i.indexrelid::regclass, pg_get_indexdef(i.indexrelid)
  from pg_index i
  where i.indrelid in ('graph_nodes'::regclass, 'graph_edges'::regclass)
    and not exists (select from pg_constraint c where c.conindid = i.indexrelid)`
const EXCLUSIONS = `
  select format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)),
    format('alter table %s drop constraint %I', conrelid::regclass, conname)
  from pg_constraint
  where conrelid in ('graph_nodes'::regclass, 'graph_edges'::regclass) and contype = 'x'`

/**
 * Loads the draft without triggers, secondary indexes and exclusion constraints, and makes the indexes afterwards.
 * Gives the statements that make the constraints: that takes longer than all else, and reading is better off
 * without, as the planner at times takes their GiST index for a look-up that a btree does ten times faster.
 */
export async function load(owner) {
  await owner.run("set maintenance_work_mem = '1GB'; set work_mem = '512MB'; set session_replication_role = replica")
  await owner.run('analyze draft.person; analyze draft.synset; analyze draft.link; analyze draft.vector')
  await owner.run(file('sql/draft_graph.sql'))
  const indexes = await owner.rows(INDEXES)
  const exclusions = await owner.rows(EXCLUSIONS)
  for (const [, drop] of exclusions) await owner.run(drop)
  for (const [index] of indexes) await owner.run(`drop index ${index}`)
  await owner.run(file('sql/load.sql'))
  for (const [, definition] of indexes) await owner.run(definition)
  await owner.run('reset session_replication_role')
  await owner.run('vacuum analyze graph_nodes')
  await owner.run('vacuum analyze graph_edges')
  return exclusions.map(([add]) => add)
}

/** Copies what is loaded to tables with plain indexes. */
export async function copyPlain(owner) {
  for (const statement of file('sql/plain.sql').split(/;\n/)) {
    if (statement.trim()) await owner.run(statement)
  }
}

/** How many rows there are, for the report. */
export async function counts(owner) {
  const [[nodes, edges, people]] = await owner.rows(
    `select (select count(*) from graph_nodes), (select count(*) from graph_edges), (select count(*) from auth.users)`,
  )
  return { people: Number(people), nodes: Number(nodes), edges: Number(edges) }
}
