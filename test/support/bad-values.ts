import { Random } from '../../src/random.js'
import { runToFile, SMALL, writeLog } from './pipelines.js'
import { temporaryDirectory } from './temporary.js'

/** What no channel can be, as messages may say it, and the code of the dead letter. */
const BAD: readonly [text: string, code: string][] = [
  ['NaN', 'OBSERVATION_NOT_FINITE'],
  ['Infinity', 'OBSERVATION_NOT_FINITE'],
  ['-Infinity', 'OBSERVATION_NOT_FINITE'],
  ['1e999', 'OBSERVATION_NOT_FINITE'],
  ['-1e309', 'OBSERVATION_NOT_FINITE'],
  ['"NaN"', 'OBSERVATION_INVALID'],
  ['"12"', 'OBSERVATION_INVALID'],
  ['true', 'OBSERVATION_INVALID'],
]
/** Finite, and absurd: they are to be learned with doubt. */
const HUGE = ['1e308', '-1e308', '1.7976931348623157e308', '5e-324']

export interface BadValues {
  readonly messages: number
  /** Messages that were made bad, and those that were put aside, by code. */
  readonly made: Readonly<Record<string, number>>
  readonly found: Readonly<Record<string, number>>
  /** Absurd values that were sent, and values that the learner has cut. */
  readonly huge: number
  readonly clipped: number
  /** Every number of every estimate after the warm-up is finite. */
  readonly finite: boolean
  /** The bytes of the run without the bad messages. */
  readonly identical: boolean
}

/** Learns so many messages, of which one in ten has a value that is none and one in a thousand an absurd one; then only the others. */
export async function learnBadValues(messages: number, seed: number): Promise<BadValues> {
  const random = new Random(seed)
  const any = <T>(list: readonly T[]) => list[Math.floor(random.uniform() * list.length)]!
  const made: Record<string, number> = {}
  const [all, good]: [string[], string[]] = [[], []]
  let huge = 0
  for (let n = 0; n < messages; n++) {
    const draw = random.uniform()
    const values = [Math.sin(n / 9), Math.cos(n / 7)].map(String)
    const at = Math.floor(2 * random.uniform())
    if (draw < 0.1) {
      const [text, code] = any(BAD)
      values[at] = text
      made[code] = (made[code] ?? 0) + 1
    } else if (draw < 0.101) {
      values[at] = any(HUGE)
      huge++
    }
    const line = `{"key":"k${n % 4}","t":${n},"y":[${values}]}`
    all.push(line)
    if (draw >= 0.1) good.push(line)
  }
  const run = (lines: readonly string[]) =>
    runToFile({
      ...SMALL,
      source: { kind: 'log', path: writeLog(lines) },
      checkpoint: { directory: temporaryDirectory() },
    })
  const [first, second] = [await run(all), await run(good)]
  return {
    messages,
    made,
    found: Object.fromEntries(first.progress.deadLetters),
    huge,
    clipped: first.progress.learning.clipped,
    // JSON has null for NaN and Infinity; from the end of the warm-up on nothing is null.
    finite: first.estimates
      .slice(4 * 2 * SMALL.learn.warmup)
      .every(one => ![...one.predicted, ...one.interval, one.score, one.loss, one.update.gradientNorm].includes(null)),
    identical: first.output === second.output && first.estimates.length === good.length,
  }
}
