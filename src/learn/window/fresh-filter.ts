import { isSavedArray, type Saved } from '../../saved.js'
import { Section } from '../../section.js'
import type { Filter } from './filter.js'

/** Remembers what a filter was when it was new, so that it can be used again: its memory is that of the kernels, of which no garbage collector is told. */
export class FreshFilter {
  readonly #filter: Filter
  readonly #fresh: { readonly [name: string]: Saved }
  readonly #rule: { readonly [name: string]: Saved }

  /** @param filter That has taken nothing yet. */
  constructor(filter: Filter) {
    const { rule, ...rest } = filter.save() as { readonly [name: string]: Saved }
    this.#filter = filter
    this.#fresh = copyOf(rest) as { readonly [name: string]: Saved }
    const state = Object.entries(rule as { readonly [name: string]: Saved })
    // The covariance is large, and the rule brings it back itself.
    this.#rule = copyOf(Object.fromEntries(state.filter(([name]) => !name.startsWith('covariance')))) as never
  }

  /** The filter, as it was. */
  restored(): Filter {
    const filter = this.#filter
    filter.rule.restart()
    filter.restore(new Section({ ...this.#fresh, rule: { ...filter.rule.state, ...this.#rule } }))
    return filter
  }
}

function copyOf(saved: Saved): Saved {
  if (isSavedArray(saved)) return Float64Array.from(saved)
  if (Array.isArray(saved)) return saved.map(copyOf)
  if (typeof saved !== 'object' || saved === null) return saved
  return Object.fromEntries(Object.entries(saved).map(([name, value]) => [name, copyOf(value)]))
}
