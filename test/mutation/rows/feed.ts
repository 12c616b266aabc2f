import type { Mutant } from '../mutant.js'

const CONNECTION = 'streams/feeds/websocket/websocket-connection.ts'
const CLIENT = 'streams/feeds/websocket/websocket.ts'
const QUEUE = 'streams/overflow/overflow-queue.ts'
const ORDER = 'src/operators/event-order.ts'

/** F01–F08: feed and transport. */
export const feed: readonly Mutant[] = [
  {
    row: 'F01',
    tests: ['streams/feeds/websocket/websocket-hostile.test.ts'],
    file: CLIENT,
    text: 'if (this.#options.reconnect ?? true) void this.#retry(reason)',
    instead: 'if (this.#options.reconnect ?? false) void this.#retry(reason)',
  },
  {
    row: 'F01',
    tests: [
      'streams/feeds/websocket/websocket-hostile.test.ts',
      'streams/feeds/websocket/websocket-conversation.test.ts',
    ],
    file: CLIENT,
    text: 'if (this.#sequences?.isRepeated(frame)) return',
    instead: 'this.#sequences?.isRepeated(frame)',
  },
  {
    row: 'F02',
    tests: ['streams/faults/half-open.test.ts'],
    file: CONNECTION,
    text: "if (!this.#alive && !this.#socket.isPaused) this.#giveUp('no answer to a ping')",
    instead: '',
  },
  {
    row: 'F02',
    tests: ['streams/faults/half-open.test.ts'],
    file: CONNECTION,
    text: '!this.#alive && !this.#socket.isPaused',
    instead: '!this.#alive',
  },
  {
    row: 'F03',
    tests: ['streams/feeds/websocket/websocket-hostile.test.ts'],
    file: CONNECTION,
    text: 'handshakeTimeout: handshakeTimeout * 1000,',
    instead: '',
  },
  {
    row: 'F04',
    tests: ['streams/time/silent-keys.test.ts'],
    file: ORDER,
    text: "if (observation.arrival === 'idle') return this.flush()",
    instead: "if (observation.arrival === 'idle') return []",
  },
  {
    row: 'F04',
    tests: ['operators/reorder.test.ts'],
    file: 'src/operators/reorder.ts',
    text: 'concatMap(() => order.flush())',
    instead: 'concatMap(() => [])',
  },
  {
    row: 'F04',
    tests: ['streams/time/mark-silence.test.ts'],
    file: 'streams/time/silence.ts',
    text: 'if (now - at < this.#idle) break',
    instead: 'break',
  },
  {
    row: 'F05',
    tests: ['streams/overflow/overflow-queue.test.ts'],
    file: QUEUE,
    text: 'const full = this.#waiting.length >= this.#limit && !this.#blocks',
    instead: 'const full = false',
  },
  {
    row: 'F05',
    tests: ['streams/overflow/overflow-queue.test.ts'],
    file: QUEUE,
    text: 'run.add(delivery, this.#letters < this.#limit)',
    instead: 'if (run.letters.length === 0) run.add(delivery, this.#letters < this.#limit)',
  },
  {
    row: 'F06',
    tests: ['operators/deduplicate.test.ts', 'streams/faults/event-time.test.ts'],
    file: 'src/operators/deduplicate.ts',
    text: 'return !seen',
    instead: 'return true',
  },
  {
    row: 'F07',
    tests: ['operators/reorder.test.ts', 'streams/faults/event-time.test.ts'],
    file: ORDER,
    text: 'while (at > 0 && compareObservations(held[at - 1]!, observation) > 0) at--',
    instead: '',
  },
  {
    row: 'F08',
    tests: ['operators/reorder.test.ts', 'streams/faults/event-time.test.ts'],
    file: ORDER,
    text: 'if (observation.t < this.watermark) return this.#takeLate(observation)',
    instead: '',
  },
]
