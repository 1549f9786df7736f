// Every column can be filtered by, with what its type allows; what is no value of the type is a clear 400.

import assert from 'node:assert/strict'
import { ok } from '../support.mjs'
import { TABLES } from './contract.mjs'
import { ROW_OF } from './world.mjs'

const NUMBER = {
  finds: (value) => [['eq', value], ['gte', value], ['in', `(${value})`]],
  misses: (value) => [['lt', value], ['neq', value]],
  wrong: ['eq', 'many', '22P02'],
}
const TIME = {
  finds: (value) => [['eq', value], ['gte', value]],
  misses: (value) => [['gt', value], ['lt', '1970-01-01']],
  wrong: ['eq', 'someday', '22007'],
}
const LIST = {
  finds: (value) => [['cs', `{${value[0] ?? ''}}`], ['cd', `{${value}}`], ['eq', `{${value}}`]],
  misses: () => [['cs', '{00000000-0000-7000-8000-00000000dead}']],
  wrong: ['cs', '{', '22P02'],
}
const ENUM = {
  finds: (value) => [['eq', value], ['in', `(${value})`]],
  misses: (value) => [['neq', value]],
  wrong: ['eq', 'dream', '22P02'],
}

/** For each type: filters that find the row with the value, that miss it, and one that is no value of the type. */
const FILTERS = {
  text: {
    finds: (value) => [['eq', value], ['like', `${value.slice(0, 3)}*`], ['in', `("${value}")`]],
    misses: (value) => [['neq', value], ['ilike', 'zebra*']],
  },
  uuid: { finds: (value) => [['eq', value]], misses: (value) => [['neq', value]], wrong: ['eq', 'x', '22P02'] },
  int4: NUMBER,
  int8: NUMBER,
  float4: NUMBER,
  float8: NUMBER,
  numeric: NUMBER,
  timestamptz: TIME,
  date: TIME,
  bool: {
    finds: (value) => [['is', value], ['eq', value]],
    misses: (value) => [['is', !value]],
    wrong: ['eq', 'maybe', '22P02'],
  },
  jsonb: {
    finds: (value) => [['eq', JSON.stringify(value)], ['cs', JSON.stringify(value)], ['cd', JSON.stringify(value)]],
    misses: () => [['cs', '{"zebra": 1}']],
    wrong: ['cs', '{', '22P02'],
  },
  _text: LIST,
  _uuid: LIST,
  tsvector: {
    finds: (value) => [['fts(english)', wordOf(value)], ['plfts', wordOf(value)], ['wfts', wordOf(value)]],
    misses: () => [['fts', 'zebra'], ['phfts(english)', 'zebra crossing']],
    wrong: ['fts', 'a & | b', '42601'],
  },
  vector: { finds: (value) => [['eq', value]], misses: (value) => [['neq', value]], wrong: ['eq', 'near', '22P02'] },
  bit: { finds: (value) => [['eq', value]], misses: (value) => [['neq', value]], wrong: ['eq', '2', '22P02'] },
}

/** A word of a tsvector as PostgreSQL prints it. */
const wordOf = (value) => /'(\w+)'/.exec(value)[1]

