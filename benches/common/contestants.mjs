// Who races: a way to the answer, in a role, with the planner's modes to try.

import { OWNER, Session, SIGNED_IN, TIMEOUT } from './database.mjs'

/** Row-level security binds those who are signed in. */
export const ROLES = { owner: OWNER, 'signed in': SIGNED_IN }

const MODES = ['auto', 'force_generic_plan', 'force_custom_plan']

/**
 * Opens a connection for each of `entries` and each mode, adds them to `sessions` and gives the contestants.
 *
 * An entry is { name, way, role, schemas, settings, modes, labels }; `call(way, case)` gives what to run. The role is
 * one of ROLES or the database's own name of another. The mode is nothing to ways that plan nothing: lgtempo's
 * statements are its own affair.
 */
export async function enter(database, entries, call, sessions) {
  const contestants = []
  for (const { name, way, role, schemas, settings, modes = MODES, labels } of entries) {
    const tries = []
    for (const mode of way === 'lgtempo' ? ['auto'] : modes) {
      const session = await Session.open(database, {
        role: ROLES[role] ?? role,
        schemas,
        settings: { plan_cache_mode: mode, statement_timeout: `${TIMEOUT}s`, ...settings },
      })
      sessions.push(session)
      tries.push({ mode, session, call: (item) => call(way, item) })
    }
    contestants.push({ name, labels: { way, role, ...labels }, tries })
  }
  return contestants
}
