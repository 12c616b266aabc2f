import type { LayersModel } from '@tensorflow/tfjs-layers'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import { ContraflowError } from '../../src/errors.js'
import { crc32c } from '../../src/learn/checkpoint/crc32c.js'
import type { CustomOptimizer, LearnerOptions } from '../../src/learn/learner-options.js'
import { type CustomDynamics, stateDimension } from '../../src/learn/model/custom-dynamics.js'

/** What a pipeline file takes from TensorFlow.js, loaded; empty when that is nothing. */
export interface TensorParts {
  readonly dynamics?: CustomDynamics
  readonly optimizer?: CustomOptimizer
  /** For people: is the model fused, or why not, and where it runs. */
  readonly explanation?: string
}

/**
 * Loads TensorFlow.js and the model that a pipeline file names; does nothing, and loads nothing, for any other file. Every thread
 * that learns loads its own.
 * @throws ContraflowError TENSORFLOW_MISSING, FILE_UNREADABLE, FILE_DAMAGED, TENSOR_MODEL_INVALID, TENSOR_OPERATION_FAILED,
 * DIMENSION_MISMATCH when the model does not fit the channels of the file.
 */
export async function loadTensorParts({ channels, model, learn }: PipelineConfig): Promise<TensorParts> {
  const dynamics = model?.dynamics?.kind === 'tfjs' ? model.dynamics : undefined
  const optimizer = learn?.optimizer?.kind === 'tfjs' ? learn.optimizer : undefined
  if (dynamics === undefined && optimizer === undefined) return {}
  const { requireBackend } = await import('../../src/tensor/backend.js')
  const backend = await requireBackend(dynamics?.backend)
  const loaded = dynamics && (await loadDynamics(dynamics))
  if (loaded && channels) stateDimension(channels.length, model?.augment, loaded.dynamics)
  return {
    ...(loaded && { dynamics: loaded.dynamics, explanation: `${loaded.explanation}; backend ${backend}` }),
    ...(optimizer && { optimizer: await loadOptimizer(optimizer) }),
  }
}

/** Options of the learners of a pipeline file. @param parts What `loadTensorParts` gave for it. */
export function learnerOptionsOf({ model, solver, learn = {} }: PipelineConfig, parts: TensorParts): LearnerOptions {
  // What is not the learner's: which keys there are, and what of their observations comes to it in which order.
  const {
    maxKeys: _a,
    allowedLateness: _b,
    late: _c,
    duplicates: _d,
    maxAhead: _e,
    clockReset: _f,
    idle: _g,
    ...own
  } = learn
  const { optimizer, ...learning } = own
  const { dynamics, ...rest } = model ?? {}
  const [ownDynamics, ownOptimizer] = [
    dynamics?.kind === 'tfjs' ? needed(parts.dynamics) : dynamics,
    optimizer?.kind === 'tfjs' ? needed(parts.optimizer) : optimizer,
  ]
  return {
    ...learning,
    model: { ...rest, ...(ownDynamics && { dynamics: ownDynamics }) },
    ...(solver && { solver }),
    ...(ownOptimizer && { optimizer: ownOptimizer }),
  }
}

function needed<T>(part: T | undefined): T {
  if (part !== undefined) return part
  throw new ContraflowError('TENSORFLOW_MISSING', {
    received: 'a pipeline file with parts of TensorFlow.js that were not loaded',
  })
}

type TensorDynamics = Extract<NonNullable<NonNullable<PipelineConfig['model']>['dynamics']>, { kind: 'tfjs' }>
type TensorOptimizer = Extract<NonNullable<NonNullable<PipelineConfig['learn']>['optimizer']>, { kind: 'tfjs' }>

async function loadDynamics({
  model: path,
  spread,
}: TensorDynamics): Promise<Required<Pick<TensorParts, 'dynamics' | 'explanation'>>> {
  const { loadModel } = await import('../../src/tensor/load-model.js')
  const { tensorField } = await import('../../src/tensor/tensor-field.js')
  const model = await loadModel(path)
  const { dimension, explanation } = tensorField(model)
  const dynamics: CustomDynamics = {
    kind: 'custom',
    name: tensorModelName(model),
    dimension,
    create: () => tensorField(model, { share: false }),
    ...(spread !== undefined && { spread }),
  }
  return { dynamics, explanation: `${path}: ${explanation}` }
}

/** What a model is called in checkpoints: its weights are in there, so what must be the same is what they mean. */
export function tensorModelName(model: LayersModel): string {
  const topology = crc32c(new TextEncoder().encode(JSON.stringify(model.toJSON(null, false))))
  return `tfjs model ${topology.toString(16).padStart(8, '0')}`
}

async function loadOptimizer({ kind: _, ...options }: TensorOptimizer): Promise<CustomOptimizer> {
  const { tensorOptimizer } = await import('../../src/tensor/tensor-optimizer.js')
  const settings = Object.entries(options).map(([name, value]) => `${name}=${value}`)
  return { kind: 'custom', name: `tfjs ${settings.sort().join(' ')}`, create: tensorOptimizer(options) }
}
