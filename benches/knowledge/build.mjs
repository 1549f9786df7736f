// Makes the database: WordNet's passages as chunks of bases of very different sizes, all in one table.

import { widen } from '../../examples/coaching/vectors.mjs'
import { asOwner, filesBeside } from '../common/database.mjs'
import { say } from '../common/progress.mjs'
import { generator, shuffled } from '../common/random.mjs'
import { packed } from '../common/vectors.mjs'
import { bases, GUEST, READER } from './scopes.mjs'

const SEED = 1
const CHUNKS_PER_DOCUMENT = 20
const ROWS_AT_ONCE = 2000

const file = filesBeside(import.meta.url)

/** Gives for each passage, by its number, `{ base, id }`. */
export async function create(name, passages, vectors) {
  await asOwner('postgres', (owner) => owner.run(`create database ${name}`))
  return asOwner(name, async (owner) => {
    await owner.run('create extension lgtempo cascade')
    await owner.run(file('sql/draft.sql'))
    say('writing the passages down')
    await draft(owner, passages, vectors)
    say('loading the chunks')
    await load(owner)
    say("loading the rival's copy and making its indexes")
    await owner.run(file('sql/rival.sql'))
    for (const table of await tables(owner)) await owner.run(`vacuum analyze ${table}`)
    const rows = await owner.rows('select id, knowledge_base_id from draft.passage order by n')
    await owner.run('drop table draft.passage')
    await owner.run('checkpoint')
    return rows.map(([id, base]) => ({ id, base }))
  })
}

/** The passages in the order of their arrival: on each page are many bases' chunks, as in real life. */
async function draft(owner, passages, vectors) {
  await owner.rows('insert into auth.users (id) select unnest($1::uuid[])', [[READER, GUEST]])
  const found = bases(passages.length)
  for (const { id, size, owner: person } of found) {
    await owner.rows(
      `insert into agent_knowledge_bases (id, agent_id, name, owner_id, is_public)
       values ($1, 'lexicographer', $2, $3, $3::uuid is null)`,
      [id, `${size} meanings`, person],
    )
  }
  const random = generator(SEED)
  const baseOf = shuffled(found.flatMap((base) => Array(base.size).fill(base)), random)
  await owner.run('begin')
  for (const [place, n] of shuffled(Object.keys(passages).map(Number), random).entries()) {
    const base = baseOf[n]
    const index = (base.count = (base.count ?? -1) + 1)
    if (index % CHUNKS_PER_DOCUMENT === 0) base.document = await owner.value('select lgtempo_uuid_v7()')
    await owner.client.query({
      name: 'draft',
      text: `insert into draft.passage (place, n, knowledge_base_id, document_id, chunk_index, content, embedding)
        values ($1, $2, $3, $4, $5, $6, $7)`,
      values: [
        place,
        n,
        base.id,
        base.document,
        index % CHUNKS_PER_DOCUMENT,
        passages[n],
        packed(widen(Array.from(vectors[n]))),
      ],
    })
  }
  await owner.run('commit; analyze draft.passage')
}

/** With all triggers: what they keep is what is searched. */
async function load(owner) {
  await owner.run(file('sql/load.sql'))
  const last = Number(await owner.value('select max(place) from draft.passage'))
  for (let place = 0; place <= last; place += ROWS_AT_ONCE) {
    await owner.rows(
      `insert into knowledge_chunks (id, document_id, knowledge_base_id, chunk_index, content, embedding)
       select id, document_id, knowledge_base_id, chunk_index, content, embedding
       from draft.passage
       where place >= $1 and place < $2
       order by place`,
      [place, place + ROWS_AT_ONCE],
    )
  }
}

/** Every table but the system's: what lgtempo keeps beside the chunks is its own affair. */
async function tables(owner) {
  const rows = await owner.rows(
    `select c.oid::regclass
     from pg_class c
     join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname in ('public', 'rival')`,
  )
  return rows.map(([table]) => table)
}

/** The sizes of the tables, with and without their indexes, and of each index. */
export async function sizes(owner) {
  const rows = await owner.rows(
    `select c.oid::regclass::text, round(pg_relation_size(c.oid) / 1e6, 1),
       round(pg_total_relation_size(c.oid) / 1e6, 1)
     from pg_class c
     join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'i') and n.nspname in ('public', 'rival') and pg_total_relation_size(c.oid) > 1e6
     order by 3 desc`,
  )
  return rows.map(([relation, itself, total]) => ({ relation, MB: Number(itself), totalMB: Number(total) }))
}
