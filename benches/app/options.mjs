// What the command line asks for.

import { options } from '../common/options.mjs'

const PARTS = ['inbox', 'writes', 'insights']

const USAGE = `script/bench app [option …]

--messages N   how many messages there are in all (1000000)
--inbox N      how many of them each of two people has (10000); the others have 1000 each
--rounds N     how often each is called (200); fewer where that takes too long
--seconds N    how long a race goes on at most after its warm-up (20)
--parts LIST   which parts to run, of ${PARTS.join(',')}
--out FOLDER   where app.json and app.svg go
--quick        small data and few rounds: whether all works, in seconds; the figures mean nothing`

const FULL = {
  messages: 1_000_000,
  inbox: 10_000,
  rounds: 200,
  seconds: 20,
  warmup: 10,
  // Whose graphs are looked through: how many nodes, and how many people have as many.
  graphs: { 500: 12, 5_000: 4, 50_000: 1 },
}
const QUICK = {
  messages: 20_000,
  inbox: 2_000,
  rounds: 8,
  seconds: 2,
  warmup: 3,
  graphs: { 500: 3, 2_000: 1 },
}

export const chosen = options({
  usage: USAGE,
  parts: PARTS,
  numbers: ['messages', 'inbox', 'rounds', 'seconds'],
  full: FULL,
  quick: QUICK,
})
