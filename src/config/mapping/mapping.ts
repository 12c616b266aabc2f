import { ContraflowError } from '../../errors.js'
import type { TimeUnit } from '../../names.js'
import { secondsOf } from '../decoders/date-time.js'
import { type NumberFormat, numberOf } from '../decoders/number-of.js'
import { type Condition, compileCondition } from './condition.js'
import { parsePointer, valueAt } from './json-pointer.js'
import type { Rule, TimeReference, ValueReference } from './mapping-schema.js'
import { furtherOut, parseReference, parseTemplate, resolve, type Scope, type Template } from './reference.js'

/** What rules make of a message: one in the native format, before it is checked. */
export interface MappedMessage {
  readonly key?: string
  readonly t: number
  /** Missing when it is taken away. */
  readonly values?: Record<string, number | null>
  readonly id?: string
  readonly seq?: number
  readonly correct?: true
  readonly retract?: true
}

/** What rules need to know besides the message. */
export interface MappingContext {
  /** Seconds since 1970. */
  readonly arrival: number | undefined
  /** Is the value of this channel wanted? */
  readonly wants: (channel: string) => boolean
  /** Gets what a rule has made, and what it could not make. */
  readonly emit: (message: MappedMessage | ContraflowError) => void
}

/** Part of an observation, taken from a scope. */
type Getter<T> = (scope: Scope, context: MappingContext) => T

interface Getters {
  readonly time?: Getter<number>
  readonly key?: Getter<string>
  readonly id?: Getter<string>
  readonly sequence?: Getter<number>
  readonly correct?: Getter<boolean>
  readonly retract?: Getter<boolean>
  readonly values?: Getter<Record<string, number | null>>
}

/** Applies rules to an item. @returns whether any of them was for it. */
export type Mapper = (scope: Scope, context: MappingContext) => boolean

/** Rules as a function. @param unit Of times for which no rule says one. */
export function compileRules(rules: readonly Rule[], unit: TimeUnit | 'auto', outer: Getters = {}): Mapper {
  const mappers = rules.map(rule => compileRule(rule, unit, outer))
  return (scope, context) => {
    let applied = false
    for (const mapper of mappers) applied = mapper(scope, context) || applied
    return applied
  }
}

function compileRule(rule: Rule, unit: TimeUnit | 'auto', outer: Getters): Mapper {
  const holds = compileCondition(rule.when ?? {})
  const items = compileEach(rule.each)
  const getters = { ...inherited(outer), ...ownGetters(rule, unit) }
  const inner = rule.rules && compileRules(rule.rules, unit, getters)
  return (scope, context) => {
    if (!holds(scope.item)) return false
    attempt(context, scope, () => {
      for (const item of items(scope)) {
        if (inner) inner(item, context)
        else attempt(context, item, () => emitObservation(getters, item, context))
      }
    })
    return true
  }
}

/** What goes wrong with an item leaves the other ones as they are. */
function attempt({ emit }: MappingContext, scope: Scope, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof ContraflowError)) throw error
    const { code, received, expected, remedy } = error
    const place = [pathOf(scope), error.place].filter(part => part !== undefined && part !== '').join(': ')
    emit(new ContraflowError(code, { received, expected, remedy, ...(place !== '' && { place }) }))
  }
}

function pathOf(scope: Scope): string {
  const steps: string[] = []
  for (let at: Scope | undefined = scope; at; at = at.parent) if (at.name !== '') steps.unshift(at.name)
  return steps.length === 0 ? '' : `item ${steps.join('/')}`
}

function compileEach(each: string | undefined): (scope: Scope) => Iterable<Scope> {
  if (each === undefined) return scope => [{ item: scope.item, name: '', parent: scope }]
  const pointer = parsePointer(each)!
  return scope => {
    const items = valueAt(scope.item, pointer)
    if (typeof items === 'object' && items !== null)
      return Object.entries(items).map(([name, item]) => ({ item, name, parent: scope }))
    throw invalid(items, 'an array or an object', each || 'item')
  }
}

/** The same part, seen from one rule further in. */
function inherited(outer: Getters): Getters {
  const further = Object.entries(outer).map(([name, get]) => [
    name,
    (scope: Scope, context: MappingContext) => (get as Getter<unknown>)(scope.parent!, context),
  ])
  return Object.fromEntries(further) as Getters
}

function ownGetters({ time, key, id, sequence, correct, retract, values }: Rule, unit: TimeUnit | 'auto'): Getters {
  return {
    ...(time !== undefined && { time: compileTime(time, unit) }),
    ...(key !== undefined && { key: compileTemplate(key) }),
    ...(id !== undefined && { id: compileTemplate(id) }),
    ...(sequence !== undefined && { sequence: compileSequence(sequence) }),
    ...(correct !== undefined && { correct: onItem(correct) }),
    ...(retract !== undefined && { retract: onItem(retract) }),
    ...(values !== undefined && { values: compileValues(values) }),
  }
}

