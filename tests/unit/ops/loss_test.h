/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of losses: an objective on logits and labels that the test gives, its value and its
 * gradient. */
#ifndef LOSS_TEST_H
#define LOSS_TEST_H

#include "unit/arch/net_test.h"

#include <math.h>
#include <stdlib.h>

#include "ops/ops.h"

/* Logits of the shape, planar; labels, one per pixel. */
struct problem {
    struct shape s;
    const double *logits;
    const uint8_t *label;
    struct target target; /* its channels are the shape's */
    int isa;
};

/* The value; the gradient goes to dx unless that is NULL. */
static inline double loss_value(const char *text, const struct problem *p, double *dx)
{
    struct params params;
    struct graph g;
    struct run run;
    struct err e = {0};
    struct target target = p->target;
    int x, label, loss;
    target.channels = p->s.c;
    params_init(&params);
    graph_init(&g, &params, true);
    must(graph_input(&g, p->s, 1, true, &x, &e), &e);
    must(graph_output(&g, x, &e, "logits"), &e);
    must(objective_build(&g, text, &target, &label, &loss, &e), &e);
    must(run_create(&g, kernels_for(p->isa), NULL, NULL, &run, &e), &e);
    struct tensor t = run_tensor(&run, x);
    for (size_t i = 0; i < tensor_size(&t); i++) t.p[i] = (real)p->logits[i];
    memcpy(run_label(&run, label), p->label, g.values[label].bytes);
    run_forward(&run);
    double value = (double)run_tensor(&run, loss).p[0];
    run_backward(&run, loss);
    struct tensor d = run_gradient(&run, x);
    for (size_t i = 0; dx && i < tensor_size(&d); i++) dx[i] = (double)d.p[i];
    run_free(&run);
    graph_free(&g);
    params_free(&params);
    return value;
}

static inline void loss_is(const char *text, const struct problem *p, double want)
{
    double got = loss_value(text, p, NULL);
    if (!(fabs(got - want) <= 2e-6 * (1 + fabs(want))))
        fail_msg("%s is %.9g instead of %.9g", text, got, want);
}

/* The gradient too. */
static inline void loss_and_gradient(
    const char *text, const struct problem *p, double want, const double *gradient)
{
    size_t n = (size_t)p->s.n * (size_t)p->s.c * shape_pixels(p->s);
    double *dx = calloc(n, sizeof *dx), max = 0;
    assert_non_null(dx);
    loss_is(text, p, want);
    loss_value(text, p, dx);
    for (size_t i = 0; i < n; i++) max = fmax(max, fabs(gradient[i]));
    for (size_t i = 0; i < n; i++)
        if (!(fabs(dx[i] - gradient[i]) <= 5e-6 * max + 1e-9))
            fail_msg("%s, gradient [%zu]: %.9g instead of %.9g", text, i, dx[i], gradient[i]);
    free(dx);
}

#endif
