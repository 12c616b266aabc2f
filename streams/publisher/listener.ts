import { once } from 'node:events'
import type { Server } from 'node:http'
import { createServer, type Server as Listener } from 'node:net'
import { ContraflowError } from '../../src/errors.js'

/** Where to listen. */
interface Address {
  readonly port: number
  readonly host: string
}

/** Has a port for a moment, to see whether it can be had. @throws ContraflowError SINK_FAILED when it cannot. */
export async function tryPort(address: Address): Promise<void> {
  const server = createServer()
  await listen(server, address)
  server.close()
  await once(server, 'close')
}

/** @throws ContraflowError SINK_FAILED when the port cannot be had. */
export async function listen(http: Listener, { port, host }: Address): Promise<void> {
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
