// The writing functions beside the same in PL/pgSQL. Each call is rolled back, so that the tables stay as they are.

import { asOwner, withSessions } from '../common/database.mjs'
import { race } from '../common/measure.mjs'
import { generator } from '../common/random.mjs'
import { written } from '../common/vectors.mjs'
import { enter } from './contestants.mjs'
import { embeddings } from './vectors.mjs'

const SUMMARY = 'We looked at what went well this month, and what the next talk needs to go as well as the last.'

/** What each call is given; a case names a person's goal, skill, session and emotion. */
const CALLS = {
  track_emotion: ({ person, goal }) => [person, 'motivated', 'The talk went better than expected', 0.8, goal],
  create_session_node: ({ person, goal }) => [person, goal, 45, SUMMARY, { mood: 'good' }],
  update_session_node: ({ person, session, goal }) => [session, SUMMARY, 50, { mood: 'better' }, goal, person],
  create_goal_node: ({ person, round }) => [person, `Speak freely ${round}`, 'career', { target_date: '2026-06-30' }],
  'create_goal_node, again': ({ person, goalLabel }) => [person, goalLabel, 'career', { priority: 'high' }],
  create_skill_node: ({ person, round }) => [person, `Listening, part ${round}`, 'advanced', ['Interviewing']],
  'create_skill_node, again': ({ person, skillLabel }) => [person, skillLabel, 'expert', []],
  update_node_status: ({ person, emotion }) => [emotion, 'curated', person],
  upsert_node_embedding: ({ person, session, vector }) => [session, vector, person],
}

const SCHEMAS = { lgtempo: 'public', 'PL/pgSQL': 'rival' }

/** Races over each function, as signed-in people by turns. Gives a result for each function and contestant. */
export async function measure(database, { cases: count, say, ...rules }) {
  const cases = await asOwner(database, (owner) => draw(owner, count))
  return withSessions(async (sessions) => {
    const entries = Object.keys(SCHEMAS).map((way) => ({ way, role: 'signed in', modes: ['auto'] }))
    const entered = await enter(database, entries, () => {}, sessions)
    const results = []
    for (const [name, values] of Object.entries(CALLS)) {
      say(name)
      const contestants = entered.map(({ labels: { way }, tries: [{ session }] }) => ({
        name: `${name} by ${way}`,
        labels: { function: name, way },
        tries: [{ session, call: (item) => call(SCHEMAS[way], name, values(item), item.person) }],
      }))
      await requireSameEffect(contestants, cases[0])
      const raced = await race({
        contestants,
        cases,
        random: generator(name.length),
        before: (session) => session.run('begin'),
        after: (session) => session.run('rollback'),
        ...rules,
      })
      results.push(...raced)
    }
    return results
  })
}

function call(schema, name, values, person) {
  const [fn] = name.split(',')
  const places = values.map((_, i) => `$${i + 1}`).join(', ')
  return { person, statement: { name, text: `select ${schema}.${fn}(${places})`, values } }
}

/** What a call has left in the tables, ids and clocks aside. */
const EFFECT = `
  select node_type, label, description, properties - 'timestamp' - 'goal_id', status, embedding
  from graph_nodes
  where xmin = pg_current_xact_id()::xid
  union all
  select null, edge_type::text, label, properties, null, null
  from graph_edges
  where xmin = pg_current_xact_id()::xid
  order by 1, 2`

/** Fails unless all change the tables alike. */
async function requireSameEffect(contestants, item) {
  const effects = []
  for (const { tries: [{ session, call }] } of contestants) {
    const { person, statement } = call(item)
    await session.become(person)
    await session.run('begin')
    await session.client.query(statement)
    effects.push(JSON.stringify(await session.rows(EFFECT)))
    await session.run('rollback')
  }
  if (effects[0] !== effects[1] || effects[0] === '[]') {
    throw new Error(`${contestants[0].name} and by PL/pgSQL differ: ${effects.join(' or ')}`)
  }
}

/** Live nodes of each type that belong to the same person, people by turns. */
async function draw(owner, count) {
  const next = embeddings(0)
  const rows = await owner.rows(
    `select user_id, goal.id, goal.label, skill.id, skill.label, session.id, emotion.id
     from draft.person p
     cross join generate_series(1, $1::int / (select count(*) from draft.person)::int + 1) turn
     ${['goal', 'skill', 'session', 'emotion']
       .map(
         (type) => `cross join lateral (
           select id, label
           from draft.node n
           where n.person = p.person and n.node_type = '${type}' and n.gone is null
           order by md5(id::text || turn)
           limit 1
         ) ${type}`,
       )
       .join('\n')}
     order by turn, person
     limit $1`,
    [count],
  )
  return rows.map(([person, goal, goalLabel, skill, skillLabel, session, emotion], round) => ({
    person,
    goal,
    goalLabel,
    skill,
    skillLabel,
    session,
    emotion,
    round,
    vector: written(next()),
  }))
}
