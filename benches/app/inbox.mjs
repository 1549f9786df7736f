// Counting unread messages beside the same count in SQL, and how each reads the table.

import { enter } from '../common/contestants.mjs'
import { asOwner, Session, SIGNED_IN, withSessions } from '../common/database.mjs'
import { fingerprint, race } from '../common/measure.mjs'
import { generator } from '../common/random.mjs'

/** Each takes the person. */
const WAYS = {
  lgtempo: 'select get_unread_message_count($1)',
  SQL: `
    select count(*)
    from inbox_messages
    where user_id = $1 and not is_read and not is_archived and (expires_at is null or expires_at > now())`,
}
const ENTRIES = Object.keys(WAYS).map((way) => ({ name: way, way, role: 'signed in' }))

const statement = (way, person) => ({ name: way, text: WAYS[way], values: [person] })

/** Races over each of the fullest inboxes. Gives a result for each inbox and way, with the scans that its plan has. */
export async function measure(database, { say, ...rules }) {
  const inboxes = await asOwner(database, (owner) =>
    owner.rows(`select user_id, messages from draft.inbox order by messages desc, person limit 2`),
  )
  return withSessions(async (sessions) => {
    const call = (way, { person }) => ({ person, statement: statement(way, person) })
    const contestants = await enter(database, ENTRIES, call, sessions)
    const results = []
    for (const [person, messages] of inboxes) {
      const scans = await scansOf(database, person)
      say(`get_unread_message_count, ${scans.unread} of ${messages} unread`)
      const random = generator(results.length)
      const raced = await race({ contestants, cases: [{ person }], random, check: fingerprint, ...rules })
      results.push(...raced.map((result) => ({ messages, unread: scans.unread, scans: scans[result.way], ...result })))
    }
    return results
  })
}

/** How a person's count comes about each way, by auto_explain, which shows the statements inside of functions too. */
async function scansOf(database, person) {
  const session = await Session.open(database)
  try {
    await session.run(`
      load 'auto_explain';
      set auto_explain.log_min_duration = 0;
      set auto_explain.log_nested_statements = on;
      set auto_explain.log_analyze = on;
      set auto_explain.log_format = json;
      set client_min_messages = log;
      set role ${SIGNED_IN}`)
    await session.become(person)
    const plans = []
    session.client.on('notice', ({ message }) => {
      const start = message.indexOf('{')
      if (message.startsWith('duration:')) plans.push(JSON.parse(message.slice(start)).Plan)
    })
    const found = {}
    for (const way of Object.keys(WAYS)) {
      // The first call may have more to do than to count.
      await session.client.query(statement(way, person))
      plans.length = 0
      found.unread = Number((await session.client.query({ ...statement(way, person), rowMode: 'array' })).rows[0][0])
      found[way] = plans.flatMap(scans)
    }
    return found
  } finally {
    await session.close()
  }
}

/** The scans of tables in a plan. */
function scans(plan) {
  const below = (plan.Plans ?? []).flatMap(scans)
  if (!plan['Relation Name']) return below
  const own = { scan: plan['Node Type'], table: plan['Relation Name'], index: plan['Index Name'], fetched: plan['Heap Fetches'] }
  return [own, ...below]
}
