// The OpenAPI document, which tools read to learn what there is: complete for each caller, and explained.

import assert from 'node:assert/strict'
import { FUNCTIONS, TABLES, argumentsOf, functionsOf, tablesOf } from './contract.mjs'

/** The document as the holder of a key or token gets it. */
async function readDocument({ server, schema }, key, token = key) {
  const response = await fetch(`${server.url}/rest/v1/`, {
    headers: { apikey: key, authorization: `Bearer ${token}`, 'accept-profile': schema },
  })
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type'), /^application\/openapi\+json/)
  return response.json()
}

function documentFor(world, caller) {
  const { anon, service_role } = world.server.keys
  if (caller !== 'authenticated') return readDocument(world, caller === 'anon' ? anon : service_role)
  return readDocument(world, anon, world.server.jwt({ role: 'authenticated', sub: world.ada.id }))
}

const sorted = (names) => [...names].sort()
const namesBelow = (document, prefix) =>
  Object.keys(document.paths)
    .filter((path) => path.startsWith(prefix) && path !== '/')
    .map((path) => path.slice(prefix.length))
    .filter((name) => !name.includes('/'))

/** What PostgREST makes of a comment: its first line, and the rest without the blank lines before it. */
function split(comment) {
  const [first] = comment.split('\n', 1)
  const rest = comment.slice(first.length).replace(/^\n+/, '')
  return { summary: first, description: rest === '' ? undefined : rest }
}

function assertExplained(operation, comment, what) {
  assert.ok(comment, `${what} has a comment`)
  const { summary, description } = split(comment)
  assert.equal(operation.summary, summary, what)
  assert.equal(operation.description || undefined, description, what)
}

export default function openapi(test, world) {
  const { schema } = world
  const internal = () => world.catalogue.tables.map((table) => table.name).filter((name) => !(name in TABLES))

  for (const caller of ['anon', 'authenticated', 'service_role']) {
    test(`${schema}: OpenAPI lists for ${caller} the tables that it may use, and no others`, async () => {
      const listed = namesBelow(await documentFor(world, caller), '/').filter((name) => name !== 'rpc')
      const usable = world.catalogue.tables.filter((table) => table.callers.includes(caller)).map((table) => table.name)
      assert.deepEqual(sorted(listed), sorted(usable), 'as the catalogue says')
      // The internal tables are the service's alone.
      const expected = caller === 'service_role' ? [...tablesOf(caller), ...internal()] : tablesOf(caller)
      assert.deepEqual(sorted(listed), sorted(expected), 'as the contract says')
    })

    test(`${schema}: OpenAPI lists for ${caller} the functions that it may call, and no others`, async () => {
      const { foreigners } = world.catalogue
      const listed = namesBelow(await documentFor(world, caller), '/rpc/').filter((name) => !foreigners.includes(name))
      assert.deepEqual(sorted(listed), sorted(functionsOf(caller)))
    })
  }

  test(`${schema}: the catalogue holds the tables and functions of the contract, each name once`, () => {
    const names = world.catalogue.functions.map((row) => row.name)
    assert.deepEqual(sorted(names), sorted(Object.keys(FUNCTIONS)))
    assert.deepEqual(
      world.catalogue.functions.filter((row) => row.variants !== 1),
      [],
    )
    for (const { name, reads } of world.catalogue.functions) {
      assert.equal(reads, FUNCTIONS[name].reads, `${name} is ${FUNCTIONS[name].reads ? '' : 'not '}stable or immutable`)
    }
    const tables = world.catalogue.tables.map((table) => table.name)
    assert.deepEqual(
      Object.keys(TABLES).filter((name) => !tables.includes(name)),
      [],
    )
  })

  test(`${schema}: every table is explained: its summary, its description, and each of its columns`, async () => {
    const document = await documentFor(world, 'service_role')
    for (const { name, comment } of world.catalogue.tables) {
      for (const method of ['get', 'post', 'patch', 'delete']) {
        assertExplained(document.paths[`/${name}`][method], comment, `${method} ${name}`)
      }
      assert.equal(document.definitions[name].description, comment)
      const { properties } = document.definitions[name]
      const columns = world.catalogue.columns.filter((column) => column.table === name)
      assert.deepEqual(
        Object.keys(properties),
        columns.map((column) => column.name),
      )
      for (const column of columns) {
        assert.ok(column.comment, `${name}.${column.name} has a comment`)
        // PostgREST adds notes about keys below it.
        assert.ok(properties[column.name].description.startsWith(column.comment), `${name}.${column.name}`)
      }
    }
  })

  test(`${schema}: every function is explained, and offers GET where it only reads`, async () => {
    const document = await documentFor(world, 'service_role')
    const comments = Object.fromEntries(world.catalogue.functions.map((row) => [row.name, row.comment]))
    for (const name of functionsOf('service_role')) {
      const methods = document.paths[`/rpc/${name}`]
      // This PostgREST lists GET for what writes too, and refuses it when it comes.
      const expected = FUNCTIONS[name].reads ? ['get', 'post'] : ['post']
      for (const method of expected) assert.ok(methods[method], `${method} ${name}`)
      for (const method of Object.keys(methods)) assertExplained(methods[method], comments[name], `${method} ${name}`)
    }
  })

  test(`${schema}: every function names its arguments, and those that are required`, async () => {
    const document = await documentFor(world, 'service_role')
    for (const name of functionsOf('service_role')) {
      const { schema: body } = document.paths[`/rpc/${name}`].post.parameters.find((one) => one.in === 'body')
      assert.deepEqual(sorted(Object.keys(body.properties ?? {})), sorted(argumentsOf(name)), name)
      assert.deepEqual(sorted(body.required ?? []), sorted(FUNCTIONS[name].required), name)
    }
  })

  test(`${schema}: columns of our enums list their labels`, async () => {
    const { definitions } = await documentFor(world, 'service_role')
    const labels = (table, column) => definitions[table].properties[column].enum
    assert.deepEqual(labels('graph_nodes', 'node_type'), ['goal', 'skill', 'emotion', 'session', 'accomplishment'])
    assert.deepEqual(labels('graph_edges', 'edge_type'), ['works_on', 'has_skill', 'derived_from', 'feels', 'achieves'])
    assert.deepEqual(labels('graph_nodes', 'status'), ['draft_verbal', 'curated'])
    assert.deepEqual(labels('inbox_messages', 'priority'), ['low', 'normal', 'high', 'urgent'])
    assert.deepEqual(labels('inbox_messages', 'message_type'), [
      'session_summary',
      'goal_achievement',
      'recommendation',
      'reminder',
      'insight',
      'resource',
      'system',
    ])
  })
}
