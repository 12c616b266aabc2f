import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { createDecoder } from '../../src/config/decoders/create-decoder.js'
import { parsePipeline } from '../../src/config/parse-pipeline.js'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import { LineSplitter } from '../../streams/feeds/bytes/line-splitter.js'
import { isDeadLetter } from '../../streams/feeds/feed.js'
import { runPipeline } from '../../streams/pipeline/pipeline.js'
import { MutatedMessages } from './mutated-messages.js'
import { SMALL } from './pipelines.js'
import { temporaryDirectory } from './temporary.js'

/** A format of messages: how a pipeline reads it, what stands first in its log, and the n-th sound message. */
export interface FuzzedFormat {
  readonly name: string
  readonly source: string
  readonly header?: string
  readonly sound: (n: number) => string
}

/** One time that is damaged and still a time makes all that follow late, of its key. */
const key = (n: number) => `k${n % 40}`
const value = (n: number, phase: number) => Math.sin(n / 9 + phase).toFixed(4)

export const fuzzedFormats: readonly FuzzedFormat[] = [
  {
    name: 'messages in the native format',
    source: '{ kind: log, path: x }',
    sound: n => `{"key":"${key(n)}","t":${n},"y":[${value(n, 0)},${value(n, 1)}]}`,
  },
  {
    name: 'messages by name',
    source: '{ kind: log, path: x }',
    sound: n => `{"key":"${key(n)}","t":${n},"values":{"a":${value(n, 0)},"b":${value(n, 1)}}}`,
  },
  {
    name: 'mapped messages',
    source:
      '{ kind: log, path: x, map: { rules: [{ when: { /e: [t, u] }, each: /d, time: /t, key: "{/k}", values: { a: /a, b: { at: /b, optional: true } } }] } }',
    sound: n => `{"e":"t","d":[{"k":"${key(n)}","t":${n},"a":"${value(n, 0)}","b":${value(n, 1)}}]}`,
  },
  {
    name: 'SenML',
    source: '{ kind: log, path: x, format: senml }',
    sound: n => `[{"bn":"${key(n)}:","bt":${1e9 + n},"n":"a","v":${value(n, 0)}},{"n":"b","v":${value(n, 1)}}]`,
  },
  {
    name: 'CSV',
    source: '{ kind: log, path: x, format: csv }',
    header: 'key,t,a,b\n',
    sound: n => `${key(n)},${n},${value(n, 0)},"${value(n, 1)}"`,
  },
]

export interface FuzzResult {
  readonly received: number
  readonly ignored: number
  readonly learned: number
  readonly put: number
  /** Dead letters by code. */
  readonly codes: Readonly<Record<string, number>>
  /** Did the run without what was unreadable give the same bytes? */
  readonly identical: boolean
}

/** Runs a pipeline on so many damaged messages, and again on those of them in which there is an observation. */
export async function fuzz(format: FuzzedFormat, count: number, seed: number): Promise<FuzzResult> {
  const { header = '', sound } = format
  const directory = temporaryDirectory()
  const [all, good] = [`${directory}/all.log`, `${directory}/good.log`]
  const messages = new MutatedMessages(seed, sound)
  const lines = Array.from({ length: count }, (_, n) => messages.next(n))
  const bytes = Buffer.concat([Buffer.from(header), ...lines.flatMap(line => [line, NEWLINE])])
  writeFileSync(all, bytes)
  writeFileSync(good, await readable(format, bytes))
  const [first, second] = [await run(format, all), await run(format, good)]
  rmSync(directory, { recursive: true })
  return { ...first.counts, identical: first.output === second.output && second.output.length > 0 }
}

/**
 * Decodes so many damaged messages, all formats in turn. @returns How many became what.
 * @throws Error when a value is not finite, or something has come onto the prototype of all objects.
 */
export async function decodeDamaged(count: number, seed: number): Promise<{ letters: number; observations: number }> {
  const pristine = Reflect.ownKeys(Object.prototype)
  let [letters, observations] = [0, 0]
  for (const format of fuzzedFormats) {
    const decoder = await createDecoder(parsePipeline(`source: ${format.source}\nchannels: [a, b]`, 'fuzz.yaml'))
    const messages = new MutatedMessages(seed, format.sound)
    for (let n = 0; n < count / fuzzedFormats.length; n++) {
      const text = messages.next(n).toString()
      for (const value of await decoder.read(text, { place: () => 'here' })) {
        if (isDeadLetter(value)) letters++
        else if (++observations && !(Number.isFinite(value.t) && value.y.every(y => Math.abs(y) !== Infinity)))
          throw new Error(`not finite: ${text}`)
      }
    }
  }
  if (!isDeepStrictEqual(Reflect.ownKeys(Object.prototype), pristine) || 'polluted' in {})
    throw new Error('Object.prototype has been changed')
  return { letters, observations }
}

const NEWLINE = Buffer.from('\n')

/** The records in which there is an observation, and the header. */
async function readable(format: FuzzedFormat, bytes: Buffer): Promise<Buffer> {
  const decoder = await createDecoder(configOf(format))
  const splitter = new LineSplitter({ quoted: format.header !== undefined })
  const records = [...splitter.push(bytes), ...splitter.end()]
  const kept: Buffer[] = []
  for (const [i, { text, flaw, offset }] of records.entries()) {
    if (flaw !== undefined || text === '') continue
    const values = await decoder.read(text, { place: () => 'here', first: offset === 0 })
    if (values.some(value => !isDeadLetter(value)) || (offset === 0 && format.header))
      kept.push(bytes.subarray(offset, records[i + 1]?.offset))
  }
  return Buffer.concat(kept)
}

function configOf({ source }: FuzzedFormat): PipelineConfig {
  return parsePipeline(`source: ${source}\nchannels: [a, b]\nlearn: { maxKeys: 100 }`, 'fuzz.yaml')
}

async function run(format: FuzzedFormat, path: string) {
  const output = `${path}.estimates`
  const parsed = configOf(format)
  const progress = await runPipeline({
    ...SMALL,
    ...parsed,
    learn: { ...SMALL.learn, ...parsed.learn },
    source: { ...(parsed.source as Extract<PipelineConfig['source'], { kind: 'log' }>), path },
    sinks: [{ kind: 'ndjson', path: output }],
  })
  const codes = Object.fromEntries(progress.deadLetters)
  const put = Object.values(codes).reduce((sum, n) => sum + n, 0)
  const { received, ignored, estimates: learned } = progress
  return { output: readFileSync(output, 'utf8'), counts: { received, ignored, learned, put, codes } }
}
