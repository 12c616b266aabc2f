import { ContraflowError } from '../errors.js'
import { type BackendName, TENSOR_BACKENDS } from '../names.js'
import { bridgeNode } from './bridge-node.js'

/** One backend, and why it is or is not the one at work. */
export interface BackendAttempt {
  /** Which backend. */
  readonly name: BackendName
  /** What became of it. */
  readonly state: 'active' | 'unusable' | 'not tried'
  /** One sentence. */
  readonly reason: string
}

/** What TensorFlow.js has to work with on this machine. */
export interface BackendReport {
  /** Version of @tensorflow/tfjs-core; null when it is not installed. */
  readonly version: string | null
  /** The one in use; null where none works. */
  readonly active: BackendName | null
  /** In the order in which they were tried. */
  readonly attempts: readonly BackendAttempt[]
}

/** A name the compiler does not look up: the package is often not there. */
const NATIVE_PACKAGE: string = '@tensorflow/tfjs-node'

/** How each is loaded, and what TensorFlow.js calls it. */
const LOADERS: Readonly<Record<BackendName, { readonly registered: string; load(): Promise<unknown> }>> = {
  node: { registered: 'tensorflow', load: () => import(NATIVE_PACKAGE) },
  wasm: { registered: 'wasm', load: () => import('@tensorflow/tfjs-backend-wasm') },
  cpu: { registered: 'cpu', load: () => import('@tensorflow/tfjs-backend-cpu') },
}

let loading: Promise<BackendReport> = Promise.resolve({ version: null, active: null, attempts: [] })

/**
 * Loads TensorFlow.js with its gradients and makes a backend active: the wanted one, else the first of node, wasm, cpu that works
 * here. Prints nothing. Safe to call again, also to change the backend.
 * @returns What was tried and how that ended; nothing is thrown for what is missing. @see requireBackend
 */
export function loadBackend(wanted?: BackendName): Promise<BackendReport> {
  // One after the other: the active backend is a global of TensorFlow.js.
  loading = loading.then(() => load(wanted === undefined ? TENSOR_BACKENDS : [wanted]))
  return loading
}

/**
 * Loads TensorFlow.js as `loadBackend` does, for those who cannot go on without it.
 * @param wanted Default the first of node, wasm, cpu that works here. @returns The backend at work.
 * @throws ContraflowError TENSORFLOW_MISSING when none works, with what was tried and why each did not.
 */
export async function requireBackend(wanted?: BackendName): Promise<BackendName> {
  const report = await loadBackend(wanted)
  if (report.active !== null) return report.active
  throw new ContraflowError('TENSORFLOW_MISSING', {
    received: wanted === undefined ? 'no backend that works' : `no backend ${wanted} that works`,
    complaints: describeBackend(report),
  })
}

/** A report in a few lines, for people. */
export function describeBackend({ version, active, attempts }: BackendReport): string[] {
  const head =
    version === null ? 'not installed' : `${version}, ${active === null ? 'no backend' : `backend ${active}`}`
  return [`TensorFlow.js: ${head}`, ...attempts.map(({ name, state, reason }) => `  ${name}: ${state}. ${reason}`)]
}

async function load(candidates: readonly BackendName[]): Promise<BackendReport> {
  // Read by the native library when it is loaded; it would greet on stderr.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
  const attempts: BackendAttempt[] = []
  let tf: typeof import('@tensorflow/tfjs-core')
  try {
    tf = await import('@tensorflow/tfjs-core')
    // Silences the banner and the deprecation warnings, nothing else.
    tf.enableProdMode()
    // On Node the core registers no gradients by itself; the layers bring them.
    await import('@tensorflow/tfjs-layers')
  } catch (error) {
    const reason = reasonOf(error)
    return { version: null, active: null, attempts: TENSOR_BACKENDS.map(name => ({ name, state: 'unusable', reason })) }
  }
  let active: BackendName | null = null
  for (const name of TENSOR_BACKENDS) {
    if (active === null && candidates.includes(name)) {
      const attempt = await attemptBackend(tf, name)
      if (attempt.state === 'active') active = name
      attempts.push(attempt)
    } else {
      const reason = candidates.includes(name) ? 'A faster one works.' : 'Another one was asked for.'
      attempts.push({ name, state: 'not tried', reason })
    }
  }
  return { version: tf.version_core, active, attempts }
}

async function attemptBackend(tf: typeof import('@tensorflow/tfjs-core'), name: BackendName): Promise<BackendAttempt> {
  const { registered, load } = LOADERS[name]
  const before = tf.engine().backendName
  try {
    if (name === 'node') bridgeNode()
    await withoutHandlers(async () => {
      await load()
      if (!(await tf.setBackend(registered))) throw new Error('It could not be started.')
      await tf.ready()
    })
    tryGradient(tf)
    return { name, state: 'active', reason: 'It gave the right derivative of a small function.' }
  } catch (error) {
    if (before && before !== tf.engine().backendName) await tf.setBackend(before)
    return { name, state: 'unusable', reason: reasonOf(error) }
  }
}

/** Takes away the handlers for uncaught errors that WebAssembly modules of Emscripten set for the whole process. */
async function withoutHandlers(run: () => Promise<void>): Promise<void> {
  const events = ['uncaughtException', 'unhandledRejection'] as const
  const before = events.map(event => new Set(process.rawListeners(event)))
  try {
    await run()
  } finally {
    events.forEach((event, k) => {
      for (const listener of process.rawListeners(event))
        if (!before[k]!.has(listener)) process.removeListener(event, listener as () => void)
    })
  }
}

/** d/dx Σ tanh(x·w) at x = 0 is w: the backend computes, and gradients are registered. */
function tryGradient(tf: typeof import('@tensorflow/tfjs-core')): void {
  const slope = tf.tidy(() => {
    const w = tf.tensor2d([2, -3], [2, 1])
    const f = (x: import('@tensorflow/tfjs-core').Tensor) => tf.sum(tf.tanh(tf.matMul(x as never, w)))
    return tf
      .grad(f)(tf.zeros([1, 2]))
      .dataSync()
  })
  if (slope[0] !== 2 || slope[1] !== -3) throw new Error(`It gave the derivative ${slope}, which should be 2,-3.`)
}

function reasonOf(error: unknown): string {
  const { code, message = String(error) } = error as { code?: string; message?: string }
  const missing = code === 'ERR_MODULE_NOT_FOUND' ? /package '([^']+)'/.exec(message)?.[1] : undefined
  if (missing === undefined) return message.trim().split('\n')[0]!
  return missing === NATIVE_PACKAGE ? `${missing} is not installed: ${NATIVE}` : `${missing} is not installed.`
}

const NATIVE = 'its native library is downloaded by npm install, and that did not work here or was not wanted.'
