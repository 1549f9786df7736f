// What the demo prints, and the answers it insists on.

export const WIDTH = 100

export function cut(text, width) {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= width ? line : `${line.slice(0, width - 1).trimEnd()}…`
}

export function wrap(text, indent) {
  const lines = ['']
  for (const word of text.split(' ')) {
    if (lines.at(-1).length + word.length + 1 > WIDTH - indent) lines.push('')
    lines.push(`${lines.pop()} ${word}`.trimStart())
  }
  return lines.map((line) => ' '.repeat(indent) + line).join('\n')
}

export function chapter(title, call) {
  console.log(`\n${title}\n${'-'.repeat(title.length)}\n${call}\n`)
}

export const count = (number, word) => `${number} ${word}${number === 1 ? '' : 's'}`

/** The data of a call that has to succeed and has to answer something. */
export async function answer(call) {
  const { data, error } = await call
  if (error) throw new Error(`${error.code}: ${error.message}`)
  if (Array.isArray(data) ? data.length === 0 : data === null || data === false) throw new Error('no answer')
  return data
}

/** A call that must show nothing: an empty answer, false, or a refusal. What it was, in words. */
export async function nothing(call) {
  const { data, error } = await call
  if (error?.code === '42501') return `refused (${error.message})`
  if (error) throw new Error(`${error.code}: ${error.message}`)
  if (Array.isArray(data) && data.length === 0) return 'no rows'
  if (data === false) return 'false: there is none'
  throw new Error(`this should have been hidden: ${JSON.stringify(data).slice(0, 200)}`)
}
