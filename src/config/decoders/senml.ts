import { ContraflowError } from '../../errors.js'

/** A record of SenML with everything that was said once for all of them. */
export interface ResolvedRecord {
  readonly name: string
  /** Seconds since 1970. */
  readonly t: number
  readonly unit: string | undefined
  readonly value: number
}

/** Times below are seconds from now, others since 1970. @see RFC 8428, 4.5.3 */
const RELATIVE_BELOW = 2 ** 28
/** The version of RFC 8428. */
const VERSION = 10
const NAME = /^[A-Za-z0-9][A-Za-z0-9\-:./_]*$/

/** Units for which another one counts: that one, and how to get there. @see RFC 8798, 3 */
const SECONDARY_UNITS: Readonly<Record<string, readonly [primary: string, scale: number, offset?: number]>> = {
  ms: ['s', 1 / 1000],
  min: ['s', 60],
  h: ['s', 3600],
  MHz: ['Hz', 1e6],
  kW: ['W', 1000],
  kVA: ['VA', 1000],
  kvar: ['var', 1000],
  Ah: ['C', 3600],
  Wh: ['J', 3600],
  kWh: ['J', 3.6e6],
  varh: ['vars', 3600],
  kvarh: ['vars', 3.6e6],
  kVAh: ['VAs', 3.6e6],
  'Wh/km': ['J/m', 3.6],
  KiB: ['B', 1024],
  GB: ['B', 1e9],
  'Mbit/s': ['bit/s', 1e6],
  'B/s': ['bit/s', 8],
  'MB/s': ['bit/s', 8e6],
  mV: ['V', 1 / 1000],
  mA: ['A', 1 / 1000],
  dBm: ['dBW', 1, -30],
  'ug/m3': ['kg/m3', 1e-9],
  'mm/h': ['m/s', 1 / 3.6e6],
  'm/h': ['m/s', 1 / 3600],
  ppm: ['/', 1e-6],
  '/100': ['/', 1 / 100],
  '/1000': ['/', 1 / 1000],
  hPa: ['Pa', 100],
  mm: ['m', 1 / 1000],
  cm: ['m', 1 / 100],
  km: ['m', 1000],
  'km/h': ['m/s', 1 / 3.6],
}

/** What one record says for those after it. */
interface Base {
  name: string
  time: number
  unit: string | undefined
  value: number
  sum: number
}

type Fields = Readonly<Record<string, unknown>>

/** What the fields are that speak for the records after them. */
const BASE_TYPES: Readonly<Record<string, 'string' | 'number'>> = {
  bn: 'string',
  bt: 'number',
  bu: 'string',
  bv: 'number',
  bs: 'number',
}

/**
 * The records of a pack, each by itself, in SI units.
 * @param pack An array of records, or one record. @param now Seconds since 1970, for relative times.
 * @param emit Gets every record, or what is wrong with it; the others are not touched by that.
 * @throws ContraflowError when the pack as a whole cannot be understood.
 * @see RFC 8428
 */
export function resolveSenml(
  pack: unknown,
  now: number | undefined,
  emit: (record: ResolvedRecord | ContraflowError) => void,
): void {
  const records: readonly unknown[] = Array.isArray(pack) ? pack : [pack]
  for (const record of records) checkRecord(record)
  const base: Base = { name: '', time: 0, unit: undefined, value: 0, sum: 0 }
  records.forEach((record, i) => {
    try {
      const resolved = resolveRecord(record as Fields, base, now)
      if (resolved) emit(resolved)
    } catch (error) {
      if (!(error instanceof ContraflowError)) throw error
      const { code, received, expected, remedy, place } = error
      emit(new ContraflowError(code, { received, expected, remedy, place: `record ${i}${place ? `: ${place}` : ''}` }))
    }
  })
}

/** A reader that does not know what a version, a field ending in "_" or one of the base means must not go on. */
function checkRecord(record: unknown): void {
  if (typeof record !== 'object' || record === null || Array.isArray(record))
    throw invalid(JSON.stringify(record), 'an array of SenML records')
  const { bver = VERSION } = record as Fields
  if (typeof bver !== 'number' || bver > VERSION) throw invalid(`bver ${bver}`, `version ${VERSION} of SenML or less`)
  const unknown = Object.keys(record).find(name => name.endsWith('_'))
  if (unknown !== undefined)
    throw invalid(`the field "${unknown}"`, 'no field that has to be understood and is not known')
  for (const [name, type] of Object.entries(BASE_TYPES)) {
    const value = (record as Fields)[name]
    if (value !== undefined && typeof value !== type)
      throw invalid(`${name}: ${JSON.stringify(value)}`, `a ${type}, which counts for the records after it as well`)
  }
}

function resolveRecord(record: Fields, base: Base, now: number | undefined): ResolvedRecord | undefined {
  rememberBase(record, base)
  const { n = '', t = 0, u, v, s } = record
  if (typeof n !== 'string' || typeof t !== 'number')
    throw invalid(JSON.stringify(record), 'a text "n" and a number "t"')
  if (u !== undefined && typeof u !== 'string') throw invalid(`u: ${JSON.stringify(u)}`, 'a text')
  const own = ['v', 'vs', 'vb', 'vd', 's'].filter(name => record[name] !== undefined)
  const values = own.filter(name => name !== 's')
  if (values.length > 1) throw invalid(`${values.join(' and ')} in one record`, 'one value')
  // A record may hold nothing but what is said for the ones after it.
  if (own.length === 0 && base.value === 0) return undefined
  const name = base.name + n
  if (!NAME.test(name)) throw invalid(`the name ${JSON.stringify(name)}`, 'letters, digits and - : . / _')
  const time = absolute(base.time + t, now)
  const unit = u ?? base.unit
  if (typeof record.vb === 'boolean') return { name, t: time, unit, value: record.vb ? 1 : 0 }
  const plain = v ?? (own.length === 0 ? 0 : undefined)
  if (typeof plain === 'number') return inPrimaryUnit(name, time, unit, base.value + plain)
  if (typeof s === 'number') return inPrimaryUnit(name, time, unit && `${unit}s`, base.sum + s)
  throw invalid(JSON.stringify(record), 'a value "v", "vb" or "s"; texts and data cannot be learned')
}

function rememberBase({ bn, bt, bu, bv, bs }: Fields, base: Base): void {
  if (typeof bn === 'string') base.name = bn
  if (typeof bt === 'number') base.time = bt
  if (typeof bu === 'string') base.unit = bu
  if (typeof bv === 'number') base.value = bv
  if (typeof bs === 'number') base.sum = bs
}

function absolute(time: number, now: number | undefined): number {
  if (time >= RELATIVE_BELOW) return time
  if (now !== undefined) return now + time
  throw invalid(`the time ${time}, relative to the arrival`, 'a time since 1970, because a log has no arrival times')
}

function inPrimaryUnit(name: string, t: number, unit: string | undefined, value: number): ResolvedRecord {
  if (!Number.isFinite(value)) throw new ContraflowError('OBSERVATION_NOT_FINITE', { received: String(value) })
  const known = unit !== undefined && Object.hasOwn(SECONDARY_UNITS, unit) ? SECONDARY_UNITS[unit] : undefined
  if (known === undefined) return { name, t, unit, value }
  const [primary, scale, offset = 0] = known
  return { name, t, unit: primary, value: scale * value + offset }
}

function invalid(received: string, expected: string): ContraflowError {
  const remedy = 'Compare the pack with RFC 8428.'
  return new ContraflowError('OBSERVATION_INVALID', { received, expected, remedy })
}
