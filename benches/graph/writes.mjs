// The writing functions beside the same in PL/pgSQL.

import { asOwner } from '../common/database.mjs'
import { written } from '../common/vectors.mjs'
import { raceWrites } from '../common/writes.mjs'
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

/** Races over each function, as signed-in people by turns. Gives a result for each function and contestant. */
export async function measure(database, { cases: count, ...rules }) {
  const cases = await asOwner(database, (owner) => draw(owner, count))
  return raceWrites(database, { role: 'signed in', calls: CALLS, cases, effect: EFFECT, ...rules })
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
