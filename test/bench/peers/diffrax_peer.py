"""The same windows on diffrax, jitted: RecursiveCheckpointAdjoint and BacksolveAdjoint. Float64, one thread."""
import os
import time

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import diffrax
import jax
import jax.numpy as jnp
from protocol import serve

jax.config.update("jax_enable_x64", True)

SOLVERS = {"dopri5": diffrax.Dopri5, "tsit5": diffrax.Tsit5, "dopri8": diffrax.Dopri8}
ADJOINTS = {
    "RecursiveCheckpointAdjoint": diffrax.RecursiveCheckpointAdjoint,
    "BacksolveAdjoint": diffrax.BacksolveAdjoint,
}
# Adam, written out: the same few lines as everywhere, so that no other library has to be installed.
RATE, BETA1, BETA2, EPSILON = 1e-4, 0.9, 0.999, 1e-8


class Peer:
    def setup(self, problem):
        self.parameters = [(jnp.array(layer["weights"]), jnp.array(layer["bias"])) for layer in problem["layers"]]
        self.cubed = problem.get("cubed", False)
        self.times = jnp.array(problem["times"])
        self.start = jnp.array(problem["start"])
        self.values = jnp.array(problem["values"])
        self.solver = SOLVERS[problem["method"]]()
        self.controller = diffrax.PIDController(rtol=problem["rtol"], atol=problem["atol"])
        self.compiled = {}
        return f"diffrax {diffrax.__version__} on JAX {jax.__version__}"

    def field(self, t, z, parameters):
        x = z**3 if self.cubed else z
        for weights, bias in parameters[:-1]:
            x = jnp.tanh(weights @ x + bias)
        weights, bias = parameters[-1]
        return weights @ x + bias

    def loss(self, parameters, adjoint):
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(self.field),
            self.solver,
            t0=0.0,
            t1=self.times[-1],
            dt0=None,
            y0=self.start,
            args=parameters,
            saveat=diffrax.SaveAt(ts=self.times),
            stepsize_controller=self.controller,
            adjoint=adjoint,
            max_steps=4096,
        )
        return ((solution.ys - self.values) ** 2).sum() / len(self.values), solution.ys

    def gradient(self, variant):
        adjoint = ADJOINTS[variant]()
        return jax.value_and_grad(lambda parameters: self.loss(parameters, adjoint), has_aux=True)

    def update(self, variant):
        if variant in self.compiled:
            return self.compiled[variant]
        gradient = self.gradient(variant)

        @jax.jit
        def update(parameters, first, second, n):
            _, slope = gradient(parameters)
            first = jax.tree_util.tree_map(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, slope)
            second = jax.tree_util.tree_map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, second, slope)
            scale = RATE / (1 - BETA1**n)
            parameters = jax.tree_util.tree_map(
                lambda p, m, v: p - scale * m / (jnp.sqrt(v / (1 - BETA2**n)) + EPSILON), parameters, first, second
            )
            return parameters, first, second, n + 1

        self.compiled[variant] = update
        self.run(update, 2)
        return update

    def run(self, update, n):
        zeros = jax.tree_util.tree_map(jnp.zeros_like, self.parameters)
        state = (self.parameters, zeros, zeros, jnp.array(1.0))
        for _ in range(n):
            state = update(*state)
        jax.block_until_ready(state)

    def solve(self, variant):
        (loss, states), slope = jax.jit(self.gradient(variant))(self.parameters)
        gradient = jnp.concatenate([part.reshape(-1) for layer in slope for part in layer])
        return {"loss": float(loss), "states": states.tolist(), "gradient": gradient.tolist()}

    def time(self, variant, n):
        update = self.update(variant)
        began = time.perf_counter()
        self.run(update, n)
        return time.perf_counter() - began


serve(Peer())
