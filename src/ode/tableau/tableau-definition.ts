import type { DenseDefinition } from './dense-output.js'

/** The coefficients of a Runge–Kutta method, as they stand in a paper. */
export interface TableauDefinition {
  /** Shown in errors. */
  readonly name: string
  /** p; the conditions of all rooted trees up to p nodes have to hold. */
  readonly order: number
  /** Times of the stages, in units of the step; their number is that of the stages. */
  readonly c: readonly number[]
  /** Row s holds a_s0 … ; a row may stop after its last coefficient that is not zero. */
  readonly a: readonly (readonly number[])[]
  /** Weights. */
  readonly b: readonly number[]
  /** b minus the embedded weights; without it the method takes fixed steps only. */
  readonly bError?: readonly number[]
  /** Order of the embedded weights; default order − 1. */
  readonly embeddedOrder?: number
  /**
   * A second estimate of lower order that damps the first: e = e₁² / √(e₁² + e₂²/100), of order `controlOrder`.
   * @see Hairer, Nørsett, Wanner I, II.10, for dop853.
   */
  readonly bErrorLow?: readonly number[]
  /** k in h ∝ error^(−1/k). Default min(order, embeddedOrder) + 1. */
  readonly controlOrder?: number
  /** How to read a step between its ends; default the cubic Hermite polynomial of states and slopes there. */
  readonly dense?: DenseDefinition
}
