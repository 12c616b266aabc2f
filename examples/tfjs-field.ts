/**
 * A model of one's own from TensorFlow.js in a live pipeline: what its layers compute is differentiated by TensorFlow.js, solved and
 * learned by Contraflow, with a Kalman filter on its weights. A Van der Pol oscillator is observed; the model is saved as a file, as any tool would, and named in the
 * pipeline.
 *
 *     npm run build && node dist/examples/tfjs-field.js
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { parsePipeline, runPipeline } from 'contraflow/streams'
import { fileIo, loadBackend, tensorField } from 'contraflow/tensor'

await loadBackend()

/** z' = A z + W elu(V z + v): an activation that no built-in field has. */
const z = tfl.input({ shape: [2], name: 'z' })
const apply = (layer: tfl.layers.Layer, x: tfl.SymbolicTensor) => layer.apply(x) as tfl.SymbolicTensor
const seed = (value: number) => tfl.initializers.glorotNormal({ seed: value })
const features = apply(tfl.layers.dense({ units: 16, activation: 'elu', kernelInitializer: seed(1) }), z)
const residual = apply(tfl.layers.dense({ units: 2, kernelInitializer: 'zeros' }), features)
const linear = apply(tfl.layers.dense({ units: 2, useBias: false, kernelInitializer: 'zeros' }), z)
const model = tfl.model({ inputs: z, outputs: tfl.layers.add().apply([residual, linear]) as tfl.SymbolicTensor })
console.log(tensorField(model).explanation)

const folder = mkdtempSync(join(tmpdir(), 'contraflow-'))
await model.save(fileIo(join(folder, 'model.json')))

const pipeline = parsePipeline(
  `
source: { kind: simulate, system: van-der-pol, count: 300, gap: 0.1, noise: 0.01 }
channels: [x, y]
model: { dynamics: { kind: tfjs, model: ${join(folder, 'model.json')} } }
solver: { method: bosh3, step: 1 }
learn: { window: 4 }
sinks: []
`,
  'example',
)
const tensors: number[] = []
console.log('observations  error / error of persistence  tensors')
let [squares, persistence] = [0, 0]
let last: readonly (number | null)[] = []
await runPipeline(pipeline, {
  onEstimate({ observed, predicted }, { estimates }) {
    observed.forEach((value, c) => {
      const [guess, before] = [predicted[c], last[c]]
      if (value === null || guess == null || before == null) return
      squares += (value - guess) ** 2
      persistence += (value - before) ** 2
    })
    last = observed
    if (estimates % 100 !== 0) return
    tensors.push(tf.memory().numTensors)
    const ratio = Math.sqrt(squares / persistence)
    console.log(`${String(estimates).padStart(12)}  ${ratio.toFixed(3).padStart(28)}  ${tensors.at(-1)}`)
    squares = persistence = 0
  },
})
rmSync(folder, { recursive: true })
