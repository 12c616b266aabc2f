/** Why a subscriber is sent away: the close code and a sentence of at most 123 bytes, which is all a close frame carries. */
export const FAREWELLS = {
  ended: [1001, 'The stream has ended.'],
  binary: [1003, 'Requests are JSON in text frames.'],
  tooOften: [1008, 'Too many requests; at most 20 a second.'],
  tooMany: [1008, 'Too many bytes; at most 256 KiB a second.'],
  tooSlow: [1013, 'Too slow: nothing was read for too long. Subscribe to fewer keys, or read faster.'],
  tooMuch: [1013, 'Too much was waiting for all subscribers, most of it for this one.'],
  noToken: [4401, 'No valid token came in time.'],
  tokenGone: [4401, 'The token is no longer valid.'],
} as const satisfies Record<string, readonly [code: number, sentence: string]>

/** Names of the reasons. */
export type Farewell = keyof typeof FAREWELLS
