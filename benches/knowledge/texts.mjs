// What is searched and what is asked: WordNet's meanings, and sentences that use a word in one of them.

import { generator, shuffled } from '../common/random.mjs'
import { synsets } from '../common/wordnet.mjs'

const SEED = 2026
/** At most so many sentences, each of a synset of its own. */
const SENTENCES = 6000
/** What is shorter is hardly a sentence. */
const WORDS = 4

/**
 * Up to `limit` passages, `word, word: what it means`, and sentences `{ source, text }` that are held out of them: asked
 * one, a search is to find the passage numbered `source`.
 */
export function texts(limit = Infinity) {
  const entries = shuffled(synsets(), generator(SEED)).slice(0, limit).map(({ words, gloss }) => ({
    passage: `${words.join(', ')}: ${gloss.replace(/"[^"]*"/g, '').replace(/[;\s]+$/, '')}`,
    examples: [...gloss.matchAll(/"([^"]+)"/g)].map(([, text]) => text),
  }))
  const sentences = entries.flatMap(({ examples }, source) => {
    const text = examples.find(isSentence)
    return text ? [{ source, text }] : []
  })
  return { passages: entries.map(({ passage }) => passage), sentences: sentences.slice(0, SENTENCES) }
}

/** A hyphen before a word would exclude it from what is searched. */
function isSentence(text) {
  return text.split(/\s+/).length >= WORDS && !/(^|\s)-/.test(text)
}
