import { type Condition, compileCondition } from '../../../src/config/mapping/condition.js'
import { shorten } from '../../../src/errors.js'

/** A step of what is said before observations come. */
export interface DialogueStep {
  /** Wait for a message for which this holds. It is not an observation. */
  readonly wait?: Condition
  /** Give up the connection when a message comes for which this holds, instead. */
  readonly fail?: Condition
  /** Then say this: a text as it is, anything else as JSON. */
  readonly send?: unknown
}

interface CompiledStep {
  readonly wait: ((message: unknown) => boolean) | undefined
  readonly fail: ((message: unknown) => boolean) | undefined
  readonly send: unknown
}

/** What has to be said after a connect, as far as it has come. */
export class Dialogue {
  readonly #steps: readonly CompiledStep[]
  readonly #send: (message: unknown) => void
  #next = 0

  constructor(steps: readonly DialogueStep[], send: (message: unknown) => void) {
    this.#steps = steps.map(({ wait, fail, send: say }) => ({
      wait: wait && compileCondition(wait),
      fail: fail && compileCondition(fail),
      send: say,
    }))
    this.#send = send
  }

  get done(): boolean {
    return this.#next === this.#steps.length
  }

  /** Says what can be said without waiting. */
  begin(): void {
    while (!this.done && this.#steps[this.#next]!.wait === undefined) this.#say()
  }

  /** Was the message a part of the dialogue? @throws Error when it was the refusal. */
  hears(text: string): boolean {
    const message = parse(text)
    const step = this.#steps[this.#next]
    if (message === undefined || step?.wait === undefined) return false
    if (step.fail?.(message)) throw new Error(`the server refused: ${shorten(text)}`)
    if (!step.wait(message)) return false
    this.#say()
    this.begin()
    return true
  }

  /** What is missing, for a message to people. */
  get missing(): string {
    return `step ${this.#next + 1} of ${this.#steps.length} of the dialogue`
  }

  #say(): void {
    const { send } = this.#steps[this.#next++]!
    if (send !== undefined) this.#send(send)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
