import { printable } from './printable.js'

/**
 * Every failure has a stable code, what was expected, and what to do about it. The same table makes the documentation
 * (`src/errors.md`), which a test compares with it.
 */
export const ERRORS = {
  OBSERVATION_NOT_JSON: {
    expected: 'one JSON object a line, or a text frame',
    remedy: 'Send each on one line ("jq -c ." does that), e.g. {"key":"room-1","t":1423666080.5,"y":[21.7,null,437]}.',
  },
  OBSERVATION_INVALID: {
    expected: '{"t": seconds or ISO 8601, "y": [number|null, …]} or {"t": …, "values": {channel: number}}',
    remedy: 'Correct the named field; null means "not measured".',
  },
  OBSERVATION_CHANNELS: {
    expected: 'the channels of the pipeline file',
    remedy: 'List the channels in the order of y in the pipeline file, or name them in values.',
  },
  OBSERVATION_NOT_FINITE: {
    expected: 'finite numbers',
    remedy: 'Send null for a channel that has no value.',
  },
  OBSERVATION_TIME_UNIT: {
    expected: 'times in the unit of the source',
    remedy: 'Set source.timeUnit.',
  },
  OBSERVATION_LATE: {
    expected: 'times that do not go back further than the allowed lateness and the window of the learner',
    remedy: 'Raise learn.allowedLateness or learn.window, or sort the log.',
  },
  OBSERVATION_FUTURE: {
    expected: 'times that are not far ahead of the clock or of the other observations of the key',
    remedy: 'Correct the clock of the source, or raise learn.maxAhead or source.maxSkew.',
  },
  OBSERVATION_DUPLICATE: {
    expected: 'each observation once',
    remedy: 'Nothing, it was learned when it came first; learn.duplicates: 0 learns it each time.',
  },
  OBSERVATION_DROPPED: {
    expected: 'no more observations than can be learned',
    remedy:
      'Make the model smaller, raise learn.stride or source.overflow.limit, or choose another source.overflow.policy.',
  },
  OBSERVATION_WITHDRAWN: {
    expected: 'an observation that is not corrected or retracted while it is held for its turn',
    remedy: 'Nothing, its source has taken it back.',
  },
  OBSERVATION_UNKNOWN: {
    expected: 'the id of an observation that is still in the window of the learner',
    remedy: 'Send corrections and retractions earlier, or raise learn.window.',
  },
  OBSERVATION_TOO_LARGE: {
    expected: 'a message within the size limit',
    remedy: 'Split the message, or raise the limit of the source.',
  },
  OBSERVATION_NOT_TEXT: {
    expected: 'text in UTF-8',
    remedy: 'Convert the log to UTF-8, or let the feed send text frames.',
  },
  OBSERVATION_NOT_CSV: {
    expected: 'a row of CSV with as many cells as the header',
    remedy: 'Correct the row, or the settings of source.csv.',
  },
  OBSERVATION_CUT: {
    expected: 'a last line with its line end',
    remedy:
      'Let the writer finish the line, or take the rest from another copy of the log; if the line is whole, add a line end.',
  },
  NOTHING_USABLE: {
    expected: 'at least one observation among the messages',
    remedy:
      'Here is what most of them were put aside for; source.map tells how messages of another form are to be read.',
  },
  KEYS_EXHAUSTED: {
    expected: 'no more keys than learn.maxKeys',
    remedy: 'Raise learn.maxKeys, or check that the key is not unique for each message.',
  },
  CONFIG_INVALID: {
    expected: 'a pipeline file as described in the README',
    remedy: 'Correct the named fields; sections and most fields have defaults and may be left out.',
  },
  CONFIG_UNREADABLE: {
    expected: 'a readable YAML file',
    remedy: 'Check the path and the syntax.',
  },
  PROBLEM_INVALID: {
    expected: 'a problem of the form {field, t0, z0, observations, solver?, adjoint?}',
    remedy: 'Correct the named fields; "contraflow adjoint --help" shows an example.',
  },
  FILE_UNREADABLE: {
    expected: 'a readable file',
    remedy: 'Check the path and the permissions.',
  },
  FILE_DAMAGED: {
    expected: 'an intact file',
    remedy: 'What came before the damage was used; restore the rest from a copy.',
  },
  RECORDING_FAILED: {
    expected: 'a recording directory that can be written to',
    remedy: 'Check the path, the space left and the permissions; what was recorded before is still good.',
  },
  STATE_IN_USE: {
    expected: 'a state directory for each run',
    remedy: 'End the other run, or give this one a directory of its own.',
  },
  STATE_GONE: {
    expected: 'a directory that stays where it is while a run uses it',
    remedy:
      'See that it can be made, or put it back, and start the run again: it goes on from the newest checkpoint in it, and without one anew.',
  },
  RECORDING_MISFIT: {
    expected: 'a recording of the channels of the pipeline file, in their order',
    remedy: 'Name the pipeline file that the recording was made with (-c FILE), or list its channels in that order.',
  },
  CHECKPOINT_DAMAGED: {
    expected: 'an intact checkpoint',
    remedy: 'Restore it from a copy, or remove it: an older one in the directory is used then.',
  },
  CHECKPOINT_VERSION: {
    expected: 'a checkpoint of a format this version reads',
    remedy: 'Use the version of contraflow that wrote it, or start anew with --fresh.',
  },
  CHECKPOINT_FAILED: {
    expected: 'a state directory that can be written to',
    remedy: 'Check the path, the space left and the permissions; the last checkpoint is still good.',
  },
  CHECKPOINT_MISFIT: {
    expected: 'a checkpoint of the same model, channels and options',
    remedy: 'Go back to the pipeline file it was made with, or start anew with --fresh.',
  },
  PACKAGE_MISSING: {
    expected: 'the package that this needs',
    remedy: 'Install it (npm install, without --omit=optional).',
  },
  SECRET_MISSING: {
    expected: 'a secret in an environment variable or a file',
    remedy: 'Set the variable, or check the path and that the file can be read.',
  },
  FEED_GAVE_UP: {
    expected: 'a feed that can be reached',
    remedy: 'Check the address and that the server runs.',
  },
  SINK_FAILED: {
    expected: 'a sink that can be written to',
    remedy: 'Check the path, the space left and the permissions, or the port.',
  },
  LISTEN_UNSAFE: {
    expected: 'a token wherever others than this machine can connect',
    remedy: 'Name one in token: { env: NAME } or { file: PATH }, listen on 127.0.0.1, or say insecure: true.',
  },
  TOKEN_MISSING: {
    expected: 'at least one token of 16 characters or more, one a line',
    remedy: 'Make one, e.g. with "openssl rand -hex 32", and put it into the environment or the file.',
  },
  TOKEN_WRONG: {
    expected: 'a token that is valid now',
    remedy: 'Send {"token":"…"} first, or bring it as "Authorization: Bearer …".',
  },
  SCOPE_MISSING: {
    expected: 'a token whose scopes allow this',
    remedy: 'Use another token, or add the scope where the token of the websocket sink is named.',
  },
  CERTIFICATE_UNUSABLE: {
    expected: 'a certificate and the private key that belongs to it, as files in PEM',
    remedy: 'Check the paths and permissions under tls of the websocket sink, and that the key has no passphrase.',
  },
  REQUEST_INVALID: {
    expected: 'one of {"subscribe":{…}}, {"forecast":{…}}, {"ping":…}, {"hello":true}, {"token":"…"}',
    remedy: 'streams/publisher/protocol.md describes the requests.',
  },
  REQUEST_TOO_OFTEN: {
    expected: 'no more requests than the rate allows',
    remedy: 'Wait a second before the next one.',
  },
  KEY_UNKNOWN: {
    expected: 'a key that has had an observation',
    remedy: 'Check the spelling, or wait for its first observation.',
  },
  TABLEAU_WRONG: {
    expected: 'coefficients that fulfil the order conditions',
    remedy: 'Compare the coefficients with the paper.',
  },
  DIMENSION_MISMATCH: {
    expected: 'arrays of matching lengths',
    remedy: 'Check the dimension of the field, the state and the observations.',
  },
  OWN_PART_FAILED: {
    expected: 'a field or an optimizer of your own that throws nothing',
    remedy: 'Correct it; what it was called for has changed nothing, and the stream went on.',
  },
  TIME_NOT_MONOTONE: {
    expected: 'times that do not decrease',
    remedy: 'Sort the observations by time; use the reorder operator on a live stream.',
  },
  OPTION_INVALID: {
    expected: 'an option within its range',
    remedy: 'Correct the option.',
  },
  SOLVE_FAILED: {
    expected: 'a solution within the step budget',
    remedy: 'Loosen rtol and atol, or use a method for stiff problems.',
  },
  TENSORFLOW_MISSING: {
    expected: 'TensorFlow.js with a backend that works',
    remedy:
      'Install the optional dependencies (npm install, without --omit=optional); "contraflow check" shows what is missing.',
  },
  TENSOR_MODEL_INVALID: {
    expected: 'a TensorFlow.js model of the state, and of time if it depends on it, to its derivative',
    remedy: 'Change the named layer or shape; src/tensor/tensor.md says what a model may be.',
  },
  TENSOR_OPERATION_FAILED: {
    expected: 'operations that this backend can compute and differentiate',
    remedy: 'Replace the named layer or operation, or use another backend.',
  },
  PROGRAM_FAULT: {
    expected: 'nothing that nobody has foreseen',
    remedy:
      'Run it again, a run with `checkpoint` goes on from it; NODE_DEBUG=contraflow in the environment shows where it was: please report that.',
  },
} as const satisfies Record<string, { expected: string; remedy: string }>

