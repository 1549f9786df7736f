// What the command line asks for.

import { options } from '../common/options.mjs'

const PARTS = ['people', 'big', 'growth', 'similar', 'writes']

const USAGE = `script/bench graph [option …]

--people N     how many people there are (2000)
--nodes N      how many nodes each of them has, with 4 edges a node (500)
--synsets N    how many nodes the big person has, at most 117659
--rounds N     how often each is called (100); fewer where that takes too long
--seconds N    how long a race goes on at most after its warm-up (20)
--starts N     how many start nodes there are (40)
--parts LIST   which parts to run, of ${PARTS.join(',')}
--out FOLDER   where graph.json and graph.svg go
--quick        small data and few rounds: whether all works, in about a minute; the figures mean nothing`

const FULL = {
  people: 2000,
  nodes: 500,
  synsets: 200_000,
  rounds: 100,
  seconds: 20,
  starts: 40,
  warmup: 8,
  // People with graphs of these sizes; the vectors of those named second are compared.
  grown: [100, 1_000, 10_000, 100_000],
  embedded: [100, 1_000, 10_000, 20_000],
}
const QUICK = {
  ...FULL,
  people: 80,
  nodes: 200,
  synsets: 5_000,
  rounds: 8,
  seconds: 2,
  starts: 8,
  warmup: 3,
  grown: [100, 1_000, 3_000],
  embedded: [100, 1_000, 2_000],
}

export const chosen = options({
  usage: USAGE,
  parts: PARTS,
  numbers: ['people', 'nodes', 'synsets', 'rounds', 'seconds', 'starts'],
  full: FULL,
  quick: QUICK,
})
