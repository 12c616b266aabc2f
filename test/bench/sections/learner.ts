import { Learner, type LearnerOptions } from '../../../src/index.js'
import type { Figure, Section } from '../section.js'
import { ADAM, KALMAN, vanDerPol } from '../streams.js'

const OBSERVATIONS = 4000
const BLOCK = 250

export const learner: Section = {
  name: 'learner',
  title: 'Learned observations a second, one core, float64: simulated van der Pol, two channels, tsit5',
  run: () => [
    throughput('default: kalman, window 16, 4-16-4 with skip', KALMAN, 8000),
    throughput('adam, window 32, 2-32-32-2, rtol 1e-4', ADAM, 5000),
  ],
}

/** The rate of the fastest block: what the learner does when nobody else has the core. */
export function throughput(name: string, options: LearnerOptions, atLeast?: number): Figure {
  const observations = vanDerPol(OBSERVATIONS)
  const subject = new Learner(options)
  let [best, loss, forward, backward] = [0, 0, 0, 0]
  for (let from = 0; from + BLOCK <= OBSERVATIONS; from += BLOCK) {
    const start = performance.now()
    for (let i = from; i < from + BLOCK; i++) {
      const estimate = subject.observe(observations[i]!)
      loss += (estimate.loss ?? 0) / OBSERVATIONS
      forward += estimate.evaluations.forward / OBSERVATIONS
      backward += estimate.evaluations.backward / OBSERVATIONS
    }
    best = Math.max(best, (BLOCK / (performance.now() - start)) * 1000)
  }
  const note = `${forward.toFixed(0)} evaluations and ${backward.toFixed(0)} vjps each, mean loss ${loss.toPrecision(3)}`
  return { name, value: best, unit: 'obs/s', ...(atLeast !== undefined && { atLeast }), note }
}
