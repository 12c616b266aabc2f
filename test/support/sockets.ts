import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { type ClientOptions, type ServerOptions, WebSocket, WebSocketServer } from 'ws'

export interface TestServer {
  readonly url: string
  readonly server: WebSocketServer
  /** The next connection, or one that has not been asked for yet. */
  connection(): Promise<WebSocket>
}

/** A WebSocket server on this machine, gone after the test. @param serve Called with every connection and its number. */
export async function startServer(
  serve: (socket: WebSocket, number: number) => void = () => {},
  options: ServerOptions = {},
): Promise<TestServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options })
  const connections: WebSocket[] = []
  const waiting: ((socket: WebSocket) => void)[] = []
  let number = 0
  server.on('connection', socket => {
    socket.on('error', () => {})
    serve(socket, ++number)
    const next = waiting.shift()
    if (next) next(socket)
    else connections.push(socket)
  })
  await once(server, 'listening')
  onTestFinished(() => closeServer(server))
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    connection: async () => connections.shift() ?? new Promise(resolve => waiting.push(resolve)),
  }
}

export async function closeServer(server: WebSocketServer): Promise<void> {
  for (const socket of server.clients) socket.terminate()
  await new Promise<void>(resolve => server.close(() => resolve()))
}

export interface TcpServer {
  readonly port: number
  readonly sockets: Socket[]
  /** A connection that has come or will come. */
  readonly connected: Promise<void>
}

/** A TCP server that accepts connections, does not listen, and says what it is told to, by default nothing. Gone after the test. */
export async function startTcpServer(answer: (socket: Socket) => void = () => {}): Promise<TcpServer> {
  const sockets: Socket[] = []
  const server = createServer(socket => {
    sockets.push(socket.on('error', () => {}).resume())
    answer(socket)
  })
  const connected = once(server, 'connection').then(() => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, sockets, connected }
}

/** Answers the request that opens a WebSocket, then speaks in raw bytes. */
export function upgradeRaw(socket: Socket, speak: () => void): void {
  socket.once('data', request => {
    const key = /sec-websocket-key: (\S+)/i.exec(request.toString())![1]
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
    socket.write(`${head.join('\r\n')}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`)
    speak()
  })
}

/** A whole frame with up to 125 bytes, as a server sends it. @param first Its first byte. */
export function shortFrame(first: number, payload: Uint8Array | string): Buffer {
  const bytes = Buffer.from(payload as string)
  return Buffer.concat([Buffer.of(first, bytes.length), bytes])
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A subscriber that keeps the texts it gets. */
export class TestClient {
  readonly texts: string[] = []
  readonly binary: boolean[] = []
  readonly socket: WebSocket
  /** The code of the close. */
  readonly closed: Promise<number>
  /** Its sentence. */
  reason = ''
  readonly #waiting: { count: number; resolve: () => void }[] = []

  constructor(url: string, protocols: string[] = [], options: ClientOptions = {}) {
    this.socket = new WebSocket(url, protocols, options)
    this.socket.on('error', () => {})
    this.closed = new Promise(resolve => {
      this.socket.on('close', (code, reason) => {
        this.reason = reason.toString()
        resolve(code)
      })
    })
    this.socket.on('message', (data: Buffer, isBinary) => {
      this.binary.push(isBinary)
      const count = this.texts.push(data.toString())
      for (const { count: wanted, resolve } of this.#waiting) if (wanted <= count) resolve()
    })
    onTestFinished(() => this.socket.terminate())
  }

  static async connect(url: string, protocols?: string[], options?: ClientOptions): Promise<TestClient> {
    const client = new TestClient(url, protocols, options)
    await once(client.socket, 'open')
    return client
  }

  /** The messages as JSON. */
  get messages(): Record<string, unknown>[] {
    return this.texts.map(text => JSON.parse(text))
  }

  /** Sends a request and resolves with what comes next. */
  async ask(request: object | string): Promise<Record<string, unknown>> {
    const before = this.texts.length
    this.socket.send(typeof request === 'string' ? request : JSON.stringify(request))
    await this.has(before + 1)
    return JSON.parse(this.texts[before]!)
  }

  /** Resolves when so many messages have come. */
  has(count: number): Promise<void> {
    if (this.texts.length >= count) return Promise.resolve()
    return new Promise(resolve => this.#waiting.push({ count, resolve }))
  }
}
