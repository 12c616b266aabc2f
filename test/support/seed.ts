/** Of everything random in a test that prints no other; SEED in the environment tries another. */
export const SEED = Number(process.env.SEED ?? 20_261_125)

/** How many times as often properties are tried that say so; the soak sets it. */
export const SCALE = Number(process.env.SCALE ?? 1)
