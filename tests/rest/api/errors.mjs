// What a caller gets who asks for what is not allowed, wrong, or not there: the right status, our SQLSTATE, and a sentence.

import assert from 'node:assert/strict'
import { UNKNOWN, ok, vector } from '../support.mjs'
import { callsOf } from './calls.mjs'
import { FUNCTIONS, TABLES, argumentsOf } from './contract.mjs'
import { badCalls } from './bad_calls.mjs'
import { badRows } from './bad_rows.mjs'

/** The status that PostgREST gives a SQLSTATE, for a person who is signed in. */
const STATUS = { 42501: 403, 23503: 409, 23505: 409 }
const statusOf = (code) => STATUS[code] ?? 400

const TAKE_ARGUMENTS = Object.keys(FUNCTIONS).filter((name) => argumentsOf(name).length > 0)

async function assertRefused(call, code, message, what) {
  const { data, error, status } = await call
  assert.ok(error, `${what}: expected ${code}, got ${JSON.stringify(data)}`)
  assert.deepEqual([error.code, status], [code, statusOf(code)], `${what}: ${error.message}`)
  assert.match(error.message, message, what)
  assert.doesNotMatch(error.message, /panicked|unwrap|src\/.*\.rs/, what)
}

export default function errors(test, world) {
  const { schema } = world

  test(`${schema}: bad input is tried for every function that takes any`, () => {
    const tried = Object.keys(badCalls(world))
    assert.deepEqual(tried.sort(), TAKE_ARGUMENTS.sort())
  })

  for (const name of TAKE_ARGUMENTS) {
    test(`${schema}: ${name} says what is wrong with its arguments`, async () => {
      const client = FUNCTIONS[name].callers.includes('authenticated') ? world.ada.client : world.service
      for (const [change, code, message] of badCalls(world)[name]) {
        const [argument] = Object.keys(change)
        // PostgreSQL's own errors about a value that is none of the type name the value.
        const expected = message ?? (/^(22P|22003|22007)/.test(code) ? /./ : new RegExp(argument))
        const args = { ...callsOf(world)[name], ...change }
        await assertRefused(client.rpc(name, args), code, expected, `${name} ${JSON.stringify(change).slice(0, 100)}`)
      }
    })
  }

  for (const name of Object.keys(FUNCTIONS).filter((one) => FUNCTIONS[one].callers.length < 3)) {
    test(`${schema}: ${name} is 401 or 403 for those who may not call it, and says its name`, async () => {
      const callers = { anon: world.anon, authenticated: world.ada.client, service_role: world.service }
      for (const caller of Object.keys(callers).filter((one) => !FUNCTIONS[name].callers.includes(one))) {
        const { error, status } = await callers[caller].rpc(name, callsOf(world)[name])
        assert.deepEqual([error?.code, status], ['42501', caller === 'anon' ? 401 : 403], caller)
        assert.match(error.message, new RegExp(name))
      }
    })
  }

  for (const caller of ['anon', 'authenticated']) {
    test(`${schema}: ${caller} gets ${caller === 'anon' ? 401 : 403} for what it may not do with a table`, async () => {
      const client = caller === 'anon' ? world.anon : world.ada.client
      const verbs = {
        select: (table) => client.from(table).select('*').limit(1),
        insert: (table) => client.from(table).insert({}),
        update: (table) => client.from(table).update({ created_at: '2020-01-01T00:00:00Z' }).eq('id', idFor(table)),
        delete: (table) => client.from(table).delete().eq('id', idFor(table)),
      }
      for (const [table, rights] of Object.entries(TABLES)) {
        for (const [verb, call] of Object.entries(verbs)) {
          if (rights[caller].includes(verb)) continue
          const { error, status } = await call(table)
          assert.deepEqual([error?.code, status], ['42501', caller === 'anon' ? 401 : 403], `${verb} ${table}`)
          assert.match(error.message, new RegExp(table))
        }
      }
    })
  }

  test(`${schema}: nobody but the service sees the internal tables`, async () => {
    const internal = world.catalogue.tables.map((table) => table.name).filter((name) => !(name in TABLES))
    assert.ok(internal.length > 0)
    for (const table of internal) {
      assert.equal((await world.anon.from(table).select('*')).status, 401, table)
      assert.equal((await world.ada.client.from(table).select('*')).status, 403, table)
      assert.equal((await world.service.from(table).select('*').limit(1)).status, 200, table)
    }
  })

  test(`${schema}: columns that people may not change are 403`, async () => {
    const { client, insight, message, event } = world.ada
    for (const [table, id, change] of [
      ['graph_insights', insight.id, { title: 'Mine' }],
      ['inbox_messages', message.id, { subject: 'Mine' }],
      ['voice_chat_events', event.id, { event_type: 'forged' }],
    ]) {
      await assertRefused(client.from(table).update(change).eq('id', id), '42501', new RegExp(table), table)
    }
  })

  for (const table of Object.keys(TABLES)) {
    test(`${schema}: rows of ${table} that break a rule are refused`, async () => {
      const client = TABLES[table].authenticated.includes('insert') ? world.ada.client : world.service
      const rows = badRows(world)[table]
      assert.ok(rows.length > 0)
      for (const [row, code] of rows) {
        await assertRefused(client.from(table).insert(row), code, /./, `${table} ${JSON.stringify(row).slice(0, 100)}`)
      }
      const unknown = await client.from(table).insert({ nothing: 1 })
      assert.deepEqual([unknown.error?.code, unknown.status], ['PGRST204', 400], table)
    })
  }

  test(`${schema}: an unknown table is 404, an unknown column 400, a body that is no JSON 400`, async () => {
    const { client, id } = world.ada
    const table = await client.from('graph_node').select('*')
    assert.deepEqual([table.error?.code, table.status], ['42P01', 404])
    for (const call of [
      client.from('graph_nodes').select('nothing'),
      client.from('graph_nodes').select('id').eq('nothing', 1),
      client.from('graph_nodes').select('id').order('nothing'),
    ]) {
      const { error, status } = await call
      assert.deepEqual([error?.code, status], ['42703', 400])
    }
    const token = world.server.jwt({ role: 'authenticated', sub: id })
    for (const path of ['graph_nodes', 'rpc/create_goal_node']) {
      const response = await fetch(`${world.server.url}/rest/v1/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-profile': schema },
        body: '{"label": ',
      })
      assert.equal(response.status, 400, path)
      assert.equal((await response.json()).code, 'PGRST102', path)
    }
  })

  test(`${schema}: a token that is none, or out of date, is 401`, async () => {
    const past = Math.floor(Date.now() / 1000) - 60
    const { server, ada } = world
    const tokens = ['nonsense', server.jwt({ role: 'authenticated', sub: ada.id, exp: past }), `${server.keys.anon}x`]
    for (const token of tokens) {
      const headers = { authorization: `Bearer ${token}`, 'accept-profile': schema }
      const response = await fetch(`${server.url}/rest/v1/graph_nodes?select=id`, { headers })
      assert.equal(response.status, 401, token.slice(0, 20))
    }
  })

  test(`${schema}: what is not there, or somebody else’s, is empty or false`, async () => {
    const { ada, ben } = world
    for (const [name, argument, mine] of [
      ['get_node_neighborhood', 'p_node_id', 'goal'],
      ['update_session_node', 'p_session_id', 'session'],
      ['update_node_status', 'p_node_id', 'skill'],
      ['upsert_node_embedding', 'p_node_id', 'skill'],
      ['search_knowledge_chunks', 'knowledge_base_id_param', 'base'],
      ['search_knowledge_base', 'kb_id_filter', 'base'],
      ['hybrid_search', 'kb_id_filter', 'base'],
      ['mark_message_as_read', 'p_message_id', 'message'],
      ['toggle_message_pin', 'p_message_id', 'message'],
      ['archive_message', 'p_message_id', 'message'],
    ]) {
      const args = callsOf(world)[name]
      for (const id of [UNKNOWN, ben[mine].id]) {
        const answer = await ok(ada.client.rpc(name, { ...args, [argument]: id }))
        assert.deepEqual(answer, FUNCTIONS[name].columns.length > 0 ? [] : false, `${name} ${id}`)
      }
    }
    const far = { p_user_id: null, p_query_embedding: vector({ 900: 1 }) }
    assert.deepEqual(await ok(ada.client.rpc('find_similar_nodes', far)), [])
    for (const table of Object.keys(TABLES)) {
      if (!TABLES[table].authenticated.includes('select')) continue
      assert.deepEqual(await ok(ada.client.from(table).select('*').eq('id', idFor(table))), [], table)
    }
  })

  test(`${schema}: no answer of this suite was the server’s fault`, () => {
    assert.ok(world.answers.length > 1000, `${world.answers.length} answers`)
    assert.deepEqual(
      world.answers.filter((answer) => answer.status >= 500),
      [],
    )
  })
}

/** An id that no row has; categories are named by words. */
const idFor = (table) => (table === 'goal_categories' ? 'nothing' : UNKNOWN)
