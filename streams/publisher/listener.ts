import { once } from 'node:events'
import type { Server } from 'node:http'
import { ContraflowError } from '../../src/errors.js'

/** @throws ContraflowError SINK_FAILED when the port cannot be had. */
export async function listen(http: Server, { port, host }: { port: number; host: string }): Promise<void> {
  http.listen(port, host)
  try {
    await once(http, 'listening')
  } catch (error) {
    throw new ContraflowError(
      'SINK_FAILED',
      {
        received: (error as Error).message,
        place: `port ${port}`,
        remedy: 'Choose another port, or end what uses it.',
      },
      { cause: error },
    )
  }
}

/** How long clients get to read what is on its way, milliseconds. */
const FAREWELL = 2000

/** Takes no more connections and resolves when the last one has gone. @param impatient Called when that takes too long. */
export async function closeListener(http: Server, impatient: () => void): Promise<void> {
  const closed = once(http, 'close')
  const timer = setTimeout(() => {
    impatient()
    http.closeAllConnections()
  }, FAREWELL)
  http.close()
  await closed
  clearTimeout(timer)
}
