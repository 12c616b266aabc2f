import { ContraflowError } from '../../src/errors.js'
import type { SystemName } from '../../src/names.js'
import { Integrator } from '../../src/ode/integrator.js'
import { methods } from '../../src/ode/methods/index.js'
import { REACHED } from '../../src/ode/outcome.js'
import { Random } from '../../src/random.js'
import { systemField, systems } from './systems.js'

/** Which system, how many observations, and what is wrong with them. */
export interface SimulateOptions {
  /** One of `systems`. */
  readonly system: SystemName
  /** Observations. Default 1000. */
  readonly count?: number
  /** Default 1. */
  readonly seed?: number
  /** Mean gap in the system's unit of time; gaps are exponentially distributed. Default: the system's own. */
  readonly gap?: number
  /** Standard deviation of the measurement noise. Default: the system's own. */
  readonly noise?: number
  /** Share of the values that are missing. Default 0. */
  readonly missing?: number
  /** Channels that are never measured. Default none. */
  readonly hide?: readonly string[]
  /** Default: none, so that the observations carry no key. */
  readonly key?: string
}

/**
 * Observations of a system with known equations, as messages in the native format, solved to a relative tolerance of 1e-12.
 * The same options give the same bytes on every machine.
 */
export function* simulate(options: SimulateOptions): Generator<string> {
  const system = systems[options.system]
  const { count = 1000, seed = 1, gap = system.meanGap, noise = system.noise, missing = 0, hide = [], key } = options
  const unknown = hide.find(name => !system.channels.includes(name))
  if (unknown !== undefined)
    throw new ContraflowError('OPTION_INVALID', {
      received: `hide: ${unknown}`,
      expected: `channels of ${options.system}: ${system.channels.join(', ')}`,
    })
  const random = new Random(seed)
  const integrator = new Integrator(systemField(system), { method: methods.dopri8, rtol: 1e-12, atol: 1e-14 })
  const z = Float64Array.from(system.start)
  for (let n = 0, t = 0; n < count; n++) {
    const next = t + gap * random.exponential()
    if (integrator.propagate(t, next, z) !== REACHED) return
    t = next
    const y = system.channels.map((name, j) => {
      const value = z[j]! + noise * random.normal()
      const lost = random.uniform() < missing
      return lost || hide.includes(name) ? null : value
    })
    yield JSON.stringify(key === undefined ? { t, y } : { key, t, y })
  }
}
