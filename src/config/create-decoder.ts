import type { Decoder } from './decoder.js'
import { JsonataDecoder } from './jsonata-decoder.js'
import { MappedDecoder } from './mapped-decoder.js'
import { type DecoderOptions, ObservationDecoder } from './observation-message.js'
import type { PipelineConfig } from './pipeline.js'

/**
 * The decoder for the messages of the source of a pipeline file.
 * @throws ContraflowError when something that it needs is not installed.
 */
export async function createDecoder({ channels, source }: PipelineConfig): Promise<Decoder> {
  const { timeUnit, timeCheck, map } = source === undefined || source.kind === 'simulate' ? NOTHING_SAID : source
  const options: DecoderOptions = {
    ...(channels && { channels }),
    ...(timeUnit && { timeUnit }),
    ...(timeCheck !== undefined && { timeCheck }),
  }
  if (map === undefined) return new ObservationDecoder(options)
  return map.jsonata === undefined ? new MappedDecoder(map, options) : JsonataDecoder.create(map.jsonata, options)
}

const NOTHING_SAID: Partial<Extract<PipelineConfig['source'], { kind: 'stdin' }>> = {}
