/** The step to take when `remaining` is left: land rather than leave a sliver, halve rather than leave a short rest. */
export function fitStep(planned: number, remaining: number): number {
  if (planned >= remaining * 0.99) return remaining
  return planned * 2 > remaining ? remaining / 2 : planned
}

/** How far a step of length h moves t: where t is so large that its digits change h by more than 1e-10, that is what the step has to be. */
export function moved(t: number, h: number): number {
  return Math.abs(t) < 1e6 * Math.abs(h) ? h : t + h - t
}

/** The last moment before t: a stretch sees f as it is before the jump that may come at its end. */
export function justBefore(t: number, direction: number): number {
  const width = Math.max(Math.abs(t) * Number.EPSILON, Number.MIN_VALUE)
  return direction > 0 ? t - width : t + width
}

/** Below 16 units in the last place of t a step no longer changes it. */
export function smallestStep(t: number): number {
  return 16 * Number.EPSILON * Math.max(Math.abs(t), Number.MIN_VALUE / Number.EPSILON)
}
