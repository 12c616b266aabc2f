import type { LayersModel } from '@tensorflow/tfjs-layers'
import { loadCheckpoint } from '../../streams/checkpoint/load-checkpoint.js'
import { tensorModelName } from '../../streams/pipeline/tensor-parts.js'
import { ContraflowError } from '../errors.js'
import { createModel, type ModelOptions } from '../learn/model/model.js'
import { Normaliser } from '../learn/units/normaliser.js'
import type { Saved } from '../saved.js'
import { Section } from '../section.js'

/** What to take out of a checkpoint, and where to. */
export interface ExportOptions {
  /** The model.json to write; its weights go beside it. */
  readonly to: string
  /** Which key; needed when there are several. */
  readonly key?: string
  /** The model.json that the run began with, when its dynamics are a model of TensorFlow.js. */
  readonly model?: string
}

/** What was written. */
export interface ExportReport {
  readonly checkpoint: string
  readonly key: string
  readonly to: string
  readonly parameters: number
}

/**
 * Writes the field that a checkpoint has learned as a LayersModel of TensorFlow.js, in float32. The rest of what was learned goes along as
 * user-defined metadata: the units that its state is in, and the update map.
 * @throws ContraflowError as `loadCheckpoint`; OPTION_INVALID, TENSORFLOW_MISSING, SINK_FAILED.
 */
export async function exportModel(place: string, { to, key, model: source }: ExportOptions): Promise<ExportReport> {
  const { path, checkpoint } = await loadCheckpoint(place)
  const chosen = chooseKey(new Section(checkpoint.state).at('parts').at('keys').list, key, path)
  const name = chosen.at('key').text
  const trained = chosen.at('parts').at('learner').at('trained')
  if (trained.isNull)
    throw wrong(`key ${JSON.stringify(name)} in its warm-up`, 'a key that has learned something', path)
  const units = Normaliser.restored(trained.at('normaliser'))
  const parameters = trained.at('filter').at('arrays').at('parameters').doubles()
  const options = new Section(checkpoint.identity as Saved).at('model')
  const { requireBackend } = await import('../tensor/backend.js')
  await requireBackend('cpu')
  const { model, length } = await rebuild(options, { parameters, channels: units.mean.length, source, path })
  model.setUserDefinedMetadata({
    contraflow: {
      key: name,
      units: { mean: [...units.mean], scale: [...units.scale], timeScale: units.timeScale },
      update: { kind: options.at('update').text, parameters: [...parameters.subarray(length)] },
    },
  })
  const { fileIo } = await import('../tensor/file-io.js')
  await model.save(fileIo(to))
  return { checkpoint: path, key: name, to, parameters: length }
}

function chooseKey(keys: readonly Section[], wanted: string | undefined, place: string): Section {
  const names = keys.map(key => key.at('key').text)
  const found = wanted === undefined ? (keys.length === 1 ? keys[0] : undefined) : keys[names.indexOf(wanted)]
  if (found) return found
  const known = names.slice(0, 20).map(name => JSON.stringify(name))
  const received = wanted === undefined ? `no --key for ${names.length} keys` : `the key ${JSON.stringify(wanted)}`
  throw wrong(received, known.length === 0 ? 'a checkpoint with keys' : `one of ${known.join(', ')}`, place)
}

interface Learned {
  readonly parameters: Float64Array
  readonly channels: number
  readonly source: string | undefined
  readonly path: string
}

/** The model with what was learned, and how many parameters are the field's. */
async function rebuild(options: Section, learned: Learned): Promise<{ model: LayersModel; length: number }> {
  const { parameters, channels, source, path } = learned
  if (options.at('dynamics').at('kind').text === 'custom') return rebuildTensorModel(options.at('dynamics'), learned)
  if (source !== undefined) throw wrong(`--model ${source}`, 'no --model: the dynamics are a perceptron', path)
  const { shape, field } = createModel({ ...(options.value as object as ModelOptions), channels })
  const { modelOfMlp } = await import('../tensor/model-of-mlp.js')
  const { length } = field.parameters
  return { model: modelOfMlp(shape!, parameters.subarray(0, length)), length }
}

async function rebuildTensorModel(
  dynamics: Section,
  { parameters, source, path }: Learned,
): Promise<{ model: LayersModel; length: number }> {
  if (source === undefined) throw wrong('no --model', 'the model.json that the run began with', path)
  const { loadModel } = await import('../tensor/load-model.js')
  const { tensorField } = await import('../tensor/tensor-field.js')
  const model = await loadModel(source)
  const [then, now] = [dynamics.at('name').text, tensorModelName(model)]
  if (then !== now) throw wrong(`--model ${source}, which is ${now}`, `${then}, which the run began with`, path)
  const field = tensorField(model)
  const { length } = field.parameters
  field.parameters.set(parameters.subarray(0, length))
  field.prepare()
  return { model, length }
}

function wrong(received: string, expected: string, place: string): ContraflowError {
  return new ContraflowError('OPTION_INVALID', { received, expected, place })
}
