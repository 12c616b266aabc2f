import { Learner, type LearnerOptions } from '../../../src/index.js'
import type { Observation } from '../../../src/observation.js'
import { Line } from '../line/line.js'
import type { Figure, Section } from '../section.js'
import { ADAM, KALMAN, vanDerPol } from '../streams.js'

/** Observations of another key before the clock starts: by then the engine has compiled what it needs. */
const WARM = 8000
/** Sent ahead of what has come back, when the pipeline is to be as fast as it can. */
const AHEAD = 256

/** `contraflow run` in a process of its own, between two sockets of this one. */
export const websocket: Section = {
  name: 'websocket',
  title: 'From a WebSocket through `contraflow run` to a WebSocket',
  async run(): Promise<Figure[]> {
    const adam = { model: ADAM.model, solver: ADAM.solver, learn: { window: ADAM.window, optimizer: ADAM.optimizer } }
    return [
      ...(await sustained('adam, window 32', adam, ADAM, { atLeast: 4000 })),
      ...(await paced('adam, window 32', adam)),
      ...(await sustained('default pipeline', { learn: KALMAN }, KALMAN)),
    ]
  },
}

/** As fast as the pipeline goes, over many observations, and the learner of the pipeline alone on the same. */
async function sustained(name: string, pipeline: object, options: LearnerOptions, bar: object = {}): Promise<Figure[]> {
  const observations = vanDerPol(20_000)
  const { back } = await Line.with(pipeline, async line => {
    await line.send(framesOf('warm', vanDerPol(WARM)), { ahead: AHEAD })
    return line.send(framesOf('key', observations), { ahead: AHEAD })
  })
  const count = observations.length
  const rate = ((count - 1) / (back[count - 1]! - back[0]!)) * 1000
  const alone = aloneRate(options, observations)
  const note = `of ${count.toLocaleString('en')} observations, from the first on`
  return [
    { name: `${name}: sustained`, value: rate, unit: 'obs/s', ...bar, note },
    { name: `${name}: its learner alone on the same`, value: alone, unit: 'obs/s' },
    { name: `${name}: all around the learner`, value: 1e6 / rate - 1e6 / alone, unit: 'µs/obs', atMost: 50 },
  ]
}

/** The mean, not the best: it is compared with a mean. */
function aloneRate(options: LearnerOptions, observations: readonly Observation[]): number {
  const warm = new Learner(options)
  for (const observation of vanDerPol(WARM)) warm.observe(observation)
  const subject = new Learner(options)
  const start = performance.now()
  for (const observation of observations) subject.observe(observation)
  return (observations.length / (performance.now() - start)) * 1000
}

/** One a millisecond, evenly: from each sending to the arrival of its estimate, when the key has its model. */
async function paced(name: string, pipeline: object): Promise<Figure[]> {
  const { sent, back, late } = await Line.with(pipeline, async line => {
    await line.send(framesOf('warm', vanDerPol(WARM)), { ahead: AHEAD })
    // The end of the warm-up learns all of it at once: that is the start of a key, not its pace.
    const observations = vanDerPol(10_500)
    await line.send(framesOf('key', observations.slice(0, 500)), { ahead: AHEAD })
    return line.send(framesOf('key', observations.slice(500)), { perSecond: 1000 })
  })
  const sorted = back.map((at, i) => at - sent[i]!).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  const figure = (label: string, share: number, more: object = {}): Figure => {
    return { name: `${name} at 1000/s: ${label} from send to estimate`, value: at(share), unit: 'ms', ...more }
  }
  const note = `the driver itself was late ${late} times`
  return [
    figure('median', 0.5),
    figure('p99', 0.99, { atMost: 2 }),
    figure('p99.9', 0.999),
    figure('longest', 1, { note }),
  ]
}

function framesOf(key: string, observations: readonly Observation[]): string[] {
  return observations.map(({ t, y }) => JSON.stringify({ key, t, y: Array.from(y) }))
}
