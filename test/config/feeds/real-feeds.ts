import { alerts } from './alerts.js'
import { markets } from './markets.js'
import type { RealFeed } from './real-feed.js'
import { sensors } from './sensors.js'

/** Public feeds of all kinds. */
export const realFeeds: readonly RealFeed[] = [...sensors, ...markets, ...alerts]
