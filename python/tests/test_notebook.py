# SPDX-License-Identifier: Apache-2.0
"""The notebook of the documents runs from top to bottom, and shows pictures."""
import json
import pathlib
import re

import pytest

nbclient = pytest.importorskip('nbclient')
nbformat = pytest.importorskip('nbformat')

FILE = pathlib.Path(__file__).parents[2] / 'docs' / 'notebooks' / 'first-volume.ipynb'


@pytest.mark.filterwarnings('ignore')
def test_first_volume(tmp_path):
    text = FILE.read_text(encoding='utf-8')
    stored = json.loads(text)
    assert not any(cell.get('outputs') for cell in stored['cells']), 'it is kept without results'
    # A few steps show that it runs; the minute is for readers.
    book = nbformat.reads(re.sub("time='60s'", 'steps=8', text), 4)
    nbclient.NotebookClient(book, timeout=300, kernel_name='python3',
                            resources={'metadata': {'path': str(tmp_path)}}).execute()
    shown = ''.join(json.dumps(cell.get('outputs', [])) for cell in book.cells)
    assert shown.count('data:image/png') >= 2
    assert 'iframe' in shown and '<svg' in shown
