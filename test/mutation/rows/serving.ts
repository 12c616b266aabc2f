import type { Mutant } from '../mutant.js'

const GATE = 'streams/publisher/admission/gate.ts'
const ADMISSION = 'streams/publisher/admission.test.ts'
const SLOW = 'streams/publisher/slow-subscribers.test.ts'
const SERVING = 'streams/publisher/serving.test.ts'

/** F31–F37: serving estimates. */
export const serving: readonly Mutant[] = [
  {
    row: 'F31',
    tests: [SERVING, SLOW],
    file: 'streams/publisher/subscribers/member.ts',
    text: 'return now - this.#progressAt >= this.#patience.stalled',
    instead: 'return false',
  },
  {
    row: 'F31',
    tests: [SERVING, SLOW],
    file: 'streams/publisher/subscribers/subscriber.ts',
    text: 'return this.#pending.size > 0 || this.buffered > this.#limits.maxBuffered',
    instead: 'return false',
  },
  {
    row: 'F32',
    tests: [SLOW],
    file: 'streams/publisher/subscribers/hub.ts',
    text: 'const SLICE = 200',
    instead: 'const SLICE = 1e9',
  },
  {
    row: 'F32',
    tests: [SLOW],
    file: 'streams/publisher/subscribers/batch.ts',
    text: 'this.#joined ??= ',
    instead: 'this.#joined = ',
  },
  {
    row: 'F33',
    tests: [ADMISSION],
    file: GATE,
    text: 'if (!this.#connects.take(this.#clock.now()))',
    instead: 'if (Number.isNaN(this.#clock.now()))',
  },
  {
    row: 'F33',
    tests: [ADMISSION],
    file: GATE,
    text: 'if (this.#inside >= maxSubscribers)',
    instead: 'if (this.#inside > 1e9)',
  },
  {
    row: 'F33',
    tests: ['streams/publisher/admission/accept-limit.test.ts'],
    file: 'streams/publisher/admission/accept-limit.ts',
    text: 'if (limit.take(now())) {',
    instead: 'if (limit.take(now()) || server.listening) {',
  },
  {
    row: 'F34',
    tests: [ADMISSION],
    file: GATE,
    text: 'if (origin === undefined || this.#origins.has(origin)) return undefined',
    instead: 'if (origin === undefined || [...this.#origins].some(own => origin.startsWith(own))) return undefined',
  },
  {
    row: 'F35',
    tests: [ADMISSION],
    file: GATE,
    text: 'if (owesToken && (token !== undefined || !speaksProtocol || this.#owing >= MOST_OWING))',
    instead: 'if (owesToken && !speaksProtocol)',
  },
  {
    row: 'F35',
    tests: [ADMISSION],
    file: 'streams/publisher/subscribers/member.ts',
    text: "if (this.owesToken && now - this.#since >= this.#patience.token) this.leave('noToken', now)",
    instead: '',
  },
  {
    row: 'F36',
    tests: ['streams/publisher/http.test.ts'],
    file: 'streams/publisher/answers.ts',
    text: "pages.get((request.url ?? '').split('?', 1)[0]!)",
    instead: "pages.get(new URL(request.url ?? '', 'http://localhost').pathname)",
  },
  {
    row: 'F37',
    tests: ['streams/publisher/http.test.ts'],
    file: 'streams/publisher/http-server.ts',
    text: 'headersTimeout: 10_000,',
    instead: 'headersTimeout: 60_000,',
  },
]
