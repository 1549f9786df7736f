// Noor tries the voice chat, signs up, and is onboarded by her first conversation.

import { randomUUID } from 'node:crypto'
import { service, signedIn, signUp, visitor } from './clients.mjs'
import { answer, chapter, count, nothing } from './output.mjs'
import { voice } from './texts.mjs'

const { person, events, delivery, transcript, profile, goal, metadata } = voice

const line = (what, text) => console.log(`  ${what.padEnd(16)}${text}`)

export async function showVisit() {
  chapter(
    `${person.name} tries the voice chat, and signs up afterwards`,
    `visitor.from('voice_chat_events').insert(…), noor.rpc('claim_anonymous_events', { p_anonymous_id })`,
  )
  // Whoever knows the id may read what was said under it, so nobody must be able to guess it.
  const anonymousId = randomUUID()
  const browser = visitor(anonymousId)
  await answer(
    browser
      .from('voice_chat_events')
      .insert(events.map((event) => ({ ...event, anonymous_id: anonymousId, conversation_id: 'conv-visit' })))
      .select('id'),
  )
  const heard = (client) => client.from('voice_chat_events').select('event_type')
  line('before', `${count((await answer(heard(browser))).length, 'event')} under an id that only this browser knows`)
  line('other visitors', await nothing(heard(visitor(randomUUID()))))

  await signUp(person)
  const noor = signedIn(person, { 'x-anonymous-id': anonymousId })
  const claimed = await answer(noor.rpc('claim_anonymous_events', { p_anonymous_id: anonymousId }))
  line('after', `${count(claimed, 'event')} claimed, ${(await answer(heard(signedIn(person)))).length} in her account`)
  line('that browser', await nothing(heard(browser)))
}

/** What the app's server does with a report of the voice service. False: it has done so before. */
async function receive() {
  // Insert … on conflict do nothing: a repeated delivery gives no row.
  const { data, error } = await service
    .from('webhook_events')
    .upsert({ ...delivery, user_id: person.id, data: metadata }, { onConflict: 'source,external_id', ignoreDuplicates: true })
    .select('id')
  if (error) throw new Error(`${error.code}: ${error.message}`)
  return data.length === 1
}

const onboard = () =>
  answer(
    service.rpc('handle_voice_onboarding', {
      p_user_id: person.id,
      p_conversation_transcript: transcript,
      p_extracted_profile: profile,
      p_extracted_goal: goal,
      p_conversation_metadata: metadata,
    }),
  )

export async function showOnboarding() {
  chapter(
    'Her first conversation, as the voice service reports it',
    `service.from('webhook_events').upsert(…), service.rpc('handle_voice_onboarding', …)`,
  )
  const noor = signedIn(person)
  if (!(await receive())) throw new Error('a first delivery taken for a repeated one')
  const onboarded = await onboard()
  const [{ preferences }] = await answer(noor.from('profiles').select('preferences'))
  const [hers] = await answer(
    noor
      .from('user_goals')
      .select('goal_title, target_date, milestones, category:goal_categories(title), node:graph_nodes(status)'),
  )
  line('profile', Object.entries(preferences).map(([key, value]) => `${key.replaceAll('_', ' ')}: ${value}`).join(', '))
  line('goal', `${hers.goal_title}, by ${hers.target_date} (${hers.category.title}, ${hers.milestones.length} milestones)`)
  line('in her graph', `a goal node, ${hers.node.status} until she confirms it`)
  line('next', onboarded.next_steps.join(', ').replaceAll('_', ' '))

  if (await receive()) throw new Error('a repeated delivery taken for a new one')
  const again = await onboard()
  if (again.goal_id !== onboarded.goal_id) throw new Error('onboarded twice')
  const goals = await answer(noor.from('user_goals').select('id'))
  line('again', `the delivery is recognised; handled all the same, she still has ${count(goals.length, 'goal')}`)
}
