/** The engine and its operators. Feeds, sinks and pipelines are in `contraflow/streams`. */

export type { EventDefinition } from './adjoint/events.js'
export type { Jump } from './adjoint/jump-record.js'
export {
  type AdjointProblem,
  type AdjointSolution,
  type PathLoss,
  solveAdjoint,
} from './adjoint/solve-adjoint.js'
export {
  type Injection,
  type JumpVisitor,
  type ObservedPath,
  Sweep,
  type SweepGradient,
  type SweepOptions,
} from './adjoint/sweep.js'
export { gain } from './adjoint/update/gain.js'
export { gru, gruLength } from './adjoint/update/gru.js'
export { none } from './adjoint/update/none.js'
export { replace } from './adjoint/update/replace.js'
export type { UpdateMap } from './adjoint/update/update-map.js'
export type { DeadLetter } from './dead-letter.js'
export { ContraflowError, ERRORS, type ErrorCode, type ErrorDetails } from './errors.js'
export type { Estimate, Forecast, Prediction, UpdateReport } from './estimate.js'
export { type Activation, activations } from './field/activation.js'
export { augmented } from './field/augmented.js'
export { type ClosureOptions, closure } from './field/closure.js'
export { driven } from './field/driven.js'
export { linear } from './field/linear.js'
export type { Mapping } from './field/mapping.js'
export {
  type DenseLayer,
  type MlpLayout,
  type MlpOptions,
  type MlpShape,
  mlp,
  mlpLayout,
  mlpShape,
} from './field/mlp.js'
export { secondOrder } from './field/second-order.js'
export { Signal, type SignalOptions } from './field/signal.js'
export { sum } from './field/sum.js'
export type { VectorField } from './field/vector-field.js'
export type { Checkpoint, Plain } from './learn/checkpoint/checkpoint.js'
export { decodeCheckpoint } from './learn/checkpoint/decode-checkpoint.js'
export { differences } from './learn/checkpoint/differences.js'
export { encodeCheckpoint } from './learn/checkpoint/encode-checkpoint.js'
export { learnerIdentity } from './learn/checkpoint/learner-identity.js'
export { Learner, type PredictOptions } from './learn/learner.js'
export type { CustomOptimizer, LearnerOptions, OptimizerOptions, SolverOptions } from './learn/learner-options.js'
export type { CustomDynamics } from './learn/model/custom-dynamics.js'
export type { DynamicsOptions, Model, ModelOptions } from './learn/model/model.js'
export { type ChannelScore, PrequentialScore, type Scores } from './learn/prequential-score.js'
export { Repeats } from './learn/repeats.js'
export { type AdamOptions, adam } from './learn/rules/adam.js'
export { clipNorm, norm } from './learn/rules/clip.js'
export type { KalmanOptions } from './learn/rules/kalman.js'
export { absolute, gaussian, huber, type Loss, squared } from './learn/rules/losses.js'
export { MovingHorizon, type MovingHorizonEstimate, type MovingHorizonOptions } from './learn/rules/moving-horizon.js'
export type { Optimizer } from './learn/rules/optimizer.js'
export { type PathLossOptions, pathLoss, squaredPathLoss } from './learn/rules/path-loss.js'
export { type SgdOptions, sgd } from './learn/rules/sgd.js'
export type { LearnerUnits } from './learn/units/learner-units.js'
export {
  ClockOffsets,
  type ClockOffsetsOptions,
  OffsetPath,
  type SensorReading,
} from './learn/window/clock-offsets.js'
export type { ActivationName, MethodName, Precision, SystemName, TimeUnit, UpdateName } from './names.js'
export { fromNullable, isMeasured, type Observation, type Revision, toNullable } from './observation.js'
export { Integrator } from './ode/integrator.js'
export type { IntegratorOptions } from './ode/integrator-options.js'
export { auto, type Method, methodOf, type SwitchingMethod } from './ode/method.js'
export { methods } from './ode/methods/index.js'
export { describeOutcome, type Outcome } from './ode/outcome.js'
export type { EventCondition } from './ode/solution/event.js'
export type { Tape, TapeStep } from './ode/solution/tape.js'
export { type SolveOptions, solve, type Trajectory } from './ode/solution/trajectory.js'
export type { StepControlOptions } from './ode/steps/step-control.js'
export { STEP_CONTROL_PRESETS, type StepControlPreset, torchdiffeqControl } from './ode/steps/step-control.js'
export { defineTableau, type Tableau } from './ode/tableau/tableau.js'
export type { TableauDefinition } from './ode/tableau/tableau-definition.js'
export { type AdjointWindowOptions, adjointWindow, type WindowGradient } from './operators/adjoint-window.js'
export { type CheckpointOptions, type CheckpointStore, checkpoint } from './operators/checkpoint.js'
export { type DeduplicateOptions, deduplicate } from './operators/deduplicate.js'
export { Duplicates, type DuplicatesState } from './operators/duplicates.js'
export { emitEach } from './operators/emit-each.js'
export { EventOrder, type EventOrderOptions, type EventOrderState } from './operators/event-order.js'
export { FarFuture, type FarFutureState } from './operators/far-future.js'
export { type ForecastOptions, forecast } from './operators/forecast.js'
export { type LearnOptions, learn } from './operators/learn.js'
export { type MarkStuckOptions, markStuck } from './operators/mark-stuck.js'
export { type PerKeyOptions, perKey } from './operators/per-key.js'
export { prequential } from './operators/prequential.js'
export { type Propagated, type PropagateOptions, propagate } from './operators/propagate.js'
export { type QuarantineOptions, quarantine } from './operators/quarantine.js'
export { type ReorderOptions, reorder } from './operators/reorder.js'
export { type SameUnitOptions, sameUnit } from './operators/same-unit.js'
export { StateKeeper } from './operators/state-keeper.js'
export { Random } from './random.js'
export type { Saved, SavedArray } from './saved.js'
export { Section } from './section.js'
export type { Keep, Storable } from './storable.js'
