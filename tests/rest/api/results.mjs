// A function's result is like a table: its columns can be chosen, filtered, ordered, counted and cut.

import assert from 'node:assert/strict'
import { insert, ok } from '../support.mjs'
import { callsOf } from './calls.mjs'
import { FUNCTIONS } from './contract.mjs'

const TABLES = Object.keys(FUNCTIONS).filter((name) => FUNCTIONS[name].columns.length > 0)

export default function results(test, world) {
  const { schema } = world
  const clientOf = (name) => (FUNCTIONS[name].callers.includes('authenticated') ? world.ada.client : world.service)

  for (const name of TABLES) {
    const { columns } = FUNCTIONS[name]

    test(`${schema}: the result of ${name} has the columns of the contract, each of which can be chosen`, async () => {
      const call = () => clientOf(name).rpc(name, argsOf(world, name))
      // Something to claim: what there was may have been leased before.
      await insert(world.ada.client, 'graph_nodes', { node_type: 'emotion', label: 'curious' }, 'id')
      const rows = await ok(call())
      assert.ok(rows.length > 0, 'there is something to see')
      for (const row of rows) assert.deepEqual(Object.keys(row), columns)
      const reversed = [...columns].reverse()
      const [chosen] = await ok(call().select(reversed.join()).limit(1))
      assert.deepEqual(Object.keys(chosen), reversed)
      const { error, status } = await call().select('nothing')
      assert.deepEqual([error?.code, status], ['42703', 400])
    })
  }

  test(`${schema}: a neighbourhood is filtered, ordered, cut and counted`, async () => {
    const { ada } = world
    const call = (options) => ada.client.rpc('get_node_neighborhood', { p_node_id: ada.goal.id, p_depth: 1 }, options)
    const all = await ok(call())
    assert.ok(all.length >= 2)

    // PostgREST can filter by what is selected.
    assert.deepEqual(await ok(call().select('label, depth').eq('depth', 0)), [{ label: ada.goal.label, depth: 0 }])
    const { id: edge_id, source_node_id } = ada.edge
    assert.deepEqual(await ok(call().select('edge_id, source_node_id').eq('edge_id', edge_id)), [{ edge_id, source_node_id }])
    const labels = all.map((row) => row.label)
    const descending = (await ok(call().select('label').order('label', { ascending: false }))).map((row) => row.label)
    assert.deepEqual(descending, [...labels].sort().reverse())
    const first = await ok(call().select('label').order('label', { ascending: false }).limit(1))
    assert.deepEqual(first, [{ label: descending[0] }])
    const second = await ok(call().select('label').order('label', { ascending: false }).range(1, 1))
    assert.deepEqual(second, [{ label: descending[1] }])

    const { count, data, status } = await call({ count: 'exact' }).limit(1)
    assert.deepEqual([count, data.length, status], [all.length, 1, 206])
    const { data: single } = await call().eq('depth', 0).single()
    assert.equal(single.node_id, ada.goal.id)
    const { data: none, error } = await call().eq('depth', 99).maybeSingle()
    assert.deepEqual([none, error], [null, null])
  })

  test(`${schema}: a search is narrowed by the client as well`, async () => {
    const { ada } = world
    const call = () => ada.client.rpc('search_knowledge_base', { search_query: 'talk' })
    const { id, content } = ada.entry
    const entries = await ok(call().select('id, source, metadata->>tone').eq('source', 'entry'))
    assert.deepEqual(entries, [{ id, source: 'entry', tone: 'short' }])
    assert.deepEqual(await ok(call().select('id, content').ilike('content', 'Rest%')), [{ id, content }])
    assert.deepEqual(await ok(call().select('id, relevance_score').lt('relevance_score', 0)), [])
  })
}

/** Calls that find something: the sample calls, less what narrows them. */
function argsOf(world, name) {
  const args = callsOf(world)[name]
  // Jobs that are leased for a moment only can be claimed again.
  if (name === 'claim_embedding_jobs') return { p_limit: 10, p_lease: '1 microsecond' }
  return args
}
