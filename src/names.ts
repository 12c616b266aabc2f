/** Names that files and options use. What they stand for is in the folder of each; the compiler sees that none is missing. */

export const METHOD_NAMES = ['euler', 'midpoint', 'heun', 'bosh3', 'rk4', 'dopri5', 'tsit5'] as const
export type MethodName = (typeof METHOD_NAMES)[number]

export const ACTIVATION_NAMES = ['identity', 'tanh', 'relu', 'softplus', 'sigmoid', 'silu'] as const
export type ActivationName = (typeof ACTIVATION_NAMES)[number]

export const UPDATE_NAMES = ['none', 'replace', 'gain'] as const
export type UpdateName = (typeof UPDATE_NAMES)[number]

export const SYSTEM_NAMES = ['van-der-pol', 'lotka-volterra', 'pendulum', 'lorenz', 'spiral'] as const
export type SystemName = (typeof SYSTEM_NAMES)[number]

export const TIME_UNITS = ['s', 'ms', 'us', 'ns'] as const
export type TimeUnit = (typeof TIME_UNITS)[number]
