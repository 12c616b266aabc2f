/** How an integration ended. A numerical outcome is a value: nothing is thrown in a stream. */
export type Outcome =
  | { readonly kind: 'reached' }
  | { readonly kind: 'budget-spent'; readonly t: number; readonly steps: number }
  | { readonly kind: 'step-underflow'; readonly t: number; readonly h: number }
  | { readonly kind: 'not-finite'; readonly t: number }

/** The one good outcome, shared so that success allocates nothing. */
export const REACHED: Outcome = Object.freeze({ kind: 'reached' })

/** One sentence a person can act on. */
export function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'reached':
      return 'The end was reached.'
    case 'budget-spent':
      return `The step budget of ${outcome.steps} was spent at t=${outcome.t}: loosen rtol and atol, or raise maxSteps.`
    case 'step-underflow':
      return `Step size fell to ${outcome.h.toPrecision(2)} at t=${outcome.t}: the field is stiff or has a singularity there. Loosen rtol and atol.`
    case 'not-finite':
      return `The field is not finite near t=${outcome.t}: check its parameters and the start state.`
    default:
      return outcome satisfies never
  }
}
