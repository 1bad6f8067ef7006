# SPDX-License-Identifier: Apache-2.0
"""Images of callers, brought to the form of the library, and masks brought back to theirs.

The library's arrays are [channel, d, h, w]: w is the first axis of a file, NIfTI's i.
"""
from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from ctypes import POINTER, byref
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from . import _library as c
from ._context import Call, Context, path_list, paths
from ._errors import DataError, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Spacing = Union[float, Sequence[float]]
LETTERS = {'L': (0, -1), 'R': (0, 1), 'P': (1, -1), 'A': (1, 1), 'I': (2, -1), 'S': (2, 1)}
UNITS = {'meter': 1e3, 'micron': 1e-3}  # of NIfTI, in mm


class Input:
    """An image as the library takes it, and the way back for its results."""

    def __init__(self, data: NDArray[np.float32], shape: tuple[int, ...], spacing: Sequence[float],
                 affine: Optional[NDArray[np.float64]] = None,
                 restore: Optional[Callable[[NDArray[Any]], Any]] = None,
                 owner: Any = None) -> None:
        self.data = data  # [channel, d, h, w]
        self.shape = shape  # of the caller's image, without channels
        self.spacing = tuple(spacing)  # mm along d, h, w; 0: unknown
        self.affine = affine  # [3, 4], or None
        self.restore = restore or (lambda mask: mask)
        self.owner = owner  # of the memory

    def structure(self) -> c.Image:
        """Valid as long as this object."""
        image = c.Image(ctypes.sizeof(c.Image))
        image.data = self.data.ctypes.data_as(POINTER(ctypes.c_float))
        image.channels = self.data.shape[0]
        image.size[:] = self.data.shape[1:]
        image.spacing[:] = self.spacing
        if self.affine is not None:
            image.affine = self.affine.ctypes.data_as(POINTER(ctypes.c_double))
        return image


def real(image: Any) -> NDArray[Any]:
    """An array of numbers, without a copy where there is memory to share."""
    import numpy as np
    array: NDArray[Any]
    if isinstance(image, np.ma.MaskedArray):
        raise DataError('the image is a masked array; fill its masked values first')
    if hasattr(image, '__dlpack__') and not hasattr(image, '__array_interface__'):
        try:
            array = np.asarray(np.from_dlpack(image))
        except (BufferError, RuntimeError, TypeError) as why:
            raise DataError('the image gives no memory that NumPy can read (%s); bring it to the '
                            'CPU, without gradients' % why) from why
    else:
        array = np.asarray(image)
    if array.dtype.kind not in 'biuf':
        raise DataError('the image has values of type %s; give real numbers' % array.dtype)
    return array


def _floats(array: NDArray[Any]) -> NDArray[np.float32]:
    """[channel, (d,) h, w] as the library takes it: [channel, d, h, w]."""
    import numpy as np
    with np.errstate(over='ignore'):  # the library refuses infinite samples
        data = np.ascontiguousarray(array, dtype=np.float32)
    return data if data.ndim == 4 else data[:, None]


def _channels_first(array: NDArray[Any], channels: int, dims: int) -> NDArray[Any]:
    """[channel, h, w] or [channel, d, h, w] for a model of so many channels and dimensions."""
    spatial = array.ndim if channels == 1 and array.ndim in (2, 3) else array.ndim - 1
    if spatial not in (2, 3):
        shapes = '[d, h, w]' if dims == 3 else '[h, w]'
        raise DataError('the image has the shape %s; give %s%s' % (
            list(array.shape), shapes, ', with %d channels before or behind' % channels
            if channels > 1 else ''))
    if spatial == array.ndim:
        return array[None]
    if array.shape[0] == channels:
        return array
    if array.shape[-1] == channels:
        first: NDArray[Any] = array.transpose(array.ndim - 1, *range(array.ndim - 1))
        return first
    raise DataError('the image has the shape %s, but the model needs %d channel%s; put the '
                    'channels first' % (list(array.shape), channels, 's' * (channels != 1)))


def _spacing(spacing: Optional[Spacing], count: int) -> tuple[float, float, float]:
    """mm along d, h, w from numbers along the last axes."""
    if spacing is None:
        return 0., 0., 0.
    try:
        values = (tuple(float(x) for x in spacing) if isinstance(spacing, Sequence) or
                  hasattr(spacing, '__iter__') else (float(spacing),) * count)
    except (TypeError, ValueError):
        raise UsageError('`spacing` %r is not valid; give a number for each of the %d axes, in mm' %
                         (spacing, count)) from None
    if len(values) not in (count, 3):
        raise UsageError('`spacing` has %d numbers; give one for each of the %d axes, in mm' %
                         (len(values), count))
    return (0., *values) if len(values) == 2 else (values[0], values[1], values[2])


def _affine(orientation: str, size: Sequence[int],
            spacing: Sequence[float]) -> NDArray[np.float64]:
    """The affine of an array whose w, h and d run along these letters."""
    import numpy as np
    axes = [LETTERS.get(letter) for letter in str(orientation)]
    known = [axis for axis in axes if axis]
    if len(axes) != 3 or {axis for axis, _ in known} != {0, 1, 2}:
        raise UsageError('`orientation` %s is not valid; give three letters, where w, h and d run '
                         'to, such as LPS' % orientation)
    if not all(spacing):
        raise UsageError('`orientation` needs `spacing`; give the distances between voxels in mm')
    affine = np.zeros((3, 4))
    for column, (world, sign) in enumerate(known):
        affine[world, column] = sign * spacing[2 - column]
        if sign < 0:
            affine[world, 3] = spacing[2 - column] * (size[2 - column] - 1)
    return affine


