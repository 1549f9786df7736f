// What the command line asks for.

import { homedir } from 'node:os'
import { options } from '../common/options.mjs'

const PARTS = ['vectors', 'codes', 'promise', 'words', 'quality', 'writes']

const USAGE = `script/bench knowledge [option …]

--passages N   how many passages there are, at most 117659
--sentences N  how many sentences measure the quality (2000), and in one base at most
--queries N    how many embeddings recall@10 is measured with (200)
--rounds N     how often each is called (100); fewer where that takes too long
--seconds N    how long a race goes on at most after its warm-up (30)
--parts LIST   which parts to run, of ${PARTS.join(',')}
--out FOLDER   where knowledge.json and knowledge.svg go
--quick        small data and few rounds: whether all works, in about a minute; the figures mean nothing`

const FULL = {
  passages: 117_659,
  sentences: 2_000,
  queries: 200,
  rounds: 100,
  seconds: 30,
  warmup: 6,
}
const QUICK = {
  passages: 6_000,
  sentences: 100,
  queries: 20,
  rounds: 8,
  seconds: 3,
  warmup: 3,
}

export const chosen = options({
  usage: USAGE,
  parts: PARTS,
  numbers: ['passages', 'sentences', 'queries', 'rounds', 'seconds'],
  full: FULL,
  quick: QUICK,
})

/** Where the embeddings are kept, and the Python that computes them; script/bench makes it. */
chosen.cache = `${process.env.XDG_CACHE_HOME || `${homedir()}/.cache`}/lgtempo`
