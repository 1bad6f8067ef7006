/* SPDX-License-Identifier: Apache-2.0 */
/* Parity with PyTorch's reference files: one file on one instruction set.
 *
 * Tolerances hold for gradients only where both runs take the same decisions.  A ReLU whose
 * pre-activation is smaller than float's rounding error (or two candidates of a max-pool that
 * close) may be decided otherwise in float than in float64, and then many gradients differ by more
 * than rounding, although every kernel is right.  golden_edges.c tells that apart from an error:
 * the double build runs the network with the decisions of the float run, and the gradients of the
 * two must then agree, to the plain tolerance. */
#ifndef GOLDEN_H
#define GOLDEN_H

#include "arch/arch.h"
#include "graph/run.h"
#include "model/weights.h"

/* Relative L2, or of the largest logit; RMS: absolute rms that passes where the reference is all
 * but zero (a bias before a norm has no gradient but noise). */
struct tolerances {
    double logits, maps, loss, gradient, step, rms;
};
extern const struct tolerances FLOAT, DOUBLE;

struct miss {
    char name[300];
    double error, tolerance;
};

/* Put in on purpose: errors, to see that they are found (a gradient 1 % off; a decision that is not
 * the network's), and what is none (the number nearest to the edge, moved across). */
enum plant { PLANT_NOTHING, PLANT_GRADIENT, PLANT_DECISION, PLANT_EDGE };

/* What the double run says about decisions that differ. */
enum verdict { NOT_ASKED, EXPLAINED, REFUSED, NO_ANSWER };

struct golden {
    const char *path;
    struct st_file file;
    struct spec spec;
    const struct arch *arch;
    struct params params;
    struct graph graph;
    struct run run;
    struct pool *pool;
    const struct kernels *kernels;
    const char *conv;
    struct err err;
    struct shape in; /* c = channels */
    int image, label, loss;

    struct tolerances allowed;
    int compared, nmisses;
    struct miss *misses;
    bool forward_missed; /* a miss that no decision of backward explains */
    double worst;        /* the largest error divided by its tolerance */
    char worst_name[300];

    bool half;                                          /* maps in bfloat16 */
    att_status (*show)(struct graph *g, struct err *e); /* adds outputs; or NULL */

    bool keep_inputs; /* of additions, for golden_edges.c */
    struct op op_add_kept;
    size_t ndecisions;
    uint8_t *decisions;
    enum plant plant;
    char planted[300];
    enum verdict verdict;
    char answer[512]; /* of the double run */
};

/* golden_run.c */
att_status golden_open(struct golden *g, const char *path);
att_status golden_build(
    struct golden *g, bool training); /* the network with the file's weights, input and target */
att_status golden_evaluate(struct golden *g);
att_status golden_train(struct golden *g);
void golden_forward(struct golden *g); /* of training: runs it and compares logits and loss */
void golden_step(struct golden *g);    /* SGD, as the files were made */
bool golden_trains(const struct golden *g, int param); /* it has a gradient */
/* Mapped for the host: gradients and parameters, and kernels that work there. */
real *golden_gradients(const struct golden *g);
real *golden_weights(const struct golden *g);
const struct kernels *golden_host(const struct golden *g);
int golden_expected(const struct golden *g); /* how many tensors of the file want a counterpart */
void golden_drop(struct golden *g);          /* the network; golden_close drops it too */
void golden_close(struct golden *g);

/* golden_layers.c */
att_status golden_layers(struct golden *g); /* prints a line a layer: name, tab, distance */

/* golden_compare.c */
/* `largest`: error relative to the largest number instead of the L2 norm; `forward`: no decision of
 * backward can explain a miss. */
void compare_numbers(struct golden *g, const char *name, const real *got, const double *want,
    size_t count, double allowed, bool largest, bool forward);
void compare_value(struct golden *g, const char *name, int value, double allowed, bool largest);
void compare_gradients(struct golden *g);
void compare_step(struct golden *g);
void compare_report(const struct golden *g); /* misses, to standard error */

/* golden_edges.c */
/* How two runs differ: flips of `total` decisions, the largest value that was on the other side, or
 * why they are not to be excused. */
struct edges {
    size_t flips;
    double largest;
    char refusal[300];
};
void edges_keep(struct golden *g); /* before the run is made: what edges_take needs stays alive */
size_t edges_count(const struct golden *g);
void edges_record(const struct golden *g, uint8_t *decisions); /* after forward */
/* Moves values by as little as makes backward decide as wanted; false: not on the edge, too many,
 * or impossible. */
bool edges_take(struct golden *g, const uint8_t *wanted, struct edges *e);
void edges_flip_nearest(struct golden *g,
    uint8_t *decisions); /* moves the norm's number nearest to the edge across, and records that */

/* golden_excuse.c */
void excuse_ask(struct golden
        *g); /* float, after backward and step: asks the double build beside this program */
int excuse_judge(struct golden *g,
    const char
        *dump); /* double: answers on standard output; 0 explained, 1 refused, 2 cannot say */

#endif
