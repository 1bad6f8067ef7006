/* SPDX-License-Identifier: Apache-2.0 */
/* All losses against values and gradients that MONAI and PyTorch computed in double
 * (fixtures/losses/torch.txt, which tools/torch/torch_losses.py explains), on every instruction set
 * of this machine, and how they behave at the edges. */
#include "unit/ops/loss_test.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/number.h"
#include "files/file.h"

enum { MOST = 4096 };

/* The four lines of a case; false at the end of the file. */
static bool read_case(char **at, char *line[4])
{
    for (int i = 0; i < 4; i++) {
        line[i] = strsep(at, "\n");
        if (!line[i] || !*line[i]) return false;
    }
    return true;
}

static void check_case(char *line[4])
{
    static double logits[MOST], want[MOST + 1];
    uint8_t label[MOST];
    struct problem p = {.logits = logits, .label = label};
    struct shape *s = &p.s;
    int regions;
    assert_int_equal(
        sscanf(line[1], "%d %d %d %d %d %d", &s->n, &s->c, &s->d, &s->h, &s->w, &regions), 6);
    size_t pixels = (size_t)s->n * shape_pixels(*s), count = pixels * (size_t)s->c;
    assert_true(count <= MOST);
    assert_int_equal(strlen(line[2]), pixels);
    for (size_t i = 0; i < pixels; i++)
        label[i] = line[2][i] == 'x' ? LABEL_IGNORE : (uint8_t)(line[2][i] - '0');
    for (size_t i = 0; i < count; i++)
        logits[i] = 2 * sin(0.7 * (double)i + 0.01 * (double)i * (double)i);
    for (size_t i = 0; i <= count; i++) want[i] = number_read(line[3], &line[3]);
    p.target.regions = regions > 0;
    for (int k = 0; k < regions; k++) p.target.region[k] = class_set_bits(~(uint64_t)0 << (k + 1));
    for (p.isa = ISA_REF; p.isa <= kernels_best(); p.isa++)
        loss_and_gradient(line[0], &p, want[0], want + 1);
}

static void test_as_torch(void **state)
{
    char *text, *at, *line[4];
    size_t size;
    int cases = 0;
    struct err e = {0};
    (void)state;
    must(file_read(TEST_SOURCE_DIR "/tests/fixtures/losses/torch.txt", 1 << 22, &text, &size, &e),
        &e);
    for (at = text; read_case(&at, line); cases++) check_case(line);
    assert_int_equal(cases, 32);
    mem_free(text);
}

/* Softmax of (0, ln 3) is (1/4, 3/4); one image, one row. */
#define LN3 1.0986122886681098

/* Class 1: TP = 3/4 + 1/2, FP = 3/4, FN = 1/4 + 1/2. */
static void test_tversky(void **state)
{
    (void)state;
    const double z[] = {0, 0, 0, 5, LN3, LN3, 0, 5};
    const uint8_t label[] = {0, 1, 1, LABEL_IGNORE};
    struct problem p = {.s = {1, 2, 1, 2, 2}, .logits = z, .label = label};
    loss_is("tversky(alpha=1,beta=0,smooth=0)", &p, 0.75 / 2);
    loss_is("tversky(alpha=0,beta=1,smooth=0)", &p, 0.75 / 2);
    loss_is("tversky(alpha=2,beta=1,smooth=.5)", &p, 2.25 / 4);
    loss_is("tversky(alpha=.5,beta=.5,smooth=1)", &p,
        loss_value("dice(smooth=2)", &p, NULL)); /* twice the numbers */
    loss_is("focal-tversky(alpha=2,beta=1,smooth=.5,gamma=2)", &p, 2.25 * 2.25 / 16);
    loss_is("focal-tversky(alpha=2,beta=1,smooth=.5,gamma=.5)", &p, 0.75);
    loss_is("focal-tversky(gamma=1)", &p, loss_value("tversky", &p, NULL));
}

