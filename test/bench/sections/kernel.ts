import { measurePeak } from '../peak.js'
import type { Section } from '../section.js'

export const kernel: Section = {
  name: 'kernel',
  title: 'Kernels, one core, 128-bit SIMD',
  run() {
    const peak = measurePeak()
    return (['f64', 'f32'] as const).map(precision => ({
      name: `peak ${precision}, multiply and add in registers`,
      value: peak[precision] / 1e9,
      unit: 'GFLOP/s',
    }))
  },
}
