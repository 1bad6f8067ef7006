# SPDX-License-Identifier: Apache-2.0
"""The C library by ctypes: its structures and functions, as include/attunet.h has them."""
from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, Structure, c_char_p, c_double, c_float, c_int, c_int64, c_size_t
from ctypes import c_uint16, c_void_p
from typing import Any

MESSAGE = ctypes.CFUNCTYPE(None, c_void_p, c_int, c_char_p)
PROGRESS = ctypes.CFUNCTYPE(None, c_void_p, c_char_p, c_int64, c_int64, c_char_p)
WARNING = ctypes.CFUNCTYPE(None, c_void_p, c_char_p, c_char_p)
ATTENTION = ctypes.CFUNCTYPE(None, c_void_p, c_char_p, POINTER(c_float))


class Callbacks(Structure):
    _fields_ = [('struct_size', c_size_t), ('user', c_void_p), ('message', MESSAGE),
                ('progress', PROGRESS), ('warning', WARNING)]


class OptionRow(Structure):
    _fields_ = [('struct_size', c_size_t), ('name', c_char_p), ('arg', c_char_p),
                ('value', c_char_p), ('help', c_char_p), ('group', c_char_p),
                ('choices', c_char_p), ('refused', c_int)]


class Image(Structure):
    _fields_ = [('struct_size', c_size_t), ('data', POINTER(c_float)), ('channels', c_int),
                ('size', c_int * 3), ('spacing', c_float * 3), ('affine', POINTER(c_double))]


class Case(Structure):
    _fields_ = [('struct_size', c_size_t), ('image', POINTER(Image)), ('labels', POINTER(c_uint16)),
                ('name', c_char_p), ('group', c_char_p)]


class Result(Structure):
    _fields_ = [('struct_size', c_size_t), ('labels', POINTER(c_uint16)),
                ('probabilities', POINTER(c_float)), ('attention', ATTENTION), ('user', c_void_p),
                ('doubts', c_int), ('windows', c_int), ('passes', c_int64), ('seconds', c_double),
                ('variance', POINTER(c_float))]


PATH = c_char_p
PATHS = POINTER(c_char_p)
HANDLE = c_void_p
OUT = POINTER(c_void_p)  # where the library puts a handle or a text

STATUS = {
    'att_context_create': [c_int, c_char_p, POINTER(Callbacks), OUT],
    'att_context_data': [HANDLE, PATH, POINTER(Case), c_int, c_char_p],
    'att_context_dry_run': [HANDLE, OUT],
    'att_settings_create': [HANDLE, c_char_p, OUT],
    'att_settings_set': [HANDLE, HANDLE, c_char_p, c_char_p],
    'att_train': [HANDLE, PATH, PATH, HANDLE],
    'att_plan': [HANDLE, PATH, HANDLE, OUT],
    'att_pack': [HANDLE, PATH, PATH, HANDLE, OUT],
    'att_tune': [HANDLE, PATH, PATH, HANDLE, OUT],
    'att_resume': [HANDLE, PATH, HANDLE],
    'att_predict': [HANDLE, PATH, PATHS, c_int, PATH, HANDLE, OUT],
    'att_evaluate': [HANDLE, PATH, PATH, HANDLE, OUT],
    'att_report': [HANDLE, PATH, PATH, HANDLE],
    'att_attend': [HANDLE, PATH, PATH, HANDLE, OUT],
    'att_compare': [HANDLE, PATHS, c_int, HANDLE, OUT],
    'att_baselines': [HANDLE, PATH, PATH, OUT],
    'att_info': [HANDLE, PATH, HANDLE, OUT],
    'att_bench': [HANDLE, HANDLE, OUT],
    'att_convert': [HANDLE, PATH, PATH, HANDLE],
    'att_phantom': [HANDLE, c_char_p, PATH, HANDLE],
    'att_model_load_list': [HANDLE, PATHS, c_int, OUT],
    'att_model_json': [HANDLE, HANDLE, OUT],
    'att_model_run': [HANDLE, HANDLE, POINTER(Image), HANDLE, POINTER(Result)],
    'att_image_load': [HANDLE, PATHS, c_int, POINTER(POINTER(Image))],
}
OTHERS: dict[str, tuple[Any, list[Any]]] = {
    'att_context_destroy': (None, [HANDLE]),
    'att_context_error': (c_char_p, [HANDLE]),
    'att_context_stop': (None, [HANDLE]),
    'att_context_clear_stop': (None, [HANDLE]),
    'att_context_threads': (c_int, [HANDLE]),
    'att_version': (c_char_p, []),
    'att_text_free': (None, [c_void_p]),
    'att_option_row': (c_int, [c_char_p, c_int, POINTER(OptionRow)]),
    'att_settings_destroy': (None, [HANDLE]),
    'att_model_free': (None, [HANDLE]),
    'att_model_channels': (None, [HANDLE, POINTER(c_int), POINTER(c_int)]),
    'att_model_networks': (c_int, [HANDLE]),
    'att_image_free': (None, [POINTER(Image)]),
}


def _load() -> ctypes.CDLL:
    """The library beside this file; $ATTUNET_LIBRARY names another one, for tests."""
    own = os.path.join(os.path.dirname(__file__), 'libattunet.so.0')
    library = ctypes.CDLL(os.environ.get('ATTUNET_LIBRARY') or own)
    for name, arguments in STATUS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = c_int, arguments
    for name, (result, arguments) in OTHERS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


library = _load()
