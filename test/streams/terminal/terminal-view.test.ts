import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../../src/errors.js'
import type { Estimate } from '../../../src/estimate.js'
import { PrequentialScore } from '../../../src/learn/prequential-score.js'
import { Load } from '../../../streams/load/load.js'
import { accounting } from '../../../streams/pipeline/accounting.js'
import type { Progress } from '../../../streams/pipeline/pipeline.js'
import { summaryLines, TerminalView } from '../../../streams/terminal/terminal-view.js'
import { VirtualClock } from '../../support/clock.js'

/** As much of a terminal, or of a pipe, as the view needs. */
class FakeStream {
  readonly writes: string[] = []
  readonly isTTY: boolean
  constructor(isTTY: boolean) {
    this.isTTY = isTTY
  }
  write(text: string): boolean {
    this.writes.push(text)
    return true
  }
  get lines(): string[] {
    return stripVTControlCharacters(this.writes.join('')).split('\n').slice(0, -1)
  }
}

function estimate(t: number, observed: number | null, predicted: number | null, key = 'room'): Estimate {
  return {
    key,
    t,
    observed: [observed, 400],
    predicted: [predicted, 401],
    interval: [predicted === null ? null : [predicted - 1, predicted + 1], null],
    score: null,
    loss: null,
    update: { count: 0, gradientNorm: 0 },
    evaluations: { forward: 0, backward: 0 },
  }
}

/** A run that has seen these estimates. */
function progressAfter(estimates: readonly Estimate[], deadLetters: [ErrorCode, number][] = []): Progress {
  const scores = new Map<string, PrequentialScore>()
  for (const one of estimates) {
    if (!scores.has(one.key)) scores.set(one.key, new PrequentialScore())
    scores.get(one.key)!.observe(one)
  }
  const lost = deadLetters.reduce((sum, [, count]) => sum + count, 0)
  return {
    ignored: 0,
    connections: 0,
    received: estimates.length + lost,
    estimates: estimates.length,
    learning: { rollbacks: 0, frozen: 0, clipped: 0, stuck: 0 },
    accounting: accounting(estimates.length + lost, { learned: estimates.length, skipped: 0 }, new Map(deadLetters)),
    deadLetters: new Map(deadLetters),
    channels: ['temp', 'co2'],
    health: { status: 'ok', reasons: [] },
    load: new Load(),
    sinks: [],
    scores,
  }
}

function view(isTTY: boolean, every?: number) {
  const out = new FakeStream(isTTY)
  const clock = new VirtualClock()
  const stream = out as unknown as NodeJS.WriteStream
  return { out, clock, view: new TerminalView({ out: stream, clock, ...(every !== undefined && { every }) }) }
}

describe('TerminalView on a pipe', () => {
  it('writes one plain line every so many estimates', () => {
    const { out, view: plain } = view(false, 3)
    const seen: Estimate[] = []
    for (let i = 0; i < 7; i++) {
      seen.push(estimate(i, 20 + i, i === 0 ? null : 20 + i - 0.5))
      plain.show(seen.at(-1)!, progressAfter(seen))
    }
    expect(out.lines).toEqual([
      '3 room t=2  temp 22 (predicted 21.5) 0.500  co2 400 (predicted 401) -',
      '6 room t=5  temp 25 (predicted 24.5) 0.500  co2 400 (predicted 401) -',
    ])
  })

  it('writes a line every 500 unless told otherwise, without escape codes', () => {
    const { out, view: plain } = view(false)
    const state = progressAfter([estimate(0, 1, 1)])
    for (let n = 1; n <= 1000; n++) plain.show(estimate(n, 1, 1), { ...state, estimates: n })
    expect(out.lines.map(line => line.split(' ')[0])).toEqual(['500', '1000'])
    expect(out.writes.join('')).not.toContain('\u001b')
  })

  it('shows missing values, and times as dates where they are dates', () => {
    const { out, view: plain } = view(false, 1)
    const one = estimate(1423666080.7, null, null)
    plain.show(one, progressAfter([one]))
    expect(out.lines).toEqual(['1 room 2015-02-11T14:48:00Z  temp - (predicted -) -  co2 400 (predicted 401) -'])
  })
})

