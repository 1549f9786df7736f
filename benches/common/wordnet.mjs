// WordNet, from Debian's wordnet-base: what its words mean, and how the meanings are linked.

import { readFileSync } from 'node:fs'

const FOLDER = '/usr/share/wordnet'
const FILES = { n: 'data.noun', v: 'data.verb', a: 'data.adj', r: 'data.adv' }

/**
 * All 117,659 synsets: `{ key, part, words, gloss, pointers }`. A pointer is `{ symbol, key }`.
 */
export function synsets() {
  return Object.entries(FILES).flatMap(([part, file]) =>
    readFileSync(`${FOLDER}/${file}`, 'latin1')
      .split('\n')
      .filter((line) => /^\d/.test(line))
      .map((line) => parse(part, line)),
  )
}

/** A line of a data file: `offset file type words word id … pointers symbol offset part ends … | gloss`. */
function parse(part, line) {
  const [head, gloss] = line.split(' | ')
  const fields = head.split(' ')
  const count = parseInt(fields[3], 16)
  const words = Array.from({ length: count }, (_, i) => fields[4 + 2 * i].replaceAll('_', ' '))
  const first = 4 + 2 * count
  const pointers = Array.from({ length: parseInt(fields[first], 10) }, (_, i) => {
    const [symbol, offset, other] = fields.slice(first + 1 + 4 * i)
    return { symbol, key: other + offset }
  })
  return { key: part + fields[0], part, words, gloss: gloss.trim(), pointers }
}
