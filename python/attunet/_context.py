# SPDX-License-Identifier: Apache-2.0
"""Calls of the library: contexts, callbacks, Ctrl-C."""
from __future__ import annotations

import _thread
import ctypes
import itertools
import json
import logging
import os
import signal
import threading
from ctypes import byref, c_void_p
from typing import Any, Callable, NamedTuple, Optional, Union

from . import _library as c
from ._errors import AttunetError, Interrupted, UsageError, error, say
from ._library import library
from ._progress import Bars

logger = logging.getLogger('attunet')

# Called with the name of the work, how much is done, of how much (None: unknown), and a detail
# such as the current loss, or None.
Progress = Callable[[str, int, Optional[int], Optional[str]], object]
# None: bars of tqdm in a terminal or a notebook, if it is installed; True: bars; False: nothing.
OnProgress = Union[Progress, bool, None]


class Warned(NamedTuple):
    """A warning: its kind, a word for programs (docs/warnings.md), and its sentence."""

    kind: str
    text: str


class Call:
    """What a running call reports, and what its callbacks raised."""

    def __init__(self, on_progress: OnProgress = None) -> None:
        self.warnings: list[Warned] = []
        self.raised: Optional[BaseException] = None
        self.progress: Optional[Progress] = None
        self.bars: Optional[Bars] = None
        if callable(on_progress):
            self.progress = on_progress
        elif on_progress not in (None, True, False):
            raise UsageError('`on_progress` must be a function, True, False or None, not %r' %
                             (on_progress,))
        elif on_progress is not False:
            self.bars = Bars(forced=on_progress is True)
            self.progress = self.bars.show


_calls: dict[int, Call] = {}  # by the key of the context, while it works
_contexts: dict[int, int] = {}  # the contexts of these keys, which callbacks stop
_keys = itertools.count(1)


def _caught(key: int, work: Callable[[Call], object]) -> None:
    """ctypes drops what a callback raises, so that the call is stopped and raises it."""
    call = _calls.get(key)
    if not call or call.raised:
        return
    try:
        work(call)
    except BaseException as raised:
        call.raised = raised
        library.att_context_stop(_contexts[key])


def _take_message(key: int, level: int, text: bytes) -> None:
    levels = {1: logging.INFO, 2: logging.WARNING, 3: logging.ERROR}
    _caught(key, lambda call: logger.log(levels.get(level, logging.INFO), '%s', _decoded(text)))


def _take_warning(key: int, kind: bytes, text: bytes) -> None:
    def take(call: Call) -> None:
        call.warnings.append(Warned(kind.decode(), _decoded(text)))
        logger.warning('%s', _decoded(text))
    _caught(key, take)


def _take_progress(key: int, what: bytes, done: int, total: int, detail: Optional[bytes]) -> None:
    def show(call: Call) -> None:
        if call.progress:
            call.progress(what.decode('utf-8', 'replace'), done, total if total > 0 else None,
                          detail.decode('utf-8', 'replace') if detail else None)
    _caught(key, show)


_on_message = c.MESSAGE(_take_message)
_on_warning = c.WARNING(_take_warning)
_on_progress = c.PROGRESS(_take_progress)


def _decoded(text: Optional[bytes]) -> str:
    return say((text or b'').decode('utf-8', 'replace'))


