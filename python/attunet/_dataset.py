# SPDX-License-Identifier: Apache-2.0
"""Data sets in memory."""
from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ctypes import POINTER, c_uint16, pointer
from typing import TYPE_CHECKING, Any, Optional, Union

from . import _images
from . import _library as c
from ._context import Context
from ._errors import DataError, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def pairs(images: Iterable[Any], masks: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Each image with its mask."""
    import itertools
    missing = object()
    for image, mask in itertools.zip_longest(images, masks, fillvalue=missing):
        if image is missing or mask is missing:
            raise UsageError('there are more %s; give one mask for each image' % (
                'masks than images' if image is missing else 'images than masks'))
        yield image, mask


def whole_labels(values: NDArray[Any], name: str) -> NDArray[np.uint16]:
    """The values of a mask as the library has them, without a copy where there are such."""
    import numpy as np
    with np.errstate(invalid='ignore'):
        whole = np.ascontiguousarray(values, dtype=np.uint16)
    if values.dtype != np.uint16 and not np.array_equal(whole, values):
        raise DataError('the mask of %s has values that are not whole numbers from 0 to 65535' %
                        name)
    return whole


def _labels(mask: Any, of: _images.Input, context: Context, name: str) -> NDArray[np.uint16]:
    import numpy as np
    size = of.data.shape[1:]
    if isinstance(mask, np.ndarray) and mask.shape in (of.shape, size):
        values: NDArray[Any] = _images.real(mask)
    else:  # by the geometry of the image: a mask often has none
        values = _images.read(mask, context, 1, 2 if size[0] == 1 else 3, None, None).data[0]
    if values.size != size[0] * size[1] * size[2] or (values.ndim == 3 and values.shape != size):
        raise DataError('the image of %s has the size %s, but its mask %s' % (
            name, list(of.shape), list(values.shape)))
    return whole_labels(values, name).reshape(size)


class Dataset:
    """Images and masks in memory, from which `attunet.train` and others work without files.

    images, masks : arrays, images of nibabel or SimpleITK, or paths, as for `Model.predict`; a mask
        has the shape of its image, and whole numbers.  A mask of None has no label.
    spacing, orientation : of arrays, as for `Model.predict`; for all images
    channels : how many each image has
    names : of the cases; by default case_0000 and so on
    groups : for each case what it belongs to, such as a patient; groups stay together in splits
    labels : names of the values, such as {"tumour": 1}
    name : of the data set, where runs and reports mention it

    float32 images and uint16 masks in C order are not copied, so leave them as they are.

        data = attunet.Dataset(images, masks, spacing=(3, 1, 1), groups=patients)
        run = attunet.train(data, "run", fold=0, time="30m")
    """

    def __init__(self, images: Iterable[Any], masks: Iterable[Any], *,
                 spacing: Union[_images.Spacing, None] = None, orientation: Optional[str] = None,
                 channels: int = 1, names: Optional[Sequence[str]] = None,
                 groups: Optional[Sequence[Any]] = None,
                 labels: Optional[Mapping[str, int]] = None, name: str = 'data') -> None:
        self.name = name
        self.labels = dict(labels) if labels is not None else None
        self._images: list[_images.Input] = []
        self._masks: list[Optional[NDArray[np.uint16]]] = []
        context = Context(1)
        dims = 3 if orientation is not None else 2
        for image, mask in pairs(images, masks):
            case = names[len(self)] if names is not None and len(names) > len(self) else (
                'case_%04d' % len(self))
            read = _images.read(image, context, channels, dims, spacing, orientation)
            self._masks.append(None if mask is None else _labels(mask, read, context, case))
            self._images.append(read)
        for what, given in ('names', names), ('groups', groups):
            if given is not None and len(given) != len(self):
                raise UsageError('`%s` has %d entries, but there are %d images' % (
                    what, len(given), len(self)))
        if not self._images:
            raise UsageError('there is no image; give at least one in `images`')
        self.names = list(names) if names is not None else [
            'case_%04d' % i for i in range(len(self))]
        self.groups = None if groups is None else [str(group) for group in groups]

    def __len__(self) -> int:
        return len(self._images)

    def __fspath__(self) -> str:
        return 'memory:' + self.name

    def __repr__(self) -> str:
        return '<attunet.Dataset %s, %d case%s>' % (self.name, len(self), 's' * (len(self) != 1))

    def give(self, context: Context) -> None:
        """Make it known to a context, which must not outlive it."""
        import json
        import os
        cases = (c.Case * len(self))()
        keep = []  # what the structures point to, until the library has copied them
        for i, (case, image, mask) in enumerate(zip(cases, self._images, self._masks)):
            structure = image.structure()
            keep.append(structure)
            case.struct_size = ctypes.sizeof(c.Case)
            case.image = pointer(structure)
            if mask is not None:
                case.labels = mask.ctypes.data_as(POINTER(c_uint16))
            case.name = self.names[i].encode()
            case.group = self.groups[i].encode() if self.groups is not None else None
        about = None
        if self.labels is not None:
            about = json.dumps({'labels': {'background': 0, **self.labels}}).encode()
        context.check(c.library.att_context_data(
            context.handle, os.fsencode(self), cases, len(self), about))
