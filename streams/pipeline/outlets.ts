import type { DeadLetter } from '../../src/dead-letter.js'
import type { Estimate } from '../../src/estimate.js'
import type { Sink, SinkStatus } from '../sinks/sink.js'
import type { Outgoing } from './outgoing.js'
import type { PipelineOptions, Progress } from './pipeline-options.js'

/** Where a run sends what: estimates and forecasts, dead letters, and both to whoever listens in this process. */
export class Outlets {
  readonly #sinks: readonly Sink[]
  readonly #letters: readonly Sink[]
  readonly #options: PipelineOptions

  constructor(sinks: readonly Sink[], letters: readonly Sink[], options: PipelineOptions) {
    this.#sinks = sinks
    this.#letters = letters
    this.#options = options
  }

  /** How each sink fares. */
  get status(): readonly SinkStatus[] {
    return [...this.#sinks, ...this.#letters].map(({ status }) => status)
  }

  /** Never throws: what a callback throws is its own affair. */
  publish(outgoing: Outgoing, progress: Progress): void {
    for (const sink of this.#sinks) {
      const bytes = sink.writeBytes && outgoing.bytes
      if (bytes) sink.writeBytes!(bytes, outgoing)
      else sink.write(outgoing.line, outgoing)
    }
    const { onEstimate } = this.#options
    if (onEstimate && outgoing.kind === 'estimate') this.#tell(() => onEstimate(outgoing.message as Estimate, progress))
  }

  /** Never throws. */
  putAside(letter: DeadLetter, progress: Progress): void {
    if (this.#letters.length > 0) {
      const line = JSON.stringify(letter)
      for (const sink of this.#letters) sink.write(line, { kind: 'deadLetter', key: letter.code })
    }
    this.#tell(() => this.#options.onDeadLetter?.(letter, progress))
  }

  #tell(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#options.log?.(`a callback failed: ${(error as Error).message}`)
    }
  }
}
