import { onTestFinished, vi } from 'vitest'
import { Sweep } from '../../src/adjoint/sweep.js'

/** Evaluations of f and vjps of all sweeps in this process, from now to the end of the test. */
export function countedSweeps(): { readonly evaluations: number } {
  const count = { evaluations: 0 }
  for (const direction of ['forward', 'backward'] as const) {
    const sweep = Sweep.prototype[direction] as (this: Sweep, ...args: unknown[]) => unknown
    const counted = function (this: Sweep, ...args: unknown[]) {
      const before = this.evaluations
      try {
        return sweep.apply(this, args)
      } finally {
        const after = this.evaluations
        count.evaluations += after.forward + after.backward - before.forward - before.backward
      }
    }
    const spy = vi.spyOn(Sweep.prototype, direction).mockImplementation(counted as never)
    onTestFinished(() => spy.mockRestore())
  }
  return count
}
