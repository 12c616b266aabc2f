import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/random.js'
import { runToFile, SMALL, writeLog } from '../../support/pipelines.js'
import { SCALE } from '../../support/seed.js'

/** A message, in the places it takes in the log: nowhere, late, twice, broken, corrected, taken back. */
type Fate = 'plain' | 'late' | 'very late' | 'twice' | 'broken' | 'corrected' | 'retracted' | 'future' | 'unknown'
const FATES: readonly Fate[] = [
  'plain',
  'plain',
  'late',
  'very late',
  'twice',
  'broken',
  'corrected',
  'retracted',
  'future',
  'unknown',
]

function logOf(fates: readonly Fate[], keys: number): string[] {
  const random = new Random(5)
  const lines: { at: number; text: string }[] = []
  fates.forEach((fate, i) => {
    const message = (t: number, more: object = {}) =>
      JSON.stringify({ key: `k${i % keys}`, t, id: `${i}`, y: [Math.sin(i / 3), random.normal()], ...more })
    const at = i + (fate === 'late' ? 3.5 : fate === 'very late' ? 60.5 : 0)
    lines.push({ at, text: fate === 'broken' ? '{"t":' : message(fate === 'future' ? 1e12 + i : i) })
    if (fate === 'twice') lines.push({ at: at + 1.5, text: lines.at(-1)!.text })
    if (fate === 'corrected') lines.push({ at: at + 2.5, text: message(i + 0.1, { correct: true }) })
    if (fate === 'retracted')
      lines.push({ at: at + 2.5, text: JSON.stringify({ key: `k${i % keys}`, t: i, id: `${i}`, retract: true }) })
    if (fate === 'unknown') lines.push({ at, text: message(i, { id: 'none', correct: true }) })
  })
  return lines.sort((a, b) => a.at - b.at).map(({ text }) => text)
}

describe('F05: the account of a run', () => {
  const learns = [
    {},
    { allowedLateness: 5 },
    { late: 'drop', duplicates: 0 },
    { maxKeys: 1, allowedLateness: 1, clockReset: 2 },
  ] as const

  it.each(learns)('adds up: every message is in one place, with %j', async learn => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...FATES), { minLength: 1, maxLength: 120 }),
        fc.integer({ min: 1, max: 3 }),
        async (fates, keys) => {
          const lines = logOf(fates, keys)
          let least = 0
          const { progress, estimates } = await runToFile(
            { source: { kind: 'log', path: writeLog(lines), speed: 'max' }, learn: { ...SMALL.learn, ...learn } },
            {
              onEstimate: (_, { accounting }) => {
                least = Math.min(least, accounting.queued)
              },
            },
          )
          const { received, queued, ...places } = progress.accounting
          expect(received).toBe(lines.length)
          expect([queued, least]).toEqual([0, 0])
          expect(Object.values(places).reduce((sum, count) => sum + count, 0)).toBe(received)
          expect(places.learned + places.skipped).toBe(estimates.length)
          expect(places.dead).toBeGreaterThanOrEqual(fates.filter(fate => fate === 'broken').length)
        },
      ),
      { numRuns: 15 * SCALE },
    )
  })

  it('F08: names each place', async () => {
    const lines = [
      ...Array.from({ length: 40 }, (_, i) => `{"t":${i},"id":"${i}","y":[${Math.sin(i)},1]}`),
      '{"t":37.5,"y":[0,1]}', // inside the window
      '{"t":3.5,"y":[0,1]}', // before it
      '{"t":39,"id":"39","y":[0,1]}',
      '{"t":38,"id":"38","correct":true,"y":[0.5,1]}',
      '{"t":37,"id":"37","retract":true}',
      '{"t":2,"id":"2","retract":true}',
      '{"t":1e9,"y":[0,1]}',
      'oops',
    ]
    const { progress, estimates } = await runToFile({
      source: { kind: 'log', path: writeLog(lines), timeCheck: false },
    })
    expect(progress.accounting).toMatchObject({
      received: 48,
      learned: 43,
      skipped: 0,
      late: 1,
      duplicates: 1,
      dead: 3,
    })
    expect(estimates.flatMap(({ revision }) => revision ?? [])).toEqual(['late', 'corrected', 'retracted'])
    expect(Object.fromEntries(progress.deadLetters)).toEqual({
      OBSERVATION_LATE: 1,
      OBSERVATION_DUPLICATE: 1,
      OBSERVATION_UNKNOWN: 1,
      OBSERVATION_FUTURE: 1,
      OBSERVATION_NOT_JSON: 1,
    })
  })
})
