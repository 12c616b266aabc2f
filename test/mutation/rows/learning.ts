import type { Mutant } from '../mutant.js'

const GUARD = 'src/learn/rules/guard.ts'
const GUARDED = 'learn/rules/guard.test.ts'
const BACKSOLVE = 'src/adjoint/backsolve.ts'

/** F60–F65: numerics and learning. */
export const learning: readonly Mutant[] = [
  {
    row: 'F60',
    tests: ['ode/steps/stiffness-detector.test.ts'],
    file: 'src/ode/steps/stiffness-detector.ts',
    text: 'counts[0] = 0\n      return true',
    instead: 'counts[0] = 0\n      return false',
  },
  {
    row: 'F60',
    tests: ['ode/detest.test.ts'],
    file: 'src/ode/steps/stiffness-detector.ts',
    text: 'export const ALARM = 32',
    instead: 'export const ALARM = 15',
  },
  {
    row: 'F61',
    tests: ['learn/rules/kalman.test.ts'],
    file: 'src/learn/rules/kalman.ts',
    text: 'const error = Math.max(-limit, Math.min(limit, innovation - learned))',
    instead: 'const error = innovation - learned',
  },
  {
    row: 'F61',
    tests: ['learn/window/doubt.test.ts'],
    file: 'src/learn/window/weigh.ts',
    text: 'kept[j] = Number.NaN',
    instead: '',
  },
  {
    row: 'F61',
    tests: ['learn/rules/clip.test.ts'],
    file: 'src/learn/rules/clip.ts',
    text: 'if (length > limit) for',
    instead: 'if (length < 0) for',
  },
  {
    row: 'F62',
    tests: [GUARDED],
    file: GUARD,
    text: 'if (!(Math.abs(parameters[i]!) <= this.#limit)) {',
    instead: 'if (Number.isNaN(this.#limit)) {',
  },
  {
    row: 'F62',
    tests: [GUARDED],
    file: GUARD,
    text: 'return this.state.marks[ROLLBACKS]! >= MOST_ROLLBACKS',
    instead: 'return false',
  },
  {
    row: 'F62',
    tests: [GUARDED],
    file: GUARD,
    text: 'const rate = Math.max(LEAST_RATE, marks[RATE]! / 2)',
    instead: 'const rate = marks[RATE]!',
  },
  {
    row: 'F63',
    tests: [GUARDED],
    file: 'src/learn/rules/gradient.ts',
    text: "return { gradientNorm, rejected: 'The gradient is not finite.' }",
    instead: '{}',
  },
  {
    row: 'F64',
    tests: ['ode/tableau/dense-output.test.ts'],
    file: 'src/ode/solution/dense-path.ts',
    text: 'while (this.#cursor > this.#low && isBefore(',
    instead: 'while (this.#cursor > 0 && isBefore(',
  },
  {
    row: 'F64',
    tests: ['ode/tableau/dense-output.test.ts'],
    file: 'src/ode/solution/dense-path.ts',
    text: 'Math.max(0, Math.min(1, (t - step.t) / step.h))',
    instead: '(t - step.t) / step.h',
  },
  {
    row: 'F65',
    tests: ['adjoint/closed-form.test.ts'],
    file: BACKSOLVE,
    text: 'outcome === REACHED && this.#isBelieved()',
    instead: 'outcome === REACHED && (true || this.#isBelieved())',
  },
]
