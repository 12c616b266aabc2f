import type { Mutant } from '../mutant.js'

const LINES = 'streams/feeds/bytes/line-splitter.ts'
const LOGS = 'streams/faults/logs.test.ts'
const DURABLY = 'streams/files/write-durably.ts'
const DECODE = 'src/learn/checkpoint/decode-checkpoint.ts'
const CHECKPOINT = 'learn/checkpoint/checkpoint.test.ts'
const DIRECTORY = 'streams/checkpoint/checkpoint-directory.test.ts'

/** F40–F47, F71: logs and checkpoints. */
export const storage: readonly Mutant[] = [
  {
    row: 'F40',
    tests: ['streams/feeds/bytes/lines.test.ts'],
    file: LINES,
    text: "return [this.#openEnd || record.flaw ? record : { ...record, text: head(record.text), flaw: 'cut' }]",
    instead: 'return [record]',
  },
  {
    row: 'F40',
    tests: [LOGS, 'streams/sinks/ndjson.test.ts'],
    file: 'streams/sinks/line-file.ts',
    text: 'if (buffer[0] !== NEWLINE) await this.add(Uint8Array.of(NEWLINE))',
    instead: 'void [buffer, NEWLINE]',
  },
  {
    row: 'F41',
    tests: [LOGS],
    file: LINES,
    text: 'first && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0',
    instead: 'first && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 0 : 0',
  },
  {
    row: 'F41',
    tests: ['streams/feeds/bytes/lines.test.ts'],
    file: LINES,
    text: 'bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length',
    instead: 'bytes.at(-1) === RETURN ? bytes.length : bytes.length',
  },
  {
    row: 'F42',
    tests: [LOGS],
    file: 'streams/feeds/bytes/gunzip.ts',
    text: 'const members = again && new SoundMembers(again)',
    instead: 'const members = again && (undefined as SoundMembers | undefined)',
  },
  {
    row: 'F43',
    tests: ['streams/sinks/ndjson.test.ts'],
    file: 'streams/sinks/line-file.ts',
    text: 'if (this.#size !== undefined) await this.#handle!.truncate(this.#size)',
    instead: '',
  },
  {
    row: 'F43',
    tests: ['streams/recorder/recorder.test.ts'],
    file: 'streams/recorder/segment-writer.ts',
    text: 'if (this.#torn) ftruncateSync(this.#fd, this.size)\n    this.#torn = true',
    instead: 'this.#torn = true',
  },
  { row: 'F44', tests: [DIRECTORY], file: DURABLY, text: 'await file.sync()', instead: '' },
  { row: 'F44', tests: [DIRECTORY], file: DURABLY, text: 'await syncDirectory(dirname(path), fs)', instead: '' },
  {
    row: 'F44',
    tests: [DIRECTORY, 'cli/recovery.test.ts'],
    file: 'streams/checkpoint/newest-checkpoint.ts',
    text: 'for (const number of numbers.toReversed()) {',
    instead: 'for (const number of numbers.slice(-1)) {',
  },
  {
    row: 'F44',
    tests: [DIRECTORY],
    file: DURABLY,
    text: 'rest = rest.subarray(written)',
    instead: 'rest = rest.subarray(rest.length)',
  },
  {
    row: 'F45',
    tests: [CHECKPOINT],
    file: DECODE,
    text: 'if (format > FORMAT.current || format < FORMAT.oldest) throw',
    instead: 'if (format > 1e9) throw',
  },
  {
    row: 'F45',
    tests: [CHECKPOINT],
    file: DECODE,
    text: 'if (format > FORMAT.current || format < FORMAT.oldest) throw',
    instead: 'if (format > FORMAT.current) throw',
  },
  {
    row: 'F46',
    tests: ['learn/checkpoint/learner-identity.test.ts'],
    file: 'src/learn/checkpoint/differences.ts',
    text: 'return JSON.stringify(saved) === JSON.stringify(now)',
    instead: 'return true || JSON.stringify(saved) === JSON.stringify(now)',
  },
  {
    row: 'F46',
    tests: ['cli/recovery.test.ts'],
    file: 'streams/checkpoint/go-on-from.ts',
    text: 'if (complaints.length > 0) throw misfit(path, complaints)',
    instead: '',
  },
  {
    row: 'F47',
    tests: [CHECKPOINT],
    file: DECODE,
    text: 'if (crc32c(file.subarray(0, -TRAILER)) !== crc) throw',
    instead: 'if (crc < 0) throw',
  },
  {
    row: 'F47',
    tests: [DIRECTORY],
    file: 'streams/checkpoint/newest-checkpoint.ts',
    text: "if (!(error instanceof ContraflowError && error.code === 'CHECKPOINT_DAMAGED')) throw error",
    instead: 'throw error',
  },
  {
    row: 'F71',
    tests: [DIRECTORY, 'streams/checkpoint/directory-lock.test.ts'],
    file: DURABLY,
    text: 'await before?.()',
    instead: '',
  },
]
