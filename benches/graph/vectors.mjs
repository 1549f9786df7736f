// Embeddings like a model's: topics, finer topics within them, and what sets each text apart; 384 dimensions, of which
// few matter much, widened to the 1536 of the tables without a change of distances.

import { widen } from '../../examples/coaching/vectors.mjs'
import { generator, normal } from '../common/random.mjs'

const DIMENSIONS = 384
const TOPICS = 60
const FINER = 8
const SEED = 1536

function direction(gauss, weight = () => 1) {
  const vector = Float64Array.from({ length: DIMENSIONS }, (_, i) => gauss() * weight(i))
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}

/** A source of embeddings, each a function's call away; the same seed gives the same ones. */
export function embeddings(seed) {
  const shared = normal(generator(SEED))
  const topics = Array.from({ length: TOPICS }, () => ({
    center: direction(shared),
    finer: Array.from({ length: FINER }, () => direction(shared)),
  }))
  const random = generator(seed)
  const gauss = normal(random)
  return () => {
    const topic = topics[Math.floor(random() * TOPICS)]
    const finer = topic.finer[Math.floor(random() * FINER)]
    const own = direction(gauss, (i) => 1 / Math.sqrt(1 + i / 20))
    const mixed = own.map((value, i) => 0.55 * topic.center[i] + 0.45 * finer[i] + 0.7 * value)
    const length = Math.hypot(...mixed)
    return widen(mixed.map((value) => value / length))
  }
}
