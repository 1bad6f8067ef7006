# SPDX-License-Identifier: Apache-2.0
"""Models in memory."""
from __future__ import annotations

import collections
import ctypes
import enum
import os
from collections.abc import Mapping, Sequence
from ctypes import POINTER, byref, c_int, c_void_p
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Optional, Union

from . import _images
from . import _library as c
from ._context import Call, Context, OnProgress, Warned, path_list, paths
from ._errors import UsageError
from ._library import library
from ._settings import Settings, cleaned, options

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PathLike = Union[str, 'os.PathLike[str]']


class Doubt(enum.IntFlag):
    """What may be wrong with a mask, because the image is unlike those of the training."""

    BROUGHT = 1  # other voxels: image and mask were resampled
    LEFT = 2  # far other voxels, not resampled: do not trust the mask
    UNKNOWN = 4  # no spacing, though the training had one
    SLICE = 8  # one slice for a network of volumes: do not trust the mask
    FLAT = 16  # almost constant intensities: do not trust the mask
    OBLIQUE = 32  # along other axes, and oblique: not turned


class Result:
    """A segmented image.

    mask : in the type of the image, with its geometry; for arrays and files as `labels`
    labels : uint16 [h, w] or [d, h, w], with the values of the training's masks
    probabilities : float32 [class, ...] in 0..1, or None
    attention : for each gate a map, float32 [...] in 0..1 on the image's grid
    variance : float32 [...] in 0..1, of the probabilities of several models and mirror images, or
        None
    warnings : (kind, text) of each warning
    doubts : the same as flags
    seconds, windows, passes : what the prediction took
    """

    def __init__(self, image: _images.Input, labels: NDArray[np.uint16], classes: Sequence[str],
                 probabilities: Optional[NDArray[np.float32]],
                 attention: dict[str, NDArray[np.float32]],
                 variance: Optional[NDArray[np.float32]], call: Call, raw: c.Result) -> None:
        shape = image.shape
        self.labels = labels.reshape(shape)
        self.mask: Any = image.restore(labels.reshape(shape))
        self.probabilities: Optional[NDArray[np.float32]] = None
        if probabilities is not None:
            self.probabilities = probabilities.reshape((-1, *shape))
        self.attention: dict[str, NDArray[np.float32]] = {
            gate: found.reshape(shape) for gate, found in attention.items()}
        self.variance = None if variance is None else variance.reshape(shape)
        self.warnings: list[Warned] = call.warnings
        self.doubts = Doubt(raw.doubts)
        self.seconds = float(raw.seconds)
        self.windows = int(raw.windows)
        self.passes = int(raw.passes)
        self.classes = list(classes)
        self.spacing = image.spacing
        self._image = image.data

    def __repr__(self) -> str:
        doubts = ', doubts %s' % self.doubts if self.doubts else ''
        return '<attunet.Result %s, %d window%s, %.3g s%s>' % (
            'x'.join(map(str, self.labels.shape)), self.windows, 's' * (self.windows != 1),
            self.seconds, doubts)

    def _repr_html_(self) -> str:
        from . import _html
        return _html.result(self, self._image)