function onItem(condition: Condition): Getter<boolean> {
  const holds = compileCondition(condition)
  return scope => holds(scope.item)
}

function compileTime(time: 'arrival' | TimeReference, unit: TimeUnit | 'auto'): Getter<number> {
  if (time === 'arrival')
    return (_scope, { arrival }) => {
      if (arrival !== undefined) return arrival
      throw invalid(
        'no arrival time',
        'a live source, or a recording of one; a log says when something happened',
        'time',
      )
    }
  const { at, ...format } = typeof time === 'string' ? { at: time } : time
  const reference = parseReference(at)!
  return scope => {
    const found = resolve(reference, scope)
    const seconds = secondsOf(found, { unit, ...format })
    if (seconds !== undefined) return seconds
    throw invalid(
      found,
      'a number, or a date with time and zone such as 2026-11-23T01:20:19.866Z',
      `time at ${at}`,
      furtherOut(reference, at, scope),
    )
  }
}

function compileTemplate(text: string): Getter<string> {
  const template: Template = parseTemplate(text)!
  return scope => {
    let filled = ''
    for (const part of template) {
      if (typeof part === 'string') filled += part
      else {
        const found = resolve(part.reference, scope)
        if (typeof found !== 'string' && typeof found !== 'number')
          throw invalid(found, 'a text or a number', part.text || 'item', furtherOut(part.reference, part.text, scope))
        filled += found
      }
    }
    return filled
  }
}

function compileSequence(at: string): Getter<number> {
  const reference = parseReference(at)!
  return scope => {
    const found = resolve(reference, scope)
    const number = typeof found === 'string' && /^-?\d{1,15}$/.test(found) ? Number(found) : found
    if (Number.isSafeInteger(number)) return number as number
    throw invalid(found, 'a whole number', `sequence at ${at}`, furtherOut(reference, at, scope))
  }
}

function compileValues(values: string | Readonly<Record<string, ValueReference>>): Getters['values'] & {} {
  if (typeof values === 'string') return compileObject(values)
  const channels = Object.entries(values).map(([name, value]) => {
    const { at, optional = false, ...format } = typeof value === 'string' ? { at: value } : value
    return { name: compileTemplate(name), at, reference: parseReference(at)!, optional, format }
  })
  return (scope, context) => {
    const found: Record<string, number | null> = Object.create(null)
    for (const { name, at, reference, optional, format } of channels) {
      const channel = name(scope, context)
      if (!context.wants(channel)) continue
      const value = resolve(reference, scope)
      if (value !== undefined || !optional) found[channel] = numeric(value, format, at || 'item')
    }
    return found
  }
}

/** An object of numbers by name, as it is. */
function compileObject(at: string): Getters['values'] & {} {
  const reference = parseReference(at)!
  return (scope, { wants }) => {
    const object = resolve(reference, scope)
    if (typeof object !== 'object' || object === null) throw invalid(object, 'an object of values', at || 'item')
    const found: Record<string, number | null> = Object.create(null)
    for (const [name, value] of Object.entries(object))
      if (wants(name)) found[name] = numeric(value, {}, `${at}/${name}`)
    return found
  }
}

function numeric(value: unknown, format: NumberFormat, place: string): number | null {
  const number = numberOf(value, format)
  if (typeof number !== 'string') return number
  const code = typeof value === 'number' ? 'OBSERVATION_NOT_FINITE' : 'OBSERVATION_INVALID'
  throw new ContraflowError(code, { received: number, place, ...(code === 'OBSERVATION_INVALID' && EXPECTED_NUMBER) })
}

const EXPECTED_NUMBER = {
  expected: 'a number, a text of one, or null',
  remedy: 'Correct the mapping; "optional", "missing" and "codes" say what else may stand there.',
}

/** An observation of all parts; none when no channel of it is wanted. */
function emitObservation(getters: Getters, scope: Scope, context: MappingContext): void {
  const { time, key, id, sequence, correct, retract } = getters
  const retracted = retract?.(scope, context) ?? false
  const values = retracted ? undefined : getters.values!(scope, context)
  if (values && Object.keys(values).length === 0) return
  context.emit({
    t: time!(scope, context),
    ...(values && { values }),
    ...(key && { key: key(scope, context) }),
    ...(id && { id: id(scope, context) }),
    ...(sequence && { seq: sequence(scope, context) }),
    ...(correct?.(scope, context) && !retracted && { correct: true }),
    ...(retracted && { retract: true }),
  })
}

/** @param around Where it stands instead. */
function invalid(found: unknown, expected: string, place: string, around?: string): ContraflowError {
  const received = typeof found === 'string' ? found : found === undefined ? 'nothing' : JSON.stringify(found)
  return new ContraflowError('OBSERVATION_INVALID', {
    received,
    expected,
    place,
    remedy:
      around === undefined
        ? 'Correct the mapping, or let a condition ("when") pass over such messages.'
        : `Write ${around}: each item of "each" is looked at by itself, and there is one in what is around it.`,
  })
}
