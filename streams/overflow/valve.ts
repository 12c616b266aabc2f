/** Stops feeds while a sink cannot take more. Open when nobody holds it. */
export class Valve {
  readonly #holders = new Set<object>()
  #waiting: (() => void)[] = []

  /** Does nobody hold it? */
  get open(): boolean {
    return this.#holders.size === 0
  }

  /** Closes the valve until the same holder releases it. */
  hold(holder: object): void {
    this.#holders.add(holder)
  }

  /** Takes a hold back; nothing happens when there is none. */
  release(holder: object): void {
    this.#holders.delete(holder)
    if (!this.open) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }

  /** Calls back once, when the valve is open. */
  whenOpen(resume: () => void): void {
    if (this.open) resume()
    else this.#waiting.push(resume)
  }
}
