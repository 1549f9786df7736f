// Two people call whatever there is with whatever comes: no row of one is ever shown to the other or changed by the other.
// LGTEMPO_SEED and LGTEMPO_ROUNDS choose another run; the seed is printed.

import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { functions, tables, twoPeople } from './catalogue.mjs'
import { start } from './harness.mjs'
import { UNKNOWN, vector } from './support.mjs'

const SEED = Number(process.env.LGTEMPO_SEED ?? 20261125)
const ROUNDS = Number(process.env.LGTEMPO_ROUNDS ?? 1500)
// So many calls of one person follow each other; meanwhile nothing of the other may change.
const TURN = 25
const ANONYMOUS = 'anonymous_0123456789_0123456789_01'

// Chance that can be had again: mulberry32

let state = SEED >>> 0
function chance() {
  state = (state + 0x6d2b79f5) >>> 0
  let t = Math.imul(state ^ (state >>> 15), state | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
const pick = (list) => list[Math.floor(chance() * list.length)]
// Half of the calls are careful, or hardly any would get beyond the first check.
let careful = false
const some = (list, share) => list.filter(() => chance() < share)

let server, all, enums, people
const calls = { functions: {}, tables: {} }
const count = (kind, name, status) => {
  const of = (calls[kind][name] ??= { answered: 0, refused: 0 })
  of[status < 400 ? 'answered' : 'refused'] += 1
}

// Whoever changes a row is noted, with whom it belongs to; a document or chunk belongs to whom its base does.
const AUDIT = `
  create schema audit;
  create table audit.owners (place text, id uuid, owner uuid, primary key (place, id));
  create table audit.changes (at serial, place text, verb text, actor uuid, role text, was uuid, becomes uuid);
  create function audit.owner(place text, r jsonb) returns uuid language plpgsql as $$
  begin
    if r is null then return null; end if;
    if place in ('users', 'profiles') then return r ->> 'id'; end if;
    if r ? 'knowledge_base_id' then
      return (select owner_id from public.agent_knowledge_bases where id = (r ->> 'knowledge_base_id')::uuid);
    end if;
    return coalesce(r ->> 'user_id', r ->> 'owner_id');
  end $$;
  create function audit.note() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
  declare
    claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
    before jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    afterwards jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    was uuid := coalesce(audit.owner(tg_relname, before),
      (select o.owner from audit.owners o where o.place = tg_relname and o.id = (before ->> 'id')::uuid));
    becomes uuid := audit.owner(tg_relname, afterwards);
  begin
    insert into audit.changes (place, verb, actor, role, was, becomes)
    values (tg_relname, tg_op, (claims ->> 'sub')::uuid, claims ->> 'role', was, becomes);
    -- Keys that several people may have belong to nobody here; their rows name their person themselves.
    if becomes is not null and not afterwards ? 'user_id' then
      insert into audit.owners values (tg_relname, (afterwards ->> 'id')::uuid, becomes) on conflict do nothing;
    end if;
    return null;
  end $$;
  do $do$
  declare t regclass;
  begin
    for t in select c.oid from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relrowsecurity
        and exists (select from pg_attribute where attrelid = c.oid and attname = 'created_at') loop
      execute format('create trigger zz_audit after insert or update or delete on %s for each row execute function audit.note()', t);
    end loop;
  end $do$;`

/** A checksum of every row that belongs to a person or speaks of them. */
async function checksum(person) {
  const parts = all.tables.map(
    ({ name }) => `select '${name}' as place, t::text as line from public.${name} t where t::text ~ '${person.id}|${person.word}'`,
  )
  return server.sql(`select count(*) || ' ' || md5(string_agg(place || line, ' ' order by place, line)) from (${parts.join(' union all ')}) r`)
}

before(async () => {
  server = await start()
  people = await twoPeople(server)
  all = { functions: await functions(server, 'authenticated'), tables: await tables(server) }
  all.every = await functions(server, 'service_role')
  enums = JSON.parse(
    await server.sql(`select json_object_agg(t, labels) from (
      select enumtypid::regtype::text as t, json_agg(enumlabel) as labels from pg_enum group by 1) e`),
  )
  await server.sql(AUDIT)
  for (const person of people) {
    person.client = server.client(person.id, { headers: { 'x-anonymous-id': ANONYMOUS } })
    // Ids that the person has sent: an own row may have got such an id.
    person.sent = new Set()
  }
  console.log(`# seed ${SEED}, ${ROUNDS} rounds`)
})
after(() => server?.stop())

// Values

const LONG = 'x'.repeat(300)
const ids = (me, other) => pick([me.ids, me.ids, other.ids, [UNKNOWN, me.id, other.id, '00000000-0000-7000-8000-0000000000cb']])
const texts = (me) => [`${me.word} ${Math.floor(chance() * 20)}`, me.word, '', `"${me.word}" -x`, '%', "'; --", LONG, 'breathe']

// What a careful caller gives where the type alone does not tell.
const WELL = {
  p_knowledge_base_id: (me) => me.ids[11],
  p_message_id: (me) => me.ids[9],
  p_session_id: (me) => me.ids[2],
  p_session_node_id: (me) => me.ids[2],
  p_goal_id: (me) => me.ids[1],
  p_goal_node_id: (me) => me.ids[1],
  p_related_node_id: (me) => me.ids[1],
  p_document_type: () => pick(['text', 'markdown']),
  p_anonymous_id: () => ANONYMOUS,
}

function value(type, me, other) {
  if (!careful && chance() < 0.06) return null
  // Something else than it should be.
  if (!careful && chance() < 0.08) return pick([42, -1, 'nonsense', true, [], {}, [[1]], 1e300, LONG, [null], ''])
  if (type.endsWith('[]')) return Array.from({ length: Math.floor(chance() * 4) }, () => value(type.slice(0, -2), me, other))
  if (enums[type]) return pick(enums[type])
  switch (type) {
    case 'uuid':
      return pick(careful ? me.ids : ids(me, other))
    case 'vector':
      if (careful) return vector({ 0: 1, 1: chance() })
      return pick([vector({ 0: 1 }), vector({ 0: 1, 1: chance() }), vector({ 7: -1 }), vector({}), [1, 2, 3], JSON.stringify(vector({ 0: 1 }))])
    case 'boolean':
      return chance() < 0.5
    case 'integer':
    case 'bigint':
      return careful ? pick([5, 10, 40]) : pick([0, 1, 2, 5, 10, 1000, -1, 2147483647])
    case 'double precision':
    case 'real':
    case 'numeric':
      return careful ? pick([0, 0.5, 1]) : pick([0, 0.5, 1, -1, 0.7, 2])
    case 'jsonb':
      if (careful) return { name: me.word, conversation_id: me.word, note: me.word }
      return pick([
        {}, { note: me.word }, [], me.word, null,
        { name: me.word, description: me.word, milestones: [me.word], target_date: '2027-01-01' },
        { conversation_id: me.word }, [{ type: 'link', url: me.word }], { description: me.word, priority: 'high' },
      ])
    case 'interval':
      return pick(['1 minute', '-1 day', 'soon'])
    case 'timestamp with time zone':
    case 'date':
      return pick(['2026-01-01T00:00:00Z', '2030-01-01T00:00:00Z', 'now', 'infinity'])
    default:
      return careful ? `${me.word} ${Math.floor(chance() * 20)}` : pick(texts(me))
  }
}

const row = (columns, me, other) =>
  Object.fromEntries(
    some(columns, 0.55)
      .filter(({ name, type }) => name !== 'embedding_code' && type !== 'tsvector' && !/_at$/.test(name))
      .map(({ name, type }) => [name, name === 'user_id' && chance() < 0.7 ? me.id : value(type, me, other)]),
  )

// A row as it can be written, so that not all that is written is refused.
function goodRow(table, me, other) {
  const good = {
    graph_nodes: { node_type: pick(enums.node_type), label: `${me.word} ${chance()}`, properties: { note: me.word } },
    graph_edges: { edge_type: pick(enums.edge_type), source_node_id: pick(me.ids.slice(1, 7)), target_node_id: pick([...me.ids, ...other.ids]) },
    user_goals: { goal_title: me.word, node_id: pick([me.ids[1], other.ids[1], null]) },
    knowledge: { content: me.word },
    agent_knowledge_bases: { agent_id: 'coach', name: `${me.word} ${chance()}`, owner_id: pick([me.id, other.id, null]) },
    knowledge_documents: { knowledge_base_id: pick([me.ids[11], other.ids[11]]), title: me.word, content: `${me.word} ${chance()}` },
    knowledge_chunks: { document_id: pick([me.ids[13], other.ids[13]]), chunk_index: Math.floor(chance() * 1e6), content: me.word },
    voice_chat_events: { event_type: 'spoken', event_data: { note: me.word }, conversation_id: me.word },
    elevenlabs_conversations: { conversation_id: `${me.word} ${chance()}` },
    message_read_receipts: { message_id: pick([me.ids[9], other.ids[9]]), device_info: { note: me.word } },
  }[table.name]
  return good ? { ...good, ...(chance() < 0.2 && { id: pick(ids(me, other)) }), ...(chance() < 0.2 && { user_id: pick([me.id, other.id]) }) } : {}
}

// Calls

function callFunction(me, other) {
  const called = pick(chance() < 0.9 ? all.functions : all.every)
  const args = {}
  for (const { name, type, optional } of called.arguments) {
    if (careful ? optional && chance() < 0.7 : chance() < 0.15) continue
    args[name] = name === 'p_user_id' ? careful ? me.id : pick([null, null, null, me.id, other.id, UNKNOWN]) : careful && WELL[name] ? WELL[name](me) : value(type, me, other)
  }
  if (!careful && chance() < 0.03) args.p_unheard_of = me.word
  const get = called.reads && chance() < 0.1 && !Object.values(args).some((v) => v !== null && typeof v === 'object')
  return { kind: 'functions', name: called.name, sent: args, call: me.client.rpc(called.name, args, get ? { get: true } : {}) }
}

function filtered(query, table, me, other) {
  for (const column of some(table.columns, 0.12)) {
    const operator = pick(['eq', 'neq', 'gt', 'lte', 'is', 'in', 'like', 'cs', 'fts'])
    const given = operator === 'is' ? null : value(column.type, me, other)
    const text = typeof given === 'object' ? JSON.stringify(given) : given
    query = operator === 'in' ? query.in(column.name, [text, pick(ids(me, other))]) : query.filter(column.name, operator, text)
  }
  if (table.columns.some(({ name }) => name === 'id') && chance() < 0.5) query = query.eq('id', pick(ids(me, other)))
  if (chance() < 0.1) query = query.or(`user_id.eq.${other.id},id.eq.${pick(other.ids)}`)
  return query
}

function callTable(me, other) {
  const table = pick(chance() < 0.85 ? all.tables.filter(({ open }) => open) : all.tables)
  const from = me.client.from(table.name)
  const verb = pick(['select', 'select', 'insert', 'insert', 'upsert', 'update', 'delete'])
  const columns = chance() < 0.5 ? '*' : ['*', ...some(table.embeds, 0.4).map((e) => `${e}(*)`)].join(',')
  const rows = () => (careful || chance() < 0.5 ? goodRow(table, me, other) : row(table.columns, me, other))
  const sent = chance() < 0.2 ? [rows(), rows()] : rows()
  const change = row(table.columns.slice(1), me, other)
  const query = {
    select: () => filtered(from.select(columns, pick([{}, {}, { count: 'exact' }])), table, me, other),
    insert: () => from.insert(sent),
    upsert: () => from.upsert(sent, pick([{}, { onConflict: 'id' }, { onConflict: 'id,user_id' }, { ignoreDuplicates: true }])),
    update: () => filtered(from.update(change), table, me, other),
    // Most deletions aim at the other; else there would soon be nothing left of the own.
    delete: () => (chance() < 0.8 ? from.delete().in('id', [...other.ids, UNKNOWN]) : filtered(from.delete().neq('id', UNKNOWN).gt('created_at', '2027-01-01'), table, me, other)),
  }[verb]()
  const call = verb === 'select' || chance() < 0.4 ? query : query.select(columns)
  return { kind: 'tables', name: `${verb} ${table.name}`, sent: verb === 'update' ? change : verb === 'select' || verb === 'delete' ? {} : sent, call }
}

// What must hold of every answer

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** The objects within an answer that say that they are another person's. */
function foreignRows(data, other) {
  if (Array.isArray(data)) return data.flatMap((one) => foreignRows(one, other))
  if (data === null || typeof data !== 'object') return []
  const within = Object.values(data).flatMap((one) => foreignRows(one, other))
  return data.user_id === other.id || data.owner_id === other.id ? [data, ...within] : within
}

async function round(me, other) {
  careful = chance() < 0.5
  const { kind, name, sent, call } = chance() < 0.6 ? callFunction(me, other) : callTable(me, other)
  const { data, error, status, statusText } = await call
  count(kind, name, status)
  const said = JSON.stringify({ data, error }) ?? ''
  const what = `${me.name}: ${name} with ${JSON.stringify(sent).slice(0, 600)}: ${status} ${statusText} ${said.slice(0, 600)}`
  assert.ok(status < 500 && status >= 200, what)
  assert.ok(!said.includes(other.word), `the other's words: ${what}`)
  assert.doesNotMatch(error?.message ?? '', /panicked|unwrap|\.rs\b/, what)
  for (const id of JSON.stringify(sent).match(UUID) ?? []) me.sent.add(id)
  if (error === null) {
    assert.deepEqual(foreignRows(data, other), [], `the other's rows: ${what}`)
    const told = (said.match(UUID) ?? []).filter((id) => id === other.id || other.ids.includes(id))
    assert.deepEqual(told.filter((id) => !me.sent.has(id)), [], `the other's ids: ${what}`)
  }
}

const noted = async (condition) => Number(await server.sql(`select count(*) from audit.changes where ${condition}`))

test('two people call at random, and never meet', { timeout: 300_000 }, async () => {
  for (let done = 0; done < ROUNDS; done += TURN) {
    const [me, other] = chance() < 0.5 ? people : [...people].reverse()
    const untouched = await checksum(other)
    for (let i = 0; i < TURN; i++) await round(me, other)
    assert.equal(await checksum(other), untouched, `${me.name} changed nothing of ${other.name}'s up to round ${done + TURN}`)
  }
  const tally = Object.values({ ...calls.functions, ...calls.tables })
  const sum = (key) => tally.reduce((n, one) => n + one[key], 0)
  console.log(`# ${sum('answered') + sum('refused')} calls, ${sum('answered')} answered, ${sum('refused')} refused, seed ${SEED}`)
})

test('whoever changed a row was the one whom it belongs to', async () => {
  assert.equal(await noted(`actor is not null and (was is distinct from coalesce(actor, was) and verb <> 'INSERT'
    or becomes is distinct from actor and verb <> 'DELETE')`), 0)
  assert.equal(await noted('actor is null'), 0)
})

test('there was much to change and to call, and it was called', async () => {
  for (const person of people) assert.ok((await noted(`actor = '${person.id}'`)) > ROUNDS / 30, `${person.name} changed rows`)
  const called = all.functions.filter(({ name }) => calls.functions[name]?.answered > 0)
  assert.deepEqual(all.functions.filter((f) => !called.includes(f)).map((f) => f.name), [], 'functions that never answered')
})

test('a change of another’s row would have been noted', async () => {
  const [ada, ben] = people
  const before = await checksum(ben)
  await server.sql(`select set_config('request.jwt.claims', '{"sub":"${ada.id}"}', true);
    update profiles set locale = 'xx' where id = '${ben.id}'`)
  assert.equal(await noted('actor <> was'), 1)
  assert.notEqual(await checksum(ben), before)
})
