# SPDX-License-Identifier: Apache-2.0
# PyTorch is an extra, so its types may be missing.
# mypy: disallow-subclassing-any=False, disable-error-code="import-not-found,no-untyped-call"
# mypy: warn-unused-ignores=False
"""A network as a module of PyTorch, for every arch but hard attention.

The module builds itself from the nodes of the ONNX file that attunet writes, whose weights have the
names of `attunet.torch_state_dict`.
"""
from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Callable, NamedTuple, Union

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Numbers of fields, as onnx.proto has them.
MODEL_GRAPH, GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_OUTPUT = 7, 1, 5, 12
NODE_INPUT, NODE_OUTPUT, NODE_TYPE, NODE_ATTRIBUTE = 1, 2, 4, 5
TENSOR_DIMS, TENSOR_TYPE, TENSOR_NAME, TENSOR_RAW = 1, 2, 8, 9
TENSOR_TYPES = {1: torch.float32, 7: torch.int64}
CONSTANT = 'constant.'  # begins the names of numbers that are no weights
STATISTICS = 'running_mean', 'running_var'


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """The fields of a message of protobuf: numbers, or bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        if key & 7 == 0:
            value, at = _varint(data, at)
            yield key >> 3, value - (value >> 63 << 64)
            continue
        size, at = _varint(data, at) if key & 7 == 2 else (4 if key & 7 == 5 else 8, at)
        yield key >> 3, data[at:at + size]
        at += size


def _all(message: bytes, field: int) -> list[Any]:
    return [value for number, value in _fields(message) if number == field]


def _text(message: bytes, field: int) -> str:
    return str(b''.join(_all(message, field)[-1:]), 'utf-8')


class Node(NamedTuple):
    """An operation, its names of inputs ("": left out) and its attributes."""

    kind: str
    inputs: list[str]
    output: str
    attributes: dict[str, Any]


def _attribute(message: bytes) -> tuple[str, Any]:
    name, values = _text(message, 1), list(_fields(message))
    numbers = [value for field, value in values if field == 8]
    for field, value in values:
        if field == 2:
            return name, struct.unpack('<f', value)[0]
        if field == 3:
            return name, value
        if field == 4:
            return name, str(value, 'utf-8')
    return name, numbers


def _node(message: bytes) -> Node:
    return Node(_text(message, NODE_TYPE), [str(x, 'utf-8') for x in _all(message, NODE_INPUT)],
                _text(message, NODE_OUTPUT), dict(map(_attribute, _all(message, NODE_ATTRIBUTE))))


def _tensor(message: bytes) -> tuple[str, Tensor]:
    kind = TENSOR_TYPES[_all(message, TENSOR_TYPE)[0]]
    raw = torch.frombuffer(bytearray(_all(message, TENSOR_RAW)[0]), dtype=kind)
    return _text(message, TENSOR_NAME), raw.reshape(_all(message, TENSOR_DIMS))


def _convolution(node: Node, x: Tensor, weight: Tensor, bias: Union[Tensor, None] = None) -> Tensor:
    a = node.attributes
    dims = x.dim() - 2
    if node.kind == 'ConvTranspose':
        transposed: list[Callable[..., Tensor]] = [F.conv_transpose2d, F.conv_transpose3d]
        return transposed[dims - 2](x, weight, bias, stride=a['strides'], padding=a['pads'][:dims],
                                    output_padding=a.get('output_padding', 0))
    plain: list[Callable[..., Tensor]] = [F.conv2d, F.conv3d]
    return plain[dims - 2](x, weight, bias, stride=a['strides'],
                           padding=a['pads'][:dims] if 'pads' in a else 0)


def _resize(node: Node, x: Tensor, sizes: list[int]) -> Tensor:
    linear = node.attributes['mode'] == 'linear'
    aligned = node.attributes['coordinate_transformation_mode'] == 'align_corners'
    if not linear:
        return F.interpolate(x, sizes, mode='nearest')
    return F.interpolate(x, sizes, mode='bilinear' if x.dim() == 4 else 'trilinear',
                         align_corners=aligned)


class Network(nn.Module):
    """The network of a model, with its weights.

    Called with float32 [batch, channel, (d,) h, w], normalised as the model's preparation says, it
    returns logits [batch, class, ...]; with `attention=True` also a dictionary with each gate's
    map in 0 to 1.  Sizes are multiples of the product of the strides.  It can be trained.
    """

    def __init__(self, onnx: bytes, weights: Mapping[str, Any], aliases: Iterable[str]) -> None:
        """weights: of the model by their names; aliases: names under which files have them, too."""
        super().__init__()
        graph = _all(onnx, MODEL_GRAPH)[0]
        self.nodes = [_node(message) for message in _all(graph, GRAPH_NODE)]
        self.gates = [name for name in (_text(x, 1) for x in _all(graph, GRAPH_OUTPUT))
                      if name != 'logits']
        self.constants: dict[str, Tensor] = {}
        self.places: dict[str, tuple[nn.Module, str]] = {}
        for name, tensor in map(_tensor, _all(graph, GRAPH_INITIALIZER)):
            if name.startswith(CONSTANT):
                self.constants[name] = tensor
            else:
                self._register(name, tensor)
        for name, array in weights.items():  # such as of heads that only a training reads
            if name not in self.places:
                self._register(name, torch.from_numpy(array.copy()))
        self._aliases = set(aliases) - set(self.state_dict())
        self._register_load_state_dict_pre_hook(self._drop_aliases)

    def _drop_aliases(self, state: dict[str, Any], *_: Any) -> None:
        for name in self._aliases:
            state.pop(name, None)

    def _register(self, name: str, tensor: Tensor) -> None:
        """Under its name: a.b.weight is the parameter weight of the module b in the module a."""
        *path, last = name.split('.')
        module: nn.Module = self
        for part in path:
            if part not in module._modules:
                module.add_module(part, nn.Module())
            module = module._modules[part]  # type: ignore[assignment]
        if last in STATISTICS:
            module.register_buffer(last, tensor)
            if 'num_batches_tracked' not in module._buffers:
                module.register_buffer('num_batches_tracked', torch.tensor(0))
        elif tensor.is_floating_point():
            module.register_parameter(last, nn.Parameter(tensor))
        else:
            module.register_buffer(last, tensor)
        self.places[name] = module, last

    def _value(self, name: str, maps: dict[str, Any]) -> Any:
        if name in maps:
            return maps[name]
        if name in self.places:
            module, last = self.places[name]
            return getattr(module, last)
        return self.constants[name]

    def _compute(self, node: Node, x: list[Any]) -> Any:
        kind, a = node.kind, node.attributes
        if kind in ('Conv', 'ConvTranspose'):
            return _convolution(node, *x)
        if kind == 'BatchNormalization':
            return F.batch_norm(x[0], x[3], x[4], x[1], x[2], self.training, eps=a['epsilon'])
        if kind == 'InstanceNormalization':
            return F.instance_norm(x[0], weight=x[1], bias=x[2], eps=a['epsilon'])
        if kind == 'Resize':
            if len(x) > 3:
                return _resize(node, x[0], x[3][2:])
            scales = self.constants[node.inputs[2]].tolist()[2:]
            return _resize(node, x[0], [math.floor(s * n) for s, n in zip(scales, x[0].shape[2:])])
        if kind == 'Shape':
            return list(x[0].shape[a['start']:a.get('end')])
        if kind == 'Concat':
            return x[0] + x[1] if isinstance(x[0], list) else torch.cat(x, 1)
        if kind == 'MaxPool':
            pools: list[Callable[..., Tensor]] = [F.max_pool2d, F.max_pool3d]
            return pools[x[0].dim() - 4](x[0], a['kernel_shape'], a['strides'])
        if kind == 'Reshape':
            return x[0].reshape(x[1].tolist())
        if kind == 'LeakyRelu':
            return F.leaky_relu(x[0], a['alpha'])
        if kind == 'PRelu':
            return torch.where(x[0] > 0, x[0], x[0] * x[1])
        simple: dict[str, Callable[..., Tensor]] = {
            'Relu': F.relu, 'Sigmoid': torch.sigmoid, 'Add': torch.add, 'Mul': torch.mul}
        return simple[kind](*x)

    def forward(self, image: Tensor, attention: bool = False) -> Any:
        maps: dict[str, Any] = {'image': image}
        for node in self.nodes:
            inputs = [self._value(name, maps) if name else None for name in node.inputs]
            maps[node.output] = self._compute(node, inputs)
        if not attention:
            return maps['logits']
        return maps['logits'], {name[len('attention.'):]: maps[name] for name in self.gates}
