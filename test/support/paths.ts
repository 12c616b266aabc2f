import type { ObservedPath } from '../../src/adjoint/sweep.js'

/** A path of plain arrays, which a test may change between two solves. */
export interface PlainPath extends ObservedPath {
  readonly times: Float64Array
  readonly values: Float64Array[]
}

export function path(start: Float64Array, times: ArrayLike<number>, values: Float64Array[], startTime = 0): PlainPath {
  const t = Float64Array.from(times)
  return {
    startTime,
    startState: start,
    length: t.length,
    times: t,
    values,
    time: index => t[index]!,
    observed: index => values[index]!,
  }
}
