import { learnerOptionsOf, type TensorParts } from '../../streams/pipeline/tensor-parts.js'
import { isLoopback } from '../../streams/publisher/options.js'
import { workerCount } from '../../streams/workers/worker-pool.js'
import { redact } from '../config/complaints/redact.js'
import type { PipelineConfig, SinkConfig } from '../config/pipeline.js'
import { learnerSettings } from '../learn/learner-settings.js'
import { createModel } from '../learn/model/model.js'
import { describeOverflow } from './describe-overflow.js'

/**
 * What a pipeline file does, on one screen, defaults included.
 * @param parts What `loadTensorParts` gave for it. @param beginning How it goes on from checkpoints, if that is known.
 */
export function describePipeline(config: PipelineConfig, parts: TensorParts, beginning?: string): string[] {
  const { source, learn = {}, sinks } = config
  const { allowedLateness = 0, maxKeys = 10_000 } = learn
  const threads = workerCount(config)
  return [
    `source: ${source ? JSON.stringify(redact(source)) : 'standard input'}${source?.kind === 'websocket' ? '; not tried: a run waits until it is there' : ''}`,
    ...describeModel(config, parts),
    `late: more than ${allowedLateness} s behind the newest observation of its key; at most ${maxKeys} keys`,
    ...(threads > 0 ? [`workers: ${threads} threads`] : []),
    `overflow: ${describeOverflow(config).join('; ')} (streams/overflow/overflow.md)`,
    `forecast: ${describeForecast(config)}`,
    `sinks: ${sinks ? sinks.map(sink => JSON.stringify(redact(sink))).join(', ') : 'NDJSON on standard output'}`,
    ...(sinks ?? []).flatMap(describePublisher),
    `dead letters: ${config.deadLetters ? `added to ${config.deadLetters.path}, and said on standard error` : 'said on standard error'}`,
    `record: ${describeRecord(config)}`,
    `checkpoint: ${describeCheckpoint(config, beginning)}`,
  ]
}

function describeModel(config: PipelineConfig, parts: TensorParts): string[] {
  const { channels } = config
  const settings = learnerSettings(learnerOptionsOf(config, parts))
  const { optimizer } = settings
  const lines = [`channels: ${channels ? channels.join(', ') : 'named by the first observation'}`]
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
  )
  return lines
}

function describeForecast({ forecast }: PipelineConfig): string {
  if (forecast === undefined) return 'none'
  const { every, horizon, points = 1 } = forecast
  return `every ${every} s of event time, ${points} ${points === 1 ? 'point' : 'points'} up to ${horizon} s ahead`
}

function describePublisher(sink: SinkConfig): string[] {
  if (sink.kind !== 'websocket') return []
  const { port, host = '127.0.0.1', token, tls } = sink
  const where = `${tls ? 'wss' : 'ws'}://${host.includes(':') ? `[${host}]` : host}:${port === 0 ? '(a free port)' : port}`
  const who = token ? 'whoever has a token' : isLoopback(host) ? 'everybody on this machine' : 'everybody'
  return [`serves: ${where}, to ${who}`]
}

function describeRecord({ record }: PipelineConfig): string {
  if (record === undefined) return 'nothing'
  const { directory, fsync = 1 } = record
  const synced = typeof fsync === 'number' ? `synced every ${fsync} s` : `synced ${fsync}`
  return `every accepted observation into ${directory}, ${synced}`
}

function describeCheckpoint({ checkpoint }: PipelineConfig, beginning: string | undefined): string {
  if (checkpoint === undefined) return 'none: a run begins anew'
  const { directory, every = 60, keep = 3 } = checkpoint
  return `${directory}, every ${every} s, keeps ${keep}${beginning === undefined ? '' : `; ${beginning}`}`
}
