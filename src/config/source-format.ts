import type { SourceConfig } from './pipeline.js'

/** How the messages of a source are written; of a log, the end of its name tells when the pipeline file does not. */
export function formatOf(source: SourceConfig | undefined): 'json' | 'csv' | 'senml' {
  if (source === undefined) return 'json'
  if ('format' in source && source.format !== undefined) return source.format
  if ('csv' in source && source.csv !== undefined) return 'csv'
  return source.kind === 'log' && source.map === undefined && /\.(csv|tsv)(\.gz)?$/i.test(source.path) ? 'csv' : 'json'
}

/** What a source says about its messages. */
export type Reading = Partial<
  Pick<Extract<SourceConfig, { kind: 'log' }>, 'timeUnit' | 'timeCheck' | 'map' | 'format' | 'csv' | 'maxLine'>
>

/** How the messages of a source are to be read, whatever kind of source it is. */
export function readingOf(source: SourceConfig | undefined): Reading {
  const said: Reading = source === undefined || source.kind === 'simulate' ? {} : source
  const { timeUnit, timeCheck, map, format, csv, maxLine } = said
  return {
    ...(timeUnit && { timeUnit }),
    ...(timeCheck !== undefined && { timeCheck }),
    ...(map && { map }),
    ...(format && { format }),
    ...(csv && { csv }),
    ...(maxLine !== undefined && { maxLine }),
  }
}
