// Whose search reads what: bases of very different sizes in one table, and the people who search them.

/** The sizes of the bases for 117,659 passages; the last base has the rest. */
const SIZES = [118, 1_000, 10_000, 40_000]
const ALL = 117_659

const uuid = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** Owns all bases but the first, which is public. */
export const READER = uuid(1)
/** Owns nothing: reads the public base alone. */
export const GUEST = uuid(2)

/** The bases `{ id, size, owner }`, made smaller where there are fewer passages. */
export function bases(passages) {
  const sizes = SIZES.map((size) => Math.max(2, Math.round((size * passages) / ALL)))
  sizes.push(passages - sizes.reduce((a, b) => a + b))
  return sizes.map((size, i) => ({ id: uuid(100 + i), size, owner: i === 0 ? null : READER }))
}

/**
 * What is searched, `chunks` of them; `nominal` is the size that the targets name. A scope that is narrow because its
 * person may read no more is one only where row-level security binds.
 */
export function scopes(passages) {
  const [shared, small, medium, large] = bases(passages)
  const one = ({ id, size }, nominal) => ({
    name: `a base of ${size}`,
    nominal,
    chunks: size,
    person: READER,
    base: id,
  })
  const guest = { name: `all, as who may read ${shared.size}`, person: GUEST, base: null, signedInOnly: true }
  return [
    { ...guest, nominal: SIZES[0], chunks: shared.size },
    one(small, SIZES[1]),
    one(medium, SIZES[2]),
    one(large, SIZES[3]),
    { name: `all ${passages}`, nominal: ALL, chunks: passages, person: READER, base: null },
  ]
}
