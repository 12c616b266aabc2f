import type { SinkPolicy } from '../../src/names.js'
import type { SinkMark } from './cut-back.js'

/** What a message is about; a newer one of the same topic makes an older one dispensable. */
export interface Topic {
  /** What it is. */
  readonly kind: 'estimate' | 'forecast' | 'deadLetter'
  /** Which stream it belongs to. */
  readonly key: string
}

/** Takes serialised messages. A sink that cannot take more holds the valve; one that serves many never waits for one. */
export interface Sink {
  /** One JSON document without line end. */
  write(line: string, topic: Topic): void
  /** Of sinks that write bytes: the same document in UTF-8, with its line end; it is not changed any more. */
  writeBytes?(line: Uint8Array, topic: Topic): void
  /** How it fares, now. */
  readonly status: SinkStatus
  /** Of sinks that can be cut back to where they were: files. */
  readonly tail?: SinkTail
  /** Sends out what is pending and lets go of everything. */
  close(): Promise<void>
}

/** How a sink fares. */
export interface SinkStatus {
  readonly kind: 'ndjson' | 'websocket'
  /** Its path or address. */
  readonly place: string
  /** What gives when messages come faster than they can be taken. */
  readonly policy: SinkPolicy
  /** Bytes that wait in this process. */
  readonly waiting: number
  /** Messages that did not get there: dropped, or replaced by newer ones of the same topic. */
  readonly dropped: number
  /** Why nothing can be written at the moment; undefined when it can. */
  readonly failure?: string
}

/** The end of what a sink has written, for those who go on from there later. */
export interface SinkTail {
  readonly path: string
  /** Behind the last message, whether it has reached the file or is on its way. */
  position(): SinkMark
  /** Returns when everything up to here would survive the loss of power. @throws ContraflowError SINK_FAILED. */
  sync(): Promise<void>
}

/** Takes lines, whatever they are about; the topic matters only to those that coalesce. */
export interface LineSink extends Sink {
  write(line: string, topic?: Topic): void
}
