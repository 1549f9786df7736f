// Whether the count is kept: as many rows as there are readable chunks above the threshold, up to match_count.

import { widen } from '../../examples/coaching/vectors.mjs'
import { asOwner, Session, SIGNED_IN } from '../common/database.mjs'
import { generator, normal } from '../common/random.mjs'
import { written } from '../common/vectors.mjs'
import { DIMENSIONS } from './embeddings.mjs'

const COUNTS = [1, 10, 100, 1000]
/** The threshold lies below so many chunks, as far as there are so many; null stands for none. */
const ABOVE = [null, 0, 1, 7, 60, 500]

/** Asks `queries` questions of each kind in each scope. Gives how many counts were right for each of both. */
export async function measure(database, { scopes, data, queries, say }) {
  const gauss = normal(generator(11))
  // From the end: the races and the quality take theirs from the beginning.
  const sentence = (i) => Array.from(data.ofSentences[data.ofSentences.length - 1 - i])
  const kinds = { sentences: sentence, nowhere: () => nowhere(gauss) }
  const results = []
  const session = await Session.open(database, { role: SIGNED_IN })
  try {
    for (const scope of scopes) {
      say(`the count, ${scope.name}`)
      await session.become(scope.person)
      for (const [kind, draw] of Object.entries(kinds)) {
        const result = { scope: scope.name, nominal: scope.nominal, kind, asked: 0, kept: 0, missing: [] }
        for (let i = 0; i < queries; i++) {
          const query = written(widen(draw(i)))
          const readable = await similarities(database, query, data.basesOf(scope))
          for (const asked of questions(readable, scope.chunks)) {
            const rows = await session.rows('select chunk_id from search_knowledge_chunks($1, $2, $3, $4)', [
              query,
              scope.base,
              asked.threshold,
              asked.count,
            ])
            result.asked++
            if (rows.length === asked.due) result.kept++
            else result.missing.push({ ...asked, rows: rows.length })
          }
        }
        results.push(result)
      }
    }
    return results
  } finally {
    await session.close()
  }
}

/** Thresholds and match_counts, and how many rows are due, for the highest similarities in a scope. */
function questions(readable, chunks) {
  return ABOVE.flatMap((above) => {
    // Halfway between two chunks, so that rounding does not matter.
    const threshold = above === null ? -1 : halfway(readable, Math.min(above, readable.length))
    if (threshold === undefined) return []
    const all = above === null ? chunks : readable.filter((similarity) => similarity >= threshold).length
    return COUNTS.map((count) => ({ above, count, threshold, due: Math.min(count, all) }))
  })
}

/** The highest similarities of all chunks of the bases, as the owner, exact, best first. */
async function similarities(database, query, bases) {
  const rows = await asOwner(database, (owner) =>
    owner.rows(
      `select 1 - (embedding <=> $1) as similarity
       from knowledge_chunks
       where knowledge_base_id = any ($2)
       order by similarity desc
       limit 1000`,
      [query, bases],
    ),
  )
  return rows.map(([similarity]) => Number(similarity))
}

/** Between the last of the first `above` and the next; undefined where they are too near each other to tell. */
function halfway(sorted, above) {
  const [higher, lower] = [sorted[above - 1] ?? 1, sorted[above] ?? -1]
  return higher - lower > 1e-6 ? (higher + lower) / 2 : undefined
}

/** A direction that no text has. */
function nowhere(gauss) {
  const vector = Array.from({ length: DIMENSIONS }, gauss)
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}
