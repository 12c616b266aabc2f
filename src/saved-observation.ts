import type { Observation } from './observation.js'
import type { Saved } from './saved.js'
import type { Section } from './section.js'

/** An observation with all its fields, as a checkpoint holds it. */
export function saveObservation(observation: Observation): Saved {
  return { ...observation }
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
