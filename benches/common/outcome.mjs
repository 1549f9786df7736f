// What is kept of a bench.

import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { asOwner } from './database.mjs'
import { say } from './progress.mjs'

/** Where it ran, and on what. */
export async function machine(database) {
  const [[postgresql, lgtempo, vector]] = await asOwner(database, (owner) =>
    owner.rows(`select version(), lgtempo_version(), (select extversion from pg_extension where extname = 'vector')`),
  )
  return { processors: cpus().length, model: cpus()[0]?.model, postgresql, lgtempo, vector, node: process.version }
}

/** Writes the results as JSON, and the picture that `plot` makes of them. */
export async function save(folder, name, results, plot) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/${name}.json`, `${JSON.stringify(results, null, 1)}\n`)
  writeFileSync(`${folder}/${name}.svg`, await plot(results))
  say(`wrote ${folder}/${name}.json and ${name}.svg`)
}
