import type { Mutant } from '../mutant.js'

/** F50–F55: the process and what runs in it. */
export const processes: readonly Mutant[] = [
  {
    row: 'F50',
    tests: ['streams/load/load.test.ts'],
    file: 'streams/load/heap-guard.ts',
    text: 'if (full) gauge.fill(heapInUse())',
    instead: 'if (full) gauge.fill(0 * heapInUse())',
  },
  {
    row: 'F51',
    tests: ['streams/feeds/websocket/frame-queue.test.ts', 'streams/responsiveness.test.ts'],
    file: 'streams/feeds/websocket/frame-queue.ts',
    text: 'if (clock.now() >= end) break',
    instead: 'void end',
  },
  {
    row: 'F51',
    tests: ['streams/overflow/overflow-queue.test.ts'],
    file: 'streams/overflow/drain.ts',
    text: 'n < TURN && (n === 0 || now() < end)',
    instead: 'n < TURN && end > 0',
  },
  {
    row: 'F52',
    tests: ['cli/endings.test.ts', 'cli/kill.test.ts'],
    file: 'src/cli/stop-signal.ts',
    text: 'SIGTERM: 143,',
    instead: '',
  },
  {
    row: 'F53',
    tests: ['learn/learner-state.test.ts'],
    file: 'src/learn/window/filter.ts',
    text: "this.labels.restore(saved.at('labels'))",
    instead: '',
  },
  {
    row: 'F53',
    tests: ['cli/kill.test.ts'],
    file: 'streams/sinks/cut-back.ts',
    text: 'await truncate(last.path, bytes - base)',
    instead: 'void truncate',
  },
  {
    row: 'F54',
    tests: ['streams/pipeline/pipeline-serving.test.ts'],
    file: 'streams/pipeline/quietly.ts',
    text: 'try {\n      log(line)\n    } catch {}',
    instead: 'log(line)',
  },
  {
    row: 'F54',
    tests: ['learn/model/own-part.test.ts'],
    file: 'src/learn/model/own-part.ts',
    text: "if (error instanceof ContraflowError && error.code === 'OWN_PART_FAILED') return failed(error.message)",
    instead: 'void failed',
  },
  {
    row: 'F54',
    tests: ['learn/model/own-part.test.ts'],
    file: 'src/learn/rules/gradient.ts',
    text: 'for (const [array, values] of before) array.set(values)',
    instead: 'void before',
  },
  {
    row: 'F54',
    tests: ['cli/end-on-fault.test.ts'],
    file: 'src/cli/end-on-fault.ts',
    text: 'if (!stopRun()) process.exit()',
    instead: 'process.exit()',
  },
  {
    row: 'F55',
    tests: ['tensor/tensor-field.test.ts'],
    file: 'src/tensor/direct-field.ts',
    text: 'tf.tidy(() => {\n          const { t, z } = this.#tensors({ times, states })',
    instead: '(run => run())(() => {\n          const { t, z } = this.#tensors({ times, states })',
  },
]
