import type { PipelineConfig } from '../config/pipeline.js'
import { learnerSettings } from '../learn/learner-options.js'
import { createModel } from '../learn/model.js'

/** What a pipeline file does, in a few lines, defaults included. */
export function describePipeline({
  source,
  channels,
  model = {},
  solver = {},
  learn = {},
  sinks,
}: PipelineConfig): string[] {
  const { allowedLateness = 0, maxKeys = 10_000, ...options } = learn
  const settings = learnerSettings({ ...options, model, solver })
  const lines = [
    `source: ${source ? JSON.stringify(source) : 'standard input'}`,
    `channels: ${channels ? channels.join(', ') : 'named by the first observation'}`,
  ]
  if (channels) {
    const { dimension, parameters } = createModel({ ...model, channels: channels.length, seed: settings.seed })
    lines.push(`model: ${dimension} state dimensions, ${parameters.length} parameters for each key`)
  }
  const { method, rtol, atol } = settings.solver
  lines.push(
    `solver: ${method.name}, rtol ${rtol}, atol ${atol}`,
    `learn: ${settings.optimizer.kind}, window ${settings.window}, stride ${settings.stride}, seed ${settings.seed}, ` +
      `after a warm-up of ${settings.warmup} observations`,
    `late: more than ${allowedLateness} s behind the newest observation of its key; at most ${maxKeys} keys`,
    `sinks: ${sinks ? sinks.map(sink => JSON.stringify(sink)).join(', ') : 'NDJSON on standard output'}`,
  )
  return lines
}
