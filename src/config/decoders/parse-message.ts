import { ContraflowError } from '../../errors.js'

/** Levels of arrays and objects in a message. */
const DEEPEST = 16

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a]
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]

/**
 * A JSON message as a value. Refuses what JSON.parse would take and nobody means: a name that comes twice in an object, and
 * values so deep that code which walks them could run out of stack.
 * @throws ContraflowError OBSERVATION_NOT_JSON, OBSERVATION_NOT_FINITE (NaN and Infinity are no JSON), OBSERVATION_INVALID.
 */
export function parseMessage(text: string): unknown {
  const members = countMembers(text)
  const message = parse(text)
  // In the text there are as many names as in the value, unless one came twice.
  if (membersOf(message) !== members)
    throw new ContraflowError('OBSERVATION_INVALID', {
      received: `the name ${JSON.stringify(repeatedName(text))} twice in one object`,
      expected: 'every name once',
      remedy: 'Let the sender write each field once.',
    })
  return message
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const code = /\b(NaN|Infinity)\b/.test(text) ? 'OBSERVATION_NOT_FINITE' : 'OBSERVATION_NOT_JSON'
    throw new ContraflowError(code, { received: text }, { cause: error })
  }
}

/** Counts the colons outside of strings. @throws ContraflowError when the text is too deep. */
function countMembers(text: string): number {
  let [members, depth] = [0, 0]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) i = endOfString(text, i)
    else if (code === COLON) members++
    else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      if (++depth > DEEPEST)
        throw new ContraflowError('OBSERVATION_INVALID', {
          received: text,
          expected: `at most ${DEEPEST} levels of arrays and objects`,
          remedy: 'Let the sender write flat messages.',
        })
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) depth--
  }
  return members
}

/** Where the string ends that begins at `start`; the end of the text when it never does. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === BACKSLASH) i++
    else if (code === QUOTE) return i
  }
  return text.length
}

/** All names in a value, which is not deep. */
function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') count += membersOf(item)
    return count
  }
  const fields = value as Readonly<Record<string, unknown>>
  for (const name of Object.keys(fields)) {
    count++
    if (typeof fields[name] === 'object') count += membersOf(fields[name])
  }
  return count
}

/** The first name that comes twice in an object of this text, which is JSON. */
function repeatedName(text: string): string {
  const open: (Set<string> | undefined)[] = []
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === OPEN_OBJECT) open.push(new Set())
    else if (code === OPEN_ARRAY) open.push(undefined)
    else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) open.pop()
    else if (code === QUOTE) {
      const end = endOfString(text, i)
      const names = open.at(-1)
      if (names && /^\s*:/.test(text.slice(end + 1, end + 100))) {
        const name = JSON.parse(text.slice(i, end + 1)) as string
        if (names.has(name)) return name
        names.add(name)
      }
      i = end
    }
  }
  return ''
}
