import type { Mutant } from '../mutant.js'

const MESSAGE = 'src/config/decoders/observation-message.ts'
const PARSE = 'src/config/decoders/parse-message.ts'
const CONNECTION = 'streams/feeds/websocket/websocket-connection.ts'
const PUBLISHER = 'streams/publisher/publisher.ts'
const HOSTILE = 'streams/feeds/websocket/websocket-hostile.test.ts'

/** F20–F30: what a message holds. */
export const payload: readonly Mutant[] = [
  {
    row: 'F20',
    tests: ['config/decoders/observation-message.test.ts', 'streams/faults/payload.test.ts'],
    file: MESSAGE,
    text: 'if (y[j] !== null && !Number.isFinite(y[j])) return false',
    instead: '',
  },
  {
    row: 'F20',
    tests: ['learn/rules/kalman.test.ts'],
    file: 'src/learn/rules/kalman.ts',
    text: 'if (error !== innovation - learned) this.#clipped++',
    instead: '',
  },
  {
    row: 'F21',
    tests: ['adjoint/masks.test.ts', 'learn/rules/gradient.test.ts'],
    file: 'src/learn/rules/path-loss.ts',
    text: 'for (let c = 0; c < y.length; c++) if (isMeasured(y[c]!)) visit(y[c]!, c, w)',
    instead: 'for (let c = 0; c < y.length; c++) visit(isMeasured(y[c]!) ? y[c]! : 0, c, w)',
  },
  {
    row: 'F22',
    tests: ['streams/faults/payload.test.ts'],
    file: MESSAGE,
    text: 'if (unknown !== undefined || channels.length === 0)',
    instead: 'if (channels.length === 0)',
  },
  {
    row: 'F22',
    tests: ['streams/health/reject-watch.test.ts'],
    file: 'streams/health/reject-watch.ts',
    text: 'this.#alarmed = received >= LEAST ? rejected >= limit * received : this.#alarmed && rejected > 0',
    instead: 'this.#alarmed = received >= LEAST && rejected > limit * received * 1e9',
  },
  {
    row: 'F23',
    tests: ['streams/faults/payload.test.ts'],
    file: PARSE,
    text: 'throw new ContraflowError(code, { received: text }, { cause: error })',
    instead: 'throw error ?? code',
  },
  {
    row: 'F23',
    tests: ['streams/feeds/websocket/websocket-reconnect.test.ts'],
    file: 'streams/feeds/websocket/websocket.ts',
    text: 'this.#connection?.refuse(POLICY_VIOLATION,',
    instead: 'this.#log(',
  },
  {
    row: 'F24',
    tests: ['streams/faults/payload.test.ts', HOSTILE],
    file: CONNECTION,
    text: "if (this.#options.binary !== 'text') return",
    instead: 'if (data.length > 1e9) return',
  },
  {
    row: 'F24',
    tests: ['streams/publisher/protocol.test.ts', 'streams/faults/payload.test.ts'],
    file: 'streams/publisher/subscribers/conversation.ts',
    text: "if (isBinary) this.#subscriber.bid('binary')",
    instead: 'if (isBinary) void isBinary',
  },
  {
    row: 'F25',
    tests: [HOSTILE],
    file: CONNECTION,
    text: '      maxPayload,\n      maxFragments,\n      perMessageDeflate',
    instead: '      maxFragments,\n      perMessageDeflate',
  },
  {
    row: 'F25',
    tests: ['streams/publisher/attacks.test.ts'],
    file: PUBLISHER,
    text: 'maxPayload: 64 * 1024,',
    instead: 'maxPayload: 100 << 20,',
  },
  {
    row: 'F26',
    tests: ['config/decoders/observation-message.test.ts', 'streams/faults/payload.test.ts'],
    file: PARSE,
    text: 'if (++depth > DEEPEST)',
    instead: 'if (++depth > 1e9)',
  },
  {
    row: 'F27',
    tests: ['config/hostile-input.test.ts', 'config/mapping/mapping.test.ts', 'streams/faults/payload.test.ts'],
    file: MESSAGE,
    text: 'this.#named((input as { values: Values }).values)',
    instead: "this.#named('values' in message ? message.values : {})",
  },
  {
    row: 'F28',
    tests: [HOSTILE],
    file: CONNECTION,
    text: '      maxPayload,\n      maxFragments,\n      perMessageDeflate: compression ? DEFLATE : false,',
    instead: '      maxFragments,\n      perMessageDeflate: true,',
  },
  {
    row: 'F29',
    tests: [HOSTILE],
    file: CONNECTION,
    text: '      maxFragments,\n      perMessageDeflate',
    instead: '      perMessageDeflate',
  },
  {
    row: 'F29',
    tests: ['streams/publisher/slow-subscribers.test.ts'],
    file: PUBLISHER,
    text: '  maxFragments: 64,\n  maxBufferedChunks: 4096,\n',
    instead: '  maxFragments: 0,\n  maxBufferedChunks: 0,\n',
  },
  {
    row: 'F30',
    tests: [HOSTILE],
    file: CONNECTION,
    text: 'maxPendingAutoPongs: PENDING_PONGS',
    instead: 'maxPendingAutoPongs: 0',
  },
  {
    row: 'F30',
    tests: ['streams/publisher/slow-subscribers.test.ts'],
    file: PUBLISHER,
    text: 'maxPendingAutoPongs: 8,',
    instead: 'maxPendingAutoPongs: 0,',
  },
]
