# SPDX-License-Identifier: Apache-2.0
"""Arrays as data sets on disk, and weights as arrays."""
from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Optional, Union

from . import _images
from ._commands import convert, train
from ._context import Context
from ._dataset import Dataset, pairs, whole_labels
from ._errors import DataError, FileError, UsageError
from ._model import Model, PathLike

if TYPE_CHECKING:
    import pathlib

    import numpy as np
    from numpy.typing import NDArray

NIFTI_HEADER, NIFTI_DATA, MM, ALIGNED = 348, 352, 2, 2
NIFTI_TYPES = {'float32': 16, 'uint8': 2, 'uint16': 512}
SAFETENSORS = {'F32': '<f4', 'F64': '<f8', 'F16': '<f2', 'I64': '<i8', 'I32': '<i4', 'U8': '|u1'}


def _nifti(data: NDArray[Any], image: _images.Input) -> bytes:
    """[channel, d, h, w] as a file of NIfTI-1, with the spacing and the affine of the image."""
    shape = data.shape[::-1]  # x, y, z, channel
    sizes = [4 if shape[3] > 1 else 3, *shape, 1, 1, 1]
    header = bytearray(NIFTI_HEADER)
    struct.pack_into('<i', header, 0, NIFTI_HEADER)
    struct.pack_into('<8h', header, 40, *sizes[:8])
    struct.pack_into('<2h', header, 70, NIFTI_TYPES[data.dtype.name], 8 * data.itemsize)
    mm = [x or 1. for x in image.spacing[::-1]]
    struct.pack_into('<8f', header, 76, 1., *mm, 1., 1., 1., 1.)
    struct.pack_into('<3f', header, 108, NIFTI_DATA, 1., 0.)
    header[123] = MM
    if image.affine is not None:
        struct.pack_into('<2h', header, 252, 0, ALIGNED)
        struct.pack_into('<12f', header, 280, *image.affine.ravel())
    header[344:348] = b'n+1\0'
    return bytes(header) + bytes(4) + data.astype(data.dtype.newbyteorder('<')).tobytes()


def _write(folder: pathlib.Path, name: str, data: NDArray[Any], image: _images.Input) -> None:
    """NIfTI, or NPY if the spacing is not known."""
    import numpy as np
    if all(x or size == 1 for x, size in zip(image.spacing, data.shape[1:])):
        (folder / (name + '.nii')).write_bytes(_nifti(data, image))
        return
    array = data if data.shape[0] > 1 else data[0, 0] if data.shape[1] == 1 else data[0]
    np.save(folder / (name + '.npy'), array)


def _values(mask: _images.Input, name: str) -> NDArray[Any]:
    """The values of a mask in the smallest type."""
    import numpy as np
    whole = whole_labels(mask.data, name)
    return whole.astype(np.uint8) if whole.max(initial=0) < 256 else whole


@contextlib.contextmanager
def _complete(top: pathlib.Path) -> Iterator[None]:
    """Leave a folder empty if not all can be written to it."""
    import shutil
    try:
        yield
    except BaseException:
        for part in 'images', 'labels':
            shutil.rmtree(top / part, ignore_errors=True)
        for file in 'groups.csv', 'dataset.json':
            (top / file).unlink(missing_ok=True)
        raise


def write_dataset(folder: PathLike, images: Iterable[Any], masks: Iterable[Any], *,
                  spacing: Union[_images.Spacing, None] = None, orientation: Optional[str] = None,
                  channels: int = 1, names: Optional[Sequence[str]] = None,
                  groups: Optional[Sequence[Any]] = None,
                  labels: Optional[Mapping[str, int]] = None) -> pathlib.Path:
    """Write images and masks from memory as a new data set, and return its folder.

    `Dataset` trains without files.  Files are for data that other programs should see, or that is
    larger than memory: `attunet.pack` prepares them.

    If one of them cannot be used, the folder stays empty.

    images, masks : arrays, or images of nibabel or SimpleITK, as for `Model.predict`; they may be
        generators, so that only one is in memory
    spacing, orientation : of arrays, as for `Model.predict`; for all images
    channels : how many each image has
    names : of the cases; by default case_0000 and so on
    groups : for each case what it belongs to, such as a patient; groups stay together in splits
    labels : names of the values, such as {"tumour": 1}

        attunet.train(attunet.write_dataset("data", images, masks, spacing=(3, 1, 1)), "run")
    """
    import csv
    import json
    import pathlib
    top = pathlib.Path(folder)
    if top.exists() and any(top.iterdir()):
        raise FileError('%s exists already and is not empty; give a new folder' % top)
    context = Context(1)
    made: list[str] = []
    with _complete(top):
        for part in 'images', 'labels':
            (top / part).mkdir(parents=True, exist_ok=True)
        for image, mask in pairs(images, masks):
            if _images.is_path(image) or _images.is_path(mask):
                raise UsageError('the image is a path; list files in a CSV for `train` instead')
            if names is not None and len(names) == len(made):
                raise UsageError('`names` has %d entries, but there are more images' % len(names))
            name = names[len(made)] if names is not None else 'case_%04d' % len(made)
            if name in made or not name or os.sep in name:
                raise UsageError('the name %s of a case is not valid, or there twice' % name)
            dims = 3 if orientation is not None else 2
            of_image = _images.read(image, context, channels, dims, spacing, orientation)
            of_mask = _images.read(mask, context, 1, dims, spacing, orientation)
            if of_image.data.shape[1:] != of_mask.data.shape[1:]:
                raise DataError('the image of %s has the size %s, but its mask %s' % (
                    name, list(of_image.shape), list(of_mask.shape)))
            _write(top / 'images', name, of_image.data, of_image)
            _write(top / 'labels', name, _values(of_mask, name), of_image)
            made.append(name)
        if groups is not None and len(groups) != len(made):
            raise UsageError('`groups` has %d entries, but there are %d images' % (
                len(groups), len(made)))
        if groups is not None:
            with open(top / 'groups.csv', 'w', newline='', encoding='utf-8') as file:
                csv.writer(file).writerows([('image', 'group'), *zip(made, groups, strict=True)])
        if labels is not None:
            about = {'labels': {'background': 0, **labels}}
            (top / 'dataset.json').write_text(json.dumps(about, indent=2), encoding='utf-8')
    return top


