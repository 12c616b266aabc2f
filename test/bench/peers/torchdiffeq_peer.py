"""The same windows on torchdiffeq: odeint with backpropagation, and odeint_adjoint. Float64, one thread."""
import time

import torch
import torchdiffeq
from protocol import serve

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


class Field(torch.nn.Module):
    def __init__(self, problem):
        super().__init__()
        self.cubed = problem.get("cubed", False)
        self.layers = torch.nn.ModuleList()
        for layer in problem["layers"]:
            dense = torch.nn.Linear(len(layer["weights"][0]), len(layer["bias"]))
            dense.weight.data = torch.tensor(layer["weights"])
            dense.bias.data = torch.tensor(layer["bias"])
            self.layers.append(dense)
        self.evaluations = 0

    def forward(self, t, z):
        self.evaluations += 1
        x = z**3 if self.cubed else z
        for dense in self.layers[:-1]:
            x = torch.tanh(dense(x))
        return self.layers[-1](x)


class Peer:
    def setup(self, problem):
        self.problem = problem
        self.times = torch.tensor([0.0] + problem["times"])
        self.start = torch.tensor(problem["start"])
        self.values = torch.tensor(problem["values"])
        self.options = {key: problem[key] for key in ("rtol", "atol", "method")}
        return f"torchdiffeq {torchdiffeq.__version__} on PyTorch {torch.__version__}"

    def forward(self, field, variant):
        odeint = torchdiffeq.odeint_adjoint if variant == "odeint_adjoint" else torchdiffeq.odeint
        states = odeint(field, self.start, self.times, **self.options)[1:]
        return states, ((states - self.values) ** 2).sum() / len(self.values)

    def solve(self, variant):
        field = Field(self.problem)
        states, loss = self.forward(field, variant)
        forward = field.evaluations
        loss.backward()
        gradient = torch.cat([p.grad.reshape(-1) for p in field.parameters()])
        return {
            "loss": loss.item(),
            "states": states.tolist(),
            "gradient": gradient.tolist(),
            "evaluations": forward,
        }

    def time(self, variant, n):
        field = Field(self.problem)
        optimizer = torch.optim.Adam(field.parameters(), lr=1e-4)
        began = time.perf_counter()
        for _ in range(n):
            optimizer.zero_grad()
            _, loss = self.forward(field, variant)
            loss.backward()
            optimizer.step()
        return time.perf_counter() - began


serve(Peer())
