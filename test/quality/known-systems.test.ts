import { describe, expect, it } from 'vitest'
import { compare, KNOWN_SYSTEMS, median } from './known-systems.js'

const SEEDS = [1, 2, 3, 4, 5]

describe.each(KNOWN_SYSTEMS)('the default learner on $system', known => {
  it(`comes within ${known.late} of the filter that knows the equations, and within ${known.early} after 300 observations`, () => {
    const results = SEEDS.map(seed => compare(known, seed))
    const show = (pick: keyof (typeof results)[number]) => results.map(result => result[pick].toFixed(3)).join(' ')
    console.log(
      `${known.system}: 2000-3000 ${show('late')}; 300-500 ${show('early')}; reference/noise ${show('reference')}`,
    )
    // A reference far from the noise would make the comparison worthless.
    for (const { reference } of results) expect(reference).toBeLessThan(1.15)
    expect(median(results.map(({ late }) => late))).toBeLessThanOrEqual(known.late)
    expect(median(results.map(({ early }) => early))).toBeLessThanOrEqual(known.early)
  }, 240_000)
})
