# SPDX-License-Identifier: Apache-2.0
"""A model as a package of bioimage.io: model 0.5, with weights as ONNX."""
from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Optional, Union

from ._commands import convert
from ._data import one_file
from ._errors import UsageError
from ._model import Model, PathLike, load

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT, OPSET = '0.5.7', 17
PAPERS = {
    'unet': ('Ronneberger et al., U-Net: Convolutional Networks for Biomedical Image Segmentation',
             '10.48550/arXiv.1505.04597'),
    'nnunet': ('Isensee et al., nnU-Net: a self-configuring method for deep learning-based '
               'biomedical image segmentation', '10.1038/s41592-020-01008-z'),
    'others': ('Oktay et al., Attention U-Net: Learning Where to Look for the Pancreas',
               '10.48550/arXiv.1804.03999')}
README = """# %s

%s

- Network: `%s`
- Input: %s
- Output: the probability of each class, 0 to 1 (%s)
- Made by attunet %s; weights %s

## Validation

%s
"""


def _identifiers(names: Sequence[str]) -> list[str]:
    """Names of channels as bioimage.io takes them, each once."""
    found: list[str] = []
    for name in names:
        word = re.sub(r'\W+', '_', name, flags=re.ASCII).strip('_').lower() or 'channel'
        word = word if word[0].isalpha() else 'channel_' + word
        number, base = len(found), word
        while word in found:
            word = '%s_%d' % (base, number)
            number += 1
        found.append(word)
    return found


def _preprocessing(channels: Sequence[Mapping[str, Any]], axes: Sequence[str],
                   nonzero: bool) -> Optional[list[dict[str, Any]]]:
    """How hosts normalise an image; None: the network must do it, by numbers of the data set."""
    schemes = {channel['normalise'] for channel in channels}
    if schemes == {'zscore'} and not nonzero:
        return [{'id': 'zero_mean_unit_variance', 'kwargs': {'axes': list(axes), 'eps': 1e-8}}]
    if schemes == {'minmax01'} and not nonzero:
        return [{'id': 'scale_range', 'kwargs': {
            'axes': list(axes), 'min_percentile': 0., 'max_percentile': 100., 'eps': 1e-8}}]
    return None


def _validation(info: Mapping[str, Any]) -> str:
    history = info.get('history') or {}
    found = history.get('validation')
    if not found:
        return 'The training held out no image.'
    return 'Dice on %s held-out images: %.3f on average (%s).' % (
        history.get('validation_cases', 'the'), found['mean'],
        ', '.join('%s %.3f' % one for one in found['classes'].items() if one[1] is not None))


def _space(letter: str, **more: Any) -> dict[str, Any]:
    return {'type': 'space', 'id': letter, **more}


def _npy(array: NDArray[Any]) -> bytes:
    import io

    import numpy as np
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(array))
    return file.getvalue()


def _source(name: str, data: bytes) -> dict[str, str]:
    import hashlib
    return {'source': name, 'sha256': hashlib.sha256(data).hexdigest()}