class Model:
    """A model, or several that predict together; made by `attunet.load`.

    Threads may share it: each running prediction has a context of its own.  It can be pickled, as
    the paths that it was loaded from, and it survives a fork.
    """

    def __init__(self, files: Union[PathLike, Sequence[PathLike]], threads: int = 0,
                 isa: Optional[str] = None) -> None:
        self._handle: Optional[int] = None
        self._idle: collections.deque[Context] = collections.deque()
        self._files: list[Any] = list(files) if isinstance(files, (list, tuple)) else [files]
        self._threads, self._isa = threads, isa
        names = path_list(files, 'model')
        handle = c_void_p()
        context = self._borrow()
        context.run(Call(False), 'att_model_load_list', paths(names), len(names), byref(handle))
        self._handle = handle.value
        text = c_void_p()
        context.run(Call(False), 'att_model_json', self._handle, byref(text))
        self.info: dict[str, Any] = context.text(text)
        self._idle.append(context)
        counts = c_int(), c_int()
        library.att_model_channels(self._handle, byref(counts[0]), byref(counts[1]))
        self.channels = counts[0].value
        self._outputs = counts[1].value
        self.networks = int(library.att_model_networks(self._handle))

    def _borrow(self) -> Context:
        """An idle context of this process, or a new one."""
        while True:
            try:
                context = self._idle.pop()
            except IndexError:
                return Context(self._threads, self._isa)
            if context.process == os.getpid():
                return context
            context.close()

    def _live(self) -> int:
        if not self._handle:
            raise UsageError('the model is closed; load it again')
        return self._handle

    def close(self) -> None:
        """Release its memory; predictions are then errors."""
        while self._idle:
            self._idle.pop().close()
        if self._handle:
            library.att_model_free(self._handle)
        self._handle = None

    def __del__(self) -> None:
        self.close()

    def __enter__(self) -> Model:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], value: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return Model, (self._files, self._threads, self._isa)

    @property
    def dims(self) -> int:
        """2 or 3."""
        return int(self.info['dims'])

    @property
    def classes(self) -> list[str]:
        """Names of the classes, background first, or of the regions."""
        labels = self.info.get('labels', {})
        return [str(label['name']) for label in labels.get('regions') or labels.get('classes', [])]

    def predict(self, image: Any, *, spacing: Optional[_images.Spacing] = None,
                orientation: Optional[str] = None, probabilities: bool = False,
                attention: bool = False, variance: bool = False,
                window: Union[str, Sequence[int], None] = None, overlap: Optional[float] = None,
                mirror: Optional[bool] = None,
                postprocess: Union[bool, PathLike, None] = None,
                max_memory: Union[int, str, None] = None, tiles: Optional[int] = None,
                cost: Optional[float] = None, share: Optional[float] = None,
                conv: Optional[str] = None,
                precision: Optional[Literal['f32', 'bf16', 'auto']] = None,
                on_progress: OnProgress = False) -> Result:
        """Segment one image.

        image : an array [h, w] or [d, h, w] of any real type, with the channels before or behind
            if the model has several; or an object with DLPack; or an image of nibabel or
            SimpleITK; or the path of a file, or a list of paths, one for each channel.
            Values are those of the file, not normalised.
        spacing : mm between voxels along d, h and w.  Images that know it need none.
        orientation : of an array, where w, h and d run to, such as "LPS" (needs spacing).
            Without it the array must lie as the training images.
        probabilities : whether the result has the probability of every class.
        attention : whether it has the attention maps.
        variance : whether it has the variance of the probabilities of several models and mirror
            images, over its maximum.
        on_progress : as for `attunet.train`, but False by default.

        The other keywords are those of `attunet predict`:
        """
        given = {'window': window, 'overlap': overlap, 'mirror': mirror,
                 'postprocess': postprocess, 'max_memory': max_memory, 'tiles': tiles,
                 'cost': cost, 'share': share, 'conv': conv, 'precision': precision}
        model = self._live()
        context = self._borrow()
        try:
            made = _images.read(image, context, self.channels, self.dims, spacing, orientation)
            return self._run(context, model, made, probabilities, attention, variance, given,
                             on_progress)
        finally:
            self._idle.append(context)

    __call__ = predict

    def _run(self, context: Context, model: int, image: _images.Input, probabilities: bool,
             attention: bool, variance: bool, given: Mapping[str, Any],
             on_progress: OnProgress) -> Result:
        import numpy as np
        size = image.data.shape[1:]
        labels = np.empty(size, np.uint16)
        maps: dict[str, NDArray[np.float32]] = {}
        call = Call(on_progress)

        def keep(user: int, gate: bytes, values: Any) -> None:
            try:
                maps[gate.decode()] = np.ctypeslib.as_array(values, size).copy()
            except BaseException as raised:
                call.raised = raised

        raw = c.Result(ctypes.sizeof(c.Result))
        raw.labels = labels.ctypes.data_as(POINTER(ctypes.c_uint16))
        found = None
        if probabilities:
            found = np.empty((self._outputs, *size), np.float32)
            raw.probabilities = found.ctypes.data_as(POINTER(ctypes.c_float))
        if attention:
            raw.attention = c.ATTENTION(keep)
        spread = None
        if variance:
            spread = np.empty(size, np.float32)
            raw.variance = spread.ctypes.data_as(POINTER(ctypes.c_float))
        structure = image.structure()
        if all(value is None for value in given.values()):  # NULL: those of the command
            context.run(call, 'att_model_run', model, byref(structure), None, byref(raw))
        else:
            with Settings(context, 'predict', given) as settings:
                context.run(call, 'att_model_run', model, byref(structure), settings.handle,
                            byref(raw))
        return Result(image, labels, self.classes, found, maps, spread, call, raw)

    def __repr__(self) -> str:
        files = self._files if len(self._files) > 1 else self._files[0]
        return '<attunet.Model %s: %s, classes %s>' % (
            files, self.info.get('spec'), ', '.join(self.classes))

    def _repr_html_(self) -> str:
        from . import _html
        return _html.model(self.info, [str(file) for file in self._files])


def load(model: Union[PathLike, Sequence[PathLike]], *, threads: int = 0,
         isa: Optional[str] = None) -> Model:
    """Load a model file, a run, or several that predict together.

    model : a path; of a run with folds all folds; or a list of paths.
    threads : for each prediction; 0: every core that this process may use.
    isa : "ref", "avx2" or "avx512", for tests.
    """
    return Model(model, threads, isa)


def _complete_model() -> None:
    """The options of Model.predict, from the table, into its docstring."""
    own = Model.predict.__kwdefaults__ or {}
    lines = ['%s : %s' % (row.name, row.help) for row in options('predict')
             if row.name in own and row.name not in ('orientation', 'probabilities', 'attention')]
    Model.predict.__doc__ = '%s\n\n%s\n' % (cleaned(Model.predict.__doc__), '\n'.join(lines))


_complete_model()
