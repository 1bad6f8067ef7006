# SPDX-License-Identifier: Apache-2.0
"""The commands as functions; their options are keywords."""
from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from ctypes import byref, c_void_p
from typing import TYPE_CHECKING, Any, Callable, Optional, TypeVar, Union, overload

from ._context import Call, Context, OnProgress, Warned, path, path_list, paths
from ._dataset import Dataset
from ._errors import AttunetError, UsageError
from ._library import library
from ._model import Model, PathLike, load
from ._settings import Settings, cleaned, describe

if TYPE_CHECKING:
    import pathlib

    from typing_extensions import Unpack

    from . import _options as o
    from ._images import Spacing


Data = Union[PathLike, Dataset]  # a folder, a CSV, or in memory


class Document(dict[str, Any]):
    """What the command prints with `--json`, and the `warnings` that led to it."""

    def __init__(self, values: Mapping[str, Any], warnings: Sequence[Warned]) -> None:
        super().__init__(values)
        self.warnings = list(warnings)

    def _repr_html_(self) -> str:
        from . import _html
        return _html.table(self)


class Rows(list[dict[str, Any]]):
    """A list that the command prints with `--json`, and its `warnings`."""

    def __init__(self, values: Sequence[dict[str, Any]], warnings: Sequence[Warned]) -> None:
        super().__init__(values)
        self.warnings = list(warnings)


class Run:
    """The folder of a training.

    path : the folder
    warnings : (kind, text) of each warning
    dry_run : what a dry run would have done, else None
    data : the `Dataset` that it was trained on, else None
    """

    def __init__(self, folder: PathLike, warnings: Sequence[Warned] = (),
                 dry_run: Optional[dict[str, Any]] = None,
                 data: Optional[Dataset] = None) -> None:
        import pathlib
        self.path = pathlib.Path(folder)
        self.warnings = list(warnings)
        self.dry_run = dry_run
        self.data = data

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return '<attunet.Run %s%s>' % (self.path, ' (dry run)' if self.dry_run else '')

    @property
    def info(self) -> Document:
        """The description of the run, as of `attunet.info`."""
        return info(self.path)

    def load(self, *, threads: int = 0) -> Model:
        """The trained model; of several folds all."""
        return load(self.path, threads=threads)

    def _repr_html_(self) -> str:
        from . import _html
        try:
            page = (self.path / 'report.html').read_text(encoding='utf-8')
        except OSError:
            return _html.table(self.info)
        return _html.page(page)


def _give_data(context: Context, values: Sequence[Any]) -> None:
    """Give the context each data set in memory among these values, and that of each run."""
    for value in values:
        data = value.data if isinstance(value, Run) else value
        if isinstance(data, Dataset):
            data.give(context)


def _call(command: str, name: str, arguments: Sequence[Any], given: Mapping[str, Any],
          threads: int, isa: Optional[str], on_progress: OnProgress, json: bool = True,
          settings: bool = True, data: Sequence[Any] = ()) -> tuple[Any, Call]:
    """One call: its JSON or None, or what a dry run would have done."""
    context = Context(threads, isa)
    call = Call(on_progress)
    text = c_void_p()
    last = [byref(text)] if json else []
    try:
        _give_data(context, [*data, *given.values()])
        if not settings:
            context.run(call, name, *arguments, *last)
            return context.text(text), call
        with Settings(context, command, given) as chosen:
            try:
                context.run(call, name, *arguments, chosen.handle, *last)
            except AttunetError as failed:
                failed.result = context.text(text)
                raise
        if given.get('dry_run') and not json:
            context.check(library.att_context_dry_run(context.handle, byref(text)))
        return context.text(text), call
    finally:
        context.close()


def _given(path_like: PathLike, dry: Optional[dict[str, Any]], call: Call) -> Document:
    return Document(dry or {'path': os.fspath(path_like)}, call.warnings)


F = TypeVar('F', bound=Callable[..., Any])

COMMON = """

Keywords of all commands:

threads : number of threads; 0: every core that this process may use
isa : "ref", "avx2" or "avx512", for tests
on_progress : a function of (what, done, total, detail), where total and detail may be None; True
    for bars of tqdm, False for none; by default bars in a terminal or a notebook, if tqdm is
    installed

Options of the command, as keywords:

"""


def _documented(command: str) -> Callable[[F], F]:
    def add(function: F) -> F:
        function.__doc__ = cleaned(function.__doc__) + COMMON + describe(command) + '\n'
        return function
    return add


OF_ARRAYS = 'images', 'spacing', 'orientation', 'channels', 'names', 'groups', 'labels'


@overload
def train(dataset: Data, run: PathLike, *, threads: int = 0, isa: Optional[str] = None,
          on_progress: OnProgress = None, **options: Unpack[o.TrainOptions]) -> Run: ...