export default function filters(test, world) {
  const { schema } = world
  const seen = new Set()
  const clientFor = (table) => (TABLES[table].authenticated.includes('select') ? world.ada.client : world.service)
  const idOf = (table) => {
    if (table === 'goal_categories') return world.category.id
    if (table === 'agent_personae') return world.persona.id
    return table in ROW_OF ? world.ada[ROW_OF[table]].id : world.ada.id
  }

  for (const table of Object.keys(TABLES)) {
    test(`${schema}: every column of ${table} can be filtered by`, async () => {
      const id = idOf(table)
      const rows = () => clientFor(table).from(table).select('id').eq('id', id)
      const [row] = await ok(clientFor(table).from(table).select('*').eq('id', id))
      for (const column of world.catalogue.columns.filter((one) => one.table === table)) {
        const value = row[column.name]
        const what = (filter) => `${column.name} ${filter.join(' ')}`.slice(0, 200)
        const count = async (filter) => (await ok(rows().filter(column.name, ...filter))).length
        const type = column.is_enum ? ENUM : FILTERS[column.type]
        assert.ok(type, `${column.name}: how is ${column.type} filtered?`)

        assert.equal(await count(['is', 'null']), value === null ? 1 : 0, `${column.name} is null`)
        if (value !== null) {
          seen.add(column.is_enum ? 'enum' : column.type)
          for (const filter of type.finds(value)) assert.equal(await count(filter), 1, what(filter))
          for (const filter of type.misses(value)) assert.equal(await count(filter), 0, what(filter))
        }
        if (type.wrong) {
          const [operator, text, code] = type.wrong
          const { error, status } = await rows().filter(column.name, operator, text)
          assert.deepEqual([error?.code, status], [code, 400], what(type.wrong))
        }
      }
    })
  }

  test(`${schema}: every type of column was filtered by a value`, () => {
    assert.deepEqual([...seen].sort(), [...Object.keys(FILTERS), 'enum'].sort())
  })

  test(`${schema}: JSON is filtered, chosen and ordered by its parts`, async () => {
    const { ada } = world
    const nodes = () => ada.client.from('graph_nodes').select('id').eq('id', ada.goal.id)
    assert.equal((await ok(nodes().eq('properties->>area', 'work'))).length, 1)
    assert.equal((await ok(nodes().eq('properties->area', '"work"'))).length, 1)
    assert.equal((await ok(nodes().eq('properties->>area', 'home'))).length, 0)
    assert.equal((await ok(nodes().contains('properties', { area: 'work' }))).length, 1)
    const goals = ada.client.from('user_goals').select('first:milestones->>0, hard:metadata->hard').eq('id', ada.userGoal.id)
    assert.deepEqual(await ok(goals), [{ first: 'a toast', hard: true }])
  })

  test(`${schema}: arrays are filtered by what they contain, share, or are within`, async () => {
    const { ada } = world
    const messages = () => ada.client.from('inbox_messages').select('id').eq('id', ada.message.id)
    assert.equal((await ok(messages().contains('tags', ['talk']))).length, 1)
    assert.equal((await ok(messages().contains('tags', ['talk', 'morning']))).length, 0)
    assert.equal((await ok(messages().overlaps('tags', ['talk', 'morning']))).length, 1)
    assert.equal((await ok(messages().containedBy('tags', ['talk', 'evening', 'more']))).length, 1)
    const insights = () => ada.client.from('graph_insights').select('id').eq('id', ada.insight.id)
    assert.equal((await ok(insights().contains('node_ids', [ada.goal.id]))).length, 1)
    assert.equal((await ok(insights().contains('node_ids', [ada.skill.id]))).length, 0)
  })

  test(`${schema}: full text is searched in its language, as words, a phrase, or as on the web`, async () => {
    const { ada } = world
    const found = async (query, options) =>
      (await ok(ada.client.from('knowledge_chunks').select('id').textSearch('search_vector', query, options))).map(
        (row) => row.id,
      )
    const config = 'english'
    assert.deepEqual(await found('breathing', { config }), [ada.chunk0.id])
    assert.deepEqual(await found("'talk' & 'slowly'", { config }), [ada.chunk0.id])
    assert.deepEqual(await found('slowly breathing', { config, type: 'plain' }), [ada.chunk0.id])
    assert.deepEqual(await found('breathe out slowly', { config, type: 'phrase' }), [ada.chunk0.id])
    assert.deepEqual(await found('slowly breathe', { config, type: 'phrase' }), [])
    assert.deepEqual(await found('talk -breathe', { config, type: 'websearch' }), [])
  })

  test(`${schema}: filters combine by or, and, and not`, async () => {
    const { ada } = world
    const labels = async (filter) => (await ok(filter(ada.client.from('graph_nodes').select('id')))).map((row) => row.id)
    const { goal, session, skill } = ada
    const three = `id.in.(${goal.id},${session.id},${skill.id})`
    assert.deepEqual(
      await labels((rows) => rows.or(`and(${three},node_type.eq.goal),id.eq.${skill.id}`).order('id')),
      [goal.id, skill.id],
    )
    assert.deepEqual(await labels((rows) => rows.or(`id.eq.${session.id}`).not('node_type', 'eq', 'session')), [])
  })
}
