import { type UnzippedStep, unzipInSteps } from './unzip-in-steps.js'

/** Unzipped bytes that are looked at ahead of those that are given. */
const AHEAD = 256 << 20

/** Runs ahead of who unzips a file, so that nothing is given of a member before its checksum has been found right. */
export class SoundMembers {
  /** Set when something is wrong with a member. It says up to which zipped byte all was well. */
  error: Error | undefined
  readonly #read: () => AsyncIterable<Uint8Array>
  readonly #steps: AsyncGenerator<UnzippedStep>
  #sound = 0
  #unzipped = 0
  /** Zipped bytes before the step that comes. */
  #zipped = 0
  #ended = false

  /** @param read The zipped bytes from the beginning, each time. */
  constructor(read: () => AsyncIterable<Uint8Array>) {
    this.#read = read
    this.#steps = unzipInSteps(read())
  }

  /**
   * @returns How many unzipped bytes may be given when so many are to be: fewer only where a member is damaged, and `error` is set then. All
   * of a file that is cut, and of members longer than 256 MiB what was not seen to be damaged in time.
   */
  async upTo(count: number): Promise<number> {
    while (!this.#ended && this.#sound < count && this.#unzipped < count + AHEAD) await this.#next()
    return this.error ? Math.min(this.#sound, count) : count
  }

  async close(): Promise<void> {
    await this.#steps.return(undefined)
  }

  async #next(): Promise<void> {
    const { value: step } = await this.#steps.next()
    if (step?.failure && !step.cut) await this.#find()
    if (step === undefined || step.failure) this.#ended = true
    else [this.#sound, this.#unzipped, this.#zipped] = [step.sound, step.unzipped, step.zipped]
  }

  async #find(): Promise<void> {
    let zipped = this.#zipped
    for await (const step of unzipInSteps(this.#read(), this.#zipped)) {
      this.#sound = step.sound
      if (step.failure) this.error = noticedAfter(zipped, step.failure)
      zipped = step.zipped
    }
  }
}

/** What zlib says, and where. */
export function noticedAfter(bytes: number, { message }: Error): Error {
  return new Error(`${message}, noticed after byte ${bytes} of the zipped file`)
}
