// The API as tools see it, with the extension in a schema of its own and pgvector where Supabase keeps it.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { runSql } from './harness.mjs'
import { runSuite } from './api/suite.mjs'

const run = promisify(execFile)
const DATABASE = `${process.env.PGDATABASE}_coaching`

async function open() {
  await run('createdb', [DATABASE])
  await runSql(
    DATABASE,
    `create schema extensions;
     create extension vector schema extensions;
     create extension "uuid-ossp" schema extensions;
     create schema coaching;
     create extension lgtempo schema coaching cascade;
     grant usage on schema extensions to anon, authenticated, service_role;`,
  )
  return DATABASE
}

const close = () => run('dropdb', ['--if-exists', '--force', DATABASE])

runSuite({ schema: 'coaching', open, close })
