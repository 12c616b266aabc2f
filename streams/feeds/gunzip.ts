import { createGunzip } from 'node:zlib'

/** Bytes that are unzipped in one step: they become a thousand times as many at most, which have to lie in memory. */
const STEP = 16 << 10

/**
 * Unzips a stream of bytes, one chunk after the other. When it is damaged, everything before the damage comes out first, to a
 * slow reader too; a pipeline of streams throws away what it holds when one of them fails.
 * The error says up to which zipped byte all was well, exactly so with `again`, otherwise to within a step.
 * @param again Gives the same bytes once more. zlib keeps what it has unzipped of the step that fails; with it that step is done
 * again, byte by byte.
 */
export async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
  again?: () => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const unzipper = new Unzipper()
  const done = { bytes: 0, given: 0 }
  try {
    for await (const step of steps(chunks)) {
      for (const part of await unzipper.write(step)) {
        done.given += part.length
        yield part
      }
      if (unzipper.failure) {
        const place = again ? yield* untilDamage(again(), done) : done.bytes
        throw noticedAt(place, unzipper.failure)
      }
      done.bytes += step.length
    }
    yield* await unzipper.end()
    if (unzipper.failure) throw noticedAt(done.bytes, unzipper.failure)
  } finally {
    unzipper.close()
  }
}

function noticedAt(bytes: number, { message }: Error): Error {
  return new Error(`${message}, noticed after byte ${bytes} of the zipped file`)
}

/**
 * What comes out before the damage, behind what has been given.
 * @param done Bytes in and out before the step in which it is.
 * @returns How many zipped bytes there are before it.
 */
async function* untilDamage(
  chunks: AsyncIterable<Uint8Array>,
  done: { readonly bytes: number; readonly given: number },
): AsyncGenerator<Uint8Array, number> {
  const unzipper = new Unzipper()
  let [bytes, given] = [0, 0]
  try {
    for await (const step of steps(chunks)) {
      const size = bytes < done.bytes ? step.length : 1
      for (let start = 0; start < step.length; start += size) {
        for (const part of await unzipper.write(step.subarray(start, start + size))) {
          given += part.length
          // Of the first part that is new, perhaps only the end.
          if (given > done.given) yield part.subarray(Math.max(0, part.length - (given - done.given)))
        }
        if (unzipper.failure) return bytes + start
      }
      bytes += step.length
    }
    return bytes
  } finally {
    unzipper.close()
  }
}

async function* steps(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks)
    for (let start = 0; start < chunk.length; start += STEP) yield chunk.subarray(start, start + STEP)
}

/** zlib, one step after the other. */
class Unzipper {
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
