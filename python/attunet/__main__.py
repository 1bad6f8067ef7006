# SPDX-License-Identifier: Apache-2.0
"""The command, which lies beside the library: python -m attunet."""
from __future__ import annotations

import os
import sys


def main() -> None:
    """Become the command."""
    program = os.path.join(os.path.dirname(__file__), 'bin', 'attunet')
    os.execv(program, ['attunet', *sys.argv[1:]])


if __name__ == '__main__':
    main()
