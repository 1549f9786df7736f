// node serve.mjs FILE PERSON: PostgREST in front of the database that PGDATABASE names, until it is told to stop. Once it
// answers, FILE holds what a client needs, as shell assignments: the URL, the keys, and a token of the person of that id.

import { renameSync, writeFileSync } from 'node:fs'
import { start } from './harness.mjs'

const [file, person] = process.argv.slice(2)
const server = await start()

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, async () => {
    await server.stop()
    process.exit()
  })
}

const settings = {
  LGTEMPO_URL: server.url,
  LGTEMPO_ANON_KEY: server.keys.anon,
  LGTEMPO_SERVICE_KEY: server.keys.service_role,
  LGTEMPO_JWT_SECRET: server.secret,
  LGTEMPO_PERSON_TOKEN: server.jwt({ role: 'authenticated', sub: person }),
}
const lines = Object.entries(settings).map(([name, value]) => `export ${name}='${value}'\n`)
writeFileSync(`${file}.new`, lines.join(''), { mode: 0o600 })
// Whoever waits for the file must not see half of it.
renameSync(`${file}.new`, file)
