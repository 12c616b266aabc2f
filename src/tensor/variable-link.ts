import * as tf from '@tensorflow/tfjs-core'

/** Where a variable's values are in θ: a matrix [rows × columns], row-major as tfjs has it or transposed. */
export interface Slot {
  readonly variable: tf.Variable
  readonly offset: number
  readonly rows: number
  readonly columns: number
  readonly transposed: boolean
}

/** Who wrote a variable last, and with which data: a variable that somebody else assigns gets other data. */
const lastWrites = new WeakMap<tf.Variable, { readonly by: VariableLink; readonly dataId: object }>()

/** One after another in θ, as they are. */
export function slotsOf(variables: readonly tf.Variable[]): Slot[] {
  let offset = 0
  return variables.map(variable => {
    const slot = { variable, offset, rows: 1, columns: variable.size, transposed: false }
    offset += variable.size
    return slot
  })
}

/**
 * Keeps θ (float64) and variables (float32) the same. What has changed since the last time is copied to the other side; when
 * both have, θ counts. Several links may share variables, each with its own θ: who synchronises has its values in them
 * until another one does.
 */
export class VariableLink {
  readonly #slots: readonly Slot[]
  readonly #theta: Float64Array
  /** θ as it was when both were the same. */
  readonly #agreed: Float64Array

  /** Reads θ from the variables. */
  constructor(slots: readonly Slot[], theta: Float64Array) {
    this.#slots = slots
    this.#theta = theta
    this.#agreed = theta.slice()
    for (const slot of slots) this.#read(slot)
  }

  synchronise(): void {
    for (const slot of this.#slots) {
      const last = lastWrites.get(slot.variable)
      if (this.#changed(slot)) this.#write(slot)
      else if (last?.dataId !== slot.variable.dataId) this.#read(slot)
      else if (last.by !== this) this.#write(slot)
    }
  }

  #changed({ offset, rows, columns }: Slot): boolean {
    for (let i = offset; i < offset + rows * columns; i++) if (!Object.is(this.#theta[i], this.#agreed[i])) return true
    return false
  }

  #read(slot: Slot): void {
    const values = slot.variable.dataSync()
    each(slot, (inTheta, inVariable) => {
      this.#theta[inTheta] = values[inVariable]!
    })
    this.#agree(slot)
  }

  #write(slot: Slot): void {
    const { variable } = slot
    const values = new Float32Array(variable.size)
    each(slot, (inTheta, inVariable) => {
      values[inVariable] = this.#theta[inTheta]!
    })
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)))
    this.#agree(slot)
  }

  #agree({ variable, offset, rows, columns }: Slot): void {
    this.#agreed.set(this.#theta.subarray(offset, offset + rows * columns), offset)
    lastWrites.set(variable, { by: this, dataId: variable.dataId })
  }
}

/** Every value of a slot: its place in θ and in the variable. */
export function each(
  { offset, rows, columns, transposed }: Slot,
  visit: (inTheta: number, inVariable: number) => void,
): void {
  for (let i = 0, n = 0; i < rows; i++)
    for (let j = 0; j < columns; j++, n++) visit(offset + (transposed ? j * rows + i : n), n)
}
