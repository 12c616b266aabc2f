import { type DenseLayer, mlp } from '../../../src/field/mlp.js'
import { wholeStepsOf } from '../../../src/field/whole-steps.js'
import { methods } from '../../../src/ode/methods/index.js'
import { Random } from '../../../src/random.js'
import { fastest } from '../fastest.js'
import { peakProbes } from '../peak.js'
import type { Figure, Section } from '../section.js'

const PRECISIONS = ['f64', 'f32'] as const
/** The last two are multiples of no vector. */
const SIZES = [
  [4, 64, 64, 4],
  [16, 128, 128, 16],
  [5, 61, 67, 5],
  [17, 127, 129, 17],
]
/** What odd sizes may lose. */
const ODD = 0.75

export const kernel: Section = {
  name: 'kernel',
  title: 'fields on kernels against the peak of 128-bit SIMD, one core, tanh inside',
  run: () => SIZES.flatMap(measure),
}

/** One size in both precisions, together with the probe. */
function measure(widths: readonly number[]): Figure[] {
  const probes = peakProbes()
  const candidates = PRECISIONS.flatMap(precision => candidatesOf(widths, precision))
  const [f64, f32, ...times] = fastest(
    [...probes, ...candidates].map(({ run }) => run),
    2,
  )
  const peak = { f64: probes[0]!.flops / f64!, f32: probes[1]!.flops / f32! }
  return [
    ...PRECISIONS.map(precision => ({ name: `peak ${precision}`, value: peak[precision] / 1e9, unit: 'GFLOP/s' })),
    ...candidates.flatMap((candidate, k) => figures(candidate, times[k]!, peak[candidate.precision])),
  ]
}

interface Candidate {
  readonly name: string
  readonly precision: 'f64' | 'f32'
  readonly flops: number
  readonly counted: string
  readonly share: number
  run(): void
}

function candidatesOf(widths: readonly number[], precision: 'f64' | 'f32'): Candidate[] {
  const layers = widths.slice(1).map((outputs, l): DenseLayer => {
    return { inputs: widths[l]!, outputs, activation: l < widths.length - 2 ? 'tanh' : 'identity' }
  })
  const weights = layers.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0)
  const random = new Random(1)
  const field = mlp({ layers, time: false, skip: false }, undefined, { precision })
  for (let i = 0; i < field.parameters.length; i++) field.parameters[i] = 0.2 * random.normal()
  const draw = () => Float64Array.from({ length: field.dimension }, () => random.normal())
  const [z, a, dz, az] = [draw(), draw(), draw(), draw()]
  const gradient = new Float64Array(field.parameters.length)
  const method = methods.tsit5!
  const steps = wholeStepsOf(field)
  const step = steps?.createRecord(method.stages)
  if (!steps || !step) throw new Error('There are no kernels here to be measured.')
  step.times.set([0, 0.1, 0.1])
  const kept = step.kept[0]!
  const lambda = draw()
  step.states[0]!.set(z)
  field.prepare?.()
  field.gather?.(gradient)
  steps.attempt(step, method, 0, dz)
  const odd = widths.some(width => width % 2 > 0) ? ODD : 1
  const named = (what: string) => `${widths.join('-')} ${precision} ${what}`
  return [
    {
      ...{ name: named('evaluate'), precision, share: 55 * odd, flops: 2 * weights, counted: '2 flops a weight' },
      run: () => field.evaluate(0, z, dz, kept),
    },
    {
      ...{ name: named('vjp'), precision, share: 65 * odd, flops: 4 * weights, counted: '4 flops a weight' },
      run: () => field.vjp(0, z, a, az, gradient, kept),
    },
    {
      ...{
        name: named('vjp alone'),
        precision,
        share: 0,
        flops: 6 * weights,
        counted: '6 flops a weight: evaluates anew',
      },
      run: () => field.vjp(0, z, a, az, gradient),
    },
    {
      // What a backward sweep does: all stages of a step but the first in one call.
      name: named('vjps of a step'),
      precision,
      share: 65 * odd,
      flops: 5 * 4 * weights,
      counted: 'five of tsit5 in one call, 4 flops a weight each',
      run: () => void steps.pull(step, method, 1, lambda.fill(0.1), az, gradient),
    },
  ]
}

function figures({ name, flops, share, counted }: Candidate, time: number, peak: number): Figure[] {
  const speed = flops / time
  return [
    { name, value: time * 1e6, unit: 'µs', note: `${(speed / 1e9).toFixed(1)} GFLOP/s, ${counted}` },
    {
      name: `${name}, share of the peak`,
      value: (100 * speed) / peak,
      unit: '%',
      ...(share > 0 && { atLeast: share }),
    },
  ]
}