class _Described:
    """What the package says of a model, and its test."""

    def __init__(self, model: Model, image: Optional[NDArray[Any]]) -> None:
        import numpy as np
        self.info = model.info
        prep = model.info.get('preparation') or {}
        if any(prep.get('resize') or ()) or any(x > 1 for x in prep.get('shrink') or ()):
            raise UsageError('the model resizes images before they enter the network, which a '
                             'package of bioimage.io cannot state; train one without `resize` and '
                             '`shrink`')
        if re.search(r'\bslices=[^1]', str(model.info['spec'])):
            raise UsageError('the network sees the neighbours of a slice, which a package of '
                             'bioimage.io cannot state; train one with slices=1 in `spec`')
        dims = int(model.info['dims'])
        self.letters = 'zyx'[3 - dims:]
        self.patch = [int(x) for x in prep['patch'][3 - dims:]]
        self.multiple = [int(x) for x in model.info['multiple'][3 - dims:]]
        lengths = prep.get('spacing') or model.info.get('trained_spacing') or ()
        self.spacing = [float(x) for x in lengths][3 - dims:]
        channels = prep['channels']
        self.channels = _identifiers([channel['name'] for channel in channels])
        labels = model.info['labels']
        names = [one['name'] for one in labels.get('regions') or labels['classes']]
        self.independent = bool(labels.get('regions')) or model._outputs == 1
        self.classes = _identifiers(names[-model._outputs:])
        self.preprocessing = _preprocessing(channels, self.letters, bool(prep.get('nonzero')))
        shape = (len(channels), *self.patch)
        if image is None:
            image = np.random.default_rng(1).normal(100, 20, shape)
        sides = tuple(int(x) for x in np.shape(image)[-dims:])
        if any(a < b or (a - b) % c for a, b, c in zip(sides, self.patch, self.multiple)):
            raise UsageError('the test image has the size %s; give sides of %s plus multiples of %s'
                             % (list(sides), self.patch, self.multiple))
        self.image = np.asarray(image, np.float32).reshape((1, len(channels), *sides))
        spacing = self.spacing if self.spacing and all(self.spacing) else None
        one = self.image[0] if len(channels) > 1 else self.image[0, 0]
        # Once: the host does not average over mirror images.
        result = model.predict(one, window=sides, mirror=False, probabilities=True,
                               spacing=spacing)
        if result.windows != 1 or result.probabilities is None:
            raise UsageError('the test image takes %d windows; give one of the size %s' % (
                result.windows, self.patch))
        self.probabilities = result.probabilities[None]

    def _lengths(self) -> list[dict[str, Any]]:
        if not self.spacing or not all(self.spacing):
            return [{} for _ in self.letters]
        return [{'scale': x, 'unit': 'millimeter'} for x in self.spacing]

    def input(self, test: bytes) -> dict[str, Any]:
        sizes = [{'min': a, 'step': b} for a, b in zip(self.patch, self.multiple)]
        return {
            'id': 'image', 'test_tensor': _source('test_input.npy', test),
            'data': {'type': 'float32'}, 'preprocessing': self.preprocessing or [],
            'axes': [{'type': 'batch'}, {'type': 'channel', 'channel_names': self.channels}] + [
                _space(letter, size=size, **length)
                for letter, size, length in zip(self.letters, sizes, self._lengths())]}

    def output(self, test: bytes) -> dict[str, Any]:
        steps: list[dict[str, Any]] = [{'id': 'sigmoid'} if self.independent else {
            'id': 'softmax', 'kwargs': {'axis': 'channel'}}]
        temperature = self.info.get('temperature', 1)
        if temperature != 1:  # the format forbids a gain of 1
            steps.insert(0, {'id': 'scale_linear', 'kwargs': {'gain': 1 / temperature}})
        return {
            'id': 'probabilities', 'test_tensor': _source('test_output.npy', test),
            'data': {'type': 'float32', 'range': [0., 1.]}, 'postprocessing': steps,
            'axes': [{'type': 'batch'}, {'type': 'channel', 'channel_names': self.classes}] + [
                _space(letter, size={'tensor_id': 'image', 'axis_id': letter},
                       halo=max(1, side // 4), **length)
                for letter, side, length in zip(self.letters, self.patch, self._lengths())]}


def bioimageio_package(model: Union[Model, PathLike], output: PathLike, *, name: str,
                       authors: Sequence[Union[str, Mapping[str, str]]], license: str,
                       description: Optional[str] = None, documentation: Optional[str] = None,
                       cite: Optional[Sequence[Mapping[str, str]]] = None,
                       image: Optional[NDArray[Any]] = None) -> str:
    """Write a model as a package of bioimage.io, which other programs of microscopy read.

    It holds the network as ONNX, how to normalise images, and a test image with its result.  The
    network takes one window; whoever reads the package cuts images into windows.  Hard attention,
    `resize`, `shrink` and networks that see neighbouring slices cannot be packaged.

    output : the file, such as package.zip
    name, description : of the model, for readers
    authors : names, or {"name", "affiliation", "orcid", ...}
    license : of the weights, as SPDX has it, such as "CC-BY-4.0"
    documentation : text in Markdown, in place of a short one
    cite : [{"text", "doi"}, ...] in place of the paper of the network
    image : [(channel,) (d,) h, w] for the test; by default noise
    """
    import pathlib
    import tempfile
    import zipfile
    if os.path.exists(output):
        raise UsageError('%s exists already; give a new file' % os.fspath(output))
    if not 5 <= len(name) <= 128:
        raise UsageError('`name` has %d characters; bioimage.io takes 5 to 128' % len(name))
    model = model if isinstance(model, Model) else load(model)
    file = one_file(model)
    of = _Described(model, image)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, 'model.onnx')
        convert(file, path, onnx_normalise=of.preprocessing is None, on_progress=False)
        onnx = path.read_bytes()
    spec = str(model.info['spec'])
    about = description or 'Segmentation of %s in %dD.' % (
        ', '.join(x for x in of.classes if x != 'background'), len(of.letters))
    words = dict(word.split('=', 1) for word in spec.split())
    text, doi = PAPERS.get(words.get('arch', ''), PAPERS['others'])
    files = {
        'model.onnx': onnx, 'test_input.npy': _npy(of.image),
        'test_output.npy': _npy(of.probabilities),
        'README.md': (documentation or README % (
            name, about, spec, ', '.join(of.channels), ', '.join(of.classes),
            model.info['writer'].split()[-1], model.info['hash'],
            _validation(model.info))).encode()}
    files['rdf.yaml'] = json.dumps({  # which is YAML, too
        'format_version': FORMAT, 'type': 'model', 'name': name, 'description': about,
        'authors': [{'name': x} if isinstance(x, str) else dict(x) for x in authors],
        'license': license, 'documentation': 'README.md',
        'cite': [dict(x) for x in cite] if cite else [{'text': text, 'doi': doi}],
        'tags': ['segmentation', 'unet', '%dd' % len(of.letters), 'attunet'],
        'inputs': [of.input(files['test_input.npy'])],
        'outputs': [of.output(files['test_output.npy'])],
        'weights': {'onnx': {**_source('model.onnx', onnx), 'opset_version': OPSET}},
        'config': {'bioimageio': {'reproducibility_tolerance': [
            {'relative_tolerance': 1e-3, 'absolute_tolerance': 1e-4}]}}}, indent=1).encode()
    temporary = '%s.tmp%d' % (os.fspath(output), os.getpid())
    try:
        with zipfile.ZipFile(temporary, 'w', zipfile.ZIP_DEFLATED) as package:
            for member, data in files.items():
                package.writestr(zipfile.ZipInfo(member), data, zipfile.ZIP_DEFLATED)
        os.replace(temporary, output)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)
    return os.fspath(output)
