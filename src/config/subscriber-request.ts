import { z } from 'zod'
import { ContraflowError, shorten } from '../errors.js'
import { explain, formatPath } from './complaints/explain.js'

/** Most points of one forecast on request; each costs a backward sweep a channel. */
const MOST_POINTS = 100
const id = z.union([z.string().max(64), z.number()]).exactOptional()
const key = z.string().min(1).max(128)

/** What a subscriber may say, by the field that says it; `id` comes back with the answer. */
const FORMS = {
  subscribe: z.strictObject({
    id,
    subscribe: z.strictObject({
      /** Only these; all when it is left out. */
      keys: z.array(key).max(1000).exactOptional(),
      /** The latest message of each key first. Default false. */
      snapshot: z.boolean().exactOptional(),
      /** Scheduled forecasts too. Default true. */
      forecasts: z.boolean().exactOptional(),
    }),
  }),
  forecast: z.strictObject({
    id,
    forecast: z.strictObject({
      key,
      /** Seconds after the last observation of the key. */
      horizon: z.number().positive(),
      points: z.number().int().min(1).max(MOST_POINTS).exactOptional(),
    }),
  }),
  ping: z.strictObject({ id, ping: z.union([z.string().max(64), z.number(), z.boolean()]) }),
  hello: z.strictObject({ id, hello: z.literal(true) }),
  token: z.strictObject({ id, token: z.string().min(1).max(4096) }),
}

/** Requests by what they want. */
export type SubscriberRequests = { [Name in keyof typeof FORMS]: z.infer<(typeof FORMS)[Name]> }
/** A request of a subscriber. */
export type SubscriberRequest = SubscriberRequests[keyof SubscriberRequests]
/** Comes back with the answer. */
export type RequestId = string | number

const NAMES = Object.keys(FORMS) as (keyof SubscriberRequests)[]

/** @throws ContraflowError REQUEST_INVALID with what came and what was expected, shortened. */
export function parseSubscriberRequest(text: string): SubscriberRequest {
  const input = parseJson(text)
  const name = NAMES.find(candidate => isObject(input) && Object.hasOwn(input, candidate))
  if (name === undefined) throw new ContraflowError('REQUEST_INVALID', { received: shown(text) })
  const schema: z.ZodType<SubscriberRequest> = FORMS[name]
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const { path, received, expected } = explain(parsed.error, schema, input)[0]!
  throw new ContraflowError('REQUEST_INVALID', {
    received: name === 'token' ? 'a token of another form' : received,
    expected,
    place: shorten(formatPath(path), 64) || 'message',
  })
}

/** The id of a request that may be invalid otherwise. */
export function requestIdOf(text: string): RequestId | undefined {
  try {
    const parsed = z.looseObject({ id }).safeParse(JSON.parse(text))
    return parsed.success ? parsed.data.id : undefined
  } catch {
    return undefined
  }
}

/** What may be a secret is not said back. */
function shown(text: string): string {
  return /token/i.test(text) ? 'a request with a token that could not be read' : text
}

function isObject(input: unknown): input is object {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ContraflowError('REQUEST_INVALID', { received: shown(text) }, { cause: error })
  }
}
