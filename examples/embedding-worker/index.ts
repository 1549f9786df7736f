// Drains lgtempo's embedding queue, as a Supabase Edge Function: claims texts, has an API embed them, stores what came of it.
// Whoever calls it must hold the service key. It works for a while and ends; a cron job calls it again.

import { createClient } from 'npm:@supabase/supabase-js@2'

const BATCH = 50
const LEASE = '2 minutes'
const BUDGET = 60_000 // milliseconds for one call; Supabase ends it a while later
const TIMEOUT = 30_000 // milliseconds for one request to the API
const ATTEMPTS = 5 // of a text, before it is given up
const CHARACTERS = 8_000 // of a text; an API refuses what is longer than its model reads

interface Job {
  kind: 'node' | 'chunk' | 'entry'
  id: string
  user_id: string | null
  content: string
  attempts: number
  lease: string
}

type Outcome = { embedding: number[] } | { error: string }

/** What the API says no to, whenever it is asked. Everything else may pass: busy, down, out of reach. */
class Refused extends Error {}

function setting(name: string, otherwise?: string): string {
  const value = Deno.env.get(name) ?? otherwise
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}

const serviceKey = setting('SUPABASE_SERVICE_ROLE_KEY')
const database = createClient(setting('SUPABASE_URL'), serviceKey, { auth: { persistSession: false } })

/** The embeddings of texts, by an API like OpenAI's. */
async function embed(texts: string[]): Promise<number[][]> {
  const response = await fetch(setting('EMBEDDINGS_URL', 'https://api.openai.com/v1/embeddings'), {
    method: 'POST',
    headers: { authorization: `Bearer ${setting('EMBEDDINGS_KEY')}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: setting('EMBEDDINGS_MODEL', 'text-embedding-3-small'),
      input: texts.map((text) => text.slice(0, CHARACTERS)),
      dimensions: 1536,
    }),
    signal: AbortSignal.timeout(TIMEOUT),
  })
  if ([400, 413, 422].includes(response.status)) throw new Refused((await response.text()).slice(0, 500))
  if (!response.ok) throw new Error(`the embeddings API answered ${response.status}`)
  const { data } = (await response.json()) as { data: { index: number; embedding: number[] }[] }
  return data.sort((one, other) => one.index - other.index).map(({ embedding }) => embedding)
}

/** What becomes of texts. Where the API refuses several at once, each is asked for alone: one must not spoil the rest. */
async function outcomes(texts: string[]): Promise<Outcome[]> {
  try {
    return (await embed(texts)).map((embedding) => ({ embedding }))
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    if (texts.length === 1) return [{ error: error.message }]
    const alone: Outcome[] = []
    for (const text of texts) alone.push(...(await outcomes([text])))
    return alone
  }
}

async function call<T>(name: string, args: Record<string, unknown>): Promise<T> {
  const { data, error } = await database.rpc(name, args)
  if (error) throw new Error(`${name}: ${error.code} ${error.message}`)
  return data as T
}

function store(jobs: Job[], outcomes: Outcome[]): Promise<number> {
  const items = jobs.map(({ kind, id, user_id, lease }, i) => ({ kind, id, user_id, lease, ...outcomes[i] }))
  return call('store_embeddings', { p_items: items })
}

async function drain(): Promise<{ stored: number; rest: boolean }> {
  const deadline = Date.now() + BUDGET
  let stored = 0
  while (Date.now() < deadline) {
    const jobs = await call<Job[]>('claim_embedding_jobs', { p_limit: BATCH, p_lease: LEASE })
    if (jobs.length === 0) return { stored, rest: false }
    try {
      stored += await store(jobs, await outcomes(jobs.map((job) => job.content)))
    } catch (error) {
      // What has failed often enough is given up; the rest is free again when its lease has ended.
      const hopeless = jobs.filter((job) => job.attempts >= ATTEMPTS)
      await store(hopeless, hopeless.map(() => ({ error: String(error) })))
      throw error
    }
  }
  return { stored, rest: true }
}

Deno.serve(async (request) => {
  if (request.headers.get('authorization') !== `Bearer ${serviceKey}`) {
    return Response.json({ error: 'the service key is needed' }, { status: 401 })
  }
  try {
    return Response.json(await drain())
  } catch (error) {
    console.error(error)
    return Response.json({ error: String(error) }, { status: 503 })
  }
})
