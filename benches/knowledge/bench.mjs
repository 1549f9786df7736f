// Builds the data, runs the races, prints the tables, writes knowledge.json and knowledge.svg. script/bench starts it.

import { asOwner } from '../common/database.mjs'
import { Failures } from '../common/failures.mjs'
import { machine, save } from '../common/outcome.mjs'
import { say } from '../common/progress.mjs'
import { create, sizes } from './build.mjs'
import * as codes from './codes.mjs'
import { embeddings } from './embeddings.mjs'
import { chosen } from './options.mjs'
import { plot } from './plot.mjs'
import * as promise from './promise.mjs'
import * as quality from './quality.mjs'
import { print, verdicts } from './report.mjs'
import { bases, scopes } from './scopes.mjs'
import { texts } from './texts.mjs'
import * as vectors from './vectors.mjs'
import * as words from './words.mjs'
import * as writes from './writes.mjs'

const DATABASE = 'knowledge'

/** All that the parts need to know of what is in the database. */
async function fill() {
  const drawn = texts(chosen.passages)
  const embedded = embeddings(drawn, chosen.cache)
  const passages = await create(DATABASE, drawn.passages, embedded.ofPassages)
  const shared = bases(passages.length)[0].id
  /** The bases that the scope's person may read, or the one that is searched. */
  const basesOf = ({ base, chunks }) => {
    const all = bases(passages.length).map(({ id }) => id)
    return base ? [base] : chunks === passages.length ? all : [shared]
  }
  const isIn = (scope, n) => basesOf(scope).includes(passages[n].base)
  return { passages, sentences: drawn.sentences, ...embedded, basesOf, isIn }
}

async function run() {
  const { rounds, seconds, warmup, queries, sentences } = chosen
  const rules = { rounds, seconds, warmup, say }
  const failed = new Failures()

  say('filling the database')
  const data = await fill()
  const all = scopes(data.passages.length)
  const large = all.slice(-2)
  const results = {
    made: new Date().toISOString(),
    machine: await machine(DATABASE),
    options: chosen,
    sizes: await asOwner(DATABASE, sizes),
    failures: failed.list,
  }

  /** The parts, in the order in which they run: the writes come last, as they change the tables. */
  const parts = {
    vectors: () => vectors.measure(DATABASE, { scopes: all, data, queries, ...rules }),
    codes: () => codes.measure(DATABASE, { scopes: all, data, queries, ...rules }),
    promise: () => promise.measure(DATABASE, { scopes: all, data, queries: Math.ceil(queries / 20), say }),
    words: () => words.measure(DATABASE, { scopes: large, sentences: data.sentences.slice(0, rounds), ...rules }),
    quality: () => quality.measure(DATABASE, { scopes: large, sentences, data, say, failed }),
    writes: () => writes.measure(DATABASE, { data, failed, ...rules, rounds: 4 * rounds }),
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
print({ verdicts: results.verdicts, failures: results.failures })
await save(chosen.out, 'knowledge', results, plot)
if (chosen.quick) say('it was a quick run: the figures mean nothing')
if (results.failures.length) process.exit(1)
