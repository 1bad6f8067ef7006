# SPDX-License-Identifier: Apache-2.0
"""One peer as one of the processes that `compare` times, with nothing loaded that it does not need.

    peer.py ENGINE predict MODELS NET STEM OUTPUT THREADS        STEM: the path of make_nets.py's
    files without their endings
    peer.py ENGINE train MODELS NET SIZE BATCH THREADS           (pytorch only)

The lines it obeys are those of peers_ours.c."""

import sys

import numpy as np


def resident_peak():
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))


def serve(run, output, before):
    """run() computes once and gives the logits; before: KiB that Python and numpy took."""
    y = run()
    run()
    print("ready", before, flush=True)
    for line in iter(sys.stdin.readline, ""):
        word = line.strip()
        if word == "quit":
            break
        if word == "run":
            y = run()
        elif word == "save":
            np.save(output, np.asarray(y, np.float32))
        print("done", flush=True)


# ---- PyTorch: "-bf16" is autocast, "-cl" the layout channels-last


def torch_setup(engine, models, net, threads):
    import torch

    sys.path.insert(0, models)
    torch.set_num_threads(threads)
    flags = engine.split("-")
    layout = torch.contiguous_format
    if "cl" in flags:
        layout = torch.channels_last_3d if net.startswith("paper3d") else torch.channels_last
    return torch, layout, lambda: torch.autocast("cpu", torch.bfloat16, enabled="bf16" in flags)


def torch_predict(engine, models, net, stem, threads):
    torch, layout, autocast = torch_setup(engine, models, net, threads)
    import make_nets

    m = make_nets.load(net, stem.rsplit("_", 1)[0] + ".safetensors").to(memory_format=layout)
    x = torch.from_numpy(np.load(stem + ".npy")).to(memory_format=layout)

    def run():
        with torch.inference_mode(), autocast():
            return m(x).float().numpy()

    return run


def torch_train(engine, models, net, size, batch, threads):
    """SGD with momentum; cross-entropy (ours takes Dice on top of it where there are two
    classes)."""
    torch, layout, autocast = torch_setup(engine, models, net, threads)
    import torch.nn.functional as F
    import make_nets

    m = make_nets.build(net)[0].to(memory_format=layout).train()
    x = torch.randn([batch] + make_nets.shape(net, size)[1:]).to(memory_format=layout)
    y = torch.rand([batch] + list(x.shape[2:])) > 0.5
    optimiser = torch.optim.SGD(m.parameters(), lr=1e-6, momentum=0.9)

    def run():
        optimiser.zero_grad(set_to_none=True)
        with autocast():
            o = m(x)
        o = o.float()
        loss = (
            F.binary_cross_entropy_with_logits(o[:, 0], y.float())
            if o.shape[1] == 1
            else F.cross_entropy(o, y.long())
        )
        loss.backward()
        optimiser.step()
        return loss.detach().numpy()

    return run


# ---- the others


def onnxruntime_predict(engine, models, net, stem, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        stem + ".onnx", options, providers=["CPUExecutionProvider"]
    )
    x = {"x": np.load(stem + ".npy")}
    return lambda: session.run(None, x)[0]


def openvino_predict(engine, models, net, stem, threads):
    import openvino

    options = {
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "bf16" if engine.endswith("bf16") else "f32",
    }
    request = openvino.Core().compile_model(stem + ".onnx", "CPU", options).create_infer_request()
    x = np.load(stem + ".npy")
    return lambda: request.infer([x], share_inputs=True, share_outputs=True)[0]


def ncnn_predict(engine, models, net, stem, threads):
    import ncnn

    m = ncnn.Net()
    m.opt.num_threads = threads
    for name in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage"):
        setattr(m.opt, name, False)
    if m.load_param(stem + ".ncnn.param") or m.load_model(stem + ".ncnn.bin"):
        sys.exit(f"ncnn cannot load {stem}.ncnn.*")
    x = np.load(stem + ".npy")[0]

    def run():
        e = m.create_extractor()
        e.input("in0", ncnn.Mat(x))
        return np.array(e.extract("out0")[1])[None]

    return run


PREDICT = {
    "pytorch": torch_predict,
    "onnxruntime": onnxruntime_predict,
    "openvino": openvino_predict,
    "ncnn": ncnn_predict,
}


def main(engine, work, *args):
    before = resident_peak()
    if work == "predict":
        models, net, stem, output, threads = args
        run = PREDICT[engine.split("-")[0]](engine, models, net, stem, int(threads))
    else:
        models, net, size, batch, threads = args
        run, output = torch_train(engine, models, net, int(size), int(batch), int(threads)), None
    serve(run, output, before)


if __name__ == "__main__":
    main(*sys.argv[1:])
