# SPDX-License-Identifier: Apache-2.0
"""Keywords as settings, from the library's one table of options."""
from __future__ import annotations

import ctypes
import functools
import os
import re
import textwrap
from collections.abc import Mapping, Sequence
from ctypes import byref, c_void_p
from keyword import iskeyword
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Optional

from ._library import OptionRow, library
from ._errors import UsageError

if TYPE_CHECKING:
    from ._context import Context


class Option(NamedTuple):
    """A row of the table: a keyword of a command."""

    name: str  # as a keyword: max_memory
    arg: Optional[str]  # what it takes, such as FILE; None: a switch
    value: Optional[str]  # the default, or None
    help: str
    group: str
    choices: tuple[str, ...]  # () if free


def keyword(name: str) -> str:
    """The name of an option as a keyword; `class` is a word of Python."""
    return name.replace('-', '_') + '_' * iskeyword(name)


@functools.lru_cache(maxsize=None)
def _speak(text: str) -> str:
    """A help text, which names flags, with keywords."""
    return re.sub(r'--([a-z][a-z0-9-]*)', lambda m: '`%s`' % keyword(m[1]), text)


@functools.lru_cache(maxsize=None)
def options(command: str) -> tuple[Option, ...]:
    """The keywords of a command, in the order of its help.

    They are those of `attunet COMMAND --help`, without what belongs to the command line.
    """
    found: list[Option] = []
    row = OptionRow(ctypes.sizeof(OptionRow))
    index = 0
    while library.att_option_row(command.encode(), index, byref(row)):
        index += 1
        if row.refused or (row.group == b'General' and row.name not in (b'config', b'dry-run')):
            continue
        found.append(Option(
            keyword(row.name.decode()), row.arg.decode() if row.arg is not None else None,
            row.value.decode() if row.value is not None else None, _speak(row.help.decode()),
            row.group.decode(), tuple(row.choices.decode().split('|')) if row.choices else ()))
    if not found:
        raise UsageError('there is no command %s with keywords' % command)
    return tuple(found)


def cleaned(text: Optional[str]) -> str:
    """A docstring without its indent."""
    first, _, rest = (text or '').strip().partition('\n')
    return '%s\n%s' % (first, textwrap.dedent(rest)) if rest else first


def describe(command: str) -> str:
    """The keywords of a command as lines of a docstring."""
    lines = []
    for row in options(command):
        what = ' or '.join(row.choices) or row.arg or 'True or False'
        default = ', default %s' % row.value if row.value else ''
        lines.append('%s : %s%s\n    %s' % (row.name, what, default, row.help))
    return '\n'.join(lines)


def _text(value: Any, row: Option) -> str:
    """A value as the text that the flag takes."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return 'yes' if value else 'no'
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if isinstance(value, Mapping):  # spec={'arch': 'unet', 'widths': (8, 16)}
        return ' '.join('%s=%s' % (k, _text(v, row._replace(arg=','))) for k, v in value.items())
    if hasattr(value, 'item') and getattr(value, 'ndim', 0) == 0:
        return _text(value.item(), row)
    if isinstance(value, (int, float)) and row.arg == 'SIZE':
        return '%.17gB' % value
    if isinstance(value, (int, float)):
        return ('+%d' if row.arg == '+N' and value > 0 else '%r') % value
    if isinstance(value, Sequence) or hasattr(value, 'tolist'):
        values = value.tolist() if hasattr(value, 'tolist') else value
        return ('x' if 'x' in (row.arg or '') else ',').join(_text(v, row) for v in values)
    raise UsageError('`%s` cannot be a value of type %s; give a text, a number, a path or a '
                     'sequence of these' % (row.name, type(value).__name__))


class Settings:
    """Settings of one command, for the time of a call."""

    def __init__(self, context: Context, command: str, given: Mapping[str, Any]) -> None:
        self.context = context
        handle = c_void_p()
        context.check(library.att_settings_create(context.handle, command.encode(), byref(handle)))
        self.handle: Optional[int] = handle.value
        rows = {row.name: row for row in options(command)}
        try:
            for name, value in given.items():
                self._set(name, value, rows.get(name))
        except BaseException:
            self.close()
            raise

    def _set(self, name: str, value: Any, row: Optional[Option]) -> None:
        if value is None:
            return
        if row is None and name in ('json', 'quiet', 'help', 'print_config', 'threads', 'isa'):
            raise UsageError('`%s` belongs to the command line, so it is no keyword here' % name)
        row = row or Option(name, '', None, '', '', ())  # the library names what is unknown
        text: Optional[str] = None
        if row.arg is not None or not isinstance(value, bool):
            text = _text(value, row)
        elif not value:
            name = 'no-' + name
        encoded = None if text is None else os.fsencode(text)
        if encoded is not None and b'\0' in encoded:
            raise UsageError('the value of `%s` has a zero byte' % name)
        self.context.check(library.att_settings_set(
            self.context.handle, self.handle, name.rstrip('_').encode(), encoded))

    def close(self) -> None:
        library.att_settings_destroy(self.handle)
        self.handle = None

    def __enter__(self) -> Settings:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], value: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()
