import * as tf from '@tensorflow/tfjs-core'

/** Where a variable's values are in θ: a matrix [rows × columns], row-major as tfjs has it or transposed. */
export interface Slot {
  readonly variable: tf.Variable
  readonly offset: number
  readonly rows: number
  readonly columns: number
  readonly transposed: boolean
}

/** The data that a link gave a variable last: whoever else assigns to it gives it other data. */
const written = new WeakMap<tf.Variable, object>()

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
 * until another one does, and takes over what somebody else than a link has assigned.
 */
export class VariableLink {
  readonly #slots: readonly Slot[]
  readonly #theta: Float64Array
  /** θ and the data of the variables as they were when both were the same. */
  readonly #agreed: Float64Array
  readonly #data: object[]

  /** Reads θ from the variables. */
  constructor(slots: readonly Slot[], theta: Float64Array) {
    this.#slots = slots
    this.#theta = theta
    this.#agreed = theta.slice()
    this.#data = slots.map(({ variable }) => variable.dataId)
    slots.forEach((slot, k) => {
      this.#read(slot, k)
    })
  }

  synchronise(): void {
    this.#slots.forEach((slot, k) => {
      const { dataId } = slot.variable
      if (this.#changed(slot)) this.#write(slot, k)
      else if (dataId === this.#data[k]) return
      else if (dataId === written.get(slot.variable)) this.#write(slot, k)
      else this.#read(slot, k)
    })
  }

  /** What is laid out like θ, in the shapes of the variables. */
  toVariables(vector: Float64Array): Float32Array[] {
    return this.#slots.map(slot => {
      const values = new Float32Array(slot.variable.size)
      each(slot, (inTheta, inVariable) => {
        values[inVariable] = vector[inTheta]!
      })
      return values
    })
  }

  #changed({ offset, rows, columns }: Slot): boolean {
    for (let i = offset; i < offset + rows * columns; i++) if (!Object.is(this.#theta[i], this.#agreed[i])) return true
    return false
  }

  #read(slot: Slot, k: number): void {
    const values = slot.variable.dataSync()
    each(slot, (inTheta, inVariable) => {
      this.#theta[inTheta] = values[inVariable]!
    })
    this.#agree(slot, k)
  }

  #write(slot: Slot, k: number): void {
    const { variable } = slot
    const values = new Float32Array(variable.size)
    each(slot, (inTheta, inVariable) => {
      values[inVariable] = this.#theta[inTheta]!
    })
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)))
    written.set(variable, variable.dataId)
    this.#agree(slot, k)
  }

  #agree({ variable, offset, rows, columns }: Slot, k: number): void {
    this.#agreed.set(this.#theta.subarray(offset, offset + rows * columns), offset)
    this.#data[k] = variable.dataId
  }
}

/** Every value of a slot: its place in θ and in the variable. */
function each({ offset, rows, columns, transposed }: Slot, visit: (inTheta: number, inVariable: number) => void): void {
  for (let i = 0, n = 0; i < rows; i++)
    for (let j = 0; j < columns; j++, n++) visit(offset + (transposed ? j * rows + i : n), n)
}
