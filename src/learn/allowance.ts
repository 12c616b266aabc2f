/** What counts its evaluations of f and its vjps. */
export interface Counting {
  readonly evaluations: { readonly forward: number; readonly backward: number }
}

/**
 * Work that may be done before others get their turn: counted, never timed, so that the same observations give the same bits on every
 * machine. The measure is a multiply-add: an evaluation or a vjp takes about one a parameter, and what small fields cost besides that
 * is as much as `LEAST` of them. A million take about 1 ms with networks on the kernels; what a field of one's own takes is its own affair.
 */
export class Allowance {
  readonly #counting: Counting
  readonly #end: number

  /** @param parameters Of the model whose evaluations are counted. */
  constructor(multiplyAdds: number, counting: Counting, parameters: number) {
    this.#counting = counting
    this.#end = total(counting) + multiplyAdds / Math.max(LEAST, parameters)
  }

  /** Has it been used up since this was made? */
  get isSpent(): boolean {
    return total(this.#counting) >= this.#end
  }
}

const LEAST = 200

/** What may be done while the stream waits, now and then: some 30 ms. */
export const AT_ONCE = 3e7
/** What may be done besides one observation after the other: some 10 ms each. */
export const BESIDES = 1e7

function total({ evaluations: { forward, backward } }: Counting): number {
  return forward + backward
}