/** Stable names of all failures; `src/errors.md` lists them. */
export type ErrorCode = keyof typeof ERRORS

/** What a particular failure adds to the table of errors. */
export interface ErrorDetails {
  /** What came; shortened to 200 characters in the message. */
  readonly received: string
  /** Where: a path in a document, a line of a file. */
  readonly place?: string
  /** More precise than the table's sentence. */
  readonly expected?: string
  /** More precise than the table's sentence. */
  readonly remedy?: string
  /** One line for each of several things that are wrong; put under the message. */
  readonly complaints?: readonly string[]
}

/** What an error of this code says: what was received, what was expected, what to do. */
export function errorMessage(code: ErrorCode, { received, place, complaints = [], ...details }: ErrorDetails): string {
  const { expected, remedy } = { ...ERRORS[code], ...details }
  const where = place === undefined ? '' : `${shorten(place)}: `
  // What others have sent may be shown on a terminal.
  const sentence = printable(
    `${code}: ${where}received ${shorten(onceOnly(received, place))}; expected ${expected}. ${remedy}`,
  )
  return `${sentence}${complaints.map(line => `\n  ${printable(line)}`).join('')}`
}

/** An error that says what was received, what was expected and what to do; `code` is stable across versions. */
export class ContraflowError extends Error {
  /** Stable across versions; the table in src/errors.md has them all. */
  readonly code: ErrorCode
  /** What came, shortened to 200 characters. */
  readonly received: string
  /** What would have been right. */
  readonly expected: string
  /** What to do. */
  readonly remedy: string
  /** Where: a path in a document, a line of a file. */
  readonly place: string | undefined

  /** @param details Where it leaves something out, the sentences of the table stand. */
  constructor(code: ErrorCode, details: ErrorDetails, options?: ErrorOptions) {
    super(errorMessage(code, details), options)
    this.name = 'ContraflowError'
    this.code = code
    this.received = shorten(onceOnly(details.received, details.place))
    this.expected = details.expected ?? ERRORS[code].expected
    this.remedy = details.remedy ?? ERRORS[code].remedy
    this.place = details.place
  }
}

/** The system ends with the call and the path, as in "ENOENT: no such file or directory, open 'a'": a path that is the place is said already. */
function onceOnly(received: string, place: string | undefined): string {
  const said = /^(E[A-Z0-9]+: .*), \w+ '(.*)'$/s.exec(received)
  return said?.[2] !== undefined && said[2] === place ? said[1]! : received
}

/** The first 200 characters, with a mark when something was cut. */
export function shorten(text: string, limit = 200): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length} characters)`
}
