/** What is shed as something fills up, the cheapest loss first; each stage includes those before it. See `streams/overflow/overflow.md`. */
export const LOAD_STAGES = ['normal', 'refuse-subscribers', 'conflate', 'skip-updates', 'pause-feed'] as const
/** Name of a stage of shedding. */
export type LoadStage = (typeof LOAD_STAGES)[number]

/** Fill, of 1, at which each stage begins. */
export const STAGE_BEGINS: Readonly<Record<LoadStage, number>> = {
  normal: 0,
  'refuse-subscribers': 0.8,
  conflate: 0.9,
  'skip-updates': 0.95,
  'pause-feed': 0.99,
}
/** A stage ends when the fill has fallen so far below its beginning, so that it does not come and go with every message. */
const STAGE_WIDTH = 0.1

/** Is the first stage at least as far on as the second? */
export function reaches(stage: LoadStage, least: LoadStage): boolean {
  return LOAD_STAGES.indexOf(stage) >= LOAD_STAGES.indexOf(least)
}

/** The later of two stages. */
export function laterStage(a: LoadStage, b: LoadStage): LoadStage {
  return reaches(a, b) ? a : b
}

/**
 * The stage at a fill, given the one before: up as soon as a stage begins, down when the fill is a tenth below it.
 * @param highest No further than this one.
 */
export function nextStage(before: LoadStage, fill: number, highest: LoadStage): LoadStage {
  let stage: LoadStage = 'normal'
  for (const candidate of LOAD_STAGES) {
    const begins = STAGE_BEGINS[candidate] - (reaches(before, candidate) ? STAGE_WIDTH : 0)
    if (fill >= begins && reaches(highest, candidate)) stage = candidate
  }
  return stage
}
