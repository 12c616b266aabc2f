/**
 * Seconds a call takes, each: the fastest of many short runs. Others on the machine only ever add time, and a run of a millisecond
 * often escapes them. The candidates take turns, so that a slow spell hits all of them and ratios stay right.
 * @param seconds How long all of this may take.
 */
export function fastest(candidates: readonly (() => void)[], seconds = 1): number[] {
  const counts = candidates.map(calibrate)
  const best = candidates.map(() => Number.POSITIVE_INFINITY)
  const end = performance.now() + seconds * 1000
  do {
    candidates.forEach((run, k) => {
      best[k] = Math.min(best[k]!, time(run, counts[k]!))
    })
  } while (performance.now() < end)
  return best
}

/** Calls that take about a millisecond, found while the engine warms up. */
function calibrate(run: () => void): number {
  let count = 1
  for (let spent = 0; spent < 0.05; ) {
    const each = time(run, count)
    spent += each * count
    count = Math.max(1, Math.min(count * 2, Math.round(0.001 / each)))
  }
  return count
}

function time(run: () => void, count: number): number {
  const start = performance.now()
  for (let i = 0; i < count; i++) run()
  return (performance.now() - start) / 1000 / count
}
