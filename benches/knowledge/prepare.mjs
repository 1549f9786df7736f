// Computes the embeddings that the cache lacks, before the server is started and the machine is to be quiet.

import { prepare } from './embeddings.mjs'
import { chosen } from './options.mjs'
import { texts } from './texts.mjs'

prepare(texts(chosen.passages), chosen.cache)
