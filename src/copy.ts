/** The first numbers of `from` to all of `to`. `set` costs a call into the engine, which is dearer for the few numbers of a state. */
export function copy(from: Float64Array, to: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] = from[i]!
}
