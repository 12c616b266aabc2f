import type { SinkConfig } from '../../src/config/pipeline.js'
import type { Valve } from '../overflow/valve.js'
import type { Service } from '../publisher/service.js'
import type { Clock } from '../time/clock.js'
import type { SinkMark } from './cut-back.js'
import { ndjsonSink } from './ndjson.js'
import { senmlSink } from './senml.js'
import type { Sink } from './sink.js'

export interface SinkContext {
  readonly valve: Valve
  readonly clock: Clock
  /** What publishers ask of the pipeline. */
  readonly service: Service
  /** Called when a sink fails for good. */
  readonly failed: (error: Error) => void
  readonly log: (line: string) => void
  /** Names of the channels, as far as they are known. */
  readonly channels?: () => readonly string[]
  /** Called before a file is changed: throws when that is not this run's any more. */
  readonly hold?: () => Promise<void>
  /** Where a file goes on; undefined for one that begins. */
  readonly startOf?: (path: string) => SinkMark | undefined
}

/** A sink of a pipeline file, or the file for dead letters: what was received is for nobody else to read. */
export type OutletConfig = SinkConfig | (Extract<SinkConfig, { kind: 'ndjson' }> & { readonly isPrivate: true })

/** The sinks that a pipeline file names, ready to take messages; when one cannot be opened, none stays open. */
export async function openSinks(configs: readonly OutletConfig[], context: SinkContext): Promise<Sink[]> {
  const sinks: Sink[] = []
  try {
    for (const config of configs) sinks.push(await openSink(config, context))
    return sinks
  } catch (error) {
    await closeSinks(sinks)
    throw error
  }
}

async function openSink(config: OutletConfig, context: SinkContext): Promise<Sink> {
  if (config.kind === 'ndjson') {
    const from = context.startOf?.(config.path)
    const lines = await ndjsonSink({ ...config, ...(from !== undefined && { from }) }, context)
    return config.format === 'senml' ? senmlSink(lines, context.channels ?? (() => [])) : lines
  }
  // With it come servers and their protocols, which a run into a file need not wait for.
  const { websocketSink } = await import('./websocket.js')
  const sink = await websocketSink(config, context)
  context.log(`estimates on ${sink.url}`)
  return sink
}

export async function closeSinks(sinks: readonly Sink[]): Promise<void> {
  await Promise.all(sinks.map(sink => sink.close()))
}
