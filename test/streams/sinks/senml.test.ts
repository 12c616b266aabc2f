import { describe, expect, it } from 'vitest'
import { SenmlDecoder } from '../../../src/config/decoders/senml-decoder.js'
import type { PipelineConfig } from '../../../src/config/pipeline.js'
import { toNullable } from '../../../src/observation.js'
import { runPipeline } from '../../../streams/pipeline/pipeline.js'
import { senmlPack } from '../../../streams/sinks/senml-pack.js'
import { readJson, runToFile, SMALL, writeLog } from '../../support/pipelines.js'
import { temporaryFile } from '../../support/temporary.js'

const START = 1_700_000_000
const lines = Array.from(
  { length: 30 },
  (_, i) => `{"key":"room 1","t":${START + i},"y":[${Math.sin(i / 3)},${i % 7 ? 2 : null}]}`,
)

describe('the sink for SenML', () => {
  it('writes packs that a reader of SenML understands: what was observed, in its key and channel', async () => {
    const path = temporaryFile('estimates.ndjson')
    const config: PipelineConfig = {
      ...SMALL,
      channels: ['temp', 'co2'],
      source: { kind: 'log', path: writeLog(lines) },
    }
    await runPipeline({ ...config, sinks: [{ kind: 'ndjson', path, format: 'senml' }] })
    const { estimates } = await runToFile(config)
    const packs = readJson<object[]>(path)
    expect(packs).toHaveLength(30)
    packs.forEach((pack, i) => {
      const decoder = new SenmlDecoder({ channels: ['temp', 'co2', 'predicted', 'low', 'high', 'score'] })
      const observations = decoder.read(JSON.stringify(pack), { place: () => 'x' })
      const observed = observations.flatMap(value => ('y' in value && value.key === 'room_1' ? [value] : []))
      const merged = observed.reduce<(number | null)[]>(
        (all, { y }) => toNullable(y).map((v, j) => v ?? all[j] ?? null),
        [],
      )
      expect(merged.slice(0, 2)).toEqual(estimates[i]!.observed)
      expect(observed.every(({ t }) => t === START + i)).toBe(true)
    })
    expect(packs.at(-1)).toContainEqual({ n: 'temp/predicted', v: estimates.at(-1)!.predicted[0] })
  })

  it('writes forecasts relative to when they were made, and names that may be written', () => {
    const forecast = [{ t: START + 60, predicted: [1.5, null], interval: [[1, 2], null] }] as const
    expect(senmlPack({ key: '°C room', t: START, forecast }, ['temp'])).toEqual([
      { bn: 'xC_room/', bt: START, n: 'temp/predicted', t: 60, v: 1.5 },
      { n: 'temp/low', t: 60, v: 1 },
      { n: 'temp/high', t: 60, v: 2 },
    ])
  })
})
