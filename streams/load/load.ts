import { LOAD_STAGES, type LoadStage, laterStage, nextStage, reaches } from './load-stage.js'

/** Something that can fill up. */
export interface LoadGauge {
  /** Tells how full it is: 1 is full. */
  fill(share: number): void
  /** What its own fill asks for. */
  readonly stage: LoadStage
}

/** How much there is to do, for those who look from outside. */
export interface LoadReport {
  readonly stage: LoadStage
  /** How full each gauge is: 1 is full. */
  readonly fills: Readonly<Record<string, number>>
  /** How often each stage has been entered. */
  readonly entered: Readonly<Record<string, number>>
}

/** How full everything is that can fill up, and what is to be shed therefore. Has no clock: gauges are told. */
export class Load {
  /** The furthest stage of all gauges. */
  stage: LoadStage = 'normal'
  readonly #gauges = new Map<string, { fill: number; stage: LoadStage }>()
  readonly #entered = new Map<LoadStage, number>()
  readonly #changed: (stage: LoadStage, gauge: string) => void

  /** @param changed Called when the stage has changed, with the gauge that did it. */
  constructor(changed: (stage: LoadStage, gauge: string) => void = () => {}) {
    this.#changed = changed
  }

  /** A gauge of its own name. @param highest The furthest stage that it may ask for. */
  gauge(name: string, highest: LoadStage): LoadGauge {
    const state = { fill: 0, stage: 'normal' as LoadStage }
    this.#gauges.set(name, state)
    return {
      fill: share => {
        state.fill = share
        const stage = nextStage(state.stage, share, highest)
        if (stage === state.stage) return
        state.stage = stage
        this.#settle(name)
      },
      get stage() {
        return state.stage
      },
    }
  }

  /** Is this to be shed now? */
  sheds(stage: LoadStage): boolean {
    return reaches(this.stage, stage)
  }

  get report(): LoadReport {
    const fills: Record<string, number> = {}
    for (const [name, { fill }] of this.#gauges) fills[name] = Math.round(fill * 1000) / 1000
    return { stage: this.stage, fills, entered: Object.fromEntries(this.#entered) }
  }

  #settle(gauge: string): void {
    const before = this.stage
    let stage: LoadStage = 'normal'
    for (const { stage: own } of this.#gauges.values()) stage = laterStage(stage, own)
    if (stage === before) return
    this.stage = stage
    for (const one of LOAD_STAGES)
      if (reaches(stage, one) && !reaches(before, one)) this.#entered.set(one, (this.#entered.get(one) ?? 0) + 1)
    this.#changed(stage, gauge)
  }
}
