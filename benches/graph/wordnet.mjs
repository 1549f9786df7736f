// The big person's graph: WordNet's synsets as nodes, its pointers as edges.

import { readFileSync } from 'node:fs'

const FOLDER = '/usr/share/wordnet'
const FILES = { n: 'data.noun', v: 'data.verb', a: 'data.adj', r: 'data.adv' }
// Neither goals nor skills: those would have to have labels of their own.
const NODE_TYPES = { n: 'session', v: 'accomplishment', a: 'emotion', r: 'emotion' }
const EDGE_TYPES = { '@': 'derived_from', '~': 'works_on', '+': 'has_skill', '&': 'feels' }

/** Up to `limit` synsets and the links among them, each link once for its type, source and target. */
export function wordnet(limit = Infinity) {
  const lines = Object.entries(FILES).flatMap(([part, file]) =>
    readFileSync(`${FOLDER}/${file}`, 'latin1')
      .split('\n')
      .filter((line) => /^\d/.test(line))
      .map((line) => parse(part, line)),
  )
  const synsets = lines.slice(0, limit).map((synset, index) => ({ ...synset, n: index + 1 }))
  const byKey = new Map(synsets.map((synset) => [synset.key, synset]))
  const links = new Map()
  for (const source of synsets) {
    for (const { symbol, key } of source.pointers) {
      const target = byKey.get(key)
      if (!target || target === source) continue
      const type = EDGE_TYPES[symbol[0]] ?? 'achieves'
      links.set(`${type} ${source.n} ${target.n}`, { type, source: source.n, target: target.n, symbol })
    }
  }
  return { synsets, links: [...links.values()] }
}

/** A line of a data file: `offset file type words word id … pointers symbol offset part ends … | gloss`. */
function parse(part, line) {
  const [head, gloss] = line.split(' | ')
  const fields = head.split(' ')
  const words = parseInt(fields[3], 16)
  const labels = Array.from({ length: words }, (_, i) => fields[4 + 2 * i].replaceAll('_', ' '))
  const first = 4 + 2 * words
  const pointers = Array.from({ length: parseInt(fields[first], 10) }, (_, i) => {
    const [symbol, offset, other] = fields.slice(first + 1 + 4 * i)
    return { symbol, key: other + offset }
  })
  return {
    key: part + fields[0],
    type: NODE_TYPES[part],
    label: labels.join(', ').slice(0, 255),
    gloss: gloss.trim(),
    pointers,
  }
}
