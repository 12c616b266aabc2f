import { z } from 'zod'
import { shorten } from '../errors.js'
import { nearestName } from './nearest-name.js'
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

/** What zod found in the input, one sentence an issue; an unknown field comes with the nearest known name. */
export function explain(error: z.ZodError, schema: z.ZodType, input: unknown): Complaint[] {
  return error.issues.flatMap(issue => explainIssue(issue, schema, input))
}

function explainIssue(issue: z.core.$ZodIssue, schema: z.ZodType, input: unknown): Complaint[] {
  if (issue.code !== 'unrecognized_keys')
    return [{ path: issue.path, received: show(input, issue.path), expected: shorten(describe(issue)) }]
  const known = fieldNames(z.toJSONSchema(schema, { unrepresentable: 'any' }) as SchemaNode, issue.path, input)
  return issue.keys.map(key => {
    const near = nearestName(key, known)
    const expected = near ? `"${near}"` : `one of ${known.join(', ')}`
    return { path: [...issue.path, key], received: `the unknown field "${shorten(key, 64)}"`, expected }
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
  return message.replace(/^.*?\bexpected /i, '').replace(/, received .*$/, '')
}

/** A value as it stood in the document, shortened, without what is called like a secret. */
function show(input: unknown, path: readonly PropertyKey[]): string {
  const value = valueAt(input, path)
  if (value === undefined) return 'nothing'
  if (typeof value === 'number') return String(value)
  const secret = path.find(step => typeof step === 'string' && looksSecret(step))
  try {
    return shorten(JSON.stringify(redact(value, String(secret ?? ''))), 64)
  } catch {
    // JSON.parse reads what is nested too deeply for JSON.stringify.
    return 'something nested too deeply'
  }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
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
