// What a call costs, and a race between ways to get the same answer.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { TIMEOUT } from './database.mjs'
import { shuffled } from './random.mjs'

const CANCELLED = '57014'
/** So many rounds are run even when time is up. */
const LEAST_ROUNDS = 3
/** A try that costs so many times another, and so many ms, is given up. */
const HOPELESS = 3
const WORTHWHILE = 50

/** The processor time that a process has had, in ms; read until it rests. */
function cpuTime(pid) {
  let before
  let now
  do {
    before = now
    now = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[0]
  } while (now !== before)
  return Number(now) / 1e6
}

/** Runs a prepared statement; its rows, the backend's processor time and the time until the client has them. */
async function timed(session, { name, text, values }) {
  const cpu = cpuTime(session.pid)
  const start = performance.now()
  const { rows } = await session.client.query({ name, text, values, rowMode: 'array' })
  const wall = performance.now() - start
  return { rows, cpu: cpuTime(session.pid) - cpu, wall }
}

export function quantile(values, share) {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const place = share * (sorted.length - 1)
  const low = Math.floor(place)
  return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low])
}

export const median = (values) => quantile(values, 0.5)

/** The count and a hash of an answer, order included. */
export function fingerprint(rows) {
  const hash = createHash('sha256')
  for (const row of rows) hash.update(JSON.stringify(row)).update('\n')
  return `${rows.length} rows ${hash.digest('hex').slice(0, 16)}`
}

/**
 * Has contestants answer the same cases by turns, and sums up what each call cost.
 *
 * A contestant is { name, labels, tries: [{ mode, session, call }] }: `call(case)` gives { person, statement }. Where
 * it has several tries (the planner's modes), the warm-up rounds choose the cheapest. A try that runs into the timeout
 * is out; so is a contestant without a try. When `seconds` are over, the rounds end. `before` and `after` are run
 * around each call and not counted. `check` reduces an answer to what must be equal in the warm-up rounds; in the
 * others the number of rows must be.
 */
export async function race({ contestants, cases, warmup, rounds, seconds = Infinity, random, before, after, check }) {
  const racing = contestants.map((contestant) => ({
    ...contestant,
    tries: contestant.tries.map((attempt) => ({ ...attempt, warm: [] })),
    calls: [],
  }))

  const once = async ({ name }, attempt, item) => {
    const { session, call } = attempt
    const { person, statement } = call(item)
    await session.become(person)
    await before?.(session, item)
    try {
      return await timed(session, statement)
    } catch (error) {
      if (error.code !== CANCELLED) throw new Error(`${name}: ${error.message}`, { cause: error })
      attempt.timedOut = true
    } finally {
      await after?.(session, item)
    }
  }

  const round = async (item, reduce, record) => {
    // Whoever comes first warms the processor's caches for the others, so the order changes.
    const turns = racing.flatMap((contestant) => contestant.tries.map((attempt) => [contestant, attempt]))
    const answers = []
    for (const [contestant, attempt] of shuffled(turns, random)) {
      if (attempt.timedOut) continue
      const result = await once(contestant, attempt, item)
      if (!result) continue
      const { rows, ...times } = result
      if (check) answers.push([contestant.name, reduce(rows)])
      record(contestant, attempt, { ...times, rows: rows.length })
    }
    requireEqual(answers)
  }

  for (let i = 0; i < warmup; i++) {
    await round(cases[i % cases.length], check, (_, attempt, { cpu }) => attempt.warm.push(cpu))
    for (const contestant of racing) contestant.tries = withoutHopeless(contestant.tries)
  }
  for (const contestant of racing) {
    contestant.tries = [...contestant.tries].sort((a, b) => settled(a) - settled(b)).slice(0, 1)
  }

  const deadline = performance.now() + 1000 * seconds
  for (let i = 0; i < rounds; i++) {
    if (i >= LEAST_ROUNDS && performance.now() > deadline) break
    await round(
      cases[(warmup + i) % cases.length],
      (rows) => rows.length,
      (contestant, _, times) => contestant.calls.push(times),
    )
  }
  return racing.map(summary)
}

/** Those of several tries that may still turn out the cheapest: others would only take time. */
function withoutHopeless(tries) {
  const last = ({ warm, timedOut }) => (timedOut ? Infinity : warm.at(-1))
  const least = Math.min(...tries.map(last))
  return tries.filter((attempt) => last(attempt) <= Math.max(HOPELESS * least, WORTHWHILE))
}

/** What a try costs once it is warm. */
function settled({ warm }) {
  return median(warm.slice(Math.floor(warm.length / 2)))
}

/** What one wants to know of a contestant's calls: times in ms. */
function summary({ name, labels, tries, calls }) {
  const [chosen] = tries
  const rows = calls.map((one) => one.rows)
  const timedOut = !chosen || chosen.timedOut
  const times = (kind) => {
    const values = calls.map((one) => one[kind])
    return timedOut ? null : { median: median(values), p95: quantile(values, 0.95) }
  }
  return {
    name,
    ...labels,
    ...(chosen?.mode && { mode: chosen.mode }),
    ...(timedOut && { timedOutAfterSeconds: TIMEOUT }),
    calls: calls.length,
    rows: { median: median(rows), most: quantile(rows, 1) },
    cpu: times('cpu'),
    wall: times('wall'),
  }
}

/** All contestants gave the same answer, or the figures would compare different things. */
function requireEqual([first, ...others]) {
  for (const [name, answer] of others) {
    if (answer !== first[1]) throw new Error(`Different answers: ${first[0]} has ${first[1]}, ${name} has ${answer}`)
  }
}
