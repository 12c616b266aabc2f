/** How an integration ended. A numerical outcome is a value: nothing is thrown in a stream. */
export type Outcome =
  | { readonly kind: 'reached' }
  /** A terminal event came first. */
  | { readonly kind: 'event'; readonly t: number }
  | { readonly kind: 'budget-spent'; readonly t: number; readonly steps: number; readonly stiff: boolean }
  | { readonly kind: 'step-underflow'; readonly t: number; readonly h: number; readonly stiff: boolean }
  | { readonly kind: 'not-finite'; readonly t: number }
  /** Events without end, as of a ball that comes to rest. */
  | { readonly kind: 'events-accumulate'; readonly t: number; readonly events: number }
  /** An implicit stage could not be solved with a fixed step. */
  | { readonly kind: 'not-solved'; readonly t: number; readonly h: number }

/** The one good outcome, shared so that success allocates nothing. */
export const REACHED: Outcome = Object.freeze({ kind: 'reached' })

/** One sentence a person can act on. */
export function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'reached':
      return 'The end was reached.'
    case 'event':
      return `An event ended the solution at t=${outcome.t}.`
    case 'events-accumulate':
      return `${outcome.events} events happened up to t=${outcome.t} and are getting denser: end the solution before, with a terminal event.`
    case 'budget-spent':
      return `The step budget of ${outcome.steps} was spent at t=${outcome.t}: ${remedy(outcome.stiff)}, or raise maxSteps.`
    case 'step-underflow':
      return `Step size fell to ${outcome.h.toPrecision(2)} at t=${outcome.t}: ${outcome.stiff ? '' : 'there may be a singularity; '}${remedy(outcome.stiff)}.`
    case 'not-finite':
      return `The field is not finite near t=${outcome.t}: check its parameters and the start state.`
    case 'not-solved':
      return `The equations of a stage could not be solved at t=${outcome.t} with a step of ${outcome.h.toPrecision(2)}: use a shorter step, or leave it to the tolerances.`
    default:
      return outcome satisfies never
  }
}

function remedy(stiff: boolean): string {
  return stiff
    ? 'the field is stiff there, use method "kvaerno5" or "auto"'
    : 'loosen rtol and atol, or use method "auto" if the field may be stiff'
}
