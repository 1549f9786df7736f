// The texts' embeddings, by a real model: computed once, which takes minutes, and kept in a cache folder.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { filesBeside } from '../common/database.mjs'
import { say } from '../common/progress.mjs'

export const DIMENSIONS = 384
const BYTES_EACH = 2 * DIMENSIONS

const file = filesBeside(import.meta.url)

/** Computes what the cache does not have yet. The cache folder holds a Python that can, in `python`. */
export function prepare({ passages, sentences }, cache) {
  const texts = [...passages, ...sentences.map(({ text }) => text)]
  const path = cached(texts, cache)
  if (existsSync(path)) return
  say(`embedding ${texts.length} texts, some 200 to 400 a second; they are kept in ${path}`)
  const program = fileURLToPath(new URL('embed.py', import.meta.url))
  const { status, stdout, error } = spawnSync(`${cache}/python/bin/python`, [program], {
    input: JSON.stringify(texts),
    maxBuffer: texts.length * BYTES_EACH,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  if (error) throw error
  if (status !== 0 || stdout.length !== texts.length * BYTES_EACH) throw new Error(`embed.py failed: ${status}`)
  writeFileSync(`${path}.part`, stdout)
  renameSync(`${path}.part`, path)
}

/** The embeddings of the passages and of the sentences: a Float32Array of length 1 each. */
export function embeddings({ passages, sentences }, cache) {
  const texts = [...passages, ...sentences.map(({ text }) => text)]
  const halves = readFileSync(cached(texts, cache))
  const vectors = texts.map((_, i) => vectorAt(halves, i))
  return { ofPassages: vectors.slice(0, passages.length), ofSentences: vectors.slice(passages.length) }
}

/** Named after all that it is made from: the texts, the model and the program. */
function cached(texts, cache) {
  const hash = createHash('sha256')
  for (const part of [JSON.stringify(texts), file('requirements.txt'), file('embed.py')]) hash.update(part).update('\0')
  return `${cache}/knowledge-${hash.digest('hex').slice(0, 16)}.f16`
}

/** Rounding to 16 bits has moved the length by a little. */
function vectorAt(halves, i) {
  const vector = Float32Array.from({ length: DIMENSIONS }, (_, k) => HALF[halves.readUInt16LE(i * BYTES_EACH + 2 * k)])
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}

/** What each IEEE 754 binary16 means. */
const HALF = Float32Array.from({ length: 65536 }, (_, bits) => {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 31) return NaN
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25))
})
