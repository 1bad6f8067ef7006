# SPDX-License-Identifier: Apache-2.0
"""attunet: train Attention U-Nets and run them, in 2D and 3D.

    import attunet
    model = attunet.load("RUN")
    result = model.predict(image, spacing=(3, 1, 1))
    result.mask, result.warnings

    run = attunet.train("DATASET", "RUN", time="30m", fold=0)

Every option of the command is a keyword of its function; help(attunet.train) lists them.
Messages go to logging.getLogger("attunet").
"""
from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ._context import OnProgress, Progress, Warned
from ._errors import (AttunetError, DataError, FileError, Interrupted, MemoryLimitError,
                      ModelError, UsageError)
from ._library import library as _loaded
from ._model import Doubt, Model, Result, load
from ._settings import Option, options

if TYPE_CHECKING:
    from ._bioimageio import bioimageio_package
    from ._commands import (Document, Rows, Run, attend, baselines, bench, compare, convert,
                            evaluate, info, pack, phantom, plan, predict, report, resume, train,
                            tune)
    from ._data import Segmenter, state_dict, torch_module, torch_state_dict, write_dataset
    from ._dataset import Dataset

__version__: str = _loaded.att_version().decode()

__all__ = [
    'AttunetError', 'DataError', 'Dataset', 'Document', 'Doubt', 'FileError', 'Interrupted',
    'MemoryLimitError', 'Model', 'ModelError', 'OnProgress', 'Option', 'Progress', 'Result',
    'Rows', 'Run', 'Segmenter', 'UsageError', 'Warned', 'attend', 'baselines', 'bench',
    'bioimageio_package', 'compare', 'convert', 'evaluate', 'info', 'load', 'options', 'pack',
    'phantom', 'plan', 'predict', 'report', 'resume', 'state_dict', 'torch_module',
    'torch_state_dict', 'train', 'tune', 'write_dataset']


# The commands write their docstrings from the table of options when they are imported, which takes
# a third of the time; a program that only predicts does not need them.
_LATER = '_commands', '_dataset', '_data', '_bioimageio'


if not TYPE_CHECKING:  # types know each name
    def __getattr__(name: str) -> Any:
        import importlib
        if name in __all__:
            for module in _LATER:
                found = vars(importlib.import_module('.' + module, __name__))
                globals().update({key: found[key] for key in __all__ if key in found})
                if name in globals():
                    return globals()[name]
        raise AttributeError('attunet has no %s; dir(attunet) lists what it has' % name, name=name,
                             obj=sys.modules[__name__])


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
