import type { Topic } from '../../sinks/sink.js'
import { textFrame } from './text-frame.js'

/** One message on its way to all subscribers: serialised once, and put into a frame at most once. */
export class Publication {
  readonly topic: Topic
  /** Ascending in the order of publication. */
  readonly sequence: number
  /** What a newer message of the same topic replaces. */
  readonly slot: string
  #text: string | undefined
  #frame: Buffer | undefined

  constructor(text: string, topic: Topic, sequence: number) {
    this.#text = text
    this.topic = topic
    this.sequence = sequence
    this.slot = `${topic.kind}:${topic.key}`
  }

  /** Made when the first subscriber needs it. */
  get frame(): Buffer {
    if (this.#frame) return this.#frame
    this.#frame = textFrame(this.#text!)
    this.#text = undefined
    return this.#frame
  }
}
