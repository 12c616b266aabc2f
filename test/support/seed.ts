/** Of everything random in a test that prints no other; SEED in the environment tries another. */
export const SEED = Number(process.env.SEED ?? 20_261_125)
