# SPDX-License-Identifier: Apache-2.0
"""Models as ONNX files: the checker accepts them, and other runtimes compute what attunet does."""
import json

import numpy as np
import pytest

import attunet
from networks import DEEP, FLAT, SIZES, softmax

onnx = pytest.importorskip('onnx')
onnxruntime = pytest.importorskip('onnxruntime')

def other_runtimes(file):
    """Functions from images to a dictionary of results."""
    session = onnxruntime.InferenceSession(file, providers=['CPUExecutionProvider'])
    names = [output.name for output in session.get_outputs()]
    yield 'ONNX Runtime', lambda x: dict(zip(names, session.run(None, {'image': x})))
    try:
        import openvino
    except ImportError:
        return
    compiled = openvino.Core().compile_model(str(file), 'CPU',
                                             {'INFERENCE_PRECISION_HINT': 'f32'})
    yield 'OpenVINO', lambda x: {
        name: compiled([x])[i].copy() for i, name in enumerate(names)}


@pytest.mark.parametrize('spec', FLAT + DEEP)
def test_other_runtimes_agree(home, tmp_path, spec):
    deep = 'dims=3' in spec or 'oktay' in spec
    run = attunet.train(home / ('deep' if deep else 'flat'), tmp_path / 'run', steps=3, fold=0,
                        lr=.01, spec=spec, patch='16x32x32' if deep else '64x64')
    model = run.load()
    plain, inside = tmp_path / 'model.onnx', tmp_path / 'inside.onnx'
    assert attunet.convert(run, plain)['path'] == str(plain)
    attunet.convert(run, inside, onnx_normalise=True)
    for file in plain, inside:
        onnx.checker.check_model(str(file), full_check=True)
    stored = onnx.load(str(plain))
    assert [o.version for o in stored.opset_import] == [17]
    about = {entry.key: entry.value for entry in stored.metadata_props}
    described = json.loads(about['attunet'])
    assert described['labels'] == model.info['labels']
    assert described['preparation'] == model.info['preparation']
    worst = 0
    for size in SIZES[3 if deep else 2]:
        images = np.random.default_rng(3).normal(50, 20, (2, 1, *size)).astype(np.float32)
        own = [model.predict(image[0], window=size, mirror=False, probabilities=True,
                             attention=True,
                             spacing=(1.5, 1, 1) if deep else None) for image in images]
        assert all(result.windows == 1 and not result.doubts for result in own)
        axes = tuple(range(2, images.ndim))
        normal = (images - images.mean(axes, keepdims=True, dtype=float)) / images.std(
            axes, keepdims=True, dtype=float)
        for (name, compute), (_, whole) in zip(other_runtimes(plain), other_runtimes(inside)):
            found = compute(normal.astype(np.float32))
            again = whole(images)
            assert list(found)[0] == 'logits'
            scale = abs(found['logits']).max()
            assert abs(found['logits'] - again['logits']).max() < 1e-4 * scale
            chances = softmax(found['logits'].astype(float), 1)
            expected = np.stack([result.probabilities for result in own])
            worst = max(worst, abs(chances - expected).max())
            assert worst < 1e-4
            gates = [key for key in found if key.startswith('attention.')]
            assert {key[len('attention.'):] for key in gates} == set(own[0].attention)
            for key in gates:
                maps = np.stack([result.attention[key[len('attention.'):]] for result in own])
                assert found[key].shape[:2] == (2, 1)
                if found[key][:, 0].shape == maps.shape and 'gate=grid' not in spec:
                    assert abs(found[key][:, 0] - maps).max() < 1e-4
                else:  # on a grid of its own
                    assert abs(found[key].mean() - maps.mean()) < .02
    print('%s: %.1e' % (spec, worst))


def test_neighbouring_slices(home, tmp_path):
    run = attunet.train(home / 'deep', tmp_path / 'run', steps=3, fold=0, lr=.01, patch=(32, 32),
                        spec='arch=attunet dims=2 slices=3 widths=4,8,8')
    file = tmp_path / 'model.onnx'
    attunet.convert(run, file)
    image = np.random.default_rng(3).normal(50, 20, (5, 32, 64)).astype(np.float32)
    own = run.load().predict(image, window=(32, 64), mirror=False, probabilities=True,
                             spacing=(1.5, 1, 1))
    normal = (image - image.mean(dtype=float)) / image.std(dtype=float)
    padded = np.pad(normal, ((1, 1), (0, 0), (0, 0)), 'edge').astype(np.float32)
    maps = np.stack([padded[:-2], padded[1:-1], padded[2:]], 1)
    for name, compute in other_runtimes(file):
        chances = softmax(compute(maps)['logits'].astype(float), 1)
        assert abs(chances - own.probabilities.transpose(1, 0, 2, 3)).max() < 1e-4, name


def test_what_onnx_cannot_hold(home, flat, tmp_path):
    with pytest.raises(attunet.UsageError, match='`aliases` is for safetensors'):
        attunet.convert(flat.run, tmp_path / 'x.onnx', aliases=True)
    with pytest.raises(attunet.UsageError, match='`onnx_normalise` is for ONNX'):
        attunet.convert(flat.run, tmp_path / 'x.safetensors', onnx_normalise=True)
    hard, coarse = tmp_path / 'hard.safetensors', tmp_path / 'coarse'
    attunet.train(home / 'flat', coarse, steps=2, fold=0, shrink=2, patch=(32, 32),
                  spec='arch=attunet widths=4,8,8')
    attunet.convert('%s,%s' % (coarse, flat.run), hard,
                    spec='arch=hard scale=2 tile=32 halo=16 tiles=2')
    with pytest.raises(attunet.ModelError, match='give `part` coarse or fine'):
        attunet.convert(hard, tmp_path / 'x.onnx')
    attunet.convert(hard, tmp_path / 'fine.onnx', part='fine')
    onnx.checker.check_model(str(tmp_path / 'fine.onnx'), full_check=True)
