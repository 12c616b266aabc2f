import type { Estimate, Forecast } from '../../src/estimate.js'
import { senmlPack } from './senml-pack.js'
import type { Sink } from './sink.js'

/** Passes messages on as packs of SenML; dead letters as they are. @param channels Their names, as far as they are known. */
export function senmlSink(inner: Sink, channels: () => readonly string[]): Sink {
  return {
    ...(inner.tail && { tail: inner.tail }),
    get status() {
      return inner.status
    },
    write(line, topic) {
      if (topic.kind === 'deadLetter') inner.write(line, topic)
      else inner.write(JSON.stringify(senmlPack(JSON.parse(line) as Estimate | Forecast, channels())), topic)
    },
    close: () => inner.close(),
  }
}
