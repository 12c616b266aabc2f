import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, it } from 'vitest'
import { parsePipeline } from '../../../src/config/parse-pipeline.js'
import { Learner } from '../../../src/learn/learner.js'
import type { LearnerOptions } from '../../../src/learn/learner-options.js'
import { Section } from '../../../src/section.js'
import { requireBackend } from '../../../src/tensor/backend.js'
import { fileIo } from '../../../src/tensor/file-io.js'
import { runPipeline } from '../../../streams/pipeline/pipeline.js'
import { learnerOptionsOf, loadTensorParts } from '../../../streams/pipeline/tensor-parts.js'
import { Child, contraflow, MAIN } from '../../support/cli.js'
import { run, simulated } from '../../support/streams.js'
import { temporaryFile } from '../../support/temporary.js'

const stream = simulated({ system: 'spiral', count: 60 })

/** A model of the state that is fused or not, saved. @returns Its path. */
async function savedModel({ fused, width = 2 }: { fused: boolean; width?: number }): Promise<string> {
  await requireBackend('cpu')
  const path = temporaryFile('model.json')
  const activation = fused ? 'tanh' : 'elu'
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({
        units: 6,
        inputShape: [width],
        activation,
        kernelInitializer: tfl.initializers.randomNormal({ seed: 1 }),
      }),
      tfl.layers.dense({ units: width, kernelInitializer: 'zeros' }),
    ],
  })
  await model.save(fileIo(path))
  return path
}

async function options(yaml: string): Promise<LearnerOptions> {
  const config = parsePipeline(yaml, 'p.yaml')
  return learnerOptionsOf(config, await loadTensorParts(config))
}

const QUICK = 'solver: { method: bosh3, step: 1 }\n'

