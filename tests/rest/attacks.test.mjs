// Bytes that no well-meaning client sends: refused as bad input, never an error of the server's, and the server stays up.

import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { functions, twoPeople } from './catalogue.mjs'
import { start } from './harness.mjs'
import { vector } from './support.mjs'
import { int32, openWire } from './wire.mjs'

let server, ada, called, wire, since
let cases = 0

const started = () => server.sql(`select pg_postmaster_start_time() || ' ' || (select count(*) from graph_nodes)`)

before(async () => {
  server = await start()
  ;[ada] = await twoPeople(server)
  called = await functions(server, 'service_role')
  wire = await openWire(process.env.PGDATABASE)
  since = await started()
})
after(async () => {
  console.log(`# ${cases} cases`)
  wire?.close()
  await server?.stop()
})

// Through PostgREST

async function post(path, body, role = 'authenticated', headers = {}) {
  cases += 1
  const token = server.jwt(role === 'authenticated' ? { role, sub: ada.id } : { role })
  const answer = await fetch(`${server.url}/rest/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body,
  })
  return { status: answer.status, text: await answer.text() }
}

/** Text that means no harm in every argument that a call needs. */
const plain = { text: 'Words', uuid: '00000000-0000-7000-8000-0000000000a1', jsonb: {}, vector: vector({ 0: 1 }), integer: 1, emotion_type: 'anxious', node_status: 'curated', 'text[]': [] }
const argumentsOf = (f) => Object.fromEntries(f.arguments.filter((a) => !a.optional).map((a) => [a.name, plain[a.type] ?? null]))

/** Sends `bytes` as the JSON of one argument of every function that has one of these types. */
async function inEvery(types, bytes, check) {
  for (const f of called) {
    for (const a of f.arguments.filter(({ type }) => types.includes(type))) {
      const others = Object.entries(argumentsOf(f)).filter(([name]) => name !== a.name)
      const head = `{${others.map(([name, v]) => `${JSON.stringify(name)}:${JSON.stringify(v)},`).join('')}${JSON.stringify(a.name)}:`
      const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from('}')])
      for (const role of ['authenticated', 'service_role']) check(await post(`rpc/${f.name}`, body, role), `${f.name} ${a.name} as ${role}`)
    }
  }
}

function refused({ status, text }, what) {
  assert.ok(status >= 400 && status < 500, `${what}: ${status} ${text.slice(0, 300)}`)
  assert.doesNotMatch(text, /panicked|unwrap|\.rs\b|XX000/, what)
}
function survived({ status, text }, what) {
  assert.ok(status < 500, `${what}: ${status} ${text.slice(0, 300)}`)
  assert.doesNotMatch(text, /panicked|unwrap|\.rs\b|XX000/, what)
}

test('a NUL in a text or jsonb argument is refused', async () => {
  await inEvery(['text'], Buffer.from('"a\\u0000b"'), refused)
  await inEvery(['jsonb'], Buffer.from('{"name":"a\\u0000b"}'), refused)
})

test('bytes that are no UTF-8 are refused in a text or jsonb argument', async () => {
  for (const bytes of [[0xff], [0xc3, 0x28], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]) {
    const text = Buffer.concat([Buffer.from('"a'), Buffer.from(bytes), Buffer.from('"')])
    // PostgREST may put U+FFFD in their place, which is a text like any other.
    await inEvery(['text'], text, survived)
  }
  await inEvery(['jsonb'], Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), survived)
})

test('half a surrogate pair, and a body cut short, are refused', async () => {
  await inEvery(['text'], Buffer.from('"a\\ud800b"'), survived)
  await inEvery(['text', 'jsonb'], Buffer.from('"unfinished'), refused)
})

test('jsonb nested 10,000 deep is stored or clearly refused', async () => {
  const deep = (open, close) => Buffer.from(open.repeat(10_000) + '1' + close.repeat(10_000))
  for (const bytes of [deep('[', ']'), deep('{"a":', '}'), Buffer.concat([Buffer.from('{"description":'), deep('[', ']'), Buffer.from('}')])]) {
    await inEvery(['jsonb', 'vector', 'uuid[]', 'text[]'], bytes, survived)
  }
})

test('NUL and odd bytes in addresses and headers harm nobody', async () => {
  for (const path of ['graph_nodes?id=eq.%00', 'graph_nodes?label=eq.a%00b', 'graph_nodes?select=%00', 'rpc/create_goal_node%00', 'rpc/get_node_neighborhood?p_node_id=%00']) {
    cases += 1
    const answer = await fetch(`${server.url}/rest/v1/${path}`, { headers: { authorization: `Bearer ${server.jwt({ role: 'authenticated', sub: ada.id })}` } })
    const text = await answer.text()
    // PostgREST may end a value at the NUL: it finds nothing then.
    survived({ status: answer.status, text }, path)
    assert.doesNotMatch(text, /ben-secret/)
  }
  for (const id of ["'; drop table voice_chat_events; --", '\\u0000', 'x'.repeat(5000), '"', '{}', '%']) {
    survived(await post('voice_chat_events', '{"event_type":"spoken"}', 'anon', { 'x-anonymous-id': id }), `x-anonymous-id ${id.slice(0, 40)}`)
  }
})

// On PostgreSQL's own wire

// 08P01 is PostgreSQL's own answer to a message that ends too soon.
const SAFE = /^(22|23|42|54|08P01)/

async function statement(text, parameters, what) {
  cases += 1
  const error = await wire.run(text, parameters)
  if (error) {
    assert.match(error.C, SAFE, `${what}: ${error.C} ${error.M}`)
    assert.doesNotMatch(error.M, /panicked|unwrap|\.rs\b/, what)
  }
  return error
}

/** Calls f with one argument as a binary parameter and the others as above, for Ada. */
function callOf(f, argument) {
  const given = { ...argumentsOf(f), ...(f.arguments.some(({ name }) => name === 'p_user_id') && { p_user_id: ada.id }) }
  const parts = f.arguments
    .filter(({ name }) => name === argument.name || name in given)
    .map(({ name, type }) => {
      if (name === argument.name) return `${name} => $1::${type}`
      const v = given[name]
      return `${name} => ${v === null ? 'null' : `'${type === 'text[]' ? '{}' : typeof v === 'string' ? v : JSON.stringify(v)}'`}::${type}`
    })
  return `select count(*) from ${f.name}(${parts.join(', ')})`
}
async function onEvery(types, values) {
  for (const f of called) {
    for (const argument of f.arguments.filter(({ type }) => types.includes(type))) {
      for (const [title, bytes, must] of values) {
        const error = await statement(callOf(f, argument), [bytes], `${f.name} ${argument.name}: ${title}`)
        if (must) assert.equal(error?.C, must, `${f.name} ${argument.name}: ${title}`)
      }
    }
  }
}

test('NUL and invalid UTF-8 in binary parameters are refused', async () => {
  const bad = [[0], [0x61, 0, 0x62], [0xff], [0xc3, 0x28], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]
  await onEvery(['text'], bad.map((bytes) => [bytes.join(' '), Buffer.from(bytes), '22021']))
  await onEvery(['jsonb'], [
    ['a NUL', Buffer.from([1, 0x22, 0, 0x22])],
    ['an escaped NUL', Buffer.concat([Buffer.from([1]), Buffer.from('{"name":"\\u0000"}')]), '22P05'],
    ['invalid UTF-8', Buffer.from([1, 0x22, 0xff, 0x22]), '22021'],
  ])
  for (const bytes of [[0xff], [0xc0, 0x80]]) {
    const text = Buffer.concat([Buffer.from("select create_goal_node(null, 'a"), Buffer.from(bytes), Buffer.from("')")])
    assert.equal((await statement(text, [], 'a statement that is no UTF-8')).C, '22021')
  }
})

test('vectors and arrays that lie about their size are refused', async () => {
  const numbers = (n, value) => Buffer.concat(Array.from({ length: n }, () => value))
  const float = (n) => {
    const bytes = Buffer.alloc(4)
    bytes.writeFloatBE(n)
    return bytes
  }
  const dimensions = (n) => Buffer.from([n >> 8, n & 255, 0, 0])
  await onEvery(['vector'], [
    ['too few numbers', Buffer.concat([dimensions(1536), numbers(3, float(1))])],
    ['no dimension', dimensions(0)],
    ['15 dimensions', Buffer.concat([dimensions(15), numbers(15, float(1))]), '22023'],
    ['NaN', Buffer.concat([dimensions(1536), numbers(1536, float(NaN))])],
    ['infinite', Buffer.concat([dimensions(1536), numbers(1536, float(Infinity))])],
    ['zero', Buffer.concat([dimensions(1536), numbers(1536, float(0))]), '22023'],
    ['huge', Buffer.concat([dimensions(1536), numbers(1536, float(3e38))])],
    ['tiny', Buffer.concat([dimensions(1536), numbers(1536, float(1e-45))])],
  ])
  await onEvery(['uuid[]'], [['a million that are not there', Buffer.concat([int32(1), int32(0), int32(2950), int32(1_000_000), int32(1)])]])
})

test('a million ids are taken or clearly refused', async () => {
  const one = Buffer.concat([int32(16), Buffer.from(ada.ids[1].replaceAll('-', ''), 'hex')])
  const million = Buffer.concat([int32(1), int32(0), int32(2950), int32(1_000_000), int32(1), Buffer.concat(Array.from({ length: 1_000_000 }, () => one))])
  await onEvery(['uuid[]'], [['a million', million]])
})

test('the server is the one that was there, and nothing of it has been lost', async () => {
  assert.equal((await started()).split(' ')[0], since.split(' ')[0])
  assert.equal(await server.sql(`select count(*) from graph_nodes where user_id <> '${ada.id}'`), '6')
  assert.equal((await wire.run('select 1')), null)
})
