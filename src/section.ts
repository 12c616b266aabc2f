import { ContraflowError } from './errors.js'
import { isSavedArray, type Saved, type SavedArray } from './saved.js'

/**
 * Reads a saved state and checks what it reads: a field that is missing or of another kind or length is an error that says
 * where it is.
 * @throws ContraflowError CHECKPOINT_MISFIT from every method that reads.
 */
export class Section {
  /** What stands there. */
  readonly value: Saved
  /** Where it stands, for errors. */
  readonly path: string

  /** @param path Where the value stands in something larger, for errors. */
  constructor(value: Saved, path = '') {
    this.value = value
    this.path = path
  }

  /** A field of this one. */
  at(name: string): Section {
    const { value } = this
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value) && !isSavedArray(value)
    if (!isRecord) throw this.#misfit('a record')
    const place = this.path === '' ? name : `${this.path}.${name}`
    if (!Object.hasOwn(value, name)) throw misfit(place, 'nothing', 'a value')
    return new Section((value as Record<string, Saved>)[name]!, place)
  }

  /** The fields of this one, by name. */
  get fields(): ReadonlyMap<string, Section> {
    if (typeof this.value !== 'object' || this.value === null) throw this.#misfit('a record')
    return new Map(Object.keys(this.value).map(name => [name, this.at(name)]))
  }

  /** Is it null? */
  get isNull(): boolean {
    return this.value === null
  }

  /** A number. @throws ContraflowError CHECKPOINT_MISFIT when it is none. */
  get number(): number {
    if (typeof this.value !== 'number') throw this.#misfit('a number')
    return this.value
  }

  /** A string. @throws As `number`. */
  get text(): string {
    if (typeof this.value !== 'string') throw this.#misfit('a text')
    return this.value
  }

  /** A truth value. @throws As `number`. */
  get flag(): boolean {
    if (typeof this.value !== 'boolean') throw this.#misfit('true or false')
    return this.value
  }

  /** The members of a list. @throws As `number`. */
  get list(): readonly Section[] {
    if (!Array.isArray(this.value)) throw this.#misfit('a list')
    return this.value.map((item: Saved, index) => new Section(item, `${this.path}[${index}]`))
  }

  /** A copy of an array of doubles. @param length How long it has to be; any by default. */
  doubles(length?: number): Float64Array {
    const { value } = this
    if (!(value instanceof Float64Array) || (length !== undefined && value.length !== length))
      throw this.#misfit(length === undefined ? 'doubles' : `${length} doubles`)
    return value.slice()
  }

  /** Writes the fields of this one into the arrays of the same names, all or none. */
  into(arrays: Readonly<Record<string, SavedArray>>): void {
    const pairs = Object.entries(arrays).map(([name, target]) => ({ target, saved: this.at(name) }))
    for (const { target, saved } of pairs) {
      const { value } = saved
      if (!isSavedArray(value) || kindOf(value) !== kindOf(target) || value.length !== target.length)
        throw saved.#misfit(describe(target))
    }
    const left = [...this.fields.keys()].find(name => !Object.hasOwn(arrays, name))
    if (left !== undefined) throw misfit(this.at(left).path, describe(this.at(left).value), 'nothing of this name')
    for (const { target, saved } of pairs) target.set(saved.value as SavedArray)
  }

  #misfit(expected: string): ContraflowError {
    return misfit(this.path, describe(this.value), expected)
  }
}

function misfit(place: string, received: string, expected: string): ContraflowError {
  return new ContraflowError('CHECKPOINT_MISFIT', { received, expected, place: place || 'checkpoint' })
}

function describe(value: Saved): string {
  if (isSavedArray(value)) return `${kindOf(value)} of ${value.length}`
  return JSON.stringify(value, (_, inner) => (isSavedArray(inner) ? describe(inner) : inner))
}

/** Float64Array also of an array in the memory of the kernels, which is of a class of its own. */
function kindOf(array: SavedArray): string {
  return array[Symbol.toStringTag]
}
