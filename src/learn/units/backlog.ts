import { type Observation, takeMeasured } from '../../observation.js'
import type { Saved } from '../../saved.js'
import { restoreObservation, saveObservation } from '../../saved-observation.js'
import type { Section } from '../../section.js'
import type { Storable } from '../../storable.js'
import { Allowance } from '../allowance.js'
import type { TrainedModel } from '../trained-model.js'

/**
 * The observations that a model begins with, in the order of their times, however late they came: those of the warm-up, or the last
 * ones when another model takes over. Once there is a model it learns from them in pieces, and new ones wait here for it, until it has
 * caught up; what comes late, is corrected or retracted behind the place where it has got to changes what it has learned.
 */
export class Backlog implements Storable {
  readonly #observations: Observation[] = []
  #model: TrainedModel | undefined
  /** So many, from the first on, has the model learned from. */
  #learned = 0
  /** Last measured values among those [channels]. */
  #known: Float64Array = new Float64Array(0)

  get observations(): readonly Observation[] {
    return this.#observations
  }

  get length(): number {
    return this.#observations.length
  }

  /** The one that is catching up; nothing in the warm-up, nor when nothing is to be caught up with. */
  get model(): TrainedModel | undefined {
    return this.#model
  }

  /** @returns Where it was put: after all that are not later. */
  add({ revision: _, ...observation }: Observation): number {
    const observations = this.#observations
    let index = this.length
    while (index > 0 && observations[index - 1]!.t > observation.t) index--
    const added = { ...observation, y: observation.y.slice() }
    observations.splice(index, 0, added)
    if (index < this.#learned) {
      this.#learned++
      this.#model?.revise(added, this.#known)
    }
    return index
  }

  /** @returns Where it was; −1 when it was not there. */
  remove(id: string | undefined): number {
    const index = id === undefined ? -1 : this.#observations.findIndex(observation => observation.id === id)
    if (index < 0) return index
    const [removed] = this.#observations.splice(index, 1) as [Observation]
    if (index < this.#learned) {
      this.#learned--
      this.#model?.revise({ ...removed, revision: 'retract' }, this.#known)
    }
    return index
  }

  /** Gives all of them to a model that has learned nothing yet. @param observations In place of those that are here. */
  begin(model: TrainedModel, observations: readonly Observation[] = this.#observations.slice()): void {
    this.#observations.splice(0, this.length, ...observations)
    this.#model = model
    this.#learned = 0
    this.#known = new Float64Array(model.normaliser.mean.length).fill(Number.NaN)
  }

  /**
   * Lets the model learn a piece, and always so much that it catches up in the end.
   * @param work Multiply-adds, after which it stops; see `Allowance`.
   * @returns The model when it has learned from all of them; nothing is left here then.
   */
  proceed(work: number): TrainedModel | undefined {
    const model = this.#model
    if (model === undefined) return undefined
    const { filter } = model
    const allowance = new Allowance(work, filter, filter.model.parameters.length)
    for (let n = 0; this.#learned < this.length; n++) {
      if (n >= LEAST && allowance.isSpent) return undefined
      const observation = this.#observations[this.#learned++]!
      model.step(observation, this.#known)
      takeMeasured(observation.y, this.#known)
    }
    this.#observations.length = this.#learned = 0
    this.#model = undefined
    return model
  }

  /** The last measured values before observation `index`, NaN where there are none [channels]. */
  knownBefore(index: number, channels: number): Float64Array {
    const known = new Float64Array(channels).fill(Number.NaN)
    for (const { y } of this.#observations.slice(0, index)) takeMeasured(y, known)
    return known
  }

  /** Mean gap, seconds; 0 before there are two. */
  get typicalGap(): number {
    const { length } = this
    return length < 2 ? 0 : (this.#observations[length - 1]!.t - this.#observations[0]!.t) / (length - 1)
  }

  /** Moves all times, so that `from` becomes `to`: the clock of the source was set. Never changes their order, however large they are. */
  shift(from: number, to: number): void {
    this.#observations.forEach(({ t, ...rest }, i) => {
      this.#observations[i] = { ...rest, t: to + (t - from) }
    })
    this.#model?.filter.labels.shift(from, to)
  }

  save(): Saved {
    return this.#observations.map(saveObservation)
  }

  restore(saved: Section): void {
    this.#observations.splice(0, this.length, ...saved.list.map(restoreObservation))
  }

  /** The model that is catching up, and how far it has got; nothing where there is none. */
  saveModel(): Saved {
    return this.#model ? { learned: this.#learned, known: this.#known, model: this.#model.save() } : null
  }

  /** @param model With the units of the saved one. @param saved What `saveModel` gave; the observations are here already. */
  restoreModel(model: TrainedModel, saved: Section): void {
    this.begin(model)
    this.#learned = saved.at('learned').number
    this.#known = saved.at('known').doubles(this.#known.length)
    model.restore(saved.at('model'))
  }
}

/** Of a backlog with each new observation: more than one, or it would never end. */
const LEAST = 2
