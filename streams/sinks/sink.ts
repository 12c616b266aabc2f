/** What a message is about; a newer one of the same topic makes an older one dispensable. */
export interface Topic {
  readonly kind: 'estimate' | 'forecast' | 'deadLetter'
  readonly key: string
}

/** Takes serialised messages. A sink that cannot take more holds the valve; one that serves many never waits for one. */
export interface Sink {
  /** One JSON document without line end. */
  write(line: string, topic: Topic): void
  /** Sends out what is pending and lets go of everything. */
  close(): Promise<void>
}

/** Takes lines, whatever they are about. */
export interface LineSink extends Sink {
  write(line: string): void
}
