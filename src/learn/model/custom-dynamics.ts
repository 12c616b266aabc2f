import { ContraflowError } from '../../errors.js'
import type { VectorField } from '../../field/vector-field.js'
import { passedOn } from '../../field/whole-steps.js'
import { ownPartFailed } from './own-part.js'

/**
 * A field of one's own for a learner, e.g. a model of TensorFlow.js. Where it throws, the observation is not learned, its estimate says why
 * (OWN_PART_FAILED), and the stream goes on.
 */
export interface CustomDynamics {
  /** Tells it from a perceptron. */
  readonly kind: 'custom'
  /** Goes into checkpoints: a run goes on only from one with the same name. */
  readonly name: string
  /** d of the field: the channels first, then what is latent. */
  readonly dimension: number
  /** Makes the field; called once a learner. The learner keeps θ and writes it into the field's before every sweep. */
  create(): VectorField
  /** How far a parameter may lie from its start, for the Kalman rule. Default 0.1. */
  readonly spread?: number
}

/** Is it a field of one's own? */
export function isCustom(dynamics: object | undefined): dynamics is CustomDynamics {
  return dynamics !== undefined && 'create' in dynamics
}

/**
 * The dimension of the state over so many channels.
 * @param augment Dimensions beyond the channels; for a field of one's own `auto` is what it has.
 * @throws ContraflowError DIMENSION_MISMATCH when a field of one's own has another.
 */
export function stateDimension(
  channels: number,
  augment: number | 'auto' = 'auto',
  dynamics?: CustomDynamics | object,
): number {
  if (!isCustom(dynamics)) return channels + (augment === 'auto' ? channels : augment)
  const { name, dimension } = dynamics
  const fits = augment === 'auto' ? dimension >= channels : dimension === channels + augment
  if (fits) return dimension
  throw new ContraflowError('DIMENSION_MISMATCH', {
    received: `${name} of dimension ${dimension}`,
    expected: `${augment === 'auto' ? `${channels} or more` : channels + augment} for ${channels} channels`,
    remedy: 'Take a model of that many state dimensions, or set model.augment to what it has beyond the channels.',
  })
}

/**
 * A field whose parameters are a part of a longer vector. What the field's `prepare` changes (it may share them) is taken over. What it throws
 * comes as OWN_PART_FAILED with its name.
 */
export function adoptField(field: VectorField, theta: Float64Array, name: string): VectorField {
  theta.set(field.parameters)
  const guarded =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      try {
        return call(...args)
      } catch (error) {
        throw ownPartFailed(`the field ${name}`, error)
      }
    }
  const evaluate: VectorField['evaluate'] = guarded((t, z, dz, kept) => field.evaluate(t, z, dz, kept))
  const vjp: VectorField['vjp'] = guarded((t, z, a, az, atheta, kept) => field.vjp(t, z, a, az, atheta, kept))
  return {
    dimension: field.dimension,
    parameters: theta,
    timeDependent: field.timeDependent ?? true,
    keeps: field.keeps ?? 0,
    prepare: guarded(() => {
      field.parameters.set(theta)
      field.prepare?.()
      theta.set(field.parameters)
    }),
    evaluate,
    vjp,
    ...passedOn(field, { evaluate, vjp }),
    ...(field.jacobian && { jacobian: guarded(field.jacobian.bind(field)) }),
  }
}
