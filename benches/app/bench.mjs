// Builds the data, runs the races, prints the tables and writes app.json and app.svg. script/bench starts it.

import { asOwner } from '../common/database.mjs'
import { Failures } from '../common/failures.mjs'
import { machine, save } from '../common/outcome.mjs'
import { say } from '../common/progress.mjs'
import { counts, create, DATABASE, loadGraphs, loadInboxes } from './build.mjs'
import * as inbox from './inbox.mjs'
import * as insights from './insights.mjs'
import { chosen } from './options.mjs'
import { plot } from './plot.mjs'
import { print, verdicts } from './report.mjs'
import * as writes from './writes.mjs'

/** Full inboxes, and graphs; and how many rows that makes. */
async function fill() {
  await create()
  return asOwner(DATABASE, async (owner) => {
    await loadInboxes(owner, chosen)
    say('filling the graphs')
    await loadGraphs(owner, chosen.graphs)
    return counts(owner)
  })
}

async function run() {
  const { rounds, seconds, warmup, graphs } = chosen
  const rules = { rounds, seconds, warmup, say }
  const failed = new Failures()

  say('filling the inboxes')
  const rows = await fill()
  say(`loaded ${rows.people} people, ${rows.messages} messages, ${rows.nodes} nodes, ${rows.edges} edges`)
  const results = {
    made: new Date().toISOString(),
    machine: await machine(DATABASE),
    options: chosen,
    rows,
    failures: failed.list,
  }

  /** In the order in which they run: the writes leave dead rows behind. */
  const parts = {
    inbox: () => inbox.measure(DATABASE, rules),
    insights: () => insights.measure(DATABASE, { graphs, ...rules, rounds: Math.ceil(rounds / 2) }),
    writes: () => writes.measure(DATABASE, { cases: 100, ...rules, rounds: 3 * rounds, warmup: 2 * warmup }),
  }
  for (const [name, measure] of Object.entries(parts)) {
    if (!chosen.parts.includes(name)) continue
    await failed.catching(name, async () => {
      results[name] = await measure()
      print({ [name]: results[name] })
    })
  }
  return results
}

const results = await run()
results.verdicts = verdicts(results)
print({ verdicts: results.verdicts })
await save(chosen.out, 'app', results, plot)
if (chosen.quick) say('it was a quick run: all works, but the figures mean nothing')
if (results.failures.length) process.exit(1)
