// How far a bench is.

const begun = performance.now()

/** Prints what is being done, and how long the bench has run. */
export function say(what) {
  const seconds = Math.round((performance.now() - begun) / 1000)
  console.log(`${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, '0')} ${what}`)
}
