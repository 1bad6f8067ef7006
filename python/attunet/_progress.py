# SPDX-License-Identifier: Apache-2.0
"""Progress as bars of tqdm."""
from __future__ import annotations

import sys
from typing import Any, Optional


def _watched() -> bool:
    kernel = sys.modules.get('IPython')
    if kernel is not None and kernel.get_ipython() is not None:
        return True
    return sys.stderr is not None and sys.stderr.isatty()


class Bars:
    """A bar for each kind of work, such as the training and the validations in it."""

    def __init__(self, forced: bool = False) -> None:
        self.forced = forced
        self.bars: dict[str, Any] = {}
        self.maker: Any = None
        self.off = not forced and not _watched()

    def _make(self, what: str, total: Optional[int]) -> Any:
        if self.maker is None:
            try:
                from tqdm.auto import tqdm  # type: ignore[import-untyped,unused-ignore]
            except ImportError:
                if self.forced:
                    raise
                self.off = True
                return None
            self.maker = tqdm
        return self.maker(desc=what, total=total, leave=not self.bars)

    def show(self, what: str, done: int, total: Optional[int], detail: Optional[str]) -> None:
        """A callback for on_progress."""
        if self.off:
            return
        bar = self.bars.get(what)
        if bar is None or done < bar.n:
            if bar is not None:
                bar.close()
            bar = self._make(what, total)
            if bar is None:
                return
            self.bars[what] = bar
        if detail:
            bar.set_postfix_str(detail, refresh=False)
        bar.total = total
        bar.update(done - bar.n)
        if total and done >= total:
            bar.close()
            del self.bars[what]

    def close(self) -> None:
        for bar in self.bars.values():
            bar.close()
        self.bars.clear()
