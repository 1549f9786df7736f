// Who races: lgtempo and its rivals, on lgtempo's own tables and on the plain copy.

import { enter as enterAny } from '../common/contestants.mjs'

/** lgtempo's own tables, and the plain copy. The extension's types and functions are in public. */
export const TABLES = { own: 'public', plain: 'plain, public' }

// What an author who has looked at the plans sets for a function or a role: to look up a node's edges, the planner
// likes to combine the index on the node with the one on user_id, and reads all the person's entries for each node.
const SETTINGS = { union: { enable_bitmapscan: 'off' }, walk: { enable_bitmapscan: 'off' } }

/** As the common one; an entry names the tables. */
export function enter(database, entries, call, sessions) {
  const full = entries.map(({ way, tables = 'own', role, modes, labels }) => ({
    name: `${way} on ${tables} tables, ${role}`,
    way,
    role,
    schemas: TABLES[tables],
    settings: SETTINGS[way],
    modes,
    labels: { tables, ...labels },
  }))
  return enterAny(database, full, call, sessions)
}
