# SPDX-License-Identifier: Apache-2.0
"""The head of a NIfTI-1 file with voxels of 1 mm, for the scripts of this folder."""

import struct


def header(d, h, w, code, bits):
    b = bytearray(352)
    struct.pack_into("<i", b, 0, 348)
    struct.pack_into("<8h", b, 40, 3, w, h, d, 1, 1, 1, 1)
    struct.pack_into("<hh", b, 70, code, bits)
    struct.pack_into("<8f", b, 76, 1, 1, 1, 1, 0, 0, 0, 0)
    struct.pack_into("<fff", b, 108, 352, 1, 0)
    struct.pack_into("<hh", b, 252, 0, 1)
    struct.pack_into("<12f", b, 280, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)
    b[344:348] = b"n+1\0"
    return bytes(b)
