import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemClock } from '../../streams/clock.js'
import { Secrets } from '../../streams/feeds/secrets.js'
import { Certificate } from '../../streams/publisher/certificate.js'
import { publisherSettings } from '../../streams/publisher/options.js'
import { Tokens } from '../../streams/publisher/tokens.js'
import { refuseOverwriting } from '../../streams/refuse-overwriting.js'
import type { PipelineConfig, SinkConfig, SourceConfig } from '../config/pipeline.js'
import { ContraflowError } from '../errors.js'

/** What a pipeline file names that is not there, or may not be used, one sentence each. Changes nothing and connects nowhere. */
export async function findProblems(config: PipelineConfig): Promise<string[]> {
  const { source, sinks = [], deadLetters } = config
  const outputs = sinks.flatMap(sink => (sink.kind === 'ndjson' && sink.path !== '-' ? [sink.path] : []))
  const checks = [
    ...(source ? [checkSource(source)] : []),
    ...[...outputs, ...(deadLetters ? [deadLetters.path] : [])].map(checkOutput),
    ...sinks.map(checkPublisher),
    refuseOverwriting(config),
  ]
  const results = await Promise.allSettled(checks)
  return results.flatMap(result => (result.status === 'rejected' ? [(result.reason as Error).message] : []))
}

async function checkSource(source: SourceConfig): Promise<void> {
  // What is followed may come later.
  if (source.kind === 'log' && !source.follow) await attempt('FILE_UNREADABLE', source.path, constants.R_OK)
  if (source.kind !== 'websocket') return
  new Secrets().fillAll(source)
  if (source.ca !== undefined) await attempt('FILE_UNREADABLE', source.ca, constants.R_OK)
}

async function checkOutput(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  if (there?.isDirectory()) throw new ContraflowError('SINK_FAILED', { received: 'a directory', place: path })
  await attempt('SINK_FAILED', there ? path : dirname(path), constants.W_OK)
}

async function checkPublisher(sink: SinkConfig): Promise<void> {
  if (sink.kind !== 'websocket') return
  const { tokens, tls } = publisherSettings(sink)
  if (tokens.length > 0) await Tokens.open(tokens)
  const renewal = tls && (await new Certificate(tls, systemClock).renewed())
  if (renewal?.doubt !== undefined) throw new Error(renewal.doubt)
}

async function attempt(code: 'FILE_UNREADABLE' | 'SINK_FAILED', path: string, mode: number): Promise<void> {
  await access(path, mode).catch(cause => {
    throw new ContraflowError(code, { received: cause.message, place: path }, { cause })
  })
}
