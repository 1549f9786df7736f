// The API as tools see it: one suite, run wherever the extension may live.

import test, { after, before } from 'node:test'
import { start } from '../harness.mjs'
import { readCatalogue } from './catalogue.mjs'
import { populate } from './world.mjs'
import answers from './answers.mjs'
import embedding from './embedding.mjs'
import errors from './errors.mjs'
import filters from './filters.mjs'
import functions from './functions.mjs'
import openapi from './openapi.mjs'
import results from './results.mjs'
import vectors from './vectors.mjs'
import writes from './writes.mjs'

const TOPICS = [openapi, functions, results, writes, answers, filters, embedding, vectors, errors]

/** Notes every answer that a client gets, with its status. */
function watchAnswers(answers) {
  const { fetch } = globalThis
  globalThis.fetch = async (input, init) => {
    const response = await fetch(input, init)
    answers.push({ status: response.status, method: init?.method ?? 'GET', url: String(input).slice(0, 200) })
    return response
  }
}

/**
 * Runs the suite where the extension is in `schema` of a database that open() brings, its name or undefined for PGDATABASE,
 * and close() takes away. Each topic registers its tests; they find in `world` what populate() makes, the server, the
 * schema, its catalogue, and all answers so far.
 */
export function runSuite({ schema, open = async () => undefined, close = async () => {} }) {
  const world = { schema, answers: [] }

  before(async () => {
    const database = await open()
    world.server = await start({ database, schema })
    watchAnswers(world.answers)
    world.catalogue = await readCatalogue(world.server, schema)
    Object.assign(world, await populate(world.server))
  })
  after(async () => {
    await world.server?.stop()
    await close()
  })

  for (const topic of TOPICS) topic(test, world)
}
