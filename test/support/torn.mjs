/** Loaded before the command (`--import`): one of its parts, named in TORN, throws where nobody catches it, from the third call on. */
const dist = path => import(new URL(`../../dist/${path}`, import.meta.url))

async function tear(path, name, method, fail) {
  const { prototype } = (await dist(path))[name]
  const whole = prototype[method]
  let calls = 0
  prototype[method] = function (...args) {
    const result = whole.apply(this, args)
    if (++calls >= 3) fail(new Error(`torn ${calls}`))
    return result
  }
}

const raise = error => {
  throw error
}
const TEARS = {
  // In the subscriber of the feed.
  subscriber: () => tear('streams/overflow/drain.js', 'Drain', 'wake', raise),
  // By a promise that nobody waits for.
  promise: () => tear('streams/pipeline/outlets.js', 'Outlets', 'publish', error => void Promise.reject(error)),
  // In a callback of the system.
  callback: () => tear('streams/pipeline/outlets.js', 'Outlets', 'publish', error => setImmediate(raise, error)),
  // In the last subscriber of a thread.
  worker: () => tear('streams/workers/output-batch.js', 'OutputWriter', 'add', raise),
}
await TEARS[process.env.TORN]()
