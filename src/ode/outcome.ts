/**
 * How an integration ended. A numerical outcome is a value: nothing is thrown in a stream. `t` is the time reached, where the state that
 * was last accepted stands; `describeOutcome` makes a sentence of any of them.
 */
export type Outcome = { readonly kind: 'reached' } | Ending

/** An end before the end. */
type Ending = { /** The time reached. */ readonly t: number } & (
  | {
      /** A terminal event came first. */
      readonly kind: 'event'
    }
  | {
      /** More steps than `maxSteps`, rejected ones included. */
      readonly kind: 'budget-spent'
      /** The budget. */
      readonly steps: number
      /** Was the field found stiff? */
      readonly stiff: boolean
    }
  | {
      /** The tolerance asks for steps that no longer move the time. */
      readonly kind: 'step-underflow'
      /** The step asked for. */
      readonly h: number
      /** Was the field found stiff? */
      readonly stiff: boolean
    }
  | {
      /** The field gave NaN or Infinity, with every step that was tried. */
      readonly kind: 'not-finite'
    }
  | {
      /** Events without end, as of a ball that comes to rest. */
      readonly kind: 'events-accumulate'
      /** How many there were. */
      readonly events: number
    }
  | {
      /** An implicit stage could not be solved with a fixed step. */
      readonly kind: 'not-solved'
      /** That step. */
      readonly h: number
    }
)

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
