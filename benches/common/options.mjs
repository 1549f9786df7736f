// What the command line asks for.

import { parseArgs } from 'node:util'

/**
 * Reads the options of a bench: `numbers` are the names of those that take a whole number; `full` and `quick` are the
 * values where none are given. --help ends the program, as does what is wrong.
 */
export function options({ usage, parts, numbers, full, quick }) {
  try {
    return parse()
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`)
    process.exit(2)
  }

  function parse() {
    const { values } = parseArgs({
      options: {
        ...Object.fromEntries(numbers.map((name) => [name, { type: 'string' }])),
        parts: { type: 'string', default: parts.join(',') },
        out: { type: 'string', default: '.' },
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      console.log(usage)
      process.exit()
    }
    const given = { quick: values.quick, out: values.out, parts: values.parts.split(',') }
    const chosen = { ...(values.quick ? quick : full), ...given }
    for (const name of numbers) {
      if (values[name] === undefined) continue
      chosen[name] = Number(values[name])
      if (!Number.isInteger(chosen[name]) || chosen[name] < 1) {
        throw new Error(`--${name} must be a whole number from 1, not ${values[name]}`)
      }
    }
    const unknown = chosen.parts.filter((part) => !parts.includes(part))
    if (unknown.length) throw new Error(`--parts: there is no ${unknown.join(', ')}; there are ${parts.join(', ')}`)
    return chosen
  }
}
