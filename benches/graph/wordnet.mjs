// The big person's graph: WordNet's synsets as nodes, its pointers as edges.

import { synsets as read } from '../common/wordnet.mjs'

// Neither goals nor skills: those would have to have labels of their own.
const NODE_TYPES = { n: 'session', v: 'accomplishment', a: 'emotion', r: 'emotion' }
const EDGE_TYPES = { '@': 'derived_from', '~': 'works_on', '+': 'has_skill', '&': 'feels' }

/** Up to `limit` synsets and the links among them, each link once for its type, source and target. */
export function wordnet(limit = Infinity) {
  const synsets = read()
    .slice(0, limit)
    .map(({ part, words, ...synset }, index) => ({
      ...synset,
      n: index + 1,
      type: NODE_TYPES[part],
      label: words.join(', ').slice(0, 255),
    }))
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
