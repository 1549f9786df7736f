// Passages as long as a document's chunks are, put together from sentences that people wrote.

import { documents } from '../../examples/coaching/texts.mjs'
import { shuffled } from '../common/random.mjs'

const WORDS = 360

/** A source of passages: the coaching guides' sentences and WordNet's, by turns, in random order. */
export function passages(sentences, random) {
  const guides = documents.flatMap(({ passages }) =>
    passages.flatMap(({ content }) => content.replace(/^#.*\n/gm, '').split(/(?<=[.!?])\s+/)),
  )
  const examples = sentences.map(({ text }) => `${text[0].toUpperCase()}${text.slice(1)}.`)
  return () => {
    const drawn = [guides, examples].map((list) => shuffled(list, random))
    const parts = []
    for (let i = 0, words = 0; words < WORDS; i++) {
      const part = drawn[i % 2][Math.floor(i / 2) % drawn[i % 2].length]
      parts.push(part)
      words += part.split(/\s+/).length
    }
    return parts.join(' ')
  }
}
