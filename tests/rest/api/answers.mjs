// What a reader can ask of every table: counts, ranges, order, one row or none.

import assert from 'node:assert/strict'
import { UNKNOWN, insert, ok } from '../support.mjs'
import { tablesOf } from './contract.mjs'

const LABELS = ['one', 'two', 'three', 'four', 'five']

export default function answers(test, world) {
  const { schema } = world

  for (const caller of ['anon', 'authenticated', 'service_role']) {
    test(`${schema}: ${caller} counts every table that it may read, in each way, with and without rows`, async () => {
      const client = { anon: world.anon, authenticated: world.ada.client, service_role: world.service }[caller]
      for (const table of tablesOf(caller)) {
        const { data, count, status } = await client.from(table).select('created_at', { count: 'exact' })
        assert.ok([200, 206].includes(status), `${table}: ${status}`)
        assert.equal(count, data.length, table)
        const head = await client.from(table).select('created_at', { count: 'exact', head: true })
        assert.deepEqual([head.data, head.count, head.error], [null, count, null], table)
        for (const way of ['planned', 'estimated']) {
          const { count: estimate, error } = await client.from(table).select('created_at', { count: way, head: true })
          assert.equal(error, null, `${table} ${way}`)
          assert.ok(Number.isInteger(estimate) && estimate >= 0, `${table} ${way}: ${estimate}`)
        }
      }
    })
  }

  test(`${schema}: one’s rows are counted, and nobody else’s`, async () => {
    const { ada, ben, service } = world
    const count = async (client) => (await client.from('user_goals').select('*', { count: 'exact', head: true })).count
    const goals = await ok(service.from('user_goals').select('user_id'))
    for (const { id, client } of [ada, ben]) {
      assert.equal(await count(client), goals.filter((row) => row.user_id === id).length)
    }
    assert.equal(await count(service), goals.length)
  })

  test(`${schema}: rows come in ranges and in order`, async () => {
    const { client } = world.ben
    await insert(
      client,
      'graph_nodes',
      LABELS.map((label, i) => ({ node_type: 'emotion', label, properties: { i }, description: i % 2 ? 'odd' : null })),
      'id',
    )
    const nodes = (options) => client.from('graph_nodes').select('label', options).eq('node_type', 'emotion')
    const labels = async (call) => (await ok(call)).map((row) => row.label)

    assert.deepEqual(await labels(nodes().order('label')), ['five', 'four', 'one', 'three', 'two'])
    assert.deepEqual(await labels(nodes().order('label', { ascending: false }).limit(2)), ['two', 'three'])
    assert.deepEqual(await labels(nodes().order('id')), LABELS)
    assert.deepEqual(await labels(nodes().order('properties->i', { ascending: false })), [...LABELS].reverse())
    assert.deepEqual(
      await labels(nodes().order('description', { nullsFirst: true }).order('label', { ascending: false })),
      ['three', 'one', 'five', 'two', 'four'],
    )
    assert.deepEqual(await labels(nodes().order('id').range(1, 3)), ['two', 'three', 'four'])
    assert.deepEqual(await labels(nodes().order('id').range(4, 9)), ['five'])
    assert.deepEqual(await ok(nodes().limit(0)), [])

    const part = await nodes({ count: 'exact' }).order('id').range(1, 2)
    assert.deepEqual([part.status, part.count, part.data.length], [206, 5, 2])
    const beyond = await nodes({ count: 'exact' }).range(50, 59)
    assert.deepEqual([beyond.status, beyond.error?.code], [416, 'PGRST103'])
  })

  test(`${schema}: one row is an object, a missing one is empty, and several are 406`, async () => {
    const { ada, ben } = world
    const nodes = () => ada.client.from('graph_nodes').select('id')
    assert.deepEqual(await ok(nodes().eq('id', ada.goal.id).single()), { id: ada.goal.id })
    for (const id of [UNKNOWN, ben.goal.id]) {
      assert.deepEqual(await ok(nodes().eq('id', id)), [])
      assert.equal(await ok(nodes().eq('id', id).maybeSingle()), null)
      const { error, status } = await nodes().eq('id', id).single()
      assert.deepEqual([error?.code, status], ['PGRST116', 406])
    }
    const { error, status } = await nodes().single()
    assert.deepEqual([error?.code, status], ['PGRST116', 406])
  })

  test(`${schema}: an answer can come as CSV`, async () => {
    const { ada } = world
    const text = await ok(ada.client.from('user_goals').select('goal_title,target_date').eq('id', ada.userGoal.id).csv())
    assert.equal(text, 'goal_title,target_date\n"Speak up",2027-03-01')
  })
}
