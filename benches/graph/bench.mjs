// Builds the data, runs the races, prints the tables and writes graph.json and graph.svg. script/bench starts it.

import { asOwner } from '../common/database.mjs'
import { machine, save } from '../common/outcome.mjs'
import { say } from '../common/progress.mjs'
import { copyPlain, counts, create, draftPeople, draftVectors, draftWordnet, load, personOfSize } from './build.mjs'
import * as growth from './growth.mjs'
import * as neighborhood from './neighborhood.mjs'
import { chosen } from './options.mjs'
import { plot } from './plot.mjs'
import { print, verdicts } from './report.mjs'
import * as similar from './similar.mjs'
import * as writes from './writes.mjs'

/** The shares of the people in the databases that show how the table grows. */
const SHARES = [1 / 40, 1 / 10, 1 / 3, 1]

/** The planner's modes that are settled after the first call. */
const FIXED = ['force_generic_plan', 'force_custom_plan']

const wanted = (part) => chosen.parts.includes(part)

/** Fills a database with the first `share` of the people; the whole one has the big ones as well. */
async function fill(name, share) {
  const { nodes } = chosen
  const people = Math.max(2, Math.round(chosen.people * share))
  const grown = share === 1 && wanted('growth') ? chosen.grown : []
  const embedded = share === 1 && wanted('similar') ? chosen.embedded : []
  const sizes = [...new Set([...grown, ...embedded])]
  return asOwner(name, async (owner) => {
    await draftPeople(owner, { people, nodes, sizes })
    for (const size of embedded) await draftVectors(owner, personOfSize({ people, sizes }, size))
    if (share === 1 && wanted('big')) await draftWordnet(owner, chosen.synsets)
    const constraints = await load(owner)
    await copyPlain(owner)
    const rows = await counts(owner)
    say(`loaded ${rows.people} people, ${rows.nodes} nodes, ${rows.edges} edges`)
    return { name, share, sizes, constraints, ...rows }
  })
}

async function run() {
  const { people, rounds, seconds, starts, warmup } = chosen
  const rules = { rounds, seconds, warmup, say }

  say('filling the databases')
  const shares = wanted('growth') ? SHARES : wanted('writes') ? [SHARES[0], 1] : [1]
  const plans = shares.map((share, i) => ({ share, name: share === 1 ? 'whole' : `part_${i}` }))
  // One after the other: the first one makes the cluster's roles.
  for (const { name } of plans) await create(name)
  const fillParts = async () => {
    const filled = []
    for (const { name, share } of plans.slice(0, -1)) filled.push(await fill(name, share))
    return filled
  }
  // Side by side: while this program makes up vectors, the server is free.
  const [whole, parts] = await Promise.all([fill('whole', 1), fillParts()])
  await asOwner('whole', (owner) => owner.run('checkpoint'))
  const databases = [...parts, whole]

  const results = {
    made: new Date().toISOString(),
    machine: await machine('whole'),
    options: chosen,
    databases,
    neighborhood: [],
  }
  /** Keeps what a part has found, and shows it at once. */
  const keep = (part) => {
    print(part)
    results.neighborhood.push(...(part.neighborhood ?? []))
    Object.assign(results, { ...part, neighborhood: results.neighborhood })
  }
  const walks = async (name, starts, more) => {
    keep({ neighborhood: await neighborhood.measure('whole', { name, starts, ...rules, ...more }) })
  }

  if (wanted('people')) {
    const drawn = (owner) => neighborhood.randomStarts(owner, `person between 1 and ${people}`, starts)
    await walks('many people', await asOwner('whole', drawn))
  }
  if (wanted('big')) {
    // A pass over all of the 364,000 edges takes a second at any depth: there is nothing to learn from it.
    const others = neighborhood.EVERYBODY.filter(({ way }) => way !== 'pass')
    const few = { entries: others.map((entry) => ({ ...entry, modes: FIXED })), warmup: 3 }
    const drawn = (owner) => neighborhood.randomStarts(owner, 'person = 0', Math.min(16, starts))
    await walks('big person', await asOwner('whole', drawn), few)
    const hubs = (owner) => neighborhood.hubs(owner, Math.min(6, starts))
    await walks('big person, hubs', await asOwner('whole', hubs), few)
  }
  const { sizes } = whole
  if (wanted('similar')) {
    const { embedded } = chosen
    keep({ similar: await similar.measure('whole', { people, sizes, embedded, queries: starts, ...rules }) })
  }
  if (wanted('growth')) {
    keep({ growthOfTable: await growth.byTable(databases, { starts, ...rules }) })
    const about = { people, sizes, grown: chosen.grown, starts: Math.min(20, starts) }
    keep({ growthOfPerson: await growth.byPerson('whole', { ...about, ...rules, warmup: 2 }) })
  }
  if (wanted('writes')) {
    const [{ name, constraints }] = parts
    say('making the exclusion constraint for the writes')
    await asOwner(name, async (owner) => {
      for (const constraint of constraints) await owner.run(constraint)
    })
    keep({ writes: await writes.measure(name, { cases: 100, ...rules, rounds: 6 * rounds, warmup: 2 * warmup }) })
  }
  return results
}

const results = await run()
results.verdicts = verdicts(results)
print({ verdicts: results.verdicts })
await save(chosen.out, 'graph', results, plot)
if (chosen.quick) say('it was a quick run: all works, but the figures mean nothing')
