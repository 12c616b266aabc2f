import type { Mutant } from '../mutant.js'

/** F10–F18: event time, and time as a clock has it. */
export const time: readonly Mutant[] = [
  {
    row: 'F10',
    tests: ['operators/reorder.test.ts', 'streams/faults/event-time.test.ts'],
    file: 'src/operators/event-order.ts',
    text: 'if (state.lateInARow > clockReset) return this.#beginAnew(observation)',
    instead: '',
  },
  {
    row: 'F11',
    tests: ['operators/quarantine.test.ts'],
    file: 'src/operators/far-future.ts',
    text: 'if (observation.t > state.newest + this.#maxAhead && state.newest > Number.NEGATIVE_INFINITY) {',
    instead: 'if (Number.isNaN(observation.t)) {',
  },
  {
    row: 'F12',
    tests: ['config/observation-message.test.ts'],
    file: 'src/config/observation-message.ts',
    text: 'if (likely === undefined || likely === writtenIn) return',
    instead: 'return',
  },
  {
    row: 'F13',
    tests: ['ode/laws.test.ts'],
    file: 'src/ode/integrator.ts',
    text: 'if (from === to) return REACHED',
    instead: '',
  },
  {
    row: 'F14',
    tests: ['operators/adjoint-window.test.ts'],
    file: 'src/adjoint/sweep.ts',
    text: 'if (!(to >= from && to < Infinity))',
    instead: 'if (Number.isNaN(to))',
  },
  {
    row: 'F14',
    tests: ['learn/learner-laws.test.ts'],
    file: 'src/learn/learner.ts',
    text: "if (t < this.#time) throw new ContraflowError('TIME_NOT_MONOTONE'",
    instead: "if (t < this.#time - 1e9) throw new ContraflowError('TIME_NOT_MONOTONE'",
  },
  {
    row: 'F15',
    tests: ['streams/faults/event-time.test.ts'],
    file: 'src/observation.ts',
    text: 'if (difference !== 0 && !Number.isNaN(difference)) return difference',
    instead: '',
  },
  {
    row: 'F16',
    tests: ['learn/learner-streams.test.ts'],
    file: 'src/learn/trained-model.ts',
    text: 'filter.observe(Math.min(gap, this.#maxGap),',
    instead: 'filter.observe(gap,',
  },
  {
    row: 'F16',
    tests: ['learn/learner-streams.test.ts'],
    file: 'src/learn/trained-model.ts',
    text: "const how = this.#breaks.take(gap) ? 'anew' :",
    instead: "const how = this.#breaks.take(gap) && gap < 0 ? 'anew' :",
  },
  {
    row: 'F17',
    tests: ['learn/learner-laws.test.ts', 'streams/faults/event-time.test.ts'],
    file: 'src/learn/trained-model.ts',
    text: '(t - labels.time(labels.length - 1))',
    instead: '(Math.fround(t) - Math.fround(labels.time(labels.length - 1)))',
  },
  {
    row: 'F18',
    tests: ['streams/faults/wall-clock.test.ts'],
    file: 'streams/clock.ts',
    text: 'now: () => performance.now(),',
    instead: 'now: () => Date.now(),',
  },
]