class Context:
    """A context of the library, for one thread at a time."""

    def __init__(self, threads: int = 0, isa: Optional[str] = None) -> None:
        self.process = os.getpid()
        self.key = next(_keys)
        self.handle: Optional[int] = None
        if not hasattr(threads, '__index__') or threads < 0:
            raise UsageError('`threads` must be a whole number from 0 on, not %r' % (threads,))
        handle = c_void_p()
        callbacks = c.Callbacks(ctypes.sizeof(c.Callbacks), self.key, _on_message, _on_progress,
                                _on_warning)
        status = library.att_context_create(threads, isa.encode() if isa else None,
                                            byref(callbacks), byref(handle))
        self.handle = handle.value
        if status:
            raise self.error(status)

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Release it; after a fork its threads are the parent's, so it is only forgotten."""
        if self.handle and self.process == os.getpid():
            library.att_context_destroy(self.handle)
        self.handle = None

    @property
    def threads(self) -> int:
        return int(library.att_context_threads(self.handle))

    def error(self, status: int) -> AttunetError:
        text = library.att_context_error(self.handle) if self.handle else b'out of memory'
        return error(status, text.decode('utf-8', 'replace'))

    def check(self, status: int) -> None:
        """Raise what a short call failed with."""
        if status:
            raise self.error(status)

    def run(self, call: Call, name: str, *arguments: Any) -> None:
        """A call that may take long: Ctrl-C stops it, then raises."""
        function = getattr(library, name)
        _calls[self.key] = call
        assert self.handle
        _contexts[self.key] = self.handle
        stopped: Optional[BaseException] = None
        try:
            status, stopped = self._interruptible(lambda: function(self.handle, *arguments))
        finally:
            del _calls[self.key], _contexts[self.key]
            if call.bars:
                call.bars.close()
        raised = stopped or call.raised
        if raised:
            failure = self.error(status) if status else None
            library.att_context_clear_stop(self.handle)
            raise raised from (failure if not isinstance(failure, Interrupted) else None)
        self.check(status)

    def _interruptible(
            self, work: Callable[[], int]) -> tuple[int, Optional[BaseException]]:
        """The status, and what a signal raised meanwhile.

        Python handles signals only between instructions of the main thread, so there the work is
        done in another one.
        """
        if (threading.current_thread() is not threading.main_thread() or
                not callable(signal.getsignal(signal.SIGINT))):
            return work(), None
        results: list[Union[int, BaseException]] = []
        ended, claim = _thread.allocate_lock(), _thread.allocate_lock()
        ended.acquire()

        def worker() -> None:
            if not claim.acquire(False):
                return  # a signal came while the first one was started
            try:
                results.append(work())
            except BaseException as raised:  # arguments that ctypes refuses
                results.append(raised)
            ended.release()

        stopped: Optional[BaseException] = None
        started = False
        try:
            while not results:
                try:
                    if not started:
                        _thread.start_new_thread(worker, ())
                        started = True
                    while not results:  # a signal may come to another thread, and wakes nobody here
                        ended.acquire(timeout=.1)
                except BaseException as raised:
                    if not started and isinstance(raised, RuntimeError) and claim.acquire(False):
                        return work(), None  # no more threads, or Python is about to end
                    stopped = stopped or raised
                    library.att_context_stop(self.handle)
        finally:
            # A second signal may end even that loop; the context must not be used meanwhile.
            while claim.locked() and not results:
                library.att_context_stop(self.handle)
                ended.acquire(timeout=.1)
        result = results[0]
        if isinstance(result, BaseException):
            raise result
        return result, stopped

    def text(self, pointer: c_void_p) -> Any:
        """The JSON that the library made, or None."""
        if not pointer.value:
            return None
        try:
            return json.loads(ctypes.string_at(pointer.value))
        finally:
            library.att_text_free(pointer)
            pointer.value = None


def path(value: Any, name: str) -> Optional[bytes]:
    """A path as the library takes it."""
    if value is None:
        return None
    try:
        encoded = os.fsencode(value)
    except TypeError:
        raise UsageError('`%s` must be a path, not %s' % (name, type(value).__name__)) from None
    if b'\0' in encoded:
        raise UsageError('`%s` has a zero byte, so it is no path' % name)
    return encoded


def path_list(values: Any, name: str) -> list[bytes]:
    """The same for a path or several."""
    several = values if isinstance(values, (list, tuple)) else [values]
    return [path(value, name) or b'' for value in several]


def paths(values: list[bytes]) -> Any:
    """An array of paths."""
    return (ctypes.c_char_p * len(values))(*values)

