# SPDX-License-Identifier: Apache-2.0
"""The nets that are timed, with the same weights in every engine's own format, made with PyTorch.

    make_nets.py MODELS FOLDER NET SIZE FORMAT...

MODELS is the folder with models.py and reference_nets.py, the nets in PyTorch. Writes into FOLDER,
unless they are there:
NET.safetensors, a model of attunet (its tensors have torch's names); NET_SIZE.npy, an input; for
the formats onnx and ncnn NET_SIZE.onnx,
and NET_SIZE.ncnn.param and .bin; for png NET_SIZE.png, an image."""

import json, os, struct, subprocess, sys, tempfile, zlib

NETS = {  # dims, classes, spec; the nets of models.py are called as build() says
    "lee": (2, 1, "arch=lee in=1 classes=1 width=64 gates=yes"),
    "lee-plain": (2, 1, "arch=lee in=1 classes=1 width=64 gates=no"),
    "lee-small": (2, 1, "arch=lee in=1 classes=1 width=16 gates=yes"),
    "paper3d": (3, 2, None),
    "paper3d-plain": (3, 2, None),
}
PLAIN3D = (
    "arch=attunet dims=3 in=1 classes=2 widths=16,32,64,128,256 norm=batch up=transpose gate=none"
)


def build(net):
    """The module and its spec."""
    import models

    if net.startswith("lee"):
        return (
            models.att2d(16 if net == "lee-small" else 64, gates=net != "lee-plain"),
            NETS[net][2],
        )
    spec = PLAIN3D if net == "paper3d-plain" else models.PAPER3D.format(c=2, w="16,32,64,128,256")
    return models.AttUNet(spec), spec


def shape(net, size):
    """n, c, [d,] h, w"""
    return [1, 1] + [size] * NETS[net][0]


def settle(m, head, x):
    """Makes a net of random weights one whose outputs are worth comparing: statistics of batch
    norms as the net's own maps have them, then
    moved, so that folding them is put to the test; logits (or their difference, of two classes) of
    mean 0 and deviation 2.
    """
    import torch

    norms = [n for n in m.modules() if isinstance(n, torch.nn.modules.batchnorm._BatchNorm)]
    with torch.no_grad():
        for n in norms:
            n.momentum = 1.0
            n.weight.uniform_(0.7, 1.3)
            n.bias.normal_(0, 0.2)
        m.train()(x)
        for n in norms:
            n.momentum = 0.1
            n.running_mean.add_(0.1 * torch.randn_like(n.running_mean) * n.running_var.sqrt())
            n.running_var.mul_(torch.empty_like(n.running_var).uniform_(0.7, 1.4))
        y = m.eval()(x)[0].flatten(1)
        scale = 2 / (y[-1] - y[0] if len(y) == 2 else y[0]).std()
        head.weight.mul_(scale)
        head.bias.sub_(y.mean(1)).mul_(scale)


def description(net, spec):
    """What attunet reads from a model file's metadata: images are taken as they are, in one window.
    (See model_to_json.)"""
    channels = [{"name": "image", "normalise": "minmax01" if net == "lee-small" else "none"}]
    patch = [96, 96, 96] if NETS[net][0] == 3 else [1, 512, 512]
    labels = {"classes": [{"name": "background", "value": 0}, {"name": "foreground", "value": 1}]}
    j = {
        "format": 1,
        "writer": "bench/peers/compare",
        "spec": spec,
        "labels": labels,
        "preparation": {"channels": channels, "resize": [0, 0, 0], "patch": patch},
    }
    return {"format": "pt", "spec": spec, "attunet": json.dumps(j)}


def description_of(path):
    """The metadata of a safetensors file."""
    with open(path, "rb") as f:
        return json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))["__metadata__"]


def make_model(net, path):
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(1)
    m, spec = build(net)
    m.apply(
        lambda c: (
            torch.nn.init.kaiming_normal_(c.weight)
            if isinstance(c, torch.nn.modules.conv._ConvNd)
            else None
        )
    )
    head = m.Conv_1x1 if hasattr(m, "Conv_1x1") else m.head["0"]
    settle(m, head, torch.randn(shape(net, 256 if NETS[net][0] == 2 else 64)))
    save_file({k: v.contiguous() for k, v in m.state_dict().items()}, path, description(net, spec))


def load(net, path):
    from safetensors.torch import load_file

    m, _ = build(net)
    m.load_state_dict(load_file(path))
    return m.eval()


def make_onnx(m, x, folder):
    import torch

    torch.onnx.export(
        m,
        (x,),
        f"{folder}/onnx",
        dynamo=False,
        opset_version=17,
        input_names=["x"],
        output_names=["y"],
    )


def make_ncnn(m, x, folder):
    import torch

    with torch.no_grad():
        torch.jit.trace(m, x).save(f"{folder}/net.pt")
    pnnx = os.path.join(os.path.dirname(sys.executable), "pnnx")
    sides = ",".join(map(str, x.shape))
    subprocess.run(
        [
            pnnx,
            "net.pt",
            f"inputshape=[{sides}]",
            "fp16=0",
            "ncnnbin=ncnn.bin",
            "ncnnparam=ncnn.param",
        ],
        cwd=folder,
        check=True,
    )


def make_png(path, size):
    """A disc with a soft edge on grey, 8 bits."""

    def sample(y, x):
        r = ((x - 0.55 * size) ** 2 + (y - 0.45 * size) ** 2) ** 0.5 / size
        return int(max(40, min(200, 200 - 800 * (r - 0.25))))

    rows = b"".join(b"\0" + bytes(sample(y, x) for x in range(size)) for y in range(size))

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    with open(path, "wb") as f:
        f.write(
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b"")
        )


def complete(files, make):
    """Files that are there were written to their end: they are made in a folder of their own. The
    last one is moved last."""
    if os.path.exists(files[-1]):
        return
    with tempfile.TemporaryDirectory(dir=os.path.dirname(files[-1])) as folder:
        make(folder)
        for f in files:
            os.replace(f"{folder}/{os.path.basename(f).split('.', 1)[1]}", f)


def main(folder, net, size, formats):
    model, stem, size = f"{folder}/{net}.safetensors", f"{folder}/{net}_{size}", int(size)
    complete([model], lambda d: make_model(net, f"{d}/safetensors"))
    if "png" in formats:
        complete([stem + ".png"], lambda d: make_png(f"{d}/png", size))
    import numpy as np

    x = np.random.default_rng(2).standard_normal(shape(net, size), np.float32)
    complete([stem + ".npy"], lambda d: np.save(open(f"{d}/npy", "wb"), x))

    def convert(make, d):
        import torch

        make(load(net, model), torch.from_numpy(x), d)

    if "onnx" in formats:
        complete([stem + ".onnx"], lambda d: convert(make_onnx, d))
    if "ncnn" in formats:
        complete([stem + ".ncnn.bin", stem + ".ncnn.param"], lambda d: convert(make_ncnn, d))


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    os.makedirs(sys.argv[2], exist_ok=True)
    main(sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:])
