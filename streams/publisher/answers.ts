import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Gate } from './admission/gate.js'
import { SECURITY_HEADERS } from './admission/security-headers.js'
import type { Service } from './service.js'

/** What the HTTP side of a publisher knows. */
export interface AnswersContext {
  readonly gate: Gate
  readonly service: Service
  /** Seconds without an observation after which it is not ready. */
  readonly maxAge: number
  /** Counters of the publisher itself. */
  readonly counters: () => object
}

interface Answer {
  readonly status: number
  readonly body: object | string
  readonly headers?: Readonly<Record<string, string>>
}

/** Answers plain HTTP from a fixed list of paths; nothing is read from disk. */
export function answerHttp(context: AnswersContext): (request: IncomingMessage, response: ServerResponse) => void {
  const pages = new Map<string, (request: IncomingMessage) => Answer>([
    [
      '/',
      () => ({
        status: 426,
        body: 'This port speaks WebSocket; /health, /ready and /metrics speak HTTP.\n',
        headers: { Upgrade: 'websocket' },
      }),
    ],
    ['/health', request => ({ status: 200, body: health(context, request) })],
    ['/ready', request => ready(context, request)],
    ['/metrics', request => metrics(context, request)],
  ])
  return (request, response) => {
    // A body that nobody asked for is not kept.
    request.resume()
    send(response, answer(pages, context.gate, request), request.method === 'HEAD')
  }
}

function answer(
  pages: ReadonlyMap<string, (request: IncomingMessage) => Answer>,
  gate: Gate,
  request: IncomingMessage,
): Answer {
  const foreign = gate.checkHost(request)
  if (foreign) return { status: foreign.status, body: `${foreign.sentence}\n` }
  // To the letter: no decoding, no dots, so there is nothing to get around.
  const page = pages.get((request.url ?? '').split('?', 1)[0]!)
  if (page === undefined) return { status: 404, body: 'Nothing here. There are /health, /ready and /metrics.\n' }
  if (request.method === 'GET' || request.method === 'HEAD') return page(request)
  return { status: 405, body: 'Only GET and HEAD.\n', headers: { Allow: 'GET, HEAD' } }
}

/** Sentences may name files and addresses: whoever owes a token gets the codes alone. */
function health({ gate, service }: AnswersContext, request: IncomingMessage): object {
  const { status, reasons } = service.status().health
  return { status, reasons: gate.isForOperators(request) ? reasons : reasons.map(({ code }) => ({ code })) }
}

function ready(context: AnswersContext, request: IncomingMessage): Answer {
  const { service, maxAge } = context
  const { connected, keys, lastObservationAge, checkpointAge } = service.status()
  const isReady = connected && (lastObservationAge ?? 0) <= maxAge
  const body = {
    ready: isReady,
    connected,
    keys,
    lastObservationAge: lastObservationAge ?? null,
    checkpointAge: checkpointAge ?? null,
    health: health(context, request),
  }
  return { status: isReady ? 200 : 503, body }
}

function metrics({ gate, service, counters }: AnswersContext, request: IncomingMessage): Answer {
  const refusal = gate.checkMetrics(request)
  if (refusal)
    return {
      status: refusal.status,
      body: `${refusal.sentence}\n`,
      ...(refusal.status === 401 && { headers: { 'WWW-Authenticate': 'Bearer' } }),
    }
  const { counters: pipeline, ...status } = service.status()
  return { status: 200, body: { ...status, pipeline, publisher: counters() } }
}

function send(response: ServerResponse, { status, body, headers }: Answer, headOnly: boolean): void {
  const [text, type] =
    typeof body === 'string' ? [body, 'text/plain'] : [`${JSON.stringify(body)}\n`, 'application/json']
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'Content-Type': `${type}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  })
  response.end(headOnly ? undefined : text)
}
