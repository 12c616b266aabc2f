import type { Observation } from './observation.js'
import type { Saved } from './saved.js'
import type { Section } from './section.js'

/** An observation with all its fields, as a checkpoint holds it: in one order, wherever it came from. */
export function saveObservation(observation: Observation): Saved {
  const { key, t, y, id, sequence, revision, arrival, learn, ...others } = observation
  // The compiler tells of a field that is forgotten here.
  others satisfies Record<string, never>
  return {
    key,
    t,
    y,
    ...(id !== undefined && { id }),
    ...(sequence !== undefined && { sequence }),
    ...(revision !== undefined && { revision }),
    ...(arrival !== undefined && { arrival }),
    ...(learn !== undefined && { learn }),
  }
}

/** The inverse of `saveObservation`. @throws ContraflowError CHECKPOINT_MISFIT. */
export function restoreObservation(saved: Section): Observation {
  return {
    ...(saved.value as object),
    key: saved.at('key').text,
    t: saved.at('t').number,
    y: saved.at('y').doubles(),
  }
}
