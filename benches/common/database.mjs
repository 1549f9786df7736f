// Connections to the throwaway cluster that PGHOST and PGPORT name, and what is asked of them.

import { readFileSync } from 'node:fs'
import pg from 'pg'

/** Row-level security does not bind the tables' owner. */
export const OWNER = 'postgres'
export const SIGNED_IN = 'authenticated'

/** What to wait for before a statement is given up, in seconds. */
export const TIMEOUT = 60

// Values stay text: turning them into JavaScript's is the client's time, and there is no need.
const AS_TEXT = { getTypeParser: () => (value) => value }

const SETTINGS = `
  set jit = off;
  set max_parallel_workers_per_gather = 0;
  set work_mem = '64MB';
  set client_min_messages = warning;
`

/** A reader of the files beside a module, which gives its import.meta.url. */
export function filesBeside(url) {
  return (name) => readFileSync(new URL(name, url), 'utf8')
}

/** One connection, kept warm. */
export class Session {
  static async open(database, { role = OWNER, schemas = 'public', settings = {} } = {}) {
    const client = new pg.Client({ database, types: AS_TEXT })
    await client.connect()
    const session = new Session(client)
    await client.query(SETTINGS)
    await client.query(`set search_path = ${schemas}`)
    for (const [name, value] of Object.entries(settings)) await client.query(`set ${name} = '${value}'`)
    session.pid = Number(await session.value('select pg_backend_pid()'))
    if (role !== OWNER) await client.query(`set role ${role}`)
    return session
  }

  constructor(client) {
    this.client = client
    this.person = undefined
  }

  /** Runs SQL, one statement or more. */
  async run(text) {
    await this.client.query(text)
  }

  /** The rows of a statement, as lists of texts. */
  async rows(text, values) {
    const result = await this.client.query({ text, values, rowMode: 'array' })
    return result.rows
  }

  async value(text, values) {
    const rows = await this.rows(text, values)
    return rows[0]?.[0]
  }

  /** Signs a person in: from now on they are the caller. */
  async become(person) {
    if (person === this.person) return
    await this.client.query(`select set_config('request.jwt.claims', $1, false)`, [
      JSON.stringify({ sub: person, role: SIGNED_IN }),
    ])
    this.person = person
  }

  close() {
    return this.client.end()
  }
}

/** Runs `work` with a session of the owner's, and closes it. */
export async function asOwner(database, work) {
  const session = await Session.open(database)
  try {
    return await work(session)
  } finally {
    await session.close()
  }
}

/** Runs `work` with a list for the sessions it opens, and closes them. */
export async function withSessions(work) {
  const sessions = []
  try {
    return await work(sessions)
  } finally {
    await Promise.all(sessions.map((session) => session.close()))
  }
}