@overload
def train(*, run: PathLike, images: Iterable[Any], masks: Iterable[Any],
          spacing: Optional[Spacing] = None, orientation: Optional[str] = None, channels: int = 1,
          names: Optional[Sequence[str]] = None, groups: Optional[Sequence[Any]] = None,
          labels: Optional[Mapping[str, int]] = None, threads: int = 0, isa: Optional[str] = None,
          on_progress: OnProgress = None, **options: Any) -> Run: ...


@_documented('train')
def train(dataset: Optional[Data] = None, run: Optional[PathLike] = None, *, threads: int = 0,
          isa: Optional[str] = None, on_progress: OnProgress = None,
          masks: Optional[Iterable[Any]] = None, **options: Any) -> Run:
    """Train a network on a data set into the new folder `run`.

    dataset : a folder, a CSV, or a `Dataset` in memory
    images, masks, spacing, orientation, channels, names, groups, labels : in place of `dataset`,
        what `Dataset` takes; `spacing` and `orientation` then describe the arrays

    Ctrl-C saves a checkpoint and raises KeyboardInterrupt; `attunet.resume` continues.

        run = attunet.train("mydata", "run", time="30m", fold=0)
        run = attunet.train(run="run", images=images, masks=masks, spacing=(3, 1, 1), time="30m")
        model = run.load()
    """
    if masks is not None:
        if dataset is not None:
            raise UsageError('give either `dataset` or `images` and `masks`')
        own = {name: options.pop(name) for name in OF_ARRAYS if name in options}
        dataset = Dataset(own.pop('images', ()), masks, **own)
    if dataset is None or run is None:
        raise UsageError('`%s` is missing; give it' % ('run' if dataset is not None else 'dataset'))
    dry, call = _call('train', 'att_train', [path(dataset, 'dataset'), path(run, 'run')], options,
                      threads, isa, on_progress, json=False, data=[dataset])
    return Run(run, call.warnings, dry, dataset if isinstance(dataset, Dataset) else None)


@_documented('resume')
def resume(run: PathLike, *, threads: int = 0, isa: Optional[str] = None,
           on_progress: OnProgress = None, **options: Unpack[o.ResumeOptions]) -> Run:
    """Continue a stopped run; with `steps="+500"` or `time` train a finished one longer.

    A run that was trained on a `Dataset` needs it again: as the `Run` that `train` returned, or as
    `data`.
    """
    dry, call = _call('resume', 'att_resume', [path(run, 'run')], options, threads, isa,
                      on_progress, json=False, data=[run])
    data = options.get('data') or getattr(run, 'data', None)
    return Run(run, call.warnings, dry, data if isinstance(data, Dataset) else None)


@_documented('plan')
def plan(dataset: Data, *, threads: int = 0, isa: Optional[str] = None,
         on_progress: OnProgress = None, **options: Unpack[o.PlanOptions]) -> Document:
    """What `attunet.train` would do with a data set, why, and how long it would take."""
    return _document('plan', 'att_plan', [path(dataset, 'dataset')], options, threads, isa,
                     on_progress, [dataset])


@_documented('pack')
def pack(dataset: PathLike, output: PathLike, *, threads: int = 0, isa: Optional[str] = None,
         on_progress: OnProgress = None, **options: Unpack[o.PackOptions]) -> Document:
    """Prepare a data set once, for trainings; needed if it is larger than memory."""
    return _document('pack', 'att_pack', [path(dataset, 'dataset'), path(output, 'output')],
                     options, threads, isa, on_progress)


@_documented('tune')
def tune(dataset: Optional[Data], output: PathLike, *, threads: int = 0,
         isa: Optional[str] = None, on_progress: OnProgress = None,
         **options: Unpack[o.TuneOptions]) -> Document:
    """Search settings of train within a `budget`, or compare them.

    dataset : None continues the search in the folder `output`.

        attunet.tune("mydata", "search", budget="2h", lr="1e-4..1e-1:log", loss=["ce", "dice"])
    """
    return _document('tune', 'att_tune', [path(dataset, 'dataset'), path(output, 'output')],
                     options, threads, isa, on_progress, [dataset])


@_documented('predict')
def predict(model: Union[PathLike, Sequence[PathLike]], images: Union[PathLike, Sequence[PathLike]],
            /, output: PathLike, *, threads: int = 0, isa: Optional[str] = None,
            on_progress: OnProgress = None, **options: Unpack[o.PredictOptions]) -> Rows:
    """Segment image files into masks in the folder `output`.

    Images in memory are for `Model.predict`.

    model : a model file or run, or several that predict together
    images : image files, folders, or CSV files that list images
    """
    names = b','.join(path_list(model, 'model'))
    inputs = path_list(images, 'images')
    rows, call = _call('predict', 'att_predict',
                       [names, paths(inputs), len(inputs), path(output, 'output')],
                       options, threads, isa, on_progress)
    return Rows([rows] if isinstance(rows, dict) else rows or [], call.warnings)


