"""What both peers share: a line of JSON in, a line of JSON out, until standard input ends.

{"setup": problem}      -> {"ready": name of the library and its version}
{"solve": variant}      -> {"loss", "states", "gradient"} at the given parameters, nothing learned
{"time": variant, "n"}  -> {"seconds"} for n updates, each a forward pass, a backward pass and one step of Adam

A problem: {"layers": [{"weights", "bias"}], "activation", "cubed", "times", "start", "values", "rtol", "atol", "method"}.
The loss is the sum of squares over all observations, divided by their number.
"""
import json
import sys


def serve(peer):
    for line in sys.stdin:
        request = json.loads(line)
        if "setup" in request:
            answer = {"ready": peer.setup(request["setup"])}
        elif "solve" in request:
            answer = peer.solve(request["solve"])
        else:
            answer = {"seconds": peer.time(request["time"], request["n"])}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
