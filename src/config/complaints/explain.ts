import { z } from 'zod'
import { shorten } from '../../errors.js'
import { nearestName } from '../../nearest-name.js'
import { looksSecret, redact } from './redact.js'

/** One thing that is wrong with a document: where, what came, what was expected. */
export interface Complaint {
  readonly path: readonly PropertyKey[]
  readonly received: string
  readonly expected: string
}

/** A node of a JSON schema, as far as names of fields go. */
interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
  readonly oneOf?: readonly SchemaNode[]
  readonly anyOf?: readonly SchemaNode[]
  /** The only value allowed. */
  readonly const?: unknown
}

/**
 * What zod found in the input, one sentence an issue. Unknown fields come first, with the nearest known name; a field that is missing
 * because it was misspelt is not complained of again.
 */
export function explain(error: z.ZodError, schema: z.ZodType, input: unknown): Complaint[] {
  const unknown: Misspelt[] = []
  const others: Complaint[] = []
  for (const issue of error.issues)
    if (issue.code === 'unrecognized_keys') unknown.push(...explainUnknown(issue, schema, input))
    else others.push(explainIssue(issue, input))
  const meant = new Set(unknown.map(({ meant }) => meant))
  return [...unknown, ...others.filter(({ path, received }) => received !== NOTHING || !meant.has(formatPath(path)))]
}

/** One of several names, as zod says it, and not a sentence in which something is quoted. */
const CHOICE = /^(one of )?['"]/

/** Stands where a field is missing. */
export const NOTHING = 'nothing'

interface Misspelt extends Complaint {
  /** Path of the field that was probably meant. */
  readonly meant: string | undefined
}

function explainIssue(issue: z.core.$ZodIssue, input: unknown): Complaint {
  const { path } = issue
  const [received, expected] = [show(input, path), shorten(describe(issue))]
  const names = !CHOICE.test(expected) ? [] : Array.from(expected.matchAll(/['"]([^'"]+)['"]/g), ([, name]) => name!)
  const value = valueAt(input, path)
  const near = typeof value === 'string' ? nearestName(value, names) : undefined
  if (near !== undefined && names.length > 1)
    return { path, received, expected: `"${near}", or another of ${expected.replace(/^one of /, '')}` }
  return { path, received, expected: received === NOTHING ? `${expected}; it has no default` : expected }
}

function explainUnknown(issue: z.core.$ZodIssueUnrecognizedKeys, schema: z.ZodType, input: unknown): Misspelt[] {
  const known = fieldNames(z.toJSONSchema(schema, { unrepresentable: 'any' }) as SchemaNode, issue.path, input)
  return issue.keys.map(key => {
    const near = nearestName(key, known)
    const expected = near ? `"${near}"` : `one of ${known.join(', ')}`
    const meant = near && formatPath([...issue.path, near])
    return { path: [...issue.path, key], received: `the unknown field "${shorten(key, 64)}"`, expected, meant }
  })
}

/** A union's complaint is its own, when it has one, or that of its alternatives. */
function describe(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0 || issue.message.startsWith('expected '))
    return plain(issue.message)
  const alternatives = issue.errors.map(alternative => alternative.map(describe).join(' and '))
  return [...new Set(alternatives)].join(' or ')
}

/** The part of a message that says what was expected. */
function plain(message: string): string {
  return message
    .replace(/^.*?\bexpected /i, '')
    .replace(/, received .*$/, '')
    .replace("'undefined' | ", '')
}

/** A value as it stood in the document, shortened, without what is called like a secret. */
function show(input: unknown, path: readonly PropertyKey[]): string {
  const value = valueAt(input, path)
  if (value === undefined) return NOTHING
  if (typeof value === 'number') return String(value)
  const secret = path.find(step => typeof step === 'string' && looksSecret(step))
  try {
    return shorten(JSON.stringify(redact(value, String(secret ?? ''))), 64)
  } catch {
    // JSON.parse reads what is nested too deeply for JSON.stringify.
    return 'something nested too deeply'
  }
}

/** What stands at a path; undefined where there is nothing. */
export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce(
    (value, step) => (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[step],
    input,
  )
}

/** Names that the object at this path may have; of several kinds of object only those of the kind that was written. */
function fieldNames(node: SchemaNode, path: readonly PropertyKey[], input: unknown): string[] {
  const kind = valueAt(input, ['kind'])
  const alternatives = [node, ...(node.oneOf ?? []), ...(node.anyOf ?? [])].filter(({ properties }) => {
    const known = properties?.kind?.const
    return kind === undefined || known === undefined || known === kind
  })
  const [step, ...rest] = path
  const names = alternatives.flatMap(alternative => {
    if (step === undefined) return Object.keys(alternative.properties ?? {})
    const child = typeof step === 'number' ? alternative.items : alternative.properties?.[String(step)]
    return child ? fieldNames(child, rest, valueAt(input, [step])) : []
  })
  return [...new Set(names)]
}

/** Path of a field as it is written: learn.optimizer.kind, sinks[0].port. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text ? `${text}.${String(step)}` : String(step)),
    '',
  )
}
