// search_knowledge_base by words alone (BM25) beside full text search for any word, ranked by ts_rank.

import { enter, ROLES } from '../common/contestants.mjs'
import { asOwner, filesBeside, withSessions } from '../common/database.mjs'
import { race } from '../common/measure.mjs'
import { generator } from '../common/random.mjs'
import { within } from './rivals.mjs'

const file = filesBeside(import.meta.url)

const LIMIT = 10
const LGTEMPO = 'select * from search_knowledge_base($1, $2, $3)'
const ANY_WORD = file('rivals/words.sql')

const ENTRIES = Object.keys(ROLES).flatMap((role) => [
  { name: `lgtempo, ${role}`, way: 'lgtempo', role },
  { name: `ts_rank, ${role}`, way: 'ts_rank', role },
])

function call(way, { scope: { person, base }, text, words }) {
  return { person, statement: wordsCall(way, { base, text, words }) }
}

/** What to run for the best passages by words. */
export function wordsCall(way, { base, text, words, limit = LIMIT }) {
  return way === 'lgtempo'
    ? { name: `words ${limit}`, text: LGTEMPO, values: [text, base, limit] }
    : { name: `any word ${base === null} ${limit}`, text: within(base, ANY_WORD), values: [words, base, limit] }
}

/** Sentences with their words as a tsquery for any of them; those of stop words alone left out. */
export async function withWords(owner, sentences) {
  const rows = await owner.rows(
    `select (
       select string_agg(quote_literal(word), ' | ')
       from unnest(tsvector_to_array(to_tsvector('english', text))) word
     )
     from unnest($1::text[]) with ordinality s (text, place)
     order by place`,
    [sentences.map(({ text }) => text)],
  )
  return sentences.map((sentence, i) => ({ ...sentence, words: rows[i][0] })).filter(({ words }) => words)
}

/** Races over each scope, as owner and signed in. */
export async function measure(database, { scopes, sentences, say, ...rules }) {
  const asked = await asOwner(database, (owner) => withWords(owner, sentences))
  return withSessions(async (sessions) => {
    const contestants = await enter(database, ENTRIES, call, sessions)
    const results = []
    for (const scope of scopes) {
      say(`words, ${scope.name}`)
      const cases = asked.map((sentence) => ({ ...sentence, scope }))
      const raced = await race({ contestants, cases, random: generator(scope.chunks), ...rules })
      results.push(...raced.map((result) => ({ scope: scope.name, nominal: scope.nominal, ...result })))
    }
    return results
  })
}
