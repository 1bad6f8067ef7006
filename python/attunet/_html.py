# SPDX-License-Identifier: Apache-2.0
"""What notebooks show: pictures as PNG, tables as HTML."""
from __future__ import annotations

import base64
import html
import struct
import zlib
from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ._model import Result

# Of classes 1, 2, ...: the palette of Okabe and Ito, which colour-blind readers can tell apart.
COLOURS = ((230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178),
           (213, 94, 0), (204, 121, 167))
LARGEST = 512  # of a picture's sides


def png(pixels: NDArray[np.uint8]) -> bytes:
    """[h, w, 3] as a file."""
    height, width, _ = pixels.shape

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (struct.pack('>I', len(data)) + kind + data +
                struct.pack('>I', zlib.crc32(kind + data)))

    rows = b''.join(b'\0' + row.tobytes() for row in pixels)
    return (b'\x89PNG\r\n\x1a\n' +
            chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)) +
            chunk(b'IDAT', zlib.compress(rows, 6)) + chunk(b'IEND', b''))


def _picture(pixels: NDArray[np.uint8], title: str) -> str:
    text = base64.b64encode(png(pixels)).decode()
    return ('<figure style="display:inline-block;margin:4px"><img alt="%s" src="data:image/png;'
            'base64,%s" style="max-width:320px;image-rendering:pixelated"/>'
            '<figcaption>%s</figcaption></figure>' % (html.escape(title), text, html.escape(title)))


def _shrunk(plane: NDArray[Any]) -> NDArray[Any]:
    step = -(-max(plane.shape[:2]) // LARGEST)
    return plane[::step, ::step]


def _grey(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """[h, w] in 0..255, from the 1st to the 99th percentile, as overlays have it."""
    import numpy as np
    low, high = np.percentile(plane, (1, 99))
    scaled = (plane - low) / max(float(high - low), 1e-30) * 255
    grey: NDArray[np.float32] = np.clip(scaled, 0, 255).astype(np.float32)
    return grey


def _painted(grey: NDArray[np.float32], labels: NDArray[Any]) -> NDArray[np.uint8]:
    import numpy as np
    pixels = np.repeat(grey[..., None], 3, axis=2)
    for value in np.unique(labels):
        if value:
            colour = np.array(COLOURS[(int(value) - 1) % len(COLOURS)], np.float32)
            where = labels == value
            pixels[where] = .5 * pixels[where] + .5 * colour
    return pixels.astype(np.uint8)


def _heated(grey: NDArray[np.float32], found: NDArray[np.float32]) -> NDArray[np.uint8]:
    import numpy as np
    share = found[..., None]
    colour = np.stack([np.full_like(found, 255), 255 * found, np.zeros_like(found)], axis=2)
    return ((1 - .6 * share) * grey[..., None] + .6 * share * colour).astype(np.uint8)


def result(of: Result, image: NDArray[np.float32]) -> str:
    """Image and mask, and a map for each gate, of the slice with most of the mask."""
    import numpy as np
    shape = image.shape[1:]
    labels = of.labels.reshape(shape)
    d = int(np.argmax((labels != 0).sum(axis=(1, 2)))) if labels.any() else shape[0] // 2
    grey = _shrunk(_grey(image[0, d]))
    where = 'slice %d of %d' % (d + 1, shape[0]) if shape[0] > 1 else 'mask'
    pictures = [_picture(_painted(grey, _shrunk(labels[d])), where)]
    for gate, found in of.attention.items():
        pictures.append(_picture(_heated(grey, _shrunk(found.reshape(shape)[d])), gate))
    warnings = ''.join('<p>%s</p>' % html.escape(warned.text) for warned in of.warnings)
    return '<div><p>%s</p>%s%s</div>' % (html.escape(repr(of)), ''.join(pictures), warnings)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return '%.6g' % value
    if isinstance(value, list) and all(isinstance(v, dict) and 'name' in v for v in value):
        return html.escape(', '.join(str(v['name']) for v in value))
    if isinstance(value, dict):
        return html.escape(', '.join('%s: %s' % (k, v) for k, v in value.items()))
    return html.escape(str(value))


def table(values: dict[str, Any], title: Optional[str] = None) -> str:
    """The entries of an object as a table of two columns."""
    rows = ''.join('<tr><th style="text-align:left">%s</th><td style="text-align:left">%s</td>'
                   '</tr>' % (html.escape(str(name)), _cell(value))
                   for name, value in values.items() if value not in (None, [], {}))
    head = '<p><b>%s</b></p>' % html.escape(title) if title else ''
    return '<div>%s<table>%s</table></div>' % (head, rows)


def _levels(spec: str) -> str:
    """The network as a drawing: a bar for each level, as wide as its feature maps."""
    words = dict(word.split('=', 1) for word in spec.split() if '=' in word)
    try:
        widths = [int(width) for width in words.get('widths', '').split(',')]
    except ValueError:
        return ''
    most = max(widths)
    parts = []
    for i, width in enumerate(widths):
        height, length = max(8, 72 >> i), 8 + 72 * width / most
        left = sum(8 + 72 * w / most + 6 for w in widths[:i])
        parts.append('<rect x="%.0f" y="%.0f" width="%.0f" height="%d" fill="#56b4e9"><title>level '
                     '%d: %d feature maps</title></rect>' %
                     (left, (72 - height) / 2, length, height, i, width))
    total = sum(8 + 72 * w / most + 6 for w in widths)
    return ('<svg xmlns="http://www.w3.org/2000/svg" role="img" width="%.0f" height="72">%s</svg>' %
            (total, ''.join(parts)))


def model(info: dict[str, Any], files: list[str]) -> str:
    """A model: its levels and what it is."""
    labels = info.get('labels', {})
    shown = {'files': ', '.join(files), 'spec': info.get('spec'),
             'parameters': info.get('parameters'),
             'classes': labels.get('regions') or labels.get('classes')}
    return _levels(str(info.get('spec', ''))) + table(shown)


def page(text: str) -> str:
    """A whole page of HTML in a frame."""
    return ('<iframe style="width:100%%;height:600px;border:0" sandbox="" srcdoc="%s"></iframe>' %
            html.escape(text, quote=True))
