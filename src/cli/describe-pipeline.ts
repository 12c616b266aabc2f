import { learnerOptionsOf, loadTensorParts } from '../../streams/tensor-parts.js'
import type { PipelineConfig } from '../config/pipeline.js'
import { redact } from '../config/redact.js'
import { learnerSettings } from '../learn/learner-options.js'
import { createModel } from '../learn/model.js'
import { describeOverflow } from './describe-overflow.js'

/** What a pipeline file does, in a few lines, defaults included. Loads the model of TensorFlow.js that it names. */
export async function describePipeline(config: PipelineConfig): Promise<string[]> {
  const { source, channels, learn = {}, sinks } = config
  const { allowedLateness = 0, maxKeys = 10_000 } = learn
  const parts = await loadTensorParts(config)
  const settings = learnerSettings(learnerOptionsOf(config, parts))
  const { optimizer } = settings
  const lines = [
    `source: ${source ? JSON.stringify(redact(source)) : 'standard input'}`,
    `channels: ${channels ? channels.join(', ') : 'named by the first observation'}`,
  ]
  if (channels) {
    const { dimension, parameters } = createModel({ ...settings.model, channels: channels.length, seed: settings.seed })
    lines.push(`model: ${dimension} state dimensions, ${parameters.length} parameters for each key`)
  }
  if (parts.explanation) lines.push(`dynamics: ${parts.explanation}`)
  const { method, rtol, atol } = settings.solver
  lines.push(
    `solver: ${method.name}, rtol ${rtol}, atol ${atol}`,
    `learn: ${optimizer.kind === 'custom' ? optimizer.name : optimizer.kind}, window ${settings.window}, stride ${settings.stride}, seed ${settings.seed}, ` +
      `after a warm-up of ${settings.warmup} observations`,
    `late: more than ${allowedLateness} s behind the newest observation of its key; at most ${maxKeys} keys`,
    `overflow: ${describeOverflow(config).join('; ')} (streams/overflow.md)`,
    `sinks: ${sinks ? sinks.map(sink => JSON.stringify(redact(sink))).join(', ') : 'NDJSON on standard output'}`,
  )
  return lines
}
