// How well a sentence finds the passage that explains its word: by words, by vectors, and by both fused.

import { widen } from '../../examples/coaching/vectors.mjs'
import { asOwner, Session, SIGNED_IN } from '../common/database.mjs'
import { written } from '../common/vectors.mjs'
import { withWords, wordsCall } from './words.mjs'

/** MRR and recall are of the first 10 rows; recall@50 is of a call for 50. */
const LIMITS = [10, 50]
const WEIGHTS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

/** The ways; each takes the sentence, the base and the limit. */
const WAYS = {
  BM25: ({ text }, base, limit) => wordsCall('lgtempo', { base, text, limit }),
  vectors: ({ query }, base, limit) => ({
    name: `vectors ${limit}`,
    text: 'select * from search_knowledge_chunks($1, $2, -1, $3)',
    values: [query, base, limit],
  }),
  fused: ({ text, query }, base, limit) => ({
    name: `fused ${limit}`,
    text: 'select * from search_knowledge_base($1, $2, $3, $4)',
    values: [text, base, limit, query],
  }),
}
const ANY_WORD = ({ words }, base, limit) => wordsCall('ts_rank', { base, words, limit })
const hybrid = (weight) => ({ text, query }, base, limit) => ({
  name: `hybrid ${limit}`,
  text: 'select * from hybrid_search($1, $2, $3, $4, $5)',
  values: [query, text, base, limit, weight],
})

/**
 * Gives for each way and scope its MRR@10, recall@10 and recall@50, measured on every second sentence. The semantic
 * weight of hybrid_search is fixed on the others.
 */
export async function measure(database, { scopes, sentences: most, data, say, failed }) {
  // Full text search under row-level security takes a hundred times as long, and finds the same.
  const owner = await Session.open(database)
  const reader = await Session.open(database, { role: SIGNED_IN })
  const results = []
  try {
    for (const scope of scopes) {
      const sentences = await sentencesIn(database, scope, most, data)
      const fixing = sentences.filter((_, i) => i % 2 === 0)
      const measured = sentences.filter((_, i) => i % 2 === 1)
      const keep = (way, figures) =>
        results.push({ scope: scope.name, nominal: scope.nominal, way, sentences: measured.length, ...figures })
      await reader.become(scope.person)

      say(`quality, ${scope.name}, ${measured.length} sentences`)
      keep('ts_rank', await grade(owner, ANY_WORD, measured, scope, data))
      for (const [way, call] of Object.entries(WAYS)) {
        await failed.catching(`quality of ${way}, ${scope.name}`, async () => {
          keep(way, await grade(reader, call, measured, scope, data))
        })
      }
      await failed.catching(`quality of hybrid_search, ${scope.name}`, async () => {
        const tried = []
        for (const weight of WEIGHTS) {
          tried.push({ weight, ...(await grade(reader, hybrid(weight), fixing, scope, data, [10])) })
        }
        const { weight } = tried.reduce((a, b) => (worth(b) > worth(a) ? b : a))
        say(`quality of hybrid_search, semantic_weight ${weight}`)
        keep('hybrid', { weight, tried, ...(await grade(reader, hybrid(weight), measured, scope, data)) })
      })
    }
    return results
  } finally {
    await Promise.all([owner.close(), reader.close()])
  }
}

/** What the weight is chosen by. */
const worth = ({ mrr, recall10 }) => mrr + recall10

/** The first sentences that are about a passage in scope. */
async function sentencesIn(database, scope, most, data) {
  const about = data.sentences
    .map((sentence, i) => ({ ...sentence, vector: data.ofSentences[i] }))
    .filter(({ source }) => data.isIn(scope, source))
    .slice(0, most)
  const asked = await asOwner(database, (owner) => withWords(owner, about))
  return asked.map((sentence) => ({ ...sentence, query: written(widen(Array.from(sentence.vector))) }))
}

async function grade(session, call, sentences, { base }, { passages }, limits = LIMITS) {
  const figures = { mrr: 0, recall10: 0, recall50: 0 }
  for (const sentence of sentences) {
    for (const limit of limits) {
      const { rows } = await session.client.query({ ...call(sentence, base, limit), rowMode: 'array' })
      const place = rows.findIndex(([id]) => id === passages[sentence.source].id)
      if (limit === 10 && place >= 0) figures.mrr += 1 / (place + 1)
      if (place >= 0) figures[`recall${limit}`] += 1
    }
  }
  return Object.fromEntries(limits.flatMap(keysOf).map((key) => [key, figures[key] / sentences.length]))
}

const keysOf = (limit) => (limit === 10 ? ['mrr', 'recall10'] : ['recall50'])
