// Who calls in the demo: the app's own server, people who are signed in, and visitors who are not.
//
// LGTEMPO_URL, LGTEMPO_ANON_KEY and LGTEMPO_SERVICE_KEY are what a Supabase project gives an app; LGTEMPO_JWT_SECRET signs
// people in, which is otherwise the work of Supabase's auth service. PGHOST and the like name the database itself.

import { createClient } from '../../tests/rest/client.mjs'
import { runSql, sign } from '../../tests/rest/harness.mjs'
import { history } from './texts.mjs'

const {
  LGTEMPO_URL: url,
  LGTEMPO_ANON_KEY: anonKey,
  LGTEMPO_SERVICE_KEY: serviceKey,
  LGTEMPO_JWT_SECRET: secret,
} = process.env

export const [maraData, benData] = history.people

/** Somebody signed in; `headers` go with each of their calls. */
export function signedIn({ id }, headers = {}) {
  return createClient(url, anonKey, { token: sign({ role: 'authenticated', sub: id }, secret), headers })
}

/** Somebody who is not signed in, under an id that their browser has made. */
export const visitor = (anonymousId) => createClient(url, anonKey, { headers: { 'x-anonymous-id': anonymousId } })

export const service = createClient(url, serviceKey)
export const anon = createClient(url, anonKey)
export const mara = signedIn(maraData)
export const ben = signedIn(benData)

/** What Supabase's auth service does when somebody signs up. */
export async function signUp({ id, email, name }) {
  const quoted = (text) => `'${text.replaceAll("'", "''")}'`
  const metadata = quoted(JSON.stringify({ full_name: name }))
  await runSql(
    process.env.PGDATABASE,
    `insert into auth.users (id, email, raw_user_meta_data) values (${quoted(id)}, ${quoted(email)}, ${metadata})`,
  )
}
