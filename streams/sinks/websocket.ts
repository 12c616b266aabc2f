import { Certificate } from '../publisher/admission/certificate.js'
import { Tokens } from '../publisher/admission/tokens.js'
import { isLoopback, type PublisherOptions, publisherSettings } from '../publisher/options.js'
import { Publisher } from '../publisher/publisher.js'
import type { Service } from '../publisher/service.js'
import type { Clock } from '../time/clock.js'
import type { Sink, SinkStatus } from './sink.js'

/** A publisher, and how it fares. */
export interface WebSocketSink extends Sink {
  /** Where subscribers connect. */
  readonly url: string
  /** Connections now. */
  readonly subscribers: number
  /** Subscribers sent away because they did not read. */
  readonly evicted: number
  /** Messages that were replaced by newer ones before a slow subscriber could take them. */
  readonly conflated: number
}

/** What the sink needs of the world. */
export interface WebSocketSinkContext {
  /** Answers what subscribers and probes ask. */
  readonly service: Service
  /** For patience and rates. */
  readonly clock: Clock
  /** Called when it can no longer serve. */
  readonly failed: (error: Error) => void
  /** One line about it. */
  readonly log: (line: string) => void
}

/**
 * Publishes to everyone who is let in (`streams/publisher/protocol.md`). Each message is serialised and framed once;
 * a subscriber that does not keep up gets only the latest of each key, one that does not read at all is sent away; nothing that
 * subscribers do changes what is learned.
 * @throws ContraflowError LISTEN_UNSAFE, TOKEN_MISSING, CERTIFICATE_UNUSABLE, SINK_FAILED
 */
export async function websocketSink(options: PublisherOptions, context: WebSocketSinkContext): Promise<WebSocketSink> {
  const settings = publisherSettings(options)
  const tokens = settings.tokens.length > 0 ? await Tokens.open(settings.tokens) : undefined
  const certificate = settings.tls && new Certificate(settings.tls, context.clock)
  const renewal = await certificate?.renewed()
  if (renewal?.doubt) context.log(renewal.doubt)
  const secure = renewal?.secure
  if (!isLoopback(settings.host) && !secure)
    context.log(
      `${settings.host} can be reached by others and is not encrypted: set tls, or put a proxy with TLS in front`,
    )
  const publisher = new Publisher(settings, { ...context, tokens, certificate, secure })
  await publisher.open()
  const { url } = publisher
  return {
    url,
    get subscribers() {
      return publisher.subscribers
    },
    get evicted() {
      return publisher.evicted
    },
    get conflated() {
      return publisher.conflated
    },
    get status(): SinkStatus {
      const { waiting, dropped } = publisher
      return { kind: 'websocket', place: url, policy: 'coalesce', waiting, dropped }
    },
    write: (line, topic) => publisher.publish(line, topic),
    close: () => publisher.close(),
  }
}
