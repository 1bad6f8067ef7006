/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes of an ONNX graph from those of a network; for onnx.c. */
#pragma once

#include "format/protobuf.h"
#include "model/model.h"

/* Numbers of the fields that are written (onnx.proto, version 1.12). */
enum {
    ONNX_GRAPH_NODE = 1,
    ONNX_GRAPH_NAME = 2,
    ONNX_GRAPH_INITIALIZER = 5,
    ONNX_GRAPH_INPUT = 11,
    ONNX_GRAPH_OUTPUT = 12,
    ONNX_TENSOR_DIMS = 1,
    ONNX_TENSOR_TYPE = 2,
    ONNX_TENSOR_NAME = 8,
    ONNX_TENSOR_RAW = 9,
    ONNX_FLOAT = 1, /* types of elements */
    ONNX_INT64 = 7
};

/* A graph in the making. */
struct onnx {
    const struct model *m;
    struct graph g[2];   /* the network at two sizes, so that sizes can be told from numbers */
    const char *input;   /* of the network: "image", or the normalised one */
    struct proto fields; /* of GraphProto */
    bool *used;          /* parameters that nodes read */
    int constants;       /* made so far */
    struct err *e;
};

/* All nodes of the network. */
att_status onnx_network(struct onnx *x);
/* Nodes that normalise "image"; x->input becomes their result. */
att_status onnx_normalise(struct onnx *x);
/* Values with these names are outputs of the file. */
bool onnx_is_output(const char *name);
