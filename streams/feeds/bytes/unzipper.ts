import { createGunzip } from 'node:zlib'

/** zlib, one step after the other. */
export class Unzipper {
  failure: Error | undefined
  readonly #unzip = createGunzip()
  readonly #parts: Uint8Array[] = []
  #wake = () => {}

  constructor() {
    this.#unzip
      .on('data', (part: Buffer) => this.#parts.push(part))
      .on('end', () => this.#wake())
      .on('error', error => {
        this.failure = error
        this.#wake()
      })
  }

  /** @returns What came out. Whether something was wrong is in `failure`. */
  write(bytes: Uint8Array): Promise<Uint8Array[]> {
    return this.#settled(done => this.#unzip.write(bytes, done))
  }

  /** Nothing more will come. */
  end(): Promise<Uint8Array[]> {
    return this.#settled(() => this.#unzip.end())
  }

  close(): void {
    this.#unzip.destroy()
  }

  /** Resolves when a step is done, or when nothing more will be. */
  async #settled(step: (done: () => void) => void): Promise<Uint8Array[]> {
    await new Promise<void>(resolve => {
      this.#wake = resolve
      step(resolve)
    })
    return this.#parts.splice(0)
  }
}
