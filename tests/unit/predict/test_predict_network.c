/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_network.h"

#include "unit/predict/predict_test.h"

static att_status raise(struct network *n, const struct model *m, int h, int w, struct err *why)
{
    return network_build(n, m, (int[]){1, h, w}, kernels_for(ISA_REF), NULL, NULL, why);
}

/* Models of one spec take turns in one plan; another window or spec needs a new one. */
static void plans_are_kept(void **state)
{
    (void)state;
    struct model a, b, other;
    struct network n = {0};
    make_seeded(&a, "arch=unet dims=2 in=1 classes=2 widths=4,4", plain_preparation(1, 1, 16, 16),
        plain_labels(2), 1);
    make_seeded(&b, "arch=unet dims=2 in=1 classes=2 widths=4,4", plain_preparation(1, 1, 16, 16),
        plain_labels(2), 2);
    make_model(&other, "arch=unet dims=2 in=1 classes=2 widths=4,8",
        plain_preparation(1, 1, 16, 16), plain_labels(2));
    OK(raise(&n, &a, 16, 16, &e));
    const unsigned char *work = n.run.work.p;
    const struct plan_step *steps = n.run.plan.steps;
    assert_ptr_equal(n.graph.params, &a.params);
    OK(raise(&n, &b, 16, 16, &e));
    assert_ptr_equal(n.graph.params, &b.params);
    assert_true(n.run.work.p == work && n.run.plan.steps == steps && n.model == &b);
    OK(raise(&n, &other, 16, 16, &e));
    assert_ptr_equal(n.graph.params, &other.params);
    OK(raise(&n, &other, 8, 24, &e));
    assert_true(n.window[1] == 8 && run_tensor(&n.run, n.input).s.w == 24);
    REFUSED(raise(&n, &other, 15, 16, &e), ATT_MODEL, "multiples");
    assert_null(n.model);
    OK(raise(&n, &a, 16, 16, &e)); /* after a failure, too */
    network_drop(&n);
    network_drop(&n);
    model_free(&a);
    model_free(&b);
    model_free(&other);
}

static void answer(
    struct network *n, const struct model *m, int side, const struct image *x, float *logits)
{
    OK(raise(n, m, side, side, &e));
    network_load(n, x, (int[]){0, 0, 0}, (bool[]){false, false, false});
    run_forward(&n->run);
    const struct tensor t = run_tensor(&n->run, n->logits);
    for (int i = 0; i < 16; i++) logits[i] = (float)tensor_channel(&t, 0, 1)[i];
}

/* Networks that take turns with a room answer as they do alone: while it grows, and after it was
 * freed. */
static void a_room_is_shared(void **state)
{
    (void)state;
    struct model m;
    struct buffer room = {.p = NULL};
    struct network small = {.room = &room}, large = {.room = &room}, alone = {.room = NULL};
    struct image x = make_image(1, 1, 16, 16);
    float wanted[2][16], got[16];
    make_seeded(&m, "arch=unet dims=2 in=1 classes=2 widths=4,4", plain_preparation(1, 1, 16, 16),
        plain_labels(2), 3);
    for (int i = 0; i < 256; i++) x.data[i] = (float)(i % 7);
    answer(&alone, &m, 8, &x, wanted[0]);
    answer(&alone, &m, 16, &x, wanted[1]);
    for (int turn = 0; turn < 2; turn++) {
        answer(&small, &m, 8, &x, got);
        assert_memory_equal(got, wanted[0], sizeof got);
        const size_t before = room.bytes;
        answer(&large, &m, 16, &x, got);
        assert_memory_equal(got, wanted[1], sizeof got);
        assert_true(room.bytes > before);
        answer(&small, &m, 8, &x, got);
        assert_memory_equal(got, wanted[0], sizeof got);
        buffer_destroy(&room);
    }
    network_drop(&small);
    network_drop(&large);
    assert_ptr_equal(small.room, &room);
    network_drop(&alone);
    image_free(&x);
    model_free(&m);
}

/* 4 x 6 pixels from (-1, 2) on: the first row and the last two columns lie outside of the image. */
static void parts_are_loaded_mirrored(void **state)
{
    (void)state;
    struct model m;
    struct network n = {0};
    struct image x = make_image(1, 1, 4, 6);
    make_model(&m, "arch=unet dims=2 in=1 classes=2 widths=4,4", plain_preparation(1, 1, 16, 16),
        plain_labels(2));
    for (int i = 0; i < 24; i++) x.data[i] = (float)(i + 1);
    OK(raise(&n, &m, 4, 6, &e));
    struct tensor t = run_tensor(&n.run, n.input);
    for (int bits = 0; bits < 4; bits++) {
        network_load(&n, &x, (int[]){0, -1, 2}, (bool[]){false, bits & 2, bits & 1});
        for (int h = 0; h < 4; h++)
            for (int w = 0; w < 6; w++) {
                int fh = (bits & 2 ? 3 - h : h) - 1, fw = (bits & 1 ? 5 - w : w) + 2;
                assert_true(t.p[(h * 6 + w) * t.lanes] ==
                    (fh < 0 || fw > 5 ? 0 : (real)x.data[fh * 6 + fw]));
            }
    }
    network_drop(&n);
    image_free(&x);
    model_free(&m);
}

/* slices=3: below, at and above the window's slice, for each channel; the last slice again past the
 * ends. */
static void neighbours_are_loaded(void **state)
{
    (void)state;
    enum { D = 4, AREA = 16 };
    struct model m;
    struct network n = {0};
    struct image x = make_image(2, D, 4, 4);
    make_model(&m, "arch=unet dims=2 in=2 slices=3 classes=2 widths=4,4",
        plain_preparation(2, 1, 16, 16), plain_labels(2));
    for (int i = 0; i < 2 * D * AREA; i++) x.data[i] = (float)(i + 1);
    OK(raise(&n, &m, 4, 4, &e));
    struct tensor t = run_tensor(&n.run, n.input);
    assert_int_equal(t.s.c, 6);
    for (int d = 0; d < D; d++) {
        static const int from[D][3] = {{0, 0, 1}, {0, 1, 2}, {1, 2, 3}, {2, 3, 3}};
        network_load(&n, &x, (int[]){d, 0, 0}, (bool[]){false, false, true});
        for (int map = 0; map < 6; map++)
            for (int i = 0; i < AREA; i++)
                assert_true(tensor_channel(&t, 0, map)[i * t.lanes] ==
                    (real)x.data[(map / 3 * D + from[d][map % 3]) * AREA + i / 4 * 4 + 3 - i % 4]);
    }
    network_drop(&n);
    image_free(&x);
    model_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plans_are_kept),
        cmocka_unit_test(a_room_is_shared), cmocka_unit_test(parts_are_loaded_mirrored),
        cmocka_unit_test(neighbours_are_loaded)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
