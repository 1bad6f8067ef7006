# SPDX-License-Identifier: Apache-2.0
"""The model of a run with the running statistics of its batch norms computed anew: as means over
models that saw other training patches with the same weights."""

import json


def read(path):
    """Header and bytes of a safetensors file."""
    with open(path, "rb") as f:
        size = int.from_bytes(f.read(8), "little")
        return json.loads(f.read(size)), f.read()


def average(paths, out):
    """Writes the first model with the means of all models' running statistics."""
    import numpy as np

    header, first = read(paths[0])
    others = [read(path)[1] for path in paths[1:]]
    data = bytearray(first)
    for name in "weights_hash", "description_hash":
        header["__metadata__"].pop(name, None)
    for name, tensor in header.items():
        if not name.endswith(("running_mean", "running_var")):
            continue
        begin, end = tensor["data_offsets"]
        each = [np.frombuffer(x[begin:end], np.float32) for x in [first, *others]]
        data[begin:end] = np.mean(each, axis=0, dtype=np.float64).astype(np.float32).tobytes()
    words = json.dumps(header, separators=(",", ":")).encode()
    words += b" " * (-len(words) % 8)
    with open(out, "wb") as f:
        f.write(len(words).to_bytes(8, "little") + words + data)