@_documented('evaluate')
def evaluate(predictions: PathLike, truth: Optional[Data] = None, *, threads: int = 0,
             isa: Optional[str] = None, on_progress: OnProgress = None,
             **options: Unpack[o.EvaluateOptions]) -> Document:
    """Compare masks with true masks; both are folders or single files.

    truth : it may also be a `Dataset`, whose cases have the names of the masks.

    With `policies` compare the policy of a hard-attention run with other choices of tiles.

        attunet.evaluate("masks", "mydata/labels")["mean"]["dice"]
    """
    return _document('evaluate', 'att_evaluate',
                     [path(predictions, 'predictions'), path(truth, 'truth')], options, threads,
                     isa, on_progress, [predictions, truth])


@_documented('attend')
def attend(run: PathLike, dataset: Optional[Data] = None, *, threads: int = 0,
           isa: Optional[str] = None, on_progress: OnProgress = None,
           **options: Unpack[o.AttendOptions]) -> Document:
    """Measure whether attention maps are large on the labelled objects.

    dataset : None takes the validation cases of the run.
    """
    return _document('attend', 'att_attend', [path(run, 'run'), path(dataset, 'dataset')], options,
                     threads, isa, on_progress, [run, dataset])


@_documented('compare')
def compare(arms: Mapping[str, Union[PathLike, Sequence[PathLike]]], *, threads: int = 0,
            isa: Optional[str] = None, on_progress: OnProgress = None,
            **options: Unpack[o.CompareOptions]) -> Document:
    """Test which of several methods is better, against the first.

    arms : for each name the files with its results, one per seed, which `evaluate` wrote

        attunet.compare({"plain": ["plain1.json", "plain2.json"], "gates": "gates.json"})
    """
    words = []
    if not isinstance(arms, Mapping):
        raise UsageError('`arms` must be a dictionary from names to files, not %s' %
                         type(arms).__name__)
    for name, files in arms.items():
        words.append(name.encode() + b'=' + b','.join(path_list(files, 'arms')))
    return _document('compare', 'att_compare', [paths(words), len(words)], options, threads, isa,
                     on_progress)


@_documented('report')
def report(run: PathLike, *, threads: int = 0, isa: Optional[str] = None,
           on_progress: OnProgress = None, **options: Unpack[o.ReportOptions]) -> Document:
    """Write the report of a run again, as one page of HTML."""
    output = options.get('output') or os.path.join(run, 'report.html')
    dry, call = _call('report', 'att_report', [path(run, 'run'), None], options, threads, isa,
                      on_progress, json=False, data=[run])
    return _given(output, dry, call)


@_documented('info')
def info(of: Data, *, threads: int = 0, isa: Optional[str] = None,
         on_progress: OnProgress = None, **options: Unpack[o.InfoOptions]) -> Document:
    """Describe a data set, an image, a model, a plan or a run."""
    return _document('info', 'att_info', [path(of, 'path')], options, threads, isa, on_progress,
                     [of])


@_documented('bench')
def bench(*, threads: int = 0, isa: Optional[str] = None, on_progress: OnProgress = None,
          **options: Unpack[o.BenchOptions]) -> Document:
    """Measure time and memory of a network with random weights."""
    return _document('bench', 'att_bench', [], options, threads, isa, on_progress)


@_documented('convert')
def convert(model: PathLike, output: PathLike, *, threads: int = 0, isa: Optional[str] = None,
            on_progress: OnProgress = None, **options: Unpack[o.ConvertOptions]) -> Document:
    """Make a model from the weights of another program, and back."""
    dry, call = _call('convert', 'att_convert', [path(model, 'model'), path(output, 'output')],
                      options, threads, isa, on_progress, json=False)
    return _given(output, dry, call)


@_documented('phantom')
def phantom(kind: str, folder: PathLike, *, threads: int = 0, isa: Optional[str] = None,
            on_progress: OnProgress = None, **options: Unpack[o.PhantomOptions]) -> Document:
    """Write synthetic images with known masks.

    kind : "ultrasound" (2D), "organs" (3D), "field" (large, 2D) or "signpost" (two looks, 2D)
    """
    dry, call = _call('phantom', 'att_phantom', [str(kind).encode(), path(folder, 'folder')],
                      options, threads, isa, on_progress, json=False)
    return _given(folder, dry, call)


def baselines(dataset: PathLike, unseen: PathLike, *, threads: int = 0, isa: Optional[str] = None,
              on_progress: OnProgress = None) -> Rows:
    """The Dice of three methods without a network, fitted to `dataset`, on `unseen` images."""
    rows, call = _call('baselines', 'att_baselines',
                       [path(dataset, 'dataset'), path(unseen, 'unseen')], {}, threads, isa,
                       on_progress, settings=False)
    return Rows(rows, call.warnings)


def _document(command: str, name: str, arguments: Sequence[Any], given: Mapping[str, Any],
              threads: int, isa: Optional[str], on_progress: OnProgress,
              data: Sequence[Any] = ()) -> Document:
    values, call = _call(command, name, arguments, given, threads, isa, on_progress, data=data)
    return Document(values, call.warnings)
