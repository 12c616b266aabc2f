import { parentPort, workerData } from 'node:worker_threads'
import { Subject } from 'rxjs'
import type { Observation } from '../../src/observation.js'
import type { Saved } from '../../src/saved.js'
import { Section } from '../../src/section.js'
import { KeyLearners } from '../pipeline/key-learners.js'
import { loadTensorParts } from '../pipeline/tensor-parts.js'
import { detached } from './detached.js'
import type { FromWorker, ToWorker, WorkerStart } from './messages.js'
import { BatchReader } from './observation-batch.js'
import { type OutputBatch, OutputWriter } from './output-batch.js'

/** Learns the keys that the main thread gives it, and answers batch by batch. Ends when its input has. */
const port = parentPort!
const { config, saved } = workerData as WorkerStart

const reader = new BatchReader()
const outputs = new OutputWriter()
/** The input that is being learned. */
let current = 0
const observations = new Subject<Observation>()
const learners = new KeyLearners(
  config,
  (code, observation, details) => outputs.refuse(current, { code, observation, ...(details && { details }) }),
  await loadTensorParts(config),
)
learners.restore(new Section(saved, 'keys'))
observations.pipe(learners.learn()).subscribe({ next: outgoing => outputs.add(current, outgoing) })

port.on('message', (message: ToWorker) => {
  if (message.kind === 'learn') {
    reader.read(message.batch, (order, observation) => {
      current = order
      observations.next(observation)
    })
    answer({ kind: 'learned', upTo: current, outputs: outputs.take() })
  } else if (message.kind === 'save') {
    port.postMessage({ kind: 'saved', saved: detached(learners.save()) as readonly Saved[] } satisfies FromWorker)
  } else if (message.kind === 'forecast') {
    const { id, key, horizon, points } = message
    port.postMessage({ kind: 'forecast', id, forecast: learners.forecast(key, horizon, points) } satisfies FromWorker)
  } else {
    observations.complete()
    const scores = Array.from(learners.scores, ([key, score]) => [key, score.save()] as const)
    answer({ kind: 'completed', outputs: outputs.take(), scores })
    port.close()
  }
})

function answer(message: FromWorker & { readonly outputs: OutputBatch }): void {
  const { numbers, bytes } = message.outputs
  port.postMessage(message, [numbers.buffer, bytes.buffer])
}
