// Who races: a way to the answer, on a set of tables, in a role, with the planner's modes to try.

import { OWNER, Session, SIGNED_IN, TIMEOUT } from './database.mjs'

/** Row-level security binds those who are signed in. */
export const ROLES = { owner: OWNER, 'signed in': SIGNED_IN }

/** lgtempo's own tables, and the plain copy. The extension's types and functions are in public. */
export const TABLES = { own: 'public', plain: 'plain, public' }

// What an author who has looked at the plans sets for a function or a role: to look up a node's edges, the planner
// likes to combine the index on the node with the one on user_id, and reads all the person's entries for each node.
const SETTINGS = { union: { enable_bitmapscan: 'off' }, walk: { enable_bitmapscan: 'off' } }

const MODES = ['auto', 'force_generic_plan', 'force_custom_plan']

/**
 * Opens a connection for each of `entries` and each mode, adds them to `sessions` and gives the contestants.
 *
 * An entry is { way, tables, role, modes, labels }; `call(way, case)` gives what to run. The mode is nothing to ways
 * that plan nothing: lgtempo's statements are its own affair.
 */
export async function enter(database, entries, call, sessions) {
  const contestants = []
  for (const { way, tables = 'own', role, modes = MODES, labels } of entries) {
    const tries = []
    for (const mode of way === 'lgtempo' ? ['auto'] : modes) {
      const session = await Session.open(database, {
        role: ROLES[role],
        schemas: TABLES[tables],
        settings: { plan_cache_mode: mode, statement_timeout: `${TIMEOUT}s`, ...SETTINGS[way] },
      })
      sessions.push(session)
      tries.push({ mode, session, call: (item) => call(way, item) })
    }
    contestants.push({ name: `${way} on ${tables} tables, ${role}`, labels: { way, tables, role, ...labels }, tries })
  }
  return contestants
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