def _read_safetensors(path: str) -> dict[str, NDArray[Any]]:
    import json

    import numpy as np
    with open(path, 'rb') as file:
        size, = struct.unpack('<Q', file.read(8))
        head = json.loads(file.read(size))
        data = file.read()
    found = {}
    for name, about in head.items():
        if name != '__metadata__':
            first, last = about['data_offsets']
            array = np.frombuffer(data[first:last], SAFETENSORS[about['dtype']])
            found[name] = array.reshape(about['shape'])
    return found


def one_file(model: Union[Model, PathLike]) -> PathLike:
    files: list[PathLike] = model._files if isinstance(model, Model) else [model]
    if len(files) != 1:
        raise UsageError('these are %d models; give one' % len(files))
    return files[0]


def state_dict(model: Union[Model, PathLike], *, aliases: bool = True) -> dict[str, NDArray[Any]]:
    """The weights of one network by the names that PyTorch's module has, as NumPy arrays.

    aliases : also by the other names that such a module has for the same weights
    """
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'model.safetensors')
        convert(one_file(model), path, aliases=aliases, on_progress=False)
        return _read_safetensors(path)


def torch_state_dict(model: Union[Model, PathLike]) -> dict[str, Any]:
    """The same as tensors of PyTorch, for `module.load_state_dict`."""
    import torch  # type: ignore[import-not-found,unused-ignore]
    return {name: torch.from_numpy(array.copy()) for name, array in state_dict(model).items()}


def torch_module(model: Union[Model, PathLike]) -> Any:
    """The network as a `torch.nn.Module` with its weights, for every arch but hard attention.

    It takes float32 [batch, channel, (d,) h, w] and returns logits [batch, class, ...]; called with
    `attention=True` it also returns a dictionary with each gate's map.  It is the network alone:
    orient, resample and normalise images as `attunet.load(model).info["preparation"]` says.
    Its `load_state_dict` takes what `torch_state_dict` returns.
    """
    import pathlib
    import tempfile

    from ._torch import Network
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, 'model.onnx')
        convert(one_file(model), path, on_progress=False)
        onnx = path.read_bytes()
    return Network(onnx, state_dict(model, aliases=False), state_dict(model)).eval()


class Segmenter:
    """A model as scikit-learn has estimators: fit and predict on arrays.

        segmenter = attunet.Segmenter("run", time="10m", spacing=(3, 1, 1))
        masks = segmenter.fit(images, masks).predict(others)

    run : the folder of the training
    spacing, orientation, channels : of the arrays, as for `Dataset`
    options : keywords of `attunet.train`
    """

    _own = 'run', 'spacing', 'orientation', 'channels'

    def __init__(self, run: PathLike, *, spacing: Union[_images.Spacing, None] = None,
                 orientation: Optional[str] = None, channels: int = 1, **options: Any) -> None:
        self.run, self.spacing, self.orientation, self.channels = (
            run, spacing, orientation, channels)
        self.options = options
        self.model: Optional[Model] = None

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {**{name: getattr(self, name) for name in self._own}, **self.options}

    def set_params(self, **params: Any) -> Segmenter:
        for name, value in params.items():
            if name in self._own:
                setattr(self, name, value)
            else:
                self.options[name] = value
        return self

    def fit(self, images: Iterable[Any], masks: Iterable[Any]) -> Segmenter:
        data = Dataset(images, masks, spacing=self.spacing, orientation=self.orientation,
                       channels=self.channels)
        self.model = train(data, self.run, **self.options).load()
        return self

    def predict(self, images: Iterable[Any]) -> list[Any]:
        """A mask for each image."""
        if self.model is None:
            raise UsageError('the segmenter has no model; call `fit` first')
        return [self.model.predict(image, spacing=self.spacing,
                                   orientation=self.orientation).mask for image in images]

    def score(self, images: Iterable[Any], masks: Iterable[Any]) -> float:
        """The mean Dice of all foreground; 1 where an image has none, and none was found."""
        scores = []
        for found, true in zip(self.predict(images), masks, strict=True):
            a, b = found != 0, _images.real(true) != 0
            both = int(a.sum()) + int(b.sum())
            scores.append(2 * int((a & b).sum()) / both if both else 1.)
        return sum(scores) / len(scores)
