import { ContraflowError } from '../../src/errors.js'
import type { Plain } from '../../src/learn/checkpoint/checkpoint.js'
import { differences } from '../../src/learn/checkpoint/differences.js'

/** Fields of an identity that a pipeline file has elsewhere than in `learn`. */
const PLACES: Readonly<Record<string, string>> = {
  model: 'model',
  solver: 'solver',
  channels: 'channels',
  timeUnit: 'source.timeUnit',
  timeCheck: 'source.timeCheck',
}

/** How the identity of a checkpoint differs from that of a run, one line a field, with the names that a pipeline file has for them. */
export function misfits(saved: Plain, run: { readonly identity: Plain; readonly defaults: Plain }): string[] {
  return differences(saved, run.identity, run.defaults).map(line =>
    line.replace(/^\w+/, name => (Object.hasOwn(PLACES, name) ? PLACES[name]! : `learn.${name}`)),
  )
}

/** The error for a checkpoint that a run cannot go on from. */
export function misfit(place: string, complaints: readonly string[], remedy?: string): ContraflowError {
  const received =
    complaints.length === 1 ? 'a checkpoint that differs' : `a checkpoint that differs in ${complaints.length} fields`
  return new ContraflowError('CHECKPOINT_MISFIT', { received, place, complaints, ...(remedy && { remedy }) })
}
