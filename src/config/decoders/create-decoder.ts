import type { PipelineConfig } from '../pipeline.js'
import { formatOf, readingOf } from '../source-format.js'
import { CsvDecoder } from './csv-decoder.js'
import type { Decoder } from './decoder.js'
import { JsonataDecoder } from './jsonata-decoder.js'
import { MappedDecoder } from './mapped-decoder.js'
import { type DecoderOptions, ObservationDecoder } from './observation-message.js'
import { SenmlDecoder } from './senml-decoder.js'

/**
 * The decoder for the messages of the source of a pipeline file.
 * @throws ContraflowError when something that it needs is not installed.
 */
export async function createDecoder({ channels, source }: PipelineConfig): Promise<Decoder> {
  const { timeUnit, timeCheck, map, csv = {} } = readingOf(source)
  const options: DecoderOptions = {
    ...(channels && { channels }),
    ...(timeUnit && { timeUnit }),
    ...(timeCheck !== undefined && { timeCheck }),
  }
  const format = formatOf(source)
  if (format === 'csv') return new CsvDecoder(csv, options)
  if (format === 'senml') return new SenmlDecoder(options)
  if (map === undefined) return new ObservationDecoder(options)
  return map.jsonata === undefined ? new MappedDecoder(map, options) : JsonataDecoder.create(map.jsonata, options)
}
