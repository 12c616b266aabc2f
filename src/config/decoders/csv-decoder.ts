import { z } from 'zod'
import { ContraflowError } from '../../errors.js'
import { nearestName } from '../../nearest-name.js'
import type { Observation } from '../../observation.js'
import type { Saved } from '../../saved.js'
import type { Section } from '../../section.js'
import { CsvFlaw, csvCells } from './csv-row.js'
import { secondsOf } from './date-time.js'
import { deadLetterOf } from './dead-letter-of.js'
import type { Decoded, Decoder, FrameOrigin } from './decoder.js'
import { numberOf } from './number-of.js'
import { type DecoderOptions, ObservationDecoder } from './observation-message.js'

/** How a log in CSV is written. */
export const csvSchema = z.strictObject({
  /** Between cells. Default: the most frequent of comma, semicolon, tab and bar in the header. */
  separator: z.string().min(1).max(4).exactOptional(),
  /** Of numbers. Default ".". */
  decimal: z.enum(['.', ',']).exactOptional(),
  /** Column of the event time. Default: the first that is called t, time, timestamp, date or datetime; else the first. */
  time: z.string().min(1).exactOptional(),
  /** Of dates without one: Z or +02:00. */
  zone: z
    .string()
    .regex(/^(Z|[+-]\d{2}:\d{2})$/, 'expected Z or an offset such as +02:00')
    .exactOptional(),
  /** Column of the key. Default: the one that is called key, if there is one. */
  key: z.string().min(1).exactOptional(),
  /** Names of the columns of a file that has no header. */
  columns: z.array(z.string().min(1)).min(2).exactOptional(),
  /** Cells that mean "not measured", besides empty ones. Default NA, NaN, nan, null, NULL. */
  missing: z.array(z.string()).exactOptional(),
})

/** Settings of CSV as they are written. */
export type CsvOptions = z.infer<typeof csvSchema>

const TIME_NAMES = /^(t|time|timestamp|date|datetime)$/i
const SEPARATORS = [',', ';', '\t', '|']
const MISSING = ['NA', 'NaN', 'nan', 'null', 'NULL']

/** What the columns of a file are. */
interface Columns {
  readonly count: number
  readonly separator: string
  readonly time: number
  readonly key: number | undefined
  readonly values: readonly { readonly name: string; readonly column: number }[]
}

/**
 * Reads rows of CSV with a header, which may be another one in each file. Columns that are no channel of the pipeline file are
 * passed over; one that is missing makes dead letters of all rows.
 */
export class CsvDecoder implements Decoder {
  /** A header is no message. */
  readonly ignored = 0
  readonly #options: CsvOptions
  readonly #decoding: DecoderOptions
  readonly #native: ObservationDecoder
  readonly #missing: readonly string[]
  #columns: Columns | ContraflowError | undefined

  constructor(options: CsvOptions, decoding: DecoderOptions) {
    this.#options = options
    this.#decoding = decoding
    this.#native = new ObservationDecoder({ ...decoding, timeUnit: 's', writtenIn: decoding.timeUnit ?? 's' })
    this.#missing = ['', ...(options.missing ?? MISSING)]
    const { columns, separator = ',' } = options
    if (columns) this.#columns = this.#layOut(columns, separator)
  }

  get channels(): readonly string[] | undefined {
    return this.#native.channels
  }

