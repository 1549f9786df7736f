// What a bench could not measure: the rest is measured all the same, and the bench fails at its end.

import { say } from './progress.mjs'

export class Failures {
  list = []

  /** Runs `work`; what goes wrong is told and kept. */
  async catching(what, work) {
    try {
      return await work()
    } catch (error) {
      this.list.push({ what, error: error.message })
      say(`FAILED: ${what}: ${error.message}`)
    }
  }
}
