import { z } from 'zod'
import { TIME_UNITS } from '../../names.js'
import { type Condition, conditionSchema, pointerSchema } from './condition.js'
import { parseReference, parseTemplate, reach } from './reference.js'

const reference = z
  .string()
  .max(256)
  .refine(
    text => parseReference(text) !== undefined,
    'expected a JSON Pointer such as /data/0/value, "#", or one of these behind "^"',
  )
const template = z
  .string()
  .min(1)
  .max(256)
  .refine(text => parseTemplate(text) !== undefined, 'expected text with references in braces such as {/symbol}')

const time = z.union([
  reference,
  z.strictObject({
    at: reference,
    unit: z.enum([...TIME_UNITS, 'auto']).exactOptional(),
    /** Of dates without one: Z or +02:00. */
    zone: z
      .string()
      .regex(/^(Z|[+-]\d{2}:\d{2})$/, 'expected Z or an offset such as +02:00')
      .exactOptional(),
  }),
])

const value = z.union([
  reference,
  z.strictObject({
    at: reference,
    /** value = scale · what stands there + offset. */
    scale: z.number().exactOptional(),
    offset: z.number().exactOptional(),
    /** What means "not measured", besides null. */
    missing: z.array(z.union([z.string(), z.number(), z.boolean()])).exactOptional(),
    /** Numbers for words. */
    codes: z.record(z.string(), z.number()).exactOptional(),
    /** When there is nothing at all, it was not measured. */
    optional: z.boolean().exactOptional(),
  }),
])

/** How deep rules may stand in rules. */
const DEEPEST = 5

/** What becomes of a message, or of each item of a part of it. */
export interface Rule {
  /** The rule is for messages, or items of the rule around, for which this holds. Default: for all. */
  readonly when?: Condition
  /** Once for every item of the array or object there. Default: once, for what the rule around is for. */
  readonly each?: string
  /** Where the event time is, or `arrival`. */
  readonly time?: z.infer<typeof time>
  readonly key?: string
  readonly id?: string
  readonly sequence?: string
  /** The observation takes the place of the one with the same id. */
  readonly correct?: Condition
  /** The observation with the same id is taken away. */
  readonly retract?: Condition
  /** Channels and where their values are; or where an object of them is. */
  readonly values?: string | Readonly<Record<string, z.infer<typeof value>>>
  /** Rules for what is inside; they take over what is said here. */
  readonly rules?: readonly Rule[]
}

function ruleSchema(depth: number): z.ZodType<Rule> {
  const fields = {
    when: conditionSchema.exactOptional(),
    each: pointerSchema.exactOptional(),
    time: z.union([z.literal('arrival'), time]).exactOptional(),
    key: template.exactOptional(),
    id: template.exactOptional(),
    sequence: reference.exactOptional(),
    correct: conditionSchema.exactOptional(),
    retract: conditionSchema.exactOptional(),
    values: z.union([reference, z.record(template, value)]).exactOptional(),
  }
  const inner =
    depth < DEEPEST
      ? {
          rules: z
            .array(ruleSchema(depth + 1))
            .min(1)
            .exactOptional(),
        }
      : {}
  // The types of zod do not follow the depth.
  return z.strictObject({ ...fields, ...inner }) as unknown as z.ZodType<Rule>
}

/** How the messages of a source become observations. */
export const mappingSchema = z
  .strictObject({
    /** Every rule that is for a message is applied, in this order. */
    rules: z.array(ruleSchema(1)).min(1).exactOptional(),
    /** What becomes of a message that no rule is for. Default ignore: it is only counted. */
    otherwise: z.enum(['ignore', 'refuse']).exactOptional(),
    /** What becomes of a value whose channel is not listed in the pipeline file. Default refuse. */
    unlisted: z.enum(['ignore', 'refuse']).exactOptional(),
    /** Instead of rules: an expression that makes one message in the native format of each message, or an array of them. */
    jsonata: z.string().min(1).exactOptional(),
  })
  .superRefine(({ rules, jsonata }, context) => {
    const complain = (path: readonly PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path: [...path], message: `expected ${message}` })
    if ((rules === undefined) === (jsonata === undefined)) complain([], 'either "rules" or "jsonata"')
    checkRules(rules ?? [], ['rules'], { depth: 1, time: false, values: false }, complain)
  })

/** What the rules around a rule say already. */
interface Around {
  readonly depth: number
  readonly time: boolean
  readonly values: boolean
}

/** Rules whose parts fit together: every observation has a time and values, and nothing refers out of the message. */
function checkRules(
  rules: readonly Rule[],
  path: readonly PropertyKey[],
  around: Around,
  complain: (path: readonly PropertyKey[], message: string) => void,
): void {
  rules.forEach((rule, i) => {
    const here = [...path, i]
    const time = around.time || rule.time !== undefined
    const values = around.values || rule.values !== undefined || rule.retract !== undefined
    for (const [place, up] of referencesOf(rule))
      if (up > around.depth) complain([...here, ...place], `at most ${around.depth} "^", one for each rule around`)
    if (rule.rules) checkRules(rule.rules, [...here, 'rules'], { depth: around.depth + 1, time, values }, complain)
    else if (!time) complain(here, 'a rule with "time", or one around it that has it')
    else if (!values) complain(here, 'a rule with "values", or one around it that has them')
  })
}

/** Where a rule refers to something, and how far up. */
function referencesOf({ time, key, id, sequence, values }: Rule): (readonly [readonly PropertyKey[], number])[] {
  const up = (text: string) => parseReference(text)?.up ?? 0
  const template = (text: string | undefined) => (text === undefined ? 0 : reach(parseTemplate(text) ?? []))
  const own: (readonly [readonly PropertyKey[], number])[] = [
    [['time'], time === undefined ? 0 : up(typeof time === 'string' ? time : time.at)],
    [['key'], template(key)],
    [['id'], template(id)],
    [['sequence'], up(sequence ?? '')],
  ]
  if (typeof values === 'string') return [...own, [['values'], up(values)]]
  const channels = Object.entries(values ?? {}).map(([name, value]) => {
    const at = typeof value === 'string' ? value : value.at
    return [['values', name], Math.max(template(name), up(at))] as const
  })
  return [...own, ...channels]
}

/** A mapping as it is written. */
export type Mapping = z.infer<typeof mappingSchema>
/** Where a time stands. */
export type TimeReference = z.infer<typeof time>
/** Where a value stands. */
export type ValueReference = z.infer<typeof value>
