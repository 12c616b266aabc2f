import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers'
import { ContraflowError } from '../errors.js'
import { fileIo } from './file-io.js'
// Registers the layer, so that models with it can be loaded.
import './neural-ode.js'

/** A LayersModel from its model.json. @throws ContraflowError as `fileIo`; TENSOR_MODEL_INVALID when a layer is not known. */
export async function loadModel(path: string): Promise<LayersModel> {
  try {
    return await loadLayersModel(fileIo(path))
  } catch (error) {
    if (error instanceof ContraflowError) throw error
    const received = (error as Error).message.split('\n')[0]!
    throw new ContraflowError('TENSOR_MODEL_INVALID', { received, place: path }, { cause: error })
  }
}
