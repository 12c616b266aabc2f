import { Learner } from '../../../src/index.js'
import type { Figure, Section } from '../section.js'
import { KALMAN, vanDerPol } from '../streams.js'

/** FAULTS.md §1: after the warm-up run N observations, then 5 N more; what the heap grew by in between is what leaks. */
export const memory: Section = {
  name: 'memory',
  title: 'What a learner keeps of an observation, once it has settled',
  run(): Figure[] {
    const [few, many] = [20_000, 200_000]
    const subject = new Learner({ ...KALMAN, window: 4, stride: 4 })
    const observations = vanDerPol(5000)
    let t = 0
    const run = (count: number) => {
      for (let i = 0; i < count; i++) subject.observe({ ...observations[i % 5000]!, t: (t += 0.2) })
      gc!()
      gc!()
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      return heapUsed + arrayBuffers
    }
    run(few)
    const before = run(few)
    const after = run(many)
    return [{ name: 'kept of each observation', value: (after - before) / many, unit: 'bytes', atMost: 1 }]
  },
}
