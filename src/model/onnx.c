/* SPDX-License-Identifier: Apache-2.0 */
#include "model/onnx.h"

#include <string.h>

#include "arch/hard.h"
#include "attunet.h"
#include "base/json_memory.h"
#include "base/mem.h"
#include "files/hash.h"
#include "model/onnx_nodes.h"

enum { MODEL_IR = 1, MODEL_PRODUCER = 2, MODEL_PRODUCER_VERSION = 3, MODEL_GRAPH = 7 };
enum { MODEL_OPSET = 8, MODEL_METADATA = 14, IR_VERSION = 8 };
enum { OPSET_DOMAIN = 1, OPSET_VERSION = 2, ENTRY_KEY = 1, ENTRY_VALUE = 2 };
enum { INFO_NAME = 1, INFO_TYPE = 2, TYPE_TENSOR = 1, TENSOR_ELEMENT = 1, TENSOR_SHAPE = 2 };
enum { SHAPE_DIM = 1, DIM_VALUE = 1, DIM_PARAM = 2 };

static const uint64_t max_bytes = INT32_MAX; /* readers refuse more */

/* ---- inputs and outputs */

/* named: the grid is that of the image; else nothing is known of its sizes. */
static void onnx_info(struct onnx *x, int field, const char *name, int channels, bool named)
{
    static const char *const axes[] = {"depth", "height", "width"};
    const int dims = x->m->facts.dims;
    struct proto info = {0}, type = {0}, tensor = {0}, shape = {0}, dim = {0};
    proto_text(&dim, DIM_PARAM, "batch");
    proto_message(&shape, SHAPE_DIM, &dim);
    proto_int(&dim, DIM_VALUE, channels);
    proto_message(&shape, SHAPE_DIM, &dim);
    for (int i = 0; i < dims; i++) {
        if (named) proto_text(&dim, DIM_PARAM, axes[3 - dims + i]);
        proto_message(&shape, SHAPE_DIM, &dim);
    }
    proto_int(&tensor, TENSOR_ELEMENT, ONNX_FLOAT);
    proto_message(&tensor, TENSOR_SHAPE, &shape);
    proto_message(&type, TYPE_TENSOR, &tensor);
    proto_text(&info, INFO_NAME, name);
    proto_message(&info, INFO_TYPE, &type);
    proto_message(&x->fields, field, &info);
}

static void onnx_list_outputs(struct onnx *x)
{
    const struct graph *g = &x->g[0];
    onnx_info(x, ONNX_GRAPH_INPUT, "image", arch_maps(&x->m->facts), true);
    for (int first = 1; first >= 0; first--) /* many programs take the first output */
        for (int i = 0; i < g->noutputs; i++) {
            const char *name = g->outputs[i].name;
            const bool logits = strcmp(name, "logits") == 0;
            if (onnx_is_output(name) && logits == first)
                onnx_info(x, ONNX_GRAPH_OUTPUT, name, g->values[g->outputs[i].value].s.c, logits);
        }
}

/* ---- the file */

static void onnx_entry(struct proto *model, const char *key, const char *value)
{
    struct proto entry = {0};
    proto_text(&entry, ENTRY_KEY, key);
    proto_text(&entry, ENTRY_VALUE, value);
    proto_message(model, MODEL_METADATA, &entry);
}

static att_status onnx_head(const struct model *m, bool normalise, struct proto *p, struct err *e)
{
    struct proto opset = {0};
    uint64_t hash;
    char digits[HASH_TEXT];
    TRY(weights_hash(&m->params, &hash, e));
    json_t *j = model_to_json(m);
    char *text = json_text(j, JSON_COMPACT);
    json_decref(j);
    if (!text) return err_memory(e, 1, "the description of the model");
    proto_int(p, MODEL_IR, IR_VERSION);
    proto_text(p, MODEL_PRODUCER, "attunet");
    proto_text(p, MODEL_PRODUCER_VERSION, ATT_VERSION);
    proto_text(&opset, OPSET_DOMAIN, "");
    proto_int(&opset, OPSET_VERSION, ONNX_OPSET);
    proto_message(p, MODEL_OPSET, &opset);
    onnx_entry(p, "attunet", text);
    onnx_entry(p, MODEL_HASH, hash_text(hash, digits));
    onnx_entry(p, "multiple", arch_multiple_text(&m->facts).text);
    onnx_entry(p, "normalised_inside", normalise ? "yes" : "no");
    mem_free(text);
    return ATT_OK;
}

