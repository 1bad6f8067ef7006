# SPDX-License-Identifier: Apache-2.0
"""Writes small image files of many formats with Python's own library, for the trees of make.py.

Samples are bytes or lists of integers, row by row; the channels of a pixel lie together.
Each function returns the bytes of a file.
"""
import math
import struct
import zlib


def gzipped(data):
    """Without a time, so that the same samples give the same file."""
    deflate = zlib.compressobj(1, zlib.DEFLATED, -15)
    tail = struct.pack('<II', zlib.crc32(data), len(data) & 0xffffffff)
    return b'\x1f\x8b\x08\0\0\0\0\0\0\xff' + deflate.compress(data) + deflate.flush() + tail


# ---- PNG

def _chunk(name, data):
    return (struct.pack('>I', len(data)) + name + data +
            struct.pack('>I', zlib.crc32(name + data)))


def png(samples, width, height, channels=1, bits=8, palette=None):
    """`palette`: a list of (r, g, b); then the samples are indices."""
    colour = 3 if palette else {1: 0, 3: 2, 4: 6}[channels]
    step = width * channels
    rows = []
    for y in range(height):
        row = samples[y * step:(y + 1) * step]
        if bits == 16:
            row = struct.pack('>%dH' % step, *row)
        elif bits == 1:
            packed = bytearray((step + 7) // 8)
            for x, value in enumerate(row):
                packed[x >> 3] |= (value & 1) << (7 - (x & 7))
            row = bytes(packed)
        rows.append(b'\0' + bytes(row))
    head = struct.pack('>IIBBBBB', width, height, bits, colour, 0, 0, 0)
    found = b'\x89PNG\r\n\x1a\n' + _chunk(b'IHDR', head)
    if palette:
        found += _chunk(b'PLTE', b''.join(bytes(entry) for entry in palette))
    return found + _chunk(b'IDAT', zlib.compress(b''.join(rows), 1)) + _chunk(b'IEND', b'')


def voc_palette(count=256):
    """The colours of PASCAL VOC: the bits of an index, dealt to red, green and blue in turn."""
    found = []
    for index in range(count):
        rgb = [0, 0, 0]
        for i in range(8):
            for c in range(3):
                rgb[c] |= (index >> (3 * i + c) & 1) << (7 - i)
        found.append(tuple(rgb))
    return found


# ---- JPEG (ITU-T T.81, baseline, 4:4:4)

_ZIGZAG = sorted(range(64), key=lambda i: (
    i // 8 + i % 8, i // 8 if (i // 8 + i % 8) % 2 else i % 8))
_COSINE = [[math.cos((2 * x + 1) * u * math.pi / 16) * (math.sqrt(.125) if u == 0 else .5)
            for x in range(8)] for u in range(8)]
# Every symbol has a code of one length: larger files, and no table of the standard to copy.
_DC = list(range(12))
_AC = [0, 0xf0] + [run << 4 | size for run in range(16) for size in range(1, 11)]
_AC_CODE = {symbol: code for code, symbol in enumerate(_AC)}


def _transformed(block):
    rows = [[sum(a * b for a, b in zip(line, cosine)) for cosine in _COSINE] for line in block]
    columns = list(zip(*rows))
    return [[sum(a * b for a, b in zip(column, cosine)) for column in columns]
            for cosine in _COSINE]


class _Bits:
    def __init__(self):
        self.value, self.count, self.out = 0, 0, bytearray()

    def put(self, value, count):
        self.value = self.value << count | value
        self.count += count
        while self.count >= 8:
            self.count -= 8
            byte = self.value >> self.count & 255
            self.out.append(byte)
            if byte == 255:
                self.out.append(0)
        self.value &= (1 << self.count) - 1

    def number(self, number, size):
        self.put(number if number >= 0 else number + (1 << size) - 1, size)


def _encode(bits, block, table, last):
    rows = _transformed(block)
    flat = [round(rows[i // 8][i % 8] / table[i]) for i in _ZIGZAG]
    difference = flat[0] - last
    size = abs(difference).bit_length()
    bits.put(size, 4)
    bits.number(difference, size)
    run = 0
    end = max((k for k in range(1, 64) if flat[k]), default=0)
    for k in range(1, end + 1):
        if not flat[k]:
            run += 1
            continue
        while run > 15:
            bits.put(_AC_CODE[0xf0], 8)
            run -= 16
        size = abs(flat[k]).bit_length()
        bits.put(_AC_CODE[run << 4 | size], 8)
        bits.number(flat[k], size)
        run = 0
    if end < 63:
        bits.put(_AC_CODE[0], 8)
    return flat[0]


def _segment(marker, data):
    return bytes((255, marker)) + struct.pack('>H', len(data) + 2) + data


def jpeg(samples, width, height, channels=1):
    table = [4 + 2 * (i // 8 + i % 8) for i in range(64)]
    if channels == 3:
        red, green, blue = samples[0::3], samples[1::3], samples[2::3]
        luma = [.299 * r + .587 * g + .114 * b for r, g, b in zip(red, green, blue)]
        planes = [luma, [(b - y) * .564 + 128 for b, y in zip(blue, luma)],
                  [(r - y) * .713 + 128 for r, y in zip(red, luma)]]
    else:
        planes = [samples]
    bits, last = _Bits(), [0] * channels
    for y in range(0, height, 8):
        for x in range(0, width, 8):
            for c, plane in enumerate(planes):
                block = [[plane[min(y + j, height - 1) * width + min(x + i, width - 1)] - 128
                          for i in range(8)] for j in range(8)]
                last[c] = _encode(bits, block, table, last[c])
    bits.put(127, 7)  # the last byte is filled with ones
    frame = struct.pack('>BHHB', 8, height, width, channels)
    scan = bytes((channels,))
    for c in range(channels):
        frame += bytes((c + 1, 0x11, 0))
        scan += bytes((c + 1, 0))
    return (b'\xff\xd8' + _segment(0xe0, b'JFIF\0\1\1\0\0\1\0\1\0\0') +
            _segment(0xdb, b'\0' + bytes(table[i] for i in _ZIGZAG)) + _segment(0xc0, frame) +
            _segment(0xc4, b'\0' + bytes((0, 0, 0, len(_DC))) + bytes(12) + bytes(_DC)) +
            _segment(0xc4, b'\x10' + bytes(7) + bytes((len(_AC),)) + bytes(8) + bytes(_AC)) +
            _segment(0xda, scan + b'\0\x3f\0') + bytes(bits.out) + b'\xff\xd9')


# ---- GIF, BMP, PNM

def gif(samples, width, height, palette=None):
    """A clear code comes so often that codes keep their 9 bits."""
    palette = palette or [(i, i, i) for i in range(256)]
    value = count = 0
    out = bytearray()
    codes = []
    for i, sample in enumerate(samples):
        if i % 250 == 0:
            codes.append(256)
        codes.append(sample)
    for code in codes + [257]:
        value |= code << count
        count += 9
        while count >= 8:
            out.append(value & 255)
            value >>= 8
            count -= 8
    if count:
        out.append(value & 255)
    found = b'GIF89a' + struct.pack('<HHBBB', width, height, 0xf7, 0, 0)
    found += b''.join(bytes(entry) for entry in palette)
    found += b',' + struct.pack('<HHHHB', 0, 0, width, height, 0) + b'\x08'
    for i in range(0, len(out), 255):
        found += bytes((len(out[i:i + 255]),)) + out[i:i + 255]
    return found + b'\0;'


def bmp(samples, width, height, channels=1):
    samples = bytes(samples)
    palette = b''.join(bytes((i, i, i, 0)) for i in range(256)) if channels == 1 else b''
    step = width * channels
    rows = []
    for y in reversed(range(height)):
        row = bytearray(samples[y * step:(y + 1) * step])
        if channels == 3:
            row[0::3], row[2::3] = row[2::3], row[0::3]
        rows.append(bytes(row) + bytes(-step % 4))
    data = b''.join(rows)
    start = 54 + len(palette)
    return (b'BM' + struct.pack('<IHHI', start + len(data), 0, 0, start) +
            struct.pack('<IiiHHIIiiII', 40, width, height, 1, 8 * channels, 0, len(data), 2835,
                        2835, 256 if palette else 0, 0) + palette + data)


def pnm(samples, width, height, channels=1):
    return b'P%d\n%d %d\n255\n' % (6 if channels == 3 else 5, width, height) + bytes(samples)


# ---- TIFF

def tiff(pages, width, height, channels=1, bits=8, palette=None):
    """`pages`: the samples of each page; `palette` as in png."""
    out = bytearray(b'II*\0\0\0\0\0')
    link = 4
    for samples in pages:
        data = struct.pack('<%dH' % len(samples), *samples) if bits == 16 else bytes(samples)
        at = len(out)
        out += data + bytes(len(data) % 2)
        depth = len(out)
        out += struct.pack('<%dH' % channels, *[bits] * channels)
        tags = [(256, 4, 1, width), (257, 4, 1, height),
                (258, 3, channels, bits if channels == 1 else depth), (259, 3, 1, 1),
                (262, 3, 1, 3 if palette else 2 if channels > 1 else 1), (273, 4, 1, at),
                (277, 3, 1, channels), (278, 4, 1, height), (279, 4, 1, len(data))]
        if palette:
            full = list(palette) + [(0, 0, 0)] * (256 - len(palette))
            tags.append((320, 3, 768, len(out)))
            out += struct.pack('<768H', *[entry[c] * 257 for c in range(3) for entry in full])
        if channels == 4:
            tags.append((338, 3, 1, 2))
        out += bytes(len(out) % 2)
        struct.pack_into('<I', out, link, len(out))
        out += struct.pack('<H', len(tags))
        for tag, kind, count, value in tags:
            out += struct.pack('<HHII', tag, kind, count, value)
        link = len(out)
        out += b'\0\0\0\0'
    return bytes(out)


# ---- volumes

_TYPES = {'uint8': ('B', 2, 8, 'MET_UCHAR', 'uchar', '|u1'),
          'int16': ('h', 4, 16, 'MET_SHORT', 'short', '<i2'),
          'uint16': ('H', 512, 16, 'MET_USHORT', 'ushort', '<u2'),
          'float32': ('f', 16, 32, 'MET_FLOAT', 'float', '<f4'),
          'float64': ('d', 64, 64, 'MET_DOUBLE', 'double', '<f8')}


def packed(samples, kind):
    return bytes(samples) if kind == 'uint8' else struct.pack(
        '<%d%s' % (len(samples), _TYPES[kind][0]), *samples)


def nifti(samples, size, kind='uint8', spacing=(1, 1, 1), pair=False):
    """`size`: the fastest axis first. A pair gives (header, data)."""
    size = tuple(size)
    head = bytearray(348)
    struct.pack_into('<i', head, 0, 348)
    struct.pack_into('<8h', head, 40, len(size), *(size + (1,) * (7 - len(size))))
    struct.pack_into('<hh', head, 70, _TYPES[kind][1], _TYPES[kind][2])
    struct.pack_into('<8f', head, 76, 1, *(tuple(spacing) + (1,) * (7 - len(spacing))))
    struct.pack_into('<ff', head, 108, 0 if pair else 352, 1)
    head[123] = 2
    struct.pack_into('<hh', head, 252, 0, 1)
    for axis in range(3):
        struct.pack_into('<4f', head, 280 + 16 * axis,
                         *[spacing[axis] if i == axis else 0 for i in range(4)])
    head[344:348] = b'ni1\0' if pair else b'n+1\0'
    data = packed(samples, kind)
    return (bytes(head), data) if pair else bytes(head) + b'\0\0\0\0' + data


def metaimage(samples, size, kind='uint8', spacing=(1, 1, 1), data_file='LOCAL'):
    """The header, and the samples after it if they are LOCAL."""
    words = ' '.join
    head = ('ObjectType = Image\nNDims = %d\nBinaryData = True\nBinaryDataByteOrderMSB = False\n'
            'CompressedData = False\nTransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\n'
            'ElementSpacing = %s\nDimSize = %s\nElementType = %s\nElementDataFile = %s\n' % (
                len(size), words('%g' % s for s in spacing), words(map(str, size)),
                _TYPES[kind][3], data_file)).encode()
    return head + packed(samples, kind) if data_file == 'LOCAL' else head


def nrrd(samples, size, kind='uint8', spacing=(1, 1, 1), data_file=None):
    head = ('NRRD0004\ntype: %s\ndimension: 3\nspace: left-posterior-superior\nsizes: %d %d %d\n'
            'space directions: (%g,0,0) (0,%g,0) (0,0,%g)\nkinds: domain domain domain\n'
            'endian: little\nencoding: %s\nspace origin: (0,0,0)\n%s' % (
                _TYPES[kind][4], *size, *spacing, 'raw' if data_file else 'gzip',
                'data file: %s\n' % data_file if data_file else '\n')).encode()
    return head if data_file else head + gzipped(packed(samples, kind))


def npy(samples, shape, kind='uint8'):
    head = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }" % (
        _TYPES[kind][5], ', '.join(map(str, shape)) + (',' if len(shape) == 1 else ''))
    head += ' ' * (-(len(head) + 11) % 64) + '\n'
    return b'\x93NUMPY\1\0' + struct.pack('<H', len(head)) + head.encode() + packed(samples, kind)
