# SPDX-License-Identifier: Apache-2.0
"""An exception for each status of the library."""
from __future__ import annotations

import re
from typing import Any


class AttunetError(Exception):
    """An error of attunet; `status` is the number that the command would exit with.

    `result` has what was done before the error, such as the images that could be predicted.
    """

    status = 1
    result: Any = None


class UsageError(AttunetError, ValueError):
    """An unknown keyword, a value out of range, or keywords that exclude each other.

    Also a training that diverged, a folder where another process works, and a file that the call
    may not replace.
    """

    status = 2


class DataError(AttunetError, ValueError):
    """An image, a mask or a data set cannot be used as it is."""

    status = 3


class MemoryLimitError(AttunetError, MemoryError):
    """Memory ran out, or the work needs more than `max_memory`."""

    status = 4


class Interrupted(AttunetError):
    """The work was stopped, but not by Ctrl-C: that raises KeyboardInterrupt."""

    status = 5


class FileError(AttunetError, OSError):
    """A file cannot be read or written: it is missing, forbidden, or the disk is full."""

    status = 6


class ModelError(AttunetError, ValueError):
    """A model file or a network spec cannot be used."""

    status = 7


KINDS: dict[int, type[AttunetError]] = {
    kind.status: kind for kind in (AttunetError, UsageError, DataError, MemoryLimitError,
                                   Interrupted, FileError, ModelError)}


def say(text: str) -> str:
    """A sentence of the library, which names settings (`max-memory`), with keywords."""
    return re.sub(r'`([a-z][a-z0-9-]*)`', lambda m: '`%s`' % m[1].replace("-", "_"), text)


def error(status: int, sentence: str) -> AttunetError:
    """The exception for a status."""
    return KINDS.get(status, AttunetError)(say(sentence))
