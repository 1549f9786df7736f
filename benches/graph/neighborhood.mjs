// get_node_neighborhood beside the best that SQL can do, on the same tables and on the plain copy.

import { ROLES } from '../common/contestants.mjs'
import { asOwner, filesBeside, withSessions } from '../common/database.mjs'
import { fingerprint, race } from '../common/measure.mjs'
import { generator } from '../common/random.mjs'
import { enter, TABLES } from './contestants.mjs'

const file = filesBeside(import.meta.url)

const COLUMNS = `node_id, node_type, label, description, properties, status, depth, edge_id, edge_type, edge_label,
  edge_properties, source_node_id, target_node_id`

/** The ways to the answer; each takes the start, the depth and the person. */
const WAYS = {
  lgtempo: 'select * from get_node_neighborhood($1, $2, $3)',
  union: file('rivals/neighborhood_union.sql'),
  walk: 'select * from rival.walk($1, $2, $3)',
  pass: file('rivals/neighborhood_pass.sql'),
  // What the rows themselves cost: the same answer, read from a table that holds it, in order.
  sending: `select ${COLUMNS} from rival.answer where start = $1 and within = $2 and person = $3 order by place`,
}
const SENDING = { way: 'sending', role: 'owner', modes: ['auto'] }

/** lgtempo and all rivals on all tables in both roles. */
export const EVERYBODY = Object.keys(ROLES).flatMap((role) => [
  { way: 'lgtempo', role },
  ...['union', 'walk', 'pass'].flatMap((way) => Object.keys(TABLES).map((tables) => ({ way, tables, role }))),
])

export function call(way, { id, person, depth }) {
  return { person, statement: { name: way, text: WAYS[way], values: [id, depth, person] } }
}

/** Live nodes in random order: `where` says whose. */
export async function randomStarts(owner, where, count) {
  const rows = await owner.rows(
    `select id, user_id from draft.node where gone is null and ${where} order by md5(id::text) limit $1`,
    [count],
  )
  return rows.map(([id, person]) => ({ id, person }))
}

/** The nodes of the big person with the most edges. */
export async function hubs(owner, count) {
  const rows = await owner.rows(
    `select id, user_id
     from draft.node n
     join (
       select unnest(array[source, target]) as n, count(*) as degree
       from draft.link
       group by 1
     ) d using (n)
     where person = 0
     order by degree desc, n
     limit $1`,
    [count],
  )
  return rows.map(([id, person]) => ({ id, person }))
}

/** Keeps the answers for `sending` to read. */
async function keepAnswers(owner, cases) {
  await owner.run(`
    drop table if exists rival.answer;
    create unlogged table rival.answer as
    select null::uuid as start, null::int as within, null::uuid as person, null::bigint as place, a.*
    from get_node_neighborhood(gen_random_uuid(), 0, gen_random_uuid()) a
    with no data;
  `)
  for (const { id, depth, person } of cases) {
    await owner.rows(
      `insert into rival.answer
       select $1, $2, $3, a.ordinality, ${COLUMNS}
       from get_node_neighborhood($1, $2, $3) with ordinality a`,
      [id, depth, person],
    )
  }
  await owner.run('create index on rival.answer (start, within, person, place)')
  await owner.run('vacuum analyze rival.answer')
}

/** Races `entries` from `starts` at each depth. Gives a result for each contestant and depth. */
export async function measure(database, { name, entries = EVERYBODY, starts, depths = [1, 2, 3, 4], say, ...rules }) {
  const casesAt = (depth) => starts.map((start) => ({ ...start, depth }))
  await asOwner(database, (owner) => keepAnswers(owner, depths.flatMap(casesAt)))
  return withSessions(async (sessions) => {
    const contestants = await enter(database, [...entries, SENDING], call, sessions)
    const results = []
    for (const depth of depths) {
      say(`${name}, depth ${depth}`)
      const cases = casesAt(depth)
      const raced = await race({ contestants, cases, random: generator(depth), check: fingerprint, ...rules })
      results.push(...raced.map((result) => ({ set: name, depth, ...result })))
    }
    return results
  })
}
