// search_knowledge_chunks where an administrator has made an HNSW index on the codes, as the documentation allows.

import { asOwner } from '../common/database.mjs'
import { measure as measureVectors, OURS } from './vectors.mjs'

const WAY = 'lgtempo, HNSW on codes'

/** Races over the widest scope, and drops the index again. */
export async function measure(database, { scopes, say, ...rest }) {
  say('making an HNSW index on the codes')
  await asOwner(database, async (owner) => {
    await owner.run("set maintenance_work_mem = '1GB'")
    await owner.run('create index codes_hnsw on knowledge_chunks using hnsw (embedding_code bit_hamming_ops)')
    await owner.run('analyze knowledge_chunks')
  })
  try {
    const results = await measureVectors(database, { entries: OURS, scopes: scopes.slice(-1), say, ...rest })
    return results.map((result) => ({ ...result, way: WAY }))
  } finally {
    await asOwner(database, (owner) => owner.run('drop index codes_hnsw'))
  }
}
