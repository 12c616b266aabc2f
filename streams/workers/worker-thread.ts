import { parentPort, workerData } from 'node:worker_threads'
import { Subject } from 'rxjs'
import type { Observation } from '../../src/observation.js'
import type { Saved } from '../../src/saved.js'
import { Section } from '../../src/section.js'
import { KeyLearners } from '../key-learners.js'
import { loadTensorParts } from '../tensor-parts.js'
import { detached } from './detached.js'
import type { FromWorker, ToWorker, WorkerOutput, WorkerStart } from './messages.js'
import { readBatch } from './observation-batch.js'

/** Learns the keys that the main thread gives it, and answers batch by batch. Ends when its input has. */
const port = parentPort!
const { config, saved } = workerData as WorkerStart

let orders: number[] = []
let outputs: WorkerOutput[] = []
/** The input that is being learned. */
let current = 0
const output = (value: WorkerOutput) => {
  orders.push(current)
  outputs.push(value)
}
const observations = new Subject<Observation>()
const learners = new KeyLearners(
  config,
  (code, observation) => output({ code, observation }),
  await loadTensorParts(config),
)
learners.restore(new Section(saved, 'keys'))
observations.pipe(learners.learn()).subscribe({ next: ({ message: _, ...rest }) => output(rest) })

port.on('message', (message: ToWorker) => {
  if (message.kind === 'learn') {
    for (const [order, observation] of readBatch(message.batch)) {
      current = order
      observations.next(observation)
    }
    answer({ kind: 'learned', upTo: current, orders, outputs })
  } else if (message.kind === 'save') {
    port.postMessage({ kind: 'saved', saved: detached(learners.save()) as readonly Saved[] } satisfies FromWorker)
  } else if (message.kind === 'forecast') {
    const { id, key, horizon, points } = message
    port.postMessage({ kind: 'forecast', id, forecast: learners.forecast(key, horizon, points) } satisfies FromWorker)
  } else {
    observations.complete()
    const scores = Array.from(learners.scores, ([key, score]) => [key, score.save()] as const)
    answer({ kind: 'completed', outputs, scores })
    port.close()
  }
})

function answer(message: FromWorker): void {
  port.postMessage(message)
  orders = []
  outputs = []
}
