/** Takes serialised messages. A sink that cannot take more holds the valve; one that serves many never waits for one. */
export interface Sink {
  /** One JSON document without line end. */
  write(line: string): void
  /** Sends out what is pending and lets go of everything. */
  close(): Promise<void>
}
