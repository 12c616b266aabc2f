import { requireCount } from '../../require-option.js'
import type { Model } from '../model/model.js'
import { BlockCovariance } from './block-covariance.js'
import type { Covariance } from './covariance.js'
import { PackedCovariance } from './packed-covariance.js'
import { parameterBlocks } from './parameter-blocks.js'

/** So many parameters have one P; more have blocks of this many. */
const WHOLE = 512
const BLOCK = 256

/**
 * The covariance of the parameters of a model, at its prior.
 * @param forgetting λ, in (0, 1]. @param block Most parameters that are seen together.
 * @throws ContraflowError OPTION_INVALID for a block that is no positive whole number.
 */
export function parameterCovariance(model: Model, forgetting = 0.999, block: number | 'auto' = 'auto'): Covariance {
  if (block !== 'auto') requireCount('block', block)
  const { spread } = model
  const most = block !== 'auto' ? block : spread.length <= WHOLE ? WHOLE : BLOCK
  if (spread.length <= most) return new PackedCovariance(spread, forgetting)
  return new BlockCovariance(spread, parameterBlocks(model, most), forgetting)
}
