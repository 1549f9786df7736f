// The truly nearest passages, by an exact search of our own: nobody who races is asked.

/** Rounding differs; what is as near as the last of the true ones counts as well. */
const TOLERANCE = 1e-5

/** The similarities to a vector of the passages whose numbers `within` gives. */
function similarities(vectors, query, within) {
  return Float32Array.from(within, (n) => {
    const vector = vectors[n]
    let sum = 0
    for (let k = 0; k < query.length; k++) sum += vector[k] * query[k]
    return sum
  })
}

/**
 * Judges answers to a query: gives a function from found passages' numbers to their recall among the `limit` nearest.
 */
export function judge(vectors, query, within, limit) {
  const all = similarities(vectors, query, within)
  const least = Float32Array.from(all).sort().at(-Math.min(limit, all.length)) - TOLERANCE
  const near = new Set(within.filter((_, i) => all[i] >= least))
  const wanted = Math.min(limit, all.length)
  return (found) => Math.min(wanted, new Set(found.filter((n) => near.has(n))).size) / wanted
}
