/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the text of an objective; one that is right is built behind a small network's head. */
#include "arch/objective.h"
#include "fuzz.h"

static void build(const char *text)
{
    static const struct target t = {.channels = 3};
    struct params params;
    struct graph g;
    struct err e = {0};
    int x, label, loss;
    params_init(&params);
    graph_init(&g, &params, true);
    att_status status = graph_input(&g, (struct shape){1, 3, 1, 8, 8}, 1, true, &x, &e);
    if (status == ATT_OK) status = graph_output(&g, x, &e, "logits");
    if (status == ATT_OK) status = objective_build(&g, text, &t, &label, &loss, &e);
    fuzz_check(status, &e);
    if (status != ATT_OK) abort();
    graph_free(&g);
    params_free(&params);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct err e = {0};
    att_status status = objective_check(text, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) build(text);
    e = (struct err){0};
    fuzz_check(objective_check_weights(text, &e), &e);
    free(text);
    return 0;
}
