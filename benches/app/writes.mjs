// Writing to an inbox and onboarding by voice beside the same in PL/pgSQL.

import { asOwner, Session, SIGNED_IN } from '../common/database.mjs'
import { raceWrites } from '../common/writes.mjs'

const TEXT = `You said that the opening is the worst part, and that you had never once rehearsed it standing up. Do it three
times before Thursday, aloud, with the door open. The recording is of somebody who trembled more than you do.`.repeat(2)
/** As long as what is said in some five minutes. */
const TRANSCRIPT = 'Coach: What would you like to be able to do? You: To stand up and speak without dread. '.repeat(50)

const ATTACHMENTS = [
  { type: 'audio', name: 'An opening', url: 'https://example.com/opening.mp3', mime_type: 'audio/mpeg' },
  { type: 'file', name: 'Eight rungs', storage_path: 'guides/rungs.pdf', file_size_bytes: 48213 },
  { type: 'link', name: 'A talk', description: 'Five minutes', url: 'https://example.com/talk', metadata: { minutes: 5 } },
]

const message = (attachments) => ({ person, session, goal }) => [
  person,
  'Before Thursday',
  TEXT,
  'coach-aylin',
  'Aylin',
  'coaching',
  'high',
  session,
  goal,
  JSON.stringify(ATTACHMENTS.slice(0, attachments)),
  'recommendation',
]

/** For the service alone. */
const MESSAGES = {
  create_message_with_attachments: message(0),
  'create_message_with_attachments, 1': message(1),
  'create_message_with_attachments, 3': message(3),
}

const conversation = (name) => ({ person, round }) => [
  person,
  TRANSCRIPT,
  { tone: 'direct', pace: 'weekly', topics: ['speaking', 'running'] },
  {
    name: `Speak freely, ${name} ${round}`,
    description: 'Stand up and say what there is to say',
    category_id: 'communication',
    target_date: '2027-06-30',
    milestones: ['Ask a question in a meeting', 'Give a short talk', 'Open a conference'],
    type: 'skill',
    priority: 'high',
  },
  { conversation_id: `${name} ${round}`, agent_id: 'coach-aylin', duration_minutes: 6 },
]

/** By those whom they onboard; a conversation that is reported again is there already. */
const ONBOARDING = {
  handle_voice_onboarding: conversation('new'),
  'handle_voice_onboarding, again': conversation('known'),
}

/** Races over each function. Gives a result for each function and contestant. */
export async function measure(database, { cases: count, ...rules }) {
  const cases = await asOwner(database, (owner) => draw(owner, count))
  await converse(database, cases)
  return [
    ...(await raceWrites(database, { role: 'service_role', calls: MESSAGES, cases, effect: MESSAGE, ...rules })),
    ...(await raceWrites(database, { role: 'signed in', calls: ONBOARDING, cases, effect: ONBOARDED, ...rules })),
  ]
}

/** What a message has left in the tables, ids and clocks aside. */
const MESSAGE = `
  select to_jsonb(m) - 'id' - 'created_at' - 'updated_at'
  from inbox_messages m
  where xmin = pg_current_xact_id()::xid
  union all
  select to_jsonb(a) - 'id' - 'message_id' - 'created_at' - 'updated_at'
  from message_attachments a
  where xmin = pg_current_xact_id()::xid
  order by 1`

/** What an onboarding has left in the tables, ids and clocks aside. */
const ONBOARDED = ['profiles', 'elevenlabs_conversations', 'user_goals', 'graph_nodes']
  .map(
    (table) => `
      select to_jsonb(t) - '{id,node_id,created_at,updated_at,onboarding_completed_at,ended_at}'::text[]
      from ${table} t
      where xmin = pg_current_xact_id()::xid`,
  )
  .join(' union all ')
  .concat(' order by 1')

/** People by turns, each with a session and a goal of their own. */
async function draw(owner, count) {
  await owner.run(`insert into goal_categories (id, title) values ('communication', 'Communication')`)
  const rows = await owner.rows(
    `select user_id, session.id, goal.id
     from (select * from draft.graph order by person limit 12) p
     cross join generate_series(1, $1::int / 12 + 1) turn
     ${['session', 'goal']
       .map(
         (type) => `cross join lateral (
           select id
           from draft.node n
           where n.person = p.person and n.node_type = '${type}'
           order by md5(id::text || turn)
           limit 1
         ) ${type}`,
       )
       .join('\n')}
     order by turn, person
     limit $1`,
    [count],
  )
  return rows.map(([person, session, goal], round) => ({ person, session, goal, round }))
}

/** Has all that will be repeated happen once. */
async function converse(database, cases) {
  const session = await Session.open(database, { role: SIGNED_IN })
  try {
    for (const item of cases) {
      await session.become(item.person)
      await session.rows('select handle_voice_onboarding($1, $2, $3, $4, $5)', conversation('known')(item))
    }
  } finally {
    await session.close()
  }
}