/* A parameter as an initializer, but for its numbers. */
static struct proto onnx_tensor_head(const struct param *q)
{
    struct proto t = {0};
    for (int i = 0; i < q->dims; i++) proto_int(&t, ONNX_TENSOR_DIMS, q->shape[i]);
    proto_int(&t, ONNX_TENSOR_TYPE, ONNX_FLOAT);
    proto_text(&t, ONNX_TENSOR_NAME, q->name);
    proto_begin(&t, ONNX_TENSOR_RAW, q->count * sizeof(float));
    return t;
}

/* The bytes of the initializers as fields of the graph; with w also writes them. */
static att_status onnx_write_tensors(const struct onnx *x, struct file_writer *w, uint64_t *bytes)
{
    const struct params *p = &x->m->params;
    att_status status = ATT_OK;
    for (int i = 0; i < p->count && status == ATT_OK; i++) {
        if (!x->used[i]) continue;
        const size_t size = p->list[i].count * sizeof(float);
        struct proto head = onnx_tensor_head(&p->list[i]), field = {0};
        proto_begin(&field, ONNX_GRAPH_INITIALIZER, head.used + size);
        void *numbers = w ? mem_alloc(size) : NULL;
        if (head.lost || field.lost || (w && !numbers))
            status = err_memory(x->e, size, "the weights");
        if (w && status == ATT_OK) status = weights_bytes(p, i, p->data, numbers, size, x->e);
        if (w && status == ATT_OK) status = file_write(w, field.bytes, field.used, x->e);
        if (w && status == ATT_OK) status = file_write(w, head.bytes, head.used, x->e);
        if (w && status == ATT_OK) status = file_write(w, numbers, size, x->e);
        *bytes += field.used + head.used + size;
        mem_free(numbers);
        proto_free(&field);
        proto_free(&head);
    }
    return status;
}

static att_status onnx_write(
    const struct onnx *x, const char *path, struct proto *head, struct err *e)
{
    uint64_t tensors = 0, written = 0;
    struct file_writer *w = NULL;
    TRY(onnx_write_tensors(x, NULL, &tensors));
    proto_begin(head, MODEL_GRAPH, x->fields.used + tensors);
    if (head->lost || x->fields.lost) return err_memory(e, x->fields.used, "the network");
    if (head->used + x->fields.used + tensors > max_bytes)
        return err_model(e, "the weights have %.1f GiB, but an ONNX file holds at most 2 GiB",
            (double)tensors / (1 << 30));
    TRY(file_create(path, &w, e));
    att_status status = file_write(w, head->bytes, head->used, e);
    if (status == ATT_OK) status = file_write(w, x->fields.bytes, x->fields.used, e);
    if (status == ATT_OK) status = onnx_write_tensors(x, w, &written);
    if (status == ATT_OK)
        status = file_commit(w, e);
    else
        file_abandon(w);
    return status;
}

/* The network at two sizes that differ along every axis. */
static att_status onnx_build(struct onnx *x, struct err *e)
{
    static const int times[2][3] = {{5, 7, 11}, {13, 17, 19}};
    const struct arch_facts *f = &x->m->facts;
    for (int k = 0; k < 2; k++) {
        int size[3], input;
        for (int i = 0; i < 3; i++) size[i] = 4 * f->multiple[i] * times[k][i];
        if (f->dims == 2) size[0] = 1;
        TRY(model_build(x->m, &x->g[k], 1, size, &input, e));
    }
    return ATT_OK;
}

static att_status onnx_make(struct onnx *x, bool normalise, struct err *e)
{
    TRY(onnx_build(x, e));
    TRY(MEM_ARRAY(x->used, x->m->params.count, "the network", e));
    proto_text(&x->fields, ONNX_GRAPH_NAME, spec_get(&x->m->spec, "arch", "attunet"));
    if (normalise) TRY(onnx_normalise(x));
    TRY(onnx_network(x));
    onnx_list_outputs(x);
    return ATT_OK;
}

att_status onnx_save(const struct model *m, const char *path, bool normalise, struct err *e)
{
    if (hard_is(&m->spec))
        return err_model(e,
            "hard attention chooses tiles between two networks, which ONNX cannot hold; give "
            "`part` coarse or fine");
    struct onnx *x;
    struct proto head = {0};
    TRY(MEM_NEW(x, "the network", e));
    *x = (struct onnx){.m = m, .input = "image", .e = e};
    for (int k = 0; k < 2; k++) graph_init(&x->g[k], (struct params *)(uintptr_t)&m->params, false);
    att_status status = onnx_make(x, normalise, e);
    if (status == ATT_OK) status = onnx_head(m, normalise, &head, e);
    if (status == ATT_OK) status = onnx_write(x, path, &head, e);
    for (int k = 0; k < 2; k++) graph_free(&x->g[k]);
    proto_free(&head);
    proto_free(&x->fields);
    mem_free(x->used);
    mem_free(x);
    return status;
}
