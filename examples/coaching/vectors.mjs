// The sample's embeddings, widened from the model's 384 dimensions to the 1536 of the tables.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { texts } from './texts.mjs'

const SEED = 0x6c677465 // 'lgte'; another seed gives another, equally good set of vectors
const SIZE = 512
const BLOCKS = 3

const read = (name, encoding) => readFileSync(new URL(name, import.meta.url), encoding)
const index = JSON.parse(read('./vectors.json', 'utf8'))
const halves = read('./vectors.f16')
const current = new Map(texts().map(({ key, text }) => [key, text]))
const position = new Map(index.keys.map(({ key }, i) => [key, i]))

if (halves.length !== index.keys.length * index.dimensions * 2) {
  throw new Error('vectors.f16 and vectors.json do not belong together: run embed.py')
}

// mulberry32, a generator of 32-bit integers that is the same on every machine.
function mulberry32(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
}

// One row of signs per block, drawn once: block 0 first, dimension 0 first, the top bit decides.
const random = mulberry32(SEED)
const signs = Array.from({ length: BLOCKS }, () => Array.from({ length: SIZE }, () => (random() >>> 31 ? -1 : 1)))

// The Walsh-Hadamard transform in place, scaled so that it keeps lengths.
function hadamard(x) {
  for (let step = 1; step < x.length; step *= 2) {
    for (let start = 0; start < x.length; start += 2 * step) {
      for (let i = start; i < start + step; i++) {
        const a = x[i]
        const b = x[i + step]
        x[i] = a + b
        x[i + step] = a - b
      }
    }
  }
  const scale = 1 / Math.sqrt(x.length)
  return x.map((value) => value * scale)
}

// 384 numbers to 1536. Changing signs and the transform are both orthogonal, so each block has the
// inner products of the input; three blocks, each divided by sqrt(3), add up to exactly the same.
// Distances, ranks and similarities are therefore the model's own.
export function widen(vector384) {
  if (vector384.length !== index.dimensions) throw new Error(`${index.dimensions} dimensions expected, got ${vector384.length}`)
  return signs.flatMap((row) => {
    const padded = row.map((sign, i) => (i < vector384.length ? sign * vector384[i] : 0))
    return hadamard(padded).map((value) => value / Math.sqrt(BLOCKS))
  })
}

// IEEE 754 binary16.
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) throw new Error('vectors.f16 holds a value that is not finite')
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

// The embedding of one of the texts in texts.mjs, by its key.
export function embedding(key) {
  const i = position.get(key)
  if (i === undefined || !current.has(key)) throw new Error(`no vector for ${key}`)
  const sha256 = createHash('sha256').update(current.get(key)).digest('hex')
  if (sha256 !== index.keys[i].sha256) throw new Error(`the text of ${key} has changed: run embed.py`)
  const start = i * index.dimensions
  const vector = Array.from({ length: index.dimensions }, (_, j) => half(halves.readUInt16LE(2 * (start + j))))
  // Rounding to 16 bits has moved the length by a little.
  const length = Math.hypot(...vector)
  return widen(vector.map((value) => value / length))
}
