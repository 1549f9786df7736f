// Pictures by Vega-Lite.

import * as vega from 'vega'
import { compile } from 'vega-lite'

/** The SVG of a chart, given as Vega-Lite specifies it. */
export function svg(chart) {
  const { spec } = compile({ $schema: 'vega-lite', background: 'white', ...chart })
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logLevel: vega.Error })
  return view.toSVG()
}
