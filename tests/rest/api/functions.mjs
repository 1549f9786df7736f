// Every function is found by its name and arguments (PGRST202 and PGRST203 say it is not), by POST and, if it reads, by GET.

import assert from 'node:assert/strict'
import { ok } from '../support.mjs'
import { callsOf, isComplete, requiredOnly } from './calls.mjs'
import { ASK_THE_SERVICE, FUNCTIONS } from './contract.mjs'

/** A call with the outcome that a caller with or without the right to it must get. */
async function assertOutcome(call, allowed, signedIn, what) {
  const { data, error, status } = await call
  if (allowed) {
    assert.equal(error, null, `${what}: ${error?.code} ${error?.message}`)
    assert.ok(status === 200 || status === 204, `${what}: ${status}`)
  } else {
    assert.deepEqual([error?.code, status], ['42501', signedIn ? 403 : 401], `${what}: ${JSON.stringify(data)}`)
  }
}

/** Arguments for a query string: the client writes arrays PostgreSQL's way, which is not an embedding's. */
function asQuery(args) {
  const text = (value) => (Array.isArray(value) && typeof value[0] === 'number' ? JSON.stringify(value) : value)
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [key, text(value)]))
}

/** How many rows Ada has in tables that the functions write. */
async function rowsOf({ service, ada }) {
  const counts = {}
  for (const table of ['graph_nodes', 'graph_edges', 'user_goals', 'inbox_messages', 'elevenlabs_conversations']) {
    const { count } = await service.from(table).select('id', { count: 'exact', head: true }).eq('user_id', ada.id)
    counts[table] = count
  }
  return counts
}

/** A key is made without writing; JSON can't be given in a query string, where it arrives as a JSON string. */
const NOT_BY_GET = ['lgtempo_uuid_v7', 'store_embeddings', 'handle_voice_onboarding']

export default function functions(test, world) {
  const { schema } = world
  const callers = () => ({
    anon: world.anon,
    // The header is for claim_anonymous_events.
    authenticated: world.server.client(world.ada.id, { headers: { 'x-anonymous-id': world.ada.anonymousId } }),
    service_role: world.service,
  })

  test(`${schema}: the sample calls name every function of the contract with all its arguments`, () => {
    const calls = callsOf(world)
    assert.deepEqual(Object.keys(calls).sort(), Object.keys(FUNCTIONS).sort())
    for (const [name, args] of Object.entries(calls)) assert.ok(isComplete(name, args), name)
  })

  for (const name of Object.keys(FUNCTIONS)) {
    const { callers: allowed, reads } = FUNCTIONS[name]

    test(`${schema}: ${name} is called with all its arguments, by those who may`, async () => {
      const args = callsOf(world)[name]
      for (const [caller, client] of Object.entries(callers())) {
        await assertOutcome(client.rpc(name, args), allowed.includes(caller), caller !== 'anon', `${caller} ${name}`)
      }
    })

    test(`${schema}: ${name} is called with what is required alone`, async () => {
      const args = requiredOnly(name, callsOf(world)[name])
      for (const [caller, client] of Object.entries(callers())) {
        if (caller === 'service_role' && ASK_THE_SERVICE.includes(name)) {
          const { error, status } = await client.rpc(name, args)
          assert.deepEqual([error?.code, status], ['22004', 400])
          assert.match(error.message, /p_user_id/)
        } else {
          await assertOutcome(client.rpc(name, args), allowed.includes(caller), caller !== 'anon', `${caller} ${name}`)
        }
      }
    })

    if (reads) {
      test(`${schema}: ${name} answers GET as it answers POST, and HEAD without a body`, async () => {
        const args = callsOf(world)[name]
        for (const caller of allowed) {
          const client = callers()[caller]
          const posted = await ok(client.rpc(name, args))
          assert.deepEqual(await ok(client.rpc(name, asQuery(args), { get: true })), posted, caller)
          const { data, error, status } = await client.rpc(name, asQuery(args), { head: true })
          assert.deepEqual([data, error, status], [null, null, 200], caller)
        }
      })
    }
  }

  test(`${schema}: what writes can't be called by GET (405), and writes nothing`, async () => {
    const args = callsOf(world)
    const { authenticated, service_role } = callers()
    const before = await rowsOf(world)
    for (const [name, { callers: allowed, reads }] of Object.entries(FUNCTIONS)) {
      if (reads || allowed.length === 0 || NOT_BY_GET.includes(name)) continue
      const client = allowed.includes('authenticated') ? authenticated : service_role
      const { error, status } = await client.rpc(name, asQuery(requiredOnly(name, args[name])), { get: true })
      assert.deepEqual([error?.code, status], ['25006', 405], `${name}: ${error?.message}`)
    }
    assert.deepEqual(await rowsOf(world), before)
  })

  test(`${schema}: an unknown function, and an unknown or missing argument, is 404`, async () => {
    for (const [name, args] of [
      ['get_node_neighbourhood', {}],
      ['get_node_neighborhood', { p_node: world.ada.goal.id }],
      ['get_node_neighborhood', { p_node_id: world.ada.goal.id, p_extra: 1 }],
      ['get_node_neighborhood', {}],
      ['lgtempo_touch', {}],
    ]) {
      const { error, status } = await world.ada.client.rpc(name, args)
      assert.deepEqual([error?.code, status], ['PGRST202', 404], name)
    }
  })
}
