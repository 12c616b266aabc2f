import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Secrets } from '../../streams/feeds/websocket/secrets.js'
import { codeOf } from '../../streams/files/code-of.js'
import { refuseOverwriting } from '../../streams/files/refuse-overwriting.js'
import { tryWriting } from '../../streams/files/try-writing.js'
import { Certificate } from '../../streams/publisher/admission/certificate.js'
import { Tokens } from '../../streams/publisher/admission/tokens.js'
import { tryPort } from '../../streams/publisher/listener.js'
import { publisherSettings } from '../../streams/publisher/options.js'
import { foreseeRecording } from '../../streams/recorder/foresee-recording.js'
import { systemClock } from '../../streams/time/clock.js'
import { createDecoder } from '../config/decoders/create-decoder.js'
import type { PipelineConfig, SinkConfig, SourceConfig } from '../config/pipeline.js'
import { ContraflowError } from '../errors.js'

type Publisher = Extract<SinkConfig, { kind: 'websocket' }>

/**
 * What a run of a pipeline file would end in before it has begun: what the file names and is not there, may not be used, or is in
 * use. Connects nowhere and leaves nothing behind; ports and directories are tried for a moment. Checkpoints are foreseen elsewhere.
 */
export async function findProblems(config: PipelineConfig): Promise<Error[]> {
  const { source, sinks = [], deadLetters, record } = config
  const outputs = sinks.flatMap(sink => (sink.kind === 'ndjson' && sink.path !== '-' ? [sink.path] : []))
  const publishers = sinks.filter(sink => sink.kind === 'websocket')
  const checks = [
    ...(source ? [checkSource(source)] : []),
    createDecoder(config),
    ...[...new Set([...outputs, ...(deadLetters ? [deadLetters.path] : [])])].map(checkOutput),
    ...publishers.map((sink, i) => (isFirst(sink, i, publishers) ? checkPublisher(sink) : refuseSharedPort(sink))),
    ...(record ? [foreseeRecording(record.directory, config.channels)] : []),
    refuseOverwriting(config),
  ]
  const results = await Promise.allSettled<unknown>(checks)
  return results.flatMap(result => (result.status === 'rejected' ? [result.reason as Error] : []))
}

async function checkSource(source: SourceConfig): Promise<void> {
  // What is followed may come later.
  if (source.kind === 'log' && !source.follow) await checkReadable(source.path)
  if (source.kind !== 'websocket') return
  new Secrets().fillAll(source)
  if (source.ca !== undefined) await checkReadable(source.ca)
}

async function checkOutput(path: string): Promise<void> {
  try {
    if (await isFile(path)) await access(path, constants.W_OK)
    else await tryWriting(dirname(path))
  } catch (error) {
    if (error instanceof ContraflowError) throw error
    throw new ContraflowError('SINK_FAILED', { received: (error as Error).message, place: path }, { cause: error })
  }
}

/** Is it there, and no directory? */
async function isFile(path: string): Promise<boolean> {
  try {
    if (!(await stat(path)).isDirectory()) return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
  throw new ContraflowError('SINK_FAILED', { received: 'a directory', expected: 'the name of a file', place: path })
}

async function checkPublisher(sink: Publisher): Promise<void> {
  const settings = publisherSettings(sink)
  const { tokens, tls } = settings
  if (tokens.length > 0) await Tokens.open(tokens)
  const renewal = tls && (await new Certificate(tls, systemClock).renewed())
  if (renewal?.doubt !== undefined) throw new Error(renewal.doubt)
  await tryPort(settings)
}

/** Of its port, in the file. */
function isFirst({ port }: Publisher, index: number, all: readonly Publisher[]): boolean {
  return port === 0 || all.findIndex(other => other.port === port) === index
}

async function refuseSharedPort({ port }: Publisher): Promise<void> {
  throw new ContraflowError('SINK_FAILED', {
    received: 'two websocket sinks',
    place: `port ${port}`,
    expected: 'a port for each',
    remedy: 'Choose another port for one of them.',
  })
}

async function checkReadable(path: string): Promise<void> {
  await access(path, constants.R_OK).catch(cause => {
    throw new ContraflowError('FILE_UNREADABLE', { received: cause.message, place: path }, { cause })
  })
}
