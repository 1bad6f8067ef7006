# SPDX-License-Identifier: Apache-2.0
"""Packages of bioimage.io hold a test that other programs pass, and its validator accepts them."""
import hashlib
import io
import json
import zipfile

import numpy as np
import pytest

import attunet
from networks import softmax

GIVEN = {'name': 'Test network', 'authors': ['A. Author', {'name': 'B', 'affiliation': 'C'}],
         'license': 'CC-BY-4.0'}


def calibrate(path, temperature):
    """Writes it into a model file."""
    raw = path.read_bytes()
    end = 8 + int.from_bytes(raw[:8], 'little')
    header = json.loads(raw[8:end])
    about = header['__metadata__']
    about['attunet'] = json.dumps({**json.loads(about['attunet']), 'temperature': temperature})
    del about['description_hash']
    text = json.dumps(header).encode()
    text += b' ' * (-(8 + len(text)) % 64)
    path.write_bytes(len(text).to_bytes(8, 'little') + text + raw[end:])


def made(home, tmp_path, data, temperature=None, **options):
    deep = data == 'deep'
    run = attunet.train(home / data, tmp_path / 'run', steps=4, fold=0, lr=.01,
                        patch='16x32x32' if deep else (64, 64),
                        spec='arch=attunet widths=4,8,8' + ' dims=3' * deep, **options)
    if temperature:
        calibrate(tmp_path / 'run' / 'model.safetensors', temperature)
    package = tmp_path / 'package.zip'
    assert attunet.bioimageio_package(run, package, **GIVEN) == str(package)
    return package


@pytest.mark.parametrize('data, options', [
    ('flat', {}), ('deep', {}), ('flat', {'normalise': 'minmax01'}), ('flat', {'normalise': 'ct'}),
    ('deep', {'spacing': (2, 1, 1)}), ('flat', {'temperature': 2.5})])
def test_packages(home, tmp_path, data, options):
    package = made(home, tmp_path, data, **options)
    with zipfile.ZipFile(package) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    about = json.loads(files['rdf.yaml'])
    image, chances = about['inputs'][0], about['outputs'][0]
    for what in image['test_tensor'], chances['test_tensor'], about['weights']['onnx']:
        assert hashlib.sha256(files[what['source']]).hexdigest() == what['sha256']
    x = np.load(io.BytesIO(files['test_input.npy']))
    y = np.load(io.BytesIO(files['test_output.npy']))
    assert x.dtype == y.dtype == np.float32
    assert x.ndim == len(image['axes']) and y.ndim == len(chances['axes'])
    assert y.shape == (1, len(chances['axes'][1]['channel_names']), *x.shape[2:])
    if 'spacing' in options:
        assert [axis['scale'] for axis in image['axes'][2:]] == [2, 1, 1]
    onnxruntime = pytest.importorskip('onnxruntime')
    session = onnxruntime.InferenceSession(files['model.onnx'], providers=['CPUExecutionProvider'])
    axes = tuple(range(2, x.ndim))
    for step in image['preprocessing']:
        if step['id'] == 'zero_mean_unit_variance':
            x = (x - x.mean(axes, keepdims=True)) / (x.std(axes, keepdims=True) + 1e-8)
        else:
            assert step['id'] == 'scale_range'
            low, high = x.min(axes, keepdims=True), x.max(axes, keepdims=True)
            x = (x - low) / (high - low + 1e-8)
    assert bool(image['preprocessing']) != (options.get('normalise') == 'ct')
    logits = session.run(['logits'], {'image': x.astype(np.float32)})[0].astype(float)
    *scales, _ = chances['postprocessing']
    assert len(scales) == ('temperature' in options)
    for step in scales:
        assert step['id'] == 'scale_linear'
        logits *= step['kwargs']['gain']
    assert abs(softmax(logits, 1) - y).max() < 1e-4


def test_the_validator_accepts_them(home, tmp_path):
    core = pytest.importorskip('bioimageio.core')
    for data in 'flat', 'deep':
        folder = tmp_path / data
        folder.mkdir()
        temperature = 2.5 if data == 'flat' else None
        summary = core.test_description(made(home, folder, data, temperature))
        assert summary.status == 'passed', summary.format()


def test_what_is_no_package(home, flat, tmp_path):
    attunet.train(home / 'flat', tmp_path / 'run', steps=2, fold=0, resize=(32, 32),
                  spec='arch=unet widths=4,4')
    with pytest.raises(attunet.UsageError, match='without `resize` and `shrink`'):
        attunet.bioimageio_package(tmp_path / 'run', tmp_path / 'x.zip', **GIVEN)
    attunet.train(home / 'deep', tmp_path / 'around', steps=2, fold=0, patch=(32, 32),
                  spec='arch=unet dims=2 slices=3 widths=4,4')
    with pytest.raises(attunet.UsageError, match='neighbours of a slice'):
        attunet.bioimageio_package(tmp_path / 'around', tmp_path / 'x.zip', **GIVEN)
    with pytest.raises(attunet.UsageError, match='2 models'):
        attunet.bioimageio_package(attunet.load([flat.run, flat.run]), tmp_path / 'x.zip', **GIVEN)
    with pytest.raises(attunet.UsageError, match='sides of'):
        attunet.bioimageio_package(flat.run, tmp_path / 'x.zip', **GIVEN,
                                   image=np.zeros((30, 30), np.float32))
    with pytest.raises(attunet.UsageError, match='5 to 128'):
        attunet.bioimageio_package(flat.run, tmp_path / 'x.zip', **{**GIVEN, 'name': 'Test'})
    (tmp_path / 'x.zip').touch()
    with pytest.raises(attunet.UsageError, match='exists already'):
        attunet.bioimageio_package(flat.run, tmp_path / 'x.zip', **GIVEN)
