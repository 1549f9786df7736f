// What Mara's graph says without any AI.

import { mara } from './clients.mjs'
import { answer, chapter, count, wrap } from './output.mjs'

export async function showInsights() {
  chapter("What Mara's graph says by itself", `mara.rpc('refresh_graph_insights'), mara.from('graph_insights').select(…)`)
  const changed = await answer(mara.rpc('refresh_graph_insights'))
  const rows = await answer(
    mara.from('graph_insights').select('insight_type, title, content').is('valid_until', null).order('insight_key'),
  )
  if (changed !== rows.length) throw new Error(`${changed} insights written, ${rows.length} there`)
  for (const { insight_type, title, content } of rows) {
    console.log(`  ${insight_type.padEnd(20)}${title}\n${wrap(content, 22)}`)
  }
  const again = await answer(mara.rpc('refresh_graph_insights'))
  console.log(`\n  Looked for again: ${count(again, 'change')}.`)
}