/* Without an exponent, or with all pixels, they are cross-entropy; weights divide as there. */
static void test_cross_entropies(void **state)
{
    (void)state;
    const double z[] = {0, 0, 0, 5, LN3, LN3, 0, 5};
    const uint8_t label[] = {0, 1, 1, LABEL_IGNORE};
    struct problem p = {
        .s = {1, 2, 1, 2, 2}, .logits = z, .label = label, .target = {.weight = {1, 3}}};
    double dx[8], ce = loss_value("ce", &p, dx);
    loss_and_gradient("focal(gamma=0)", &p, ce, dx);
    loss_and_gradient("topk(k=100)", &p, ce, dx);
    for (int i = 0; i < 8; i++) dx[i] /= 2;
    loss_and_gradient("focal(gamma=0,alpha=.5)", &p, ce / 2, dx);
    loss_is(
        "focal(gamma=2)", &p, (9.0 / 16 * log(4) + 3.0 / 16 * log(4.0 / 3) + 3.0 / 4 * log(2)) / 7);
    /* weighted terms ln 4, 3 ln 4/3, 3 ln 2: two of three */
    loss_is("topk(k=67)", &p, (log(4) + 3 * log(2)) / 4);
    loss_is("topk(k=1)", &p, log(2));
}

/* One row, class 1 in pixels 2 to 5 of 8, p = 3/4 of it everywhere: phi = 2 1 0 -1 -1 0 1 2. */
static void test_boundary(void **state)
{
    (void)state;
    double z[16] = {0}, dx[16];
    uint8_t label[8] = {0, 0, 1, 1, 1, 1, 0, 0};
    struct problem p = {.s = {1, 2, 1, 1, 8}, .logits = z, .label = label};
    for (int i = 0; i < 8; i++) z[i + 8] = LN3;
    const double phi[] = {2, 1, 0, -1, -1, 0, 1, 2};
    for (int i = 0; i < 8; i++) dx[i] = -(dx[i + 8] = 3.0 / 16 * phi[i] / 8);
    loss_and_gradient("boundary", &p, 0.75 * 4 / 8, dx);
    label[4] = label[5] = LABEL_IGNORE; /* what is unknown is no border: phi = 2 1 0 -1 . . 3 4 */
    loss_is("boundary", &p, 0.75 * 9 / 6);
    memset(label, 1, sizeof label);
    memset(dx, 0, sizeof dx);
    loss_and_gradient("boundary", &p, 0, dx);
}

/* Every loss, alone, where everything is right, wrong, absent or ignored: finite numbers, and a
 * gradient that leads to the labels. */
static void test_extremes(void **state)
{
    (void)state;
    static const double sizes[] = {0, 30, 200, 1e4, 1e30};
    double z[24], dx[24];
    uint8_t label[12];
    struct problem p = {.s = {1, 2, 1, 3, 4}, .logits = z, .label = label};
    for (const struct loss *const *l = losses_list(); *l; l++)
        for (int size = 0; size < 5; size++)
            for (int labels = 0; labels < 4; labels++)
                for (int regions = 0; regions < 2; regions++)
                    for (int wrong = 0; wrong < 2; wrong++)
                        for (p.isa = ISA_REF; p.isa <= kernels_best(); p.isa++) {
                            p.target.regions = regions;
                            p.target.region[0] = class_set_of(0),
                            p.target.region[1] = class_set_of(1);
                            for (int i = 0; i < 12; i++) {
                                label[i] = (uint8_t)(labels == 3 ? LABEL_IGNORE
                                        : labels == 2            ? i % 2
                                                                 : labels);
                                bool first = label[i] == wrong;
                                z[i] = first ? sizes[size] : -sizes[size];
                                z[i + 12] = -z[i];
                            }
                            double value = loss_value((*l)->name, &p, dx);
                            if (!isfinite(value))
                                fail_msg("%s of logits +-%g is %g", (*l)->name, sizes[size], value);
                            for (int i = 0; i < 24; i++)
                                if (!isfinite(dx[i]))
                                    fail_msg("%s of logits +-%g has a gradient %g", (*l)->name,
                                        sizes[size], dx[i]);
                            if (labels == 3)
                                for (int i = 0; i < 24; i++) assert_true(dx[i] == 0);
                        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_as_torch),
        cmocka_unit_test(test_tversky), cmocka_unit_test(test_cross_entropies),
        cmocka_unit_test(test_boundary), cmocka_unit_test(test_extremes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
