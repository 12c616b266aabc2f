import { Learner, type LearnerOptions } from '../../../src/index.js'
import { runPipeline } from '../../../streams/pipeline/pipeline.js'
import { allocationsOf } from '../allocations.js'
import type { BenchOptions, Figure, Section } from '../section.js'
import { ADAM, KALMAN, vanDerPol } from '../streams.js'

export const memory: Section = {
  name: 'memory',
  title: 'What is kept of an observation, and what is thrown away',
  async run({ named }: BenchOptions): Promise<Figure[]> {
    return [
      await kept(named ? 1_000_000 : 100_000),
      ...(await garbage('default', KALMAN, 3)),
      ...(await garbage('adam, window 32', ADAM, 3)),
    ]
  },
}

/** FAULTS.md §1, through the whole default pipeline: after a fifth as many observations, by when it has settled, and so many later. */
async function kept(count: number): Promise<Figure> {
  const before = count / 5
  const [settled, later] = [new Low(before), new Low(before + count)]
  const source = { kind: 'simulate', system: 'van-der-pol', count: before + count + LOOKS * BETWEEN } as const
  const sinks = [{ kind: 'ndjson', path: '/dev/null' } as const]
  await runPipeline(
    { source, sinks, learn: KALMAN },
    {
      onEstimate: (_, { estimates }) => {
        settled.look(estimates)
        later.look(estimates)
      },
    },
  )
  const value = (later.bytes - settled.bytes) / count
  const name = `default pipeline: kept of each of ${count.toLocaleString('en')} observations`
  return { name, value, unit: 'bytes', atMost: 1 }
}

/** Looks at the memory whose least one counts, and estimates from one to the next: what is on its way comes and goes. */
const [LOOKS, BETWEEN] = [20, 50]

/** The least memory in use, without garbage, at some looks from an estimate on. */
class Low {
  bytes = Number.POSITIVE_INFINITY
  readonly #from: number

  constructor(from: number) {
    this.#from = from
  }

  look(estimates: number): void {
    const since = estimates - this.#from
    if (since < 0 || since >= LOOKS * BETWEEN || since % BETWEEN !== 0) return
    gc!()
    gc!()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    this.bytes = Math.min(this.bytes, heapUsed + arrayBuffers)
  }
}

/** Of the learner alone, when all of it has been compiled. */
async function garbage(name: string, options: LearnerOptions, most: number): Promise<Figure[]> {
  const [warm, count] = [6000, 2000]
  const observations = vanDerPol(warm + count)
  const subject = new Learner(options)
  for (let i = 0; i < warm; i++) subject.observe(observations[i]!)
  const { bytes, functions } = await allocationsOf(() => {
    for (let i = warm; i < warm + count; i++) subject.observe(observations[i]!)
  })
  return [
    { name: `${name}: allocated for each learned observation`, value: bytes / count, unit: 'bytes' },
    ...functions.slice(0, most).map(({ name: place, bytes: own }) => {
      return { name: `  of it ${place}`, value: own / count, unit: 'bytes' }
    }),
  ]
}
