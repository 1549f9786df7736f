// Rows bring along what they refer to, across every foreign key, both ways: one's own, and never another person's.

import assert from 'node:assert/strict'
import { ok } from '../support.mjs'
import { TABLES } from './contract.mjs'

const mayRead = (table) => TABLES[table]?.authenticated.includes('select') ?? false
const PEOPLE = ['ada', 'ben']

/** Whose a row is, by the column that says so; undefined where the table belongs to nobody. */
const OWNER = { agent_knowledge_bases: 'owner_id', knowledge_documents: null, knowledge_chunks: null, goal_categories: null }
const ownerColumn = (table) => (table in OWNER ? OWNER[table] : 'user_id')
const columnsOf = (table) => ['id', ownerColumn(table)].filter(Boolean).join(', ')

/** What refers to a row is a list, or where the key is unique one object or null. */
const list = (those) => [those].flat().filter((row) => row !== null)

export default function embedding(test, world) {
  const { schema } = world

  /** What the caller sees of a foreign key, from the side of those that refer (child) or are referred to (parent). */
  const childWithParent = (client, { name, child, parent, column }) =>
    client.from(child).select(`${columnsOf(child)}, ${column}, there:${parent}!${name}(${columnsOf(parent)})`)
  const parentWithChildren = (client, { name, child, parent, column }) =>
    client.from(parent).select(`${columnsOf(parent)}, those:${child}!${name}(${columnsOf(child)}, ${column})`)

  function assertOwn(row, table, person, what) {
    const owner = ownerColumn(table)
    if (owner) assert.equal(row[owner], person.id, what)
  }


  test(`${schema}: the foreign keys of the contract can be named`, () => {
    const names = world.catalogue.foreignKeys.map((key) => key.name)
    for (const name of [
      'graph_edges_source_node_fkey',
      'graph_edges_target_node_fkey',
      'inbox_messages_session_node_fkey',
      'inbox_messages_goal_node_fkey',
      'message_attachments_message_fkey',
      'message_read_receipts_message_fkey',
      'user_goals_category_fkey',
      'user_goals_node_fkey',
      'knowledge_documents_knowledge_base_fkey',
      'knowledge_chunks_document_fkey',
    ]) {
      assert.ok(names.includes(name), name)
    }
    for (const { name, child, column } of world.catalogue.foreignKeys) {
      assert.equal(name, `${child}_${column.replace(/_id$/, '')}_fkey`)
    }
  })

  test(`${schema}: people embed what their rows refer to, across every foreign key, and nobody else’s`, async () => {
    let tried = 0
    for (const key of world.catalogue.foreignKeys) {
      if (!mayRead(key.child) || !mayRead(key.parent)) continue
      for (const person of PEOPLE.map((name) => world[name])) {
        const rows = await ok(childWithParent(person.client, key))
        const referring = rows.filter((row) => row[key.column] !== null)
        assert.ok(referring.length > 0, `${key.name}: a row that refers`)
        for (const row of referring) {
          assertOwn(row, key.child, person, key.name)
          assert.equal(row.there?.id, row[key.column], key.name)
          assertOwn(row.there, key.parent, person, key.name)
        }
      }
      tried += 1
    }
    assert.ok(tried >= 10, `${tried} foreign keys`)
  })

  test(`${schema}: people embed what refers to their rows, across every foreign key, and nobody else’s`, async () => {
    for (const key of world.catalogue.foreignKeys) {
      if (!mayRead(key.child) || !mayRead(key.parent)) continue
      const seen = {}
      for (const name of PEOPLE) {
        const person = world[name]
        const rows = await ok(parentWithChildren(person.client, key))
        const children = rows.flatMap((row) => list(row.those).map((child) => ({ parent: row.id, ...child })))
        assert.ok(children.length > 0, `${key.name}: a row that is referred to`)
        for (const child of children) {
          assert.equal(child[key.column], child.parent, key.name)
          assertOwn(child, key.child, person, key.name)
        }
        seen[name] = children.map((child) => child.id)
      }
      // Both have some, and nothing is anybody else's: also below what both may read, as a category.
      assert.deepEqual(seen.ada.filter((id) => seen.ben.includes(id)), [], key.name)
    }
  })

  test(`${schema}: the service embeds across every foreign key, those of internal tables too`, async () => {
    // Claimed jobs are rows that refer to each kind of what lacks an embedding.
    await ok(world.service.rpc('claim_embedding_jobs', { p_limit: 1000, p_lease: '00:10:00' }))
    for (const key of world.catalogue.foreignKeys) {
      const rows = (await ok(childWithParent(world.service, key))).filter((row) => row[key.column] !== null)
      assert.ok(rows.length > 0, `${key.name}: a row that refers`)
      for (const row of rows) assert.equal(row.there?.id, row[key.column], key.name)
      const parents = await ok(parentWithChildren(world.service, key))
      assert.equal(parents.flatMap((row) => list(row.those)).length, rows.length, key.name)
    }
  })

  test(`${schema}: embedded rows filter, order and cut, and an inner join drops what has none`, async () => {
    const { ada } = world
    const edges = () =>
      ada.client
        .from('graph_edges')
        .select('id, source:graph_nodes!graph_edges_source_node_fkey!inner(label, node_type)')
        .eq('id', ada.edge.id)
    assert.equal((await ok(edges().eq('source.node_type', 'session'))).length, 1)
    assert.deepEqual(await ok(edges().eq('source.node_type', 'skill')), [])
    const [document] = await ok(
      ada.client
        .from('knowledge_documents')
        .select('title, agent_knowledge_bases(name), knowledge_chunks(chunk_index, content)')
        .eq('id', ada.document.id)
        .order('chunk_index', { referencedTable: 'knowledge_chunks', ascending: false })
        .limit(1, { referencedTable: 'knowledge_chunks' }),
    )
    assert.deepEqual(document, {
      title: 'Calm',
      agent_knowledge_bases: { name: 'Notes' },
      knowledge_chunks: [{ chunk_index: 1, content: 'Then begin.' }],
    })
  })

  test(`${schema}: an inbox is read in one request, with its nodes, attachments and receipts`, async () => {
    const { ada } = world
    const [message] = await ok(
      ada.client
        .from('inbox_messages')
        .select(
          `subject,
           session:graph_nodes!inbox_messages_session_node_fkey(id),
           goal:graph_nodes!inbox_messages_goal_node_fkey(label),
           message_attachments(title),
           message_read_receipts(device_info)`,
        )
        .eq('id', ada.message.id),
    )
    assert.deepEqual(message, {
      subject: 'Tonight',
      session: { id: ada.session.id },
      goal: { label: 'Ada speaks up' },
      message_attachments: [{ title: 'Route' }],
      // One a message, so it is no list.
      message_read_receipts: { device_info: { kind: 'phone' } },
    })
  })

  test(`${schema}: two ways to the same table must be told apart, and accounts in schema auth can’t be reached`, async () => {
    const { client } = world.ada
    const both = await client.from('graph_edges').select('id, graph_nodes(id)')
    assert.deepEqual([both.error?.code, both.status], ['PGRST201', 300])
    for (const hint of ['users!user_goals_user_fkey(email)', 'users(email)']) {
      const { error, status } = await client.from('user_goals').select(`id, ${hint}`)
      assert.deepEqual([error?.code, status], ['PGRST200', 400], hint)
    }
  })

  test(`${schema}: a new row brings along what it refers to`, async () => {
    const { ada } = world
    const [goal] = await ok(
      ada.client
        .from('user_goals')
        .insert({ goal_title: 'Sing', category_id: 'career', node_id: ada.goal.id })
        .select('goal_title, goal_categories(title), graph_nodes(label)'),
    )
    assert.deepEqual(goal, {
      goal_title: 'Sing',
      goal_categories: { title: 'Career' },
      graph_nodes: { label: 'Ada speaks up' },
    })
  })
}
