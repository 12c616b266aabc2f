/**
 * Learns the Van der Pol oscillator online from noisy observations at irregular times, knowing nothing of its equations, and
 * compares the predictions with the noise: nobody can predict a noisy observation better than its noise.
 *
 *     npm run build && node dist/examples/van-der-pol.js
 */
import { fromNullable, Learner, type Observation } from 'contraflow'
import { simulate, systems } from 'contraflow/streams'

const { noise } = systems['van-der-pol']
const BLOCK = 250
const learner = new Learner({ seed: 1 })
let [errors, steps, values] = [0, 0, 0]
let last: Observation | undefined

console.log(`noise ${noise}\n\nobservations    RMSE  in units of the noise  persistence`)
let count = 0
for (const line of simulate({ system: 'van-der-pol', count: 2000, seed: 1 })) {
  const { t, y } = JSON.parse(line) as { t: number; y: (number | null)[] }
  const observation = { key: 'oscillator', t, y: fromNullable(y) }
  const { predicted } = learner.observe(observation)
  observation.y.forEach((value, j) => {
    if (predicted[j] == null || last === undefined) return
    values++
    errors += (value - predicted[j]) ** 2
    steps += (value - last.y[j]!) ** 2
  })
  last = observation
  if (++count % BLOCK !== 0) continue
  const rmse = Math.sqrt(errors / values)
  const row = [`${count - BLOCK + 1}-${count}`.padStart(12), rmse.toFixed(4), (rmse / noise).toFixed(2).padStart(22)]
  console.log(
    `${row.join('  ')}  ${Math.sqrt(steps / values)
      .toFixed(4)
      .padStart(11)}`,
  )
  errors = steps = values = 0
}

const now = last!.t
console.log('\nforecast  x                          v')
for (const { t, predicted, interval } of learner.predict([1, 2, 3, 4].map(ahead => now + ahead))) {
  const cells = predicted.map((value, j) => {
    const [low, high] = interval[j]!
    return `${value!.toFixed(2).padStart(5)} in [${low.toFixed(2)}, ${high.toFixed(2)}]`.padEnd(26)
  })
  console.log(`+${(t - now).toFixed(1)} s    ${cells.join(' ')}`)
}
