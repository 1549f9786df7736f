// Tables on the terminal, and what they are made of.

export const TIMES = 'processor time in ms, median / p95'

/** What a result cost. */
export const cost = (result) => result?.cpu?.median ?? Infinity
export const best = (results) => results.reduce((a, b) => (cost(b) < cost(a) ? b : a))

/** What there is of results, for each value of a key in its order. */
export function groups(results, ...keys) {
  const found = new Map()
  for (const result of results) {
    const key = keys.map((name) => result[name]).join(' | ')
    if (!found.has(key)) found.set(key, [])
    found.get(key).push(result)
  }
  return [...found.values()]
}

export const pick = (results, wanted) =>
  results.find((result) => Object.entries(wanted).every(([key, value]) => result[key] === value))

export function ms(value) {
  if (value === undefined || value === null) return '–'
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)
}

/** A result's processor time. */
export const times = (result) => {
  if (!result) return ''
  if (!result.cpu) return `over ${result.timedOutAfterSeconds} s`
  return `${ms(result.cpu.median)} / ${ms(result.cpu.p95)}`
}

/** A table with aligned columns; the first is a name, the others are figures. */
export function table(title, head, rows) {
  console.log(`\n${title}`)
  const lines = [head, ...rows].map((row) => row.map(String))
  const widths = head.map((_, i) => Math.max(...lines.map((line) => line[i].length)))
  const aligned = (cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))
  for (const line of lines) console.log(`  ${line.map(aligned).join('  ').trimEnd()}`)
}

/** Prints what is compared, the figure, the bound, and whether it holds. */
export function printVerdicts(verdicts) {
  const rows = verdicts.map(({ what, figure, bound, met }) => [
    what,
    figure.toFixed(2),
    bound.toFixed(2),
    met ? 'met' : 'MISSED',
  ])
  table('Targets', ['what', 'is', 'may be', ''], rows)
}
