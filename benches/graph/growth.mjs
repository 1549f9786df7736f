// What a neighbourhood costs as the table grows around a person, and as the person's own graph grows.

import { asOwner, withSessions } from '../common/database.mjs'
import { fingerprint, race } from '../common/measure.mjs'
import { generator } from '../common/random.mjs'
import { personOfSize } from './build.mjs'
import { enter } from './contestants.mjs'
import { call, measure, randomStarts } from './neighborhood.mjs'

const DEPTHS = [2, 4]
const ENTRIES = [
  { way: 'lgtempo', role: 'signed in' },
  ...['own', 'plain'].flatMap((tables) =>
    ['union', 'walk'].map((way) => ({ way, tables, role: 'signed in', modes: ['force_generic_plan'] })),
  ),
]

/** Races over databases of growing size: the same people's graphs, and more and more others around them. */
export async function byTable(databases, { starts: count, say, ...rules }) {
  const starts = await asOwner(databases[0].name, (owner) => randomStarts(owner, 'person > 0', count))
  return withSessions(async (sessions) => {
    const contestants = []
    for (const { name, edges } of databases) {
      const entries = ENTRIES.map((entry) => ({ ...entry, labels: { edges } }))
      contestants.push(...(await enter(name, entries, call, sessions)))
    }
    const results = []
    for (const depth of DEPTHS) {
      say(`growth of the table, depth ${depth}`)
      const cases = starts.map((start) => ({ ...start, depth }))
      const raced = await race({ contestants, cases, random: generator(depth), check: fingerprint, ...rules })
      results.push(...raced.map((result) => ({ depth, ...result })))
    }
    return results
  })
}

/** Races over people whose graphs are larger and larger, all in one database. */
export async function byPerson(database, { people, sizes, grown, starts: count, ...rules }) {
  const results = []
  for (const size of grown) {
    const person = personOfSize({ people, sizes }, size)
    const starts = await asOwner(database, (owner) => randomStarts(owner, `person = ${person}`, count))
    const name = `a person with ${size} nodes`
    const measured = await measure(database, { name, entries: ENTRIES, starts, depths: DEPTHS, ...rules })
    results.push(...measured.map((result) => ({ nodes: size, ...result })))
  }
  return results
}
