/** Turns a gradient into a change of the parameters. */
export interface Optimizer {
  /** Everything that must be stored to go on exactly; written in place on restore. */
  readonly state: Readonly<Record<string, Float64Array>>
  /** Updates the parameters in place. The gradient is finite; it may be overwritten. */
  update(parameters: Float64Array, gradient: Float64Array): void
}
