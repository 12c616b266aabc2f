import type { LossName } from '../../names.js'
import type { LearnerSettings } from '../learner-settings.js'
import type { Model } from '../model/model.js'
import { adam } from './adam.js'
import { GradientRule } from './gradient.js'
import { KalmanRule } from './kalman.js'
import type { LearningRule } from './learning-rule.js'
import { absolute, gaussian, huber, type Loss, squared } from './losses.js'
import { sgd } from './sgd.js'

/** The rule that these settings name, over this model. */
export function createRule(model: Model, settings: LearnerSettings): LearningRule {
  const { optimizer, clip } = settings
  const loss = createLoss(settings.loss, model.channels)
  switch (optimizer.kind) {
    case 'kalman':
      return new KalmanRule(model, optimizer)
    case 'adam':
      return new GradientRule(model, length => adam(length, optimizer), { loss, clip })
    case 'sgd':
      return new GradientRule(model, length => sgd(length, optimizer), { loss, clip })
    case 'custom':
      return new GradientRule(model, length => optimizer.create(length), { loss, clip, own: optimizer.name })
    default:
      return optimizer satisfies never
  }
}

/** The β-likelihood is the one that learns the fit and the variance; see `gaussian`. */
const BETA = 0.5

function createLoss(name: LossName, channels: number): Loss {
  switch (name) {
    case 'squared':
      return squared
    case 'absolute':
      return absolute
    case 'huber':
      return huber()
    case 'gaussian':
      return gaussian(channels, BETA)
    default:
      return name satisfies never
  }
}
