import type { Observation } from '../../observation.js'
import type { Saved } from '../../saved.js'
import type { Section } from '../../section.js'
import type { Decoded, Decoder, FrameOrigin } from './decoder.js'
import { type DecoderOptions, ObservationDecoder } from './observation-message.js'

/** What decoders have in common that turn a foreign message into native ones: those are checked by the native decoder. */
export abstract class ForeignDecoder implements Decoder {
  ignored = 0
  protected readonly native: ObservationDecoder

  constructor(options: DecoderOptions) {
    this.native = new ObservationDecoder(options)
  }

  get channels(): readonly string[] | undefined {
    return this.native.channels
  }

  save(): Readonly<Record<string, Saved>> {
    return { ignored: this.ignored, native: this.native.save() }
  }

  restore(saved: Section): void {
    this.ignored = saved.at('ignored').number
    this.native.restore(saved.at('native'))
  }

  recall(observation: Observation | undefined, channels: readonly string[] | undefined): void {
    this.native.recall(observation, channels)
  }

  abstract read(frame: string, origin: FrameOrigin): readonly Decoded[] | Promise<readonly Decoded[]>
}
