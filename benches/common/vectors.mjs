// Embeddings on their way to the database.

/** A vector as pgvector receives it in binary. */
export function packed(vector) {
  const buffer = Buffer.alloc(4 + 4 * vector.length)
  buffer.writeInt16BE(vector.length, 0)
  vector.forEach((value, i) => buffer.writeFloatBE(value, 4 + 4 * i))
  return buffer
}

/** A vector as text, as clients send it. */
export function written(vector) {
  return `[${vector.map((value) => Number(value.toPrecision(7))).join()}]`
}