def from_array(image: Any, channels: int, dims: int, spacing: Optional[Spacing],
               orientation: Optional[str]) -> Input:
    """An array, or whatever lets NumPy see its memory."""
    array = _channels_first(real(image), channels, dims)
    shape = array.shape[1:]
    mm = _spacing(spacing, len(shape))
    if orientation is not None and len(shape) == 2:
        raise UsageError('`orientation` is for volumes, but the image has the shape %s' %
                         list(shape))
    affine = _affine(orientation, shape, mm) if orientation is not None else None
    return Input(_floats(array), shape, mm, affine)


def from_nibabel(image: Any, channels: int, dims: int) -> Input:
    """An image of nibabel: its axes are x, y, z and then channels."""
    import numpy as np
    array = real(np.asanyarray(image.dataobj))
    stored = array.shape
    flat = array.ndim == 2
    if array.ndim > 3 and array.shape[3:] != (1,) * (array.ndim - 3):
        array = array.reshape(array.shape[:3] + (-1,))
    elif array.ndim > 3:
        array = array.reshape(array.shape[:3])
    array = array.T
    if not flat and channels > 1 and array.ndim == 3:
        array = array[None]
    data = _floats(_channels_first(array, channels, dims))
    header = image.header
    unit = 1.
    if hasattr(header, 'get_xyzt_units'):
        unit = UNITS.get(header.get_xyzt_units()[0], 1.)
    zooms = [float(x) * unit for x in header.get_zooms()[:3]]
    zooms += [0.] * (3 - len(zooms))
    affine = None
    if image.affine is not None:
        affine = np.ascontiguousarray(image.affine[:3], dtype=np.float64) * unit

    def restore(mask: NDArray[Any]) -> Any:
        values = mask.T.reshape(stored[:3])
        new = header.copy()
        new.set_data_dtype(values.dtype)
        return image.__class__(values, image.affine, new)

    return Input(data, data.shape[1:], zooms[::-1], affine, restore, image)


def from_itk(image: Any, channels: int, dims: int) -> Input:
    """An image of SimpleITK: its arrays are z, y, x, and its world looks left and back."""
    import importlib

    import numpy as np
    itk: Any = importlib.import_module(type(image).__module__.partition('.')[0])
    array = itk.GetArrayViewFromImage(image)
    flat = image.GetDimension() == 2
    if image.GetNumberOfComponentsPerPixel() > 1:
        array = np.moveaxis(array, -1, 0)
    elif channels > 1:
        array = array[None]
    data = _floats(_channels_first(real(array), channels, dims))
    spacing = [float(x) for x in image.GetSpacing()]
    affine = None
    if not flat:
        turn = np.array(image.GetDirection()).reshape(3, 3) * spacing
        to_right_front = np.diag([-1., -1., 1.])
        affine = np.ascontiguousarray(
            to_right_front @ np.column_stack([turn, image.GetOrigin()]))
    mm = ([0.] if flat else []) + spacing[::-1]

    def restore(mask: NDArray[Any]) -> Any:
        new = itk.GetImageFromArray(mask[0] if flat else mask)
        new.CopyInformation(image)
        return new

    return Input(data, data.shape[1:], mm, affine, restore, image)


def from_files(files: Any, context: Context) -> Input:
    """A file, or one for each channel, read by the library."""
    import numpy as np
    names = path_list(files, 'image')
    loaded = POINTER(c.Image)()
    context.run(Call(False), 'att_image_load', paths(names), len(names), byref(loaded))
    try:
        image = loaded.contents
        shape = (image.channels, *image.size)
        data = np.ctypeslib.as_array(image.data, shape).copy()
        affine = None
        if image.affine:
            affine = np.ctypeslib.as_array(image.affine, (3, 4)).copy()
        spatial = tuple(image.size)
        return Input(data, spatial[1:] if spatial[0] == 1 else spatial, tuple(image.spacing),
                     affine)
    finally:
        c.library.att_image_free(loaded)


def is_path(value: Any) -> bool:
    return isinstance(value, (str, bytes, os.PathLike))


def read(image: Any, context: Context, channels: int, dims: int, spacing: Optional[Spacing],
         orientation: Optional[str]) -> Input:
    """Any image that this package knows."""
    several = isinstance(image, (list, tuple)) and bool(image) and all(map(is_path, image))
    own = is_path(image) or several
    if own:
        made = from_files(image, context)
    elif hasattr(image, 'dataobj') and hasattr(image, 'affine'):
        made = from_nibabel(image, channels, dims)
    elif hasattr(image, 'GetDirection') and hasattr(image, 'GetSpacing'):
        made = from_itk(image, channels, dims)
    else:
        return from_array(image, channels, dims, spacing, orientation)
    if orientation is not None:
        raise UsageError('`orientation` is for arrays, but the image says itself how it lies')
    if spacing is not None:
        made.spacing = _spacing(spacing, len(made.shape))
        if made.affine is not None:
            lengths = (made.affine[:, :3] ** 2).sum(axis=0) ** .5
            made.affine[:, :3] *= made.spacing[::-1] / lengths
    return made