describe('a pipeline file with a model of TensorFlow.js', () => {
  it.each([true, false])('learns it (fused: %s), the same way again', async fused => {
    const path = await savedModel({ fused })
    const optimizer = fused ? 'kalman' : 'adam'
    const yaml = `model: { dynamics: { kind: tfjs, model: ${path}, backend: cpu } }\n${QUICK}learn: { warmup: 30, window: 2, optimizer: { kind: ${optimizer} } }`
    const [one, again] = [new Learner(await options(yaml)), new Learner(await options(yaml))]
    const estimates = run(one, stream)
    expect(JSON.stringify(run(again, stream))).toBe(JSON.stringify(estimates))
    expect(estimates.at(-1)!.update.count).toBeGreaterThan(20)
    expect(one.model!.dimension).toBe(2)
  })

  it.each([true, false])('goes on from a checkpoint with the same bits (fused: %s)', async fused => {
    const path = await savedModel({ fused })
    const yaml = `model: { dynamics: { kind: tfjs, model: ${path}, backend: cpu } }\n${QUICK}learn: { warmup: 30, window: 2, optimizer: { kind: tfjs, name: adam, rate: 0.01 } }`
    const whole = run(new Learner(await options(yaml)), stream)
    const first = new Learner(await options(yaml))
    run(first, stream.slice(0, 50))
    const second = new Learner(await options(yaml))
    second.restore(new Section(structuredClone(first.save()), 'state'))
    expect(JSON.stringify(run(second, stream.slice(50)))).toBe(JSON.stringify(whole.slice(50)))
  })

  it('lets several keys share the model, each with what it has learned, and a constant number of tensors', async () => {
    const path = await savedModel({ fused: false })
    const yaml = `model: { dynamics: { kind: tfjs, model: ${path}, backend: cpu } }\n${QUICK}learn: { window: 2, stride: 2, warmup: 20, optimizer: { kind: tfjs, name: rmsprop } }`
    const shared = await options(yaml)
    const learners = [1, 2, 3].map(() => new Learner(shared))
    const alone = run(new Learner(await options(yaml)), stream)
    const tensors: number[] = []
    const estimates = stream.map(observation => {
      const [estimate] = learners.map(learner => learner.observe(observation))
      tensors.push(tf.memory().numTensors)
      return estimate!
    })
    expect(JSON.stringify(estimates)).toBe(JSON.stringify(alone))
    // From the end of the warm-up, when the optimizer is made.
    expect(new Set(tensors.slice(40)).size).toBe(1)
  })

  it('runs from a log to its estimates by the command, and check explains it', async () => {
    const path = await savedModel({ fused: true })
    const folder = dirname(path)
    const log = stream.map(({ t, y }) =>
      JSON.stringify({ t, y: Array.from(y, value => (Number.isNaN(value) ? null : value)) }),
    )
    writeFileSync(join(folder, 'log.ndjson'), `${log.join('\n')}\n`)
    writeFileSync(join(folder, 'p.yaml'), 'channels: [x, y]\nmodel: { dynamics: { kind: tfjs, model: model.json } }\n')
    const checked = await contraflow(['check', 'p.yaml'], { cwd: folder })
    expect(checked.stderr).toBe('')
    expect(checked.stdout).toMatch(/dynamics: model\.json: fused: dense layers 2-6-2; backend (node|wasm|cpu)\n/)
    const { code, stderr } = await contraflow(['replay', 'log.ndjson', '-c', 'p.yaml', '--output', 'out.ndjson'], {
      cwd: folder,
    })
    expect({ code, stderr: stderr.includes('Error') }).toEqual({ code: 0, stderr: false })
    const out = readFileSync(join(folder, 'out.ndjson'), 'utf8').trimEnd().split('\n')
    expect(out).toHaveLength(stream.length)
    expect(JSON.parse(out.at(-1)!).update.count).toBeGreaterThan(20)
    writeFileSync(join(folder, 'w.yaml'), `${readFileSync(join(folder, 'p.yaml'), 'utf8')}workers: 2\n`)
    await contraflow(['replay', 'log.ndjson', '-c', 'w.yaml', '--output', 'workers.ndjson'], { cwd: folder })
    expect(readFileSync(join(folder, 'workers.ndjson'), 'utf8')).toBe(readFileSync(join(folder, 'out.ndjson'), 'utf8'))
  })

  it('says what is wrong before it opens anything', async () => {
    const path = await savedModel({ fused: true })
    const sinks = `sinks: [{ kind: ndjson, path: ${join(dirname(path), 'out.ndjson')} }]\n`
    const attempt = (yaml: string) => runPipeline(parsePipeline(sinks + yaml, 'p.yaml'))
    await expect(attempt('model: { dynamics: { kind: tfjs, model: nowhere.json } }')).rejects.toThrow(
      /^FILE_UNREADABLE: nowhere\.json/,
    )
    await expect(attempt(`channels: [a, b, c]\nmodel: { dynamics: { kind: tfjs, model: ${path} } }`)).rejects.toThrow(
      /^DIMENSION_MISMATCH: received tfjs model [0-9a-f]{8} of dimension 2; expected 3 or more/,
    )
    expect(() => readFileSync(join(dirname(path), 'out.ndjson'))).toThrow('ENOENT')
  })

  it('is not run without what it needs', () => {
    const config = parsePipeline('model: { dynamics: { kind: tfjs, model: m.json } }', 'p.yaml')
    expect(() => learnerOptionsOf(config, {})).toThrow(/^TENSORFLOW_MISSING/)
  })
})

describe('who does not use TensorFlow.js', () => {
  it('gets nothing for a file without it', async () => {
    expect(await loadTensorParts(parsePipeline('learn: { optimizer: { kind: adam } }', 'p.yaml'))).toEqual({})
  })

  /** Says at the end how many of its files were loaded; they are CommonJS, so this cache has them. */
  const preload = `import module from 'node:module'; process.on('exit', () => {
    console.error('loaded', Object.keys(module._cache).filter(path => path.includes('@tensorflow')).length)
  })`
  const loadedBy = async (args: readonly string[], cwd: string) => {
    const command = ['--import', `data:text/javascript,${encodeURIComponent(preload)}`, MAIN, ...args]
    const { stderr } = await new Child(process.execPath, command, { input: '', cwd }).finished
    return Number(/loaded (\d+)/.exec(stderr)![1])
  }

  it('does not load it: neither with --help nor in a run', async () => {
    const folder = dirname(await savedModel({ fused: true }))
    writeFileSync(join(folder, 'log.ndjson'), '{"t":0,"y":[1,2]}\n')
    writeFileSync(join(folder, 'p.yaml'), 'model: { dynamics: { kind: tfjs, model: model.json } }\n')
    expect(await loadedBy(['--help'], folder)).toBe(0)
    expect(await loadedBy(['replay', 'log.ndjson'], folder)).toBe(0)
    expect(await loadedBy(['replay', 'log.ndjson', '-c', 'p.yaml'], folder)).toBeGreaterThan(0)
  })
})
