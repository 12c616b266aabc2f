import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, normalize, sep } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { ContraflowError } from '../errors.js'

/**
 * Saves and loads a LayersModel as files, without tfjs-node: `model.save(fileIo('model.json'))`, `loadLayersModel(fileIo(…))`. The
 * format is that of TensorFlow.js: the JSON named, and beside it its weights, little-endian.
 * A file is complete or not there: both are written under another name, synchronised and renamed, the JSON last.
 * @throws ContraflowError FILE_UNREADABLE, FILE_DAMAGED, TENSOR_MODEL_INVALID; SINK_FAILED when it cannot be written.
 */
export function fileIo(path: string): tf.io.IOHandler {
  return { save: artifacts => save(path, artifacts), load: () => load(path) }
}

async function save(path: string, artifacts: tf.io.ModelArtifacts): Promise<tf.io.SaveResult> {
  const { weightData, weightSpecs = [], ...rest } = artifacts
  const weightsName = `${basename(path).replace(/\.json$/, '')}.weights.bin`
  const data = tf.io.CompositeArrayBuffer.join(weightData)
  const json = { ...rest, weightsManifest: [{ paths: [weightsName], weights: weightSpecs }] }
  await write(join(dirname(path), weightsName), new Uint8Array(data))
  await write(path, `${JSON.stringify(json)}\n`)
  return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) }
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw new ContraflowError('SINK_FAILED', { received: (error as Error).message, place: path }, { cause: error })
  }
}

type Manifest = { readonly paths: readonly string[]; readonly weights: readonly tf.io.WeightsManifestEntry[] }[]

async function load(path: string): Promise<tf.io.ModelArtifacts> {
  const { weightsManifest, ...rest } = readJson(await read(path), path)
  const shards = weightsManifest.flatMap(({ paths }) => paths).map(name => shardOf(path, name))
  const buffers = await Promise.all(shards.map(read))
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights)
  const data = Uint8Array.from(Buffer.concat(buffers)).buffer
  const expected = weightSpecs.reduce((sum, spec) => sum + bytesOf(spec), 0)
  if (data.byteLength !== expected)
    throw new ContraflowError('FILE_DAMAGED', {
      received: `${data.byteLength} bytes of weights`,
      place: shards.join(', '),
      expected: `${expected}, as ${path} says`,
    })
  return { ...rest, weightSpecs, weightData: data }
}

function readJson(bytes: Buffer, path: string): tf.io.ModelJSON & { weightsManifest: Manifest } {
  let json: Partial<tf.io.ModelJSON>
  try {
    json = JSON.parse(bytes.toString('utf8')) as Partial<tf.io.ModelJSON>
  } catch (error) {
    const received = (error as Error).message
    throw new ContraflowError(
      'FILE_DAMAGED',
      { received, place: path, expected: 'the JSON of a model' },
      { cause: error },
    )
  }
  const format = json?.format ?? 'layers-model'
  if (format === 'layers-model' && json?.modelTopology && Array.isArray(json.weightsManifest)) return json as never
  throw new ContraflowError('TENSOR_MODEL_INVALID', {
    received: format === 'layers-model' ? 'JSON without modelTopology and weightsManifest' : `the format ${format}`,
    place: path,
    expected: 'a LayersModel as model.save writes it',
  })
}

/** Weights are beside their JSON or below; a model from elsewhere does not read other files. */
function shardOf(path: string, name: string): string {
  const inside = normalize(name)
  if (inside.startsWith('..') || inside.startsWith(sep))
    throw new ContraflowError('TENSOR_MODEL_INVALID', {
      received: `weights at ${name}`,
      place: path,
      expected: 'a path beside it',
    })
  return join(dirname(path), inside)
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new ContraflowError('FILE_UNREADABLE', { received: (error as Error).message, place: path }, { cause: error })
  }
}

const BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
  complex64: 8,
}

function bytesOf({ shape, dtype, quantization }: tf.io.WeightsManifestEntry): number {
  return shape.reduce((size, n) => size * n, BYTES[quantization?.dtype ?? dtype] ?? Number.NaN)
}
