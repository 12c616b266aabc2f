import { Learner, type LearnerOptions } from '../../../src/index.js'
import type { Observation } from '../../../src/observation.js'
import type { Figure, Section } from '../section.js'
import { ADAM, KALMAN, manyChannels, vanDerPol } from '../streams.js'

const OBSERVATIONS = 1500
const BLOCK = 50
/** By then every window is full. */
const WARM = 300

/** Cost of an observation along one size; the slope says whether doubling the size doubles the cost. */
export const scaling: Section = {
  name: 'scaling',
  title: 'Microseconds an observation, by window length, latent dimensions, hidden units and channels',
  run: () => [
    ...windows('adam', { ...ADAM, model: { ...ADAM.model, augment: 0 } }),
    ...[0, 2, 6, 14].map(augment =>
      cost({ name: 'kalman', along: 'state dimensions', x: 2 + augment }, { ...KALMAN, model: { augment } }),
    ),
    ...[8, 16, 32, 64].map(x =>
      cost({ name: 'kalman', along: 'hidden units', x }, { ...KALMAN, model: { dynamics: { hidden: [x] } } }),
    ),
    ...[2, 5, 8, 12, 20].map(x => cost({ name: 'kalman', along: 'channels', x }, KALMAN, manyChannels(WARM + 100, x))),
  ],
}

/** Work of a sweep, in evaluations and vjps, is what a window of double length doubles. */
function windows(name: string, options: LearnerOptions): Figure[] {
  const lengths = [16, 32, 64, 128]
  const figures = lengths.map(window => cost({ name, along: 'window length', x: window }, { ...options, window }))
  const slope = (figures.at(-1)!.value - figures[1]!.value) / (128 - 32)
  const predicted = figures[1]!.value + slope * (64 - 32)
  const off = Math.abs(figures[2]!.value / predicted - 1) * 100
  return [...figures, { name: `${name}: window 64 off the line through 32 and 128`, value: off, unit: '%', atMost: 10 }]
}

/** The same blocks of the same stream, three times over; of each block the fastest counts. */
function cost(
  curve: NonNullable<Figure['curve']>,
  options: LearnerOptions,
  observations: readonly Observation[] = vanDerPol(OBSERVATIONS),
): Figure {
  const blocks = new Map<number, number>()
  for (let round = 0; round < 3; round++) {
    const subject = new Learner(options)
    for (let from = 0; from < observations.length; from += BLOCK) {
      const start = performance.now()
      for (let i = from; i < from + BLOCK; i++) subject.observe(observations[i]!)
      const spent = performance.now() - start
      if (from >= WARM) blocks.set(from, Math.min(blocks.get(from) ?? Number.POSITIVE_INFINITY, spent))
    }
  }
  const total = Array.from(blocks.values()).reduce((sum, spent) => sum + spent, 0)
  const { name, along, x } = curve
  return { name: `${name}, ${along} ${x}`, value: (total / (observations.length - WARM)) * 1000, unit: 'µs', curve }
}
