/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_network.h"

#include <string.h>

#include "arch/hard.h"

/* Parameters are only read. */
static struct params *predict_network_weights(const struct model *m)
{
    return (struct params *)(uintptr_t)&m->params;
}

/* Grows the shared memory if needed. */
static att_status network_borrow(struct buffer *room, struct run *r, struct err *e)
{
    const size_t bytes = r->plan.work_bytes;
    if (room->bytes < bytes) {
        buffer_destroy(room);
        if (!buffer_create(room, r->plan.kernels->memory, bytes, 1))
            return buffer_refused(r->plan.kernels->memory, bytes, "the maps of a window", e);
    }
    run_borrow(r, room);
    return ATT_OK;
}

static void network_clear(struct network *n) { *n = (struct network){.room = n->room}; }

void network_drop(struct network *n)
{
    if (!n->model) return;
    run_free(&n->run);
    graph_free(&n->graph);
    network_clear(n);
}

static att_status plan_network(struct network *n, const struct model *m, int part,
    const int window[3], const struct kernels *k, struct pool *pool, const char *conv,
    struct err *e)
{
    TRY(model_build_part(m, part, &n->graph, 1, window, &n->input, e));
    n->features = graph_find_output(&n->graph, "features");
    n->logits = graph_find_output(&n->graph, part == PART_POLICY ? "policy" : "logits");
    if (n->logits < 0) return err_model(e, "the network has no output called logits");
    return (n->room ? run_create_bare : run_create)(&n->graph, k, pool, conv, &n->run, e);
}

static att_status assemble(struct network *n, const struct model *m, int part, const int window[3],
    const struct kernels *k, struct pool *pool, const char *conv, struct err *e)
{
    if (n->model && n->part == part && memcmp(window, n->window, sizeof n->window) == 0 &&
        strcmp(n->model->spec.text, m->spec.text) == 0) {
        n->graph.params = predict_network_weights(m); /* one spec, one parameter list */
        n->model = m;
        return ATT_OK;
    }
    network_drop(n);
    graph_init(&n->graph, predict_network_weights(m), false);
    att_status status = ATT_OK;
    if (part == MODEL_WHOLE && conv && !strcmp(conv, CONV_BF16))
        status = graph_halve(&n->graph, e); /* convolutions round what they read anyway */
    if (status == ATT_OK) status = plan_network(n, m, part, window, k, pool, conv, e);
    if (status == ATT_OK) {
        memcpy(n->window, window, sizeof n->window);
        n->model = m;
        n->part = part;
    } else {
        graph_free(&n->graph);
        network_clear(n);
    }
    return status;
}

att_status network_build(struct network *n, const struct model *m, const int window[3],
    const struct kernels *k, struct pool *pool, const char *conv, struct err *e)
{
    return network_build_part(n, m, MODEL_WHOLE, window, k, pool, conv, e);
}

att_status network_build_part(struct network *n, const struct model *m, int part,
    const int window[3], const struct kernels *k, struct pool *pool, const char *conv,
    struct err *e)
{
    TRY(params_move(predict_network_weights(m), k->memory, e)); /* also of a run that is kept */
    TRY(assemble(n, m, part, window, k, pool, conv, e));
    return n->room ? network_borrow(n->room, &n->run, e) : ATT_OK;
}

att_status network_macs(const struct model *m, const int window[3], double *macs, struct err *e)
{
    struct graph g;
    int input;
    graph_init(&g, predict_network_weights(m), false);
    att_status status = model_build(m, &g, 1, window, &input, e);
    if (status == ATT_OK) *macs = graph_macs(&g);
    graph_free(&g);
    return status;
}

void network_load(
    const struct network *n, const struct image *x, const int origin[3], const bool mirror[3])
{
    struct tensor t = run_tensor(&n->run, n->input);
    memset(t.p, 0, tensor_size(&t) * sizeof *t.p);
    int lo[3], hi[3];
    for (int i = 0; i < 3; i++) {
        lo[i] = origin[i] < 0 ? -origin[i] : 0;
        hi[i] = n->window[i] < x->size[i] - origin[i] ? n->window[i] : x->size[i] - origin[i];
    }
    const int slices = n->model->facts.slices, last = x->size[0] - 1;
    for (int c = 0; c < t.s.c; c++)
        for (int d = lo[0]; d < hi[0]; d++)
            for (int h = lo[1]; h < hi[1]; h++) {
                int z = origin[0] + d + c % slices - slices / 2;
                z = z < 0 ? 0 : z > last ? last : z;
                size_t row =
                    ((size_t)(c / slices) * (size_t)x->size[0] + (size_t)z) * (size_t)x->size[1] +
                    (size_t)(origin[1] + h);
                const float *from = x->data + row * (size_t)x->size[2] + (ptrdiff_t)origin[2];
                size_t td = (size_t)(mirror[0] ? t.s.d - 1 - d : d),
                       th = (size_t)(mirror[1] ? t.s.h - 1 - h : h);
                real *to = tensor_channel(&t, 0, c) +
                    (td * (size_t)t.s.h + th) * (size_t)t.s.w * (size_t)t.lanes;
                for (int w = lo[2]; w < hi[2]; w++)
                    to[(size_t)(mirror[2] ? t.s.w - 1 - w : w) * (size_t)t.lanes] = (real)from[w];
            }
}
