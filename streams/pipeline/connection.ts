import type { SourceConfig } from '../../src/config/pipeline.js'

/** Is the feed of a run connected, and how did that go? Counts are of this process. */
export class Connection {
  readonly #connects: boolean
  #connected = false
  #connections = 0
  #missing = 0

  constructor({ kind }: SourceConfig) {
    // The others read what is there.
    this.#connects = kind === 'websocket'
  }

  /** Of a feed that connects to nothing: while it runs. */
  get connected(): boolean {
    return this.#connected
  }

  /** Times that it has connected. */
  get connections(): number {
    return this.#connections
  }

  /** What is said of a feed that connects to something; `missing`: numbered messages that have not come. */
  get counters(): { readonly feed?: { readonly connections: number; readonly missing: number } } {
    return this.#connects ? { feed: { connections: this.#connections, missing: this.#missing } } : {}
  }

  /** The feed has begun; one that connects says when it has. */
  open(): void {
    this.#connected = !this.#connects
  }

  /** The feed has connected, or lost its connection. */
  turned(connected: boolean): void {
    this.#connected = connected
    if (connected) this.#connections++
  }

  missed(count: number): void {
    this.#missing += count
  }

  /** The feed has ended. */
  close(): void {
    this.#connected = false
  }
}
