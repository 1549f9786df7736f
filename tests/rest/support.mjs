// What the client tests share: people, vectors, and the two ways in which a call can end.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

export const DIMENSIONS = 1536
export const UNKNOWN = '00000000-0000-7000-8000-00000000dead'

/** Signs a person up, as Supabase's auth service does; their id. */
export async function signUp(server, email) {
  const id = randomUUID()
  await server.sql(`insert into auth.users (id, email) values ('${id}', '${email}')`)
  return id
}

/** A vector from its few components that are not zero: vector({0: 0.6, 7: 0.8}). */
export function vector(components) {
  const values = new Array(DIMENSIONS).fill(0)
  for (const [i, value] of Object.entries(components)) values[i] = value
  return values
}

/** The vector in the first plane whose cosine similarity to vector({0: 1}) is `cosine`. */
export function near(cosine) {
  return vector({ 0: cosine, 1: Math.sqrt(1 - cosine * cosine) })
}

/** The data of a call that must succeed. */
export async function ok(call) {
  const { data, error } = await call
  assert.equal(error, null, error && `${error.code}: ${error.message}`)
  return data
}

/** A call that must be refused with this SQLSTATE and, if given, a message of this form. */
export async function refused(call, code, message = /./) {
  const { data, error } = await call
  assert.ok(error, `expected ${code}, got the answer ${JSON.stringify(data)?.slice(0, 200)}`)
  assert.equal(error.code, code, `${error.code}: ${error.message}`)
  assert.match(error.message, message)
  assert.doesNotMatch(error.message, /panicked|unwrap|src\/.*\.rs/)
}

/** Inserts rows and returns them; a table's own row for one row given. */
export async function insert(client, table, rows, columns = '*') {
  const data = await ok(client.from(table).insert(rows).select(columns))
  return Array.isArray(rows) ? data : data[0]
}

export function assertClose(actual, expected, tolerance = 1e-5) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`)
}