  /** The header is not stored: whoever goes on in a file reads it again. */
  save(): Saved {
    return { native: this.#native.save() }
  }

  restore(saved: Section): void {
    this.#native.restore(saved.at('native'))
  }

  recall(observation: Observation | undefined, channels: readonly string[] | undefined): void {
    this.#native.recall(observation, channels)
  }

  read(frame: string, origin: FrameOrigin): Decoded[] {
    try {
      if (this.#isHeader(origin)) return this.#readHeader(frame)
      return [this.#native.fromMessage(this.#message(frame), frame, origin)]
    } catch (error) {
      if (error instanceof CsvFlaw)
        return [deadLetterOf('OBSERVATION_NOT_CSV', frame, origin, { expected: error.message })]
      if (!(error instanceof ContraflowError)) throw error
      return [deadLetterOf(error.code, frame, origin, error)]
    }
  }

  #isHeader({ first = false }: FrameOrigin): boolean {
    return this.#options.columns === undefined && (first || this.#columns === undefined)
  }

  #readHeader(frame: string): Decoded[] {
    const separator = this.#options.separator ?? mostFrequent(frame)
    this.#columns = this.#layOut(csvCells(frame, separator), separator)
    if (this.#columns instanceof ContraflowError) throw this.#columns
    return []
  }

  #layOut(header: readonly string[], separator: string): Columns | ContraflowError {
    const names = header.map(name => name.trim())
    if (this.#options.columns === undefined && names.every(isValue)) return wrongHeader(...HEADLESS)
    const twice = names.find((name, i) => names.indexOf(name) !== i)
    if (twice !== undefined) return wrongHeader(`two columns called ${JSON.stringify(twice)}`, 'columns that differ')
    const { time: timeName, key: keyName } = this.#options
    const { channels } = this.#decoding
    const wanted = [timeName, keyName, ...(channels ?? [])].filter(name => name !== undefined)
    const lost = wanted.find(name => !names.includes(name))
    if (lost !== undefined) {
      const near = nearestName(lost, names)
      return wrongHeader(`the columns ${names.join(', ')}`, `a column "${lost}"${near ? ` (is it "${near}"?)` : ''}`)
    }
    const named = names.findIndex(name => TIME_NAMES.test(name))
    const time = timeName === undefined ? Math.max(0, named) : names.indexOf(timeName)
    const key = names.indexOf(keyName ?? 'key')
    const values = names
      .map((name, column) => ({ name, column }))
      .filter(({ name, column }) => column !== time && column !== key && (channels?.includes(name) ?? true))
    return { count: names.length, separator, time, key: key < 0 ? undefined : key, values }
  }

  /** A row as a message in the native format. */
  #message(row: string): unknown {
    const columns = this.#columns!
    if (columns instanceof ContraflowError) throw columns
    const cells = csvCells(row, columns.separator)
    if (cells.length !== columns.count)
      throw new ContraflowError('OBSERVATION_NOT_CSV', {
        received: `${cells.length} cells`,
        expected: `${columns.count} cells, as in the header`,
      })
    const values: Record<string, number | null> = Object.create(null)
    for (const { name, column } of columns.values) values[name] = this.#number(cells[column]!, name)
    const t = this.#time(cells[columns.time]!)
    return columns.key === undefined ? { t, values } : { key: cells[columns.key]!.trim(), t, values }
  }

  #number(cell: string, name: string): number | null {
    const text = cell.trim()
    if (this.#missing.includes(text)) return null
    const number = numberOf(this.#options.decimal === ',' ? text.replace('.', '?').replace(',', '.') : text, {})
    if (typeof number !== 'string') return number
    throw new ContraflowError('OBSERVATION_INVALID', {
      received: JSON.stringify(cell),
      place: `column ${name}`,
      expected: 'a number, or an empty cell',
      remedy: remedyOf(text),
    })
  }

  #time(cell: string): number {
    const { timeUnit } = this.#decoding
    const { zone, decimal } = this.#options
    const text = decimal === ',' && /^[-+]?\d+,\d+$/.test(cell.trim()) ? cell.replace(',', '.') : cell
    const seconds = secondsOf(text, { ...(timeUnit && { unit: timeUnit }), ...(zone && { zone }) })
    if (seconds !== undefined) return seconds
    throw new ContraflowError('OBSERVATION_INVALID', {
      received: JSON.stringify(cell),
      place: 'time',
      expected: 'a number, or a date with time and zone such as 2026-11-23T01:20:19.866Z',
      remedy: 'Name the column of the time (source.csv.time), or the zone of dates that have none (source.csv.zone).',
    })
  }
}

/** In the pipeline file, which replay and evaluate take with -c. */
function remedyOf(cell: string): string {
  if (/^[-+]?\d+,\d+$/.test(cell)) return 'Say source: { csv: { decimal: "," } } in the pipeline file (-c FILE).'
  return 'Correct the cell; or let the pipeline file (-c FILE) list the channels, other columns are passed over then, or say what means "not measured" (source.csv.missing).'
}

/** Is it what stands in a row, and not the name of a column? */
function isValue(cell: string): boolean {
  return secondsOf(cell, { zone: 'Z' }) !== undefined || typeof numberOf(cell, {}) !== 'string'
}

const HEADLESS = [
  'numbers and times alone',
  'names of columns',
  'Say source: { csv: { columns: [t, a, b] } } in the pipeline file (-c FILE) for a file without header.',
] as const

function wrongHeader(received: string, expected: string, remedy?: string): ContraflowError {
  return new ContraflowError('OBSERVATION_NOT_CSV', {
    received,
    expected,
    place: 'header',
    ...(remedy !== undefined && { remedy }),
  })
}

function mostFrequent(header: string): string {
  const counts = SEPARATORS.map(separator => ({ separator, count: header.split(separator).length }))
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).separator
}
