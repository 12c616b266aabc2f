import { setTimeout as pause } from 'node:timers/promises'
import { config, type ObservableNotification } from 'rxjs'

/** What came to a subscriber of RxJS after its end, and vanished. */
export interface Unheard {
  readonly kind: 'N' | 'E'
  /** The value, or the error. */
  readonly what: unknown
  /** The stack on which it was sent. */
  readonly where: string
}

let unheard: Unheard[] = []
/** Notifications that RxJS has not told of yet: it does so in a timer. */
let untold = 0

// Asked for the hook when something vanishes, told of it later: so much is known at once, and nobody has to wait where nothing has.
Object.defineProperty(config, 'onStoppedNotification', {
  get: () => {
    untold++
    const where = new Error('Here it was sent.').stack ?? ''
    return (notification: ObservableNotification<unknown>) => {
      // To say twice that all is over does no harm.
      if (notification.kind === 'N') unheard.push({ kind: 'N', what: notification.value, where })
      else if (notification.kind === 'E') unheard.push({ kind: 'E', what: notification.error, where })
    }
  },
})

/** Values and errors that nobody could hear any more, since this was called last. */
export async function takeUnheard(): Promise<readonly Unheard[]> {
  if (untold > 0) await pause(1)
  const taken = unheard
  unheard = []
  untold = 0
  return taken
}
