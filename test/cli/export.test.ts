import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, it } from 'vitest'
import { requireBackend } from '../../src/tensor/backend.js'
import { fileIo } from '../../src/tensor/file-io.js'
import { loadModel } from '../../src/tensor/load-model.js'
import { tensorField } from '../../src/tensor/tensor-field.js'
import { simulate } from '../../streams/simulate/simulate.js'
import { contraflow } from '../support/cli.js'
import { temporaryDirectory } from '../support/temporary.js'

const LOG = [...simulate({ system: 'spiral', count: 150 })].join('\n')

/** Runs a pipeline over a log, with checkpoints. @returns Its folder. */
async function trained(model: string, log = LOG): Promise<string> {
  const folder = temporaryDirectory()
  writeFileSync(join(folder, 'log.ndjson'), `${log}\n`)
  writeFileSync(
    join(folder, 'p.yaml'),
    `source: { kind: log, path: log.ndjson }\n${model}\nsolver: { method: bosh3, step: 1 }
learn: { window: 4 }\nsinks: [{ kind: ndjson, path: out.ndjson }]\ncheckpoint: { directory: state }\n`,
  )
  return folder
}

const go = (folder: string) => contraflow(['run', '-c', 'p.yaml'], { cwd: folder })

describe('contraflow export', () => {
  it('writes what was learned as a model that is the same field, with its units', async () => {
    const folder = await trained('model: { augment: 1, dynamics: { hidden: [5] } }')
    const ran = await go(folder)
    expect(ran.code, ran.stderr).toBe(0)
    const { code, stdout, stderr } = await contraflow(['export', 'state', '--to', 'model.json'], { cwd: folder })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    // 3-5-3 and A.
    expect(stdout).toMatch(/^model\.json: 47 parameters of key ".*"\n$/)
    await requireBackend('cpu')
    const model = await loadModel(join(folder, 'model.json'))
    const field = tensorField(model)
    expect(field.fused).toBe(true)
    expect(field.parameters).toHaveLength(47)
    expect(field.parameters.every(value => Number.isFinite(value) && value !== 0)).toBe(true)
    const { contraflow: metadata } = model.getUserDefinedMetadata() as { contraflow: Record<string, never> }
    expect(metadata).toMatchObject({
      update: { kind: 'gain', parameters: { length: 6 } },
      units: { mean: { length: 2 } },
    })
    // And a pipeline goes on with it.
    writeFileSync(join(folder, 'q.yaml'), 'model: { dynamics: { kind: tfjs, model: model.json } }\n')
    const again = await contraflow(['replay', 'log.ndjson', '-c', 'q.yaml'], { cwd: folder })
    expect(again.code, again.stderr).toBe(0)
    expect(again.stdout.trimEnd().split('\n')).toHaveLength(150)
  })

  it('writes back a model of TensorFlow.js that a run has learned', async () => {
    const folder = await trained('model: { dynamics: { kind: tfjs, model: first.json } }')
    await requireBackend('cpu')
    const first = tfl.sequential({
      layers: [
        tfl.layers.dense({ units: 4, inputShape: [2], activation: 'tanh' }),
        tfl.layers.dense({ units: 2, kernelInitializer: 'zeros' }),
      ],
    })
    await first.save(fileIo(join(folder, 'first.json')))
    await go(folder)
    const without = await contraflow(['export', 'state', '--to', 'model.json'], { cwd: folder })
    expect(without.code).toBe(2)
    expect(without.stderr).toMatch(/^OPTION_INVALID: .*received no --model; expected the model\.json/)
    const args = ['export', 'state', '--to', 'learned.json', '--model', 'first.json']
    const { code, stderr } = await contraflow(args, { cwd: folder })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [before, after] = [first, await loadModel(join(folder, 'learned.json'))].map(model => tensorField(model))
    expect(after!.parameters).toHaveLength(before!.parameters.length)
    expect(Array.from(after!.parameters)).not.toEqual(Array.from(before!.parameters))
  })

  it('asks which key, and says which there are', async () => {
    const keyed = LOG.split('\n')
      .map((line, n) => JSON.stringify({ ...JSON.parse(line), key: n % 2 ? 'a' : 'b' }))
      .join('\n')
    const folder = await trained('', keyed)
    await go(folder)
    const { code, stderr } = await contraflow(['export', 'state', '--to', 'model.json'], { cwd: folder })
    expect(code).toBe(2)
    expect(stderr).toMatch(/received no --key for 2 keys; expected one of "b", "a"/)
    const chosen = await contraflow(['export', 'state', '--to', 'model.json', '--key', 'a', '--json'], { cwd: folder })
    expect(JSON.parse(chosen.stdout)).toMatchObject({ key: 'a', to: 'model.json' })
  })

  it('says so when there is nothing yet', async () => {
    const folder = await trained('', LOG.split('\n').slice(0, 10).join('\n'))
    await go(folder)
    const { code, stderr } = await contraflow(['export', 'state', '--to', 'model.json'], { cwd: folder })
    expect(code).toBe(2)
    expect(stderr).toMatch(/received key ".*" in its warm-up/)
  })
})
