import { copy } from '../copy.js'
import type { Arena } from '../kernel/arena.js'
import type { Network } from '../kernel/network.js'
import { linkRecords, releaseStepRecord, type StepRecord, unlinkRecord } from '../kernel/step-record.js'
import { type StepCoefficients, type StepTableau, stepTableau } from '../kernel/step-tableau.js'
import { Stepper } from '../kernel/stepper.js'
import type { WholeSteps } from './whole-steps.js'

/** What whole steps need to know of the field whose network it is. */
export interface KernelField {
  /** The calls that a whole step takes the place of. */
  readonly stands: WholeSteps['stands']
  /** Reads the parameters, where nobody says when they change. */
  readonly ready: () => void
  /** Does the network hold the gradients that go into this array? */
  readonly isGathered: (atheta: Float64Array) => boolean
}

/** Steps in one call of the kernels. What they cannot take they leave to the stages: false or −1 says so. */
export function kernelWholeSteps(
  arena: Arena,
  network: Network,
  { stands, ready, isGathered }: KernelField,
): WholeSteps {
  /** The method that was used last. */
  let known: StepCoefficients | undefined
  let tableau: StepTableau | undefined

  function tableauOf(method: StepCoefficients): StepTableau | undefined {
    if (method !== known) tableau = stepTableau(arena, method, network.z.length)
    known = tableau && method
    return tableau
  }

  /** Is the record one of a network of this shape? */
  function isOwn({ states, kept }: StepRecord): boolean {
    return states[0]!.length === network.z.length && kept[0]!.length === network.kept.length
  }

  return {
    stands,
    createRecord: stages => network.createRecord(stages),
    release: record => releaseStepRecord(arena, record),
    link: (first, second) => linkRecords(arena, first.address, second.address),
    unlink: last => unlinkRecord(arena, last.address),
    attempt(record, method, first, end) {
      const tableau = tableauOf(method)
      if (!tableau || !isOwn(record)) return false
      ready()
      network.attempt(tableau, record, first)
      copy(network.slope, end)
      return true
    },
    createStepper: settings => Stepper.create(arena, settings),
    advance(stepper, record, method, z, stretch) {
      const tableau = tableauOf(method)
      if (!tableau || !isOwn(record)) return -1
      ready()
      copy(z, network.z)
      const accepted = network.advance(tableau, stepper, record, stretch)
      copy(network.z, z)
      return accepted
    },
    pull(record, method, last, lambda, kappa, atheta) {
      const tableau = tableauOf(method)
      if (!tableau || !isGathered(atheta) || !isOwn(record)) return -1
      ready()
      copy(lambda, network.a)
      network.pullStep(tableau, record, last)
      copy(network.a, lambda)
      copy(network.slope, kappa)
      return tableau.pulled + 1 - last
    },
    pullBack(record, method, count, lambda, atheta) {
      const tableau = tableauOf(method)
      if (!tableau || !isGathered(atheta) || !isOwn(record)) return -1
      ready()
      copy(lambda, network.a)
      network.pullSteps(tableau, record, count)
      copy(network.a, lambda)
      return count * (tableau.pulled + 1)
    },
  }
}