describe('TerminalView on a terminal', () => {
  it('draws a line a channel, and draws again in the same place', () => {
    const { out, clock, view: live } = view(true)
    const seen = [estimate(0, 20, null)]
    clock.time = 1000
    live.show(seen[0]!, progressAfter(seen))
    expect(out.lines).toEqual([
      'room  t=0  1 observations, 1/s',
      '  temp         20  predicted         -  no interval yet         error / persistence -',
      '  co2         400  predicted       401  no interval yet         error / persistence -',
    ])
    clock.time = 2000
    seen.push(estimate(1, 22, 21))
    live.show(seen[1]!, progressAfter(seen))
    // Up three lines, then every line cleared before it is written.
    expect(out.writes[1]!.startsWith('\u001b[3A\u001b[2K')).toBe(true)
    expect(out.writes[1]!.split('\u001b[2K')).toHaveLength(4)
    expect(stripVTControlCharacters(out.writes[1]!)).toContain('[20, 22]')
    expect(stripVTControlCharacters(out.writes[1]!)).toContain('error / persistence 0.500')
  })

  it('draws at most ten times a second, however many estimates come', () => {
    const { out, clock, view: live } = view(true)
    const state = progressAfter([estimate(0, 1, 1)])
    for (clock.time = 0; clock.time < 1000; clock.time++) live.show(estimate(0, 1, 1), state)
    expect(out.writes).toHaveLength(10)
  })

  it('leaves the last drawing where it is and writes the summary below', () => {
    const { out, view: live } = view(true)
    const seen = [estimate(0, 1, 1)]
    live.show(seen[0]!, progressAfter(seen))
    const drawn = out.lines.length
    live.close(progressAfter(seen))
    expect(out.lines.slice(drawn)).toEqual(summaryLines(progressAfter(seen)))
    expect(out.writes.slice(1).join('')).not.toContain('\u001b[3A')
  })
})

describe('summaryLines', () => {
  it('has a row for every channel and key, and says what was put aside', () => {
    const seen = [1, 3, 2, 6].map((value, i) => estimate(i, value, i === 0 ? null : value + 0.5))
    const other = [estimate(0, 5, null, 'hall'), estimate(1, null, 5, 'hall')]
    const state = progressAfter(
      [...seen, ...other],
      [
        ['OBSERVATION_LATE', 2],
        ['OBSERVATION_NOT_JSON', 1],
      ],
    )
    expect(summaryLines(state)).toEqual([
      '9 messages, 6 estimates',
      '2 put aside: OBSERVATION_LATE',
      '1 put aside: OBSERVATION_NOT_JSON',
      'key   channel  RMSE  persistence  ratio  in interval',
      'room  temp      0.5       2.6458  0.189      100.0 %',
      'room  co2         1            0      -            -',
      'hall  temp        -            -      -            -',
      'hall  co2         1            0      -            -',
    ])
  })

  it('lists twenty keys and counts the rest', () => {
    const state = progressAfter(Array.from({ length: 25 }, (_, i) => estimate(0, 1, 1, `key-${i}`)))
    const lines = summaryLines(state)
    expect(lines).toHaveLength(2 + 2 * 20 + 1)
    expect(lines.at(-1)).toBe('… and 5 more keys')
  })

  it('writes large and small numbers short', () => {
    const state = progressAfter([
      estimate(0, 0, null),
      estimate(1, 123456789, 0),
      estimate(2, 123456789.0001, 123456789),
    ])
    expect(summaryLines(state)[2]).toMatch(/^room {2}temp +8\.73e\+7 +8\.73e\+7 +1\.000/)
  })
})
