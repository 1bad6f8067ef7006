/* SPDX-License-Identifier: Apache-2.0 */
#include "draw/plot.h"

#include <math.h>

#include "draw/picture.h"
#include "format/format.h"
#include "unit/format/format_test.h"

enum { POINTS = 20, AXES = 700 /* the legend is right of it */ };

struct curve_data {
    double step[POINTS], loss[POINTS], mean[POINTS], dice[3][POINTS];
    struct plot p;
};

/* A falling loss, and three classes with Dice 0.1, 0.5, 0.9 throughout. */
static void make(struct curve_data *d)
{
    static const char *const names[] = {"one", "two", "three"};
    *d = (struct curve_data){
        .p = {.title = "a run", .n = POINTS, .validations = POINTS, .classes = 3}};
    for (int i = 0; i < POINTS; i++) {
        d->step[i] = 10 * (i + 1);
        d->loss[i] = 1 / (1. + i);
        d->mean[i] = .5;
        for (int k = 0; k < 3; k++) d->dice[k][i] = .1 + .4 * k;
    }
    d->p.step = d->p.dice_step = d->step;
    d->p.loss = d->loss;
    d->p.dice_mean = d->mean;
    for (int k = 0; k < 3; k++) {
        d->p.dice[k] = d->dice[k];
        d->p.name[k] = names[k];
    }
}

static struct image draw(const struct plot *p)
{
    struct image m;
    OK(plot_curves("plot.png", p, &e));
    OK(format_load_image("plot.png", &m, &e));
    assert_int_equal(m.channels, 3);
    assert_int_equal(m.size[2], PLOT_WIDTH);
    assert_true(m.size[1] == PLOT_HEIGHT || m.size[1] == PLOT_HEIGHT_LOSS);
    return m;
}

struct found {
    int count, left, right;
    double row; /* the mean */
};

/* Where a colour is, in columns `from` to `to`. */
static struct found find(const struct image *m, struct color c, int from, int to)
{
    struct found f = {.left = PLOT_WIDTH, .right = -1};
    const size_t plane = image_voxels(m->size);
    for (int y = 0; y < m->size[1]; y++)
        for (int x = from; x < to; x++) {
            const float *q = m->data + y * PLOT_WIDTH + x;
            if (q[0] != (float)c.r || q[plane] != (float)c.g || q[2 * plane] != (float)c.b)
                continue;
            f.count++;
            f.row += y;
            if (x < f.left) f.left = x;
            if (x > f.right) f.right = x;
        }
    f.row /= f.count;
    return f;
}

static void values_lie_where_they_belong(void **state)
{
    (void)state;
    struct curve_data d;
    make(&d);
    struct image m = draw(&d.p);
    struct found low = find(&m, color_of_class(0), 0, AXES),
                 middle = find(&m, color_of_class(1), 0, AXES),
                 high = find(&m, color_of_class(2), 0, AXES);
    assert_true(low.count > 500 && middle.count > 500 && high.count > 500);
    assert_true(fabs(low.row - high.row - .8 * 216) < 1);
    assert_true(fabs(low.row - middle.row - .4 * 216) < 1);
    assert_true(
        abs(low.right - low.left - 604 * 19 / 20) < 8); /* from step 10 of 200 to the last */
    for (int k = 0; k < 3; k++)
        assert_true(find(&m, color_of_class(k), AXES, PLOT_WIDTH).count > 10);
    image_free(&m);
}

static void the_same_data_gives_the_same_file(void **state)
{
    (void)state;
    struct curve_data d;
    make(&d);
    OK(plot_curves("a.png", &d.p, &e));
    OK(plot_curves("b.png", &d.p, &e));
    assert_same_file("a.png", "b.png");
}

static void what_is_not_finite_is_passed_over(void **state)
{
    (void)state;
    struct curve_data d, less;
    make(&d);
    make(&less);
    d.loss[7] = NAN;
    d.loss[9] = INFINITY;
    for (int k = 0; k < 3; k++) d.dice[k][4] = NAN;
    d.mean[4] = NAN;
    OK(plot_curves("a.png", &d.p, &e));
    /* The same without those points. */
    double step[POINTS], loss[POINTS], dice_step[POINTS];
    int n = 0, v = 0;
    for (int i = 0; i < POINTS; i++) {
        if (i != 7 && i != 9) step[n] = d.step[i], loss[n++] = d.loss[i];
        if (i != 4) dice_step[v++] = d.step[i];
    }
    less.p.step = step;
    less.p.loss = loss;
    less.p.n = n;
    less.p.dice_step = dice_step;
    less.p.validations = v;
    OK(plot_curves("b.png", &less.p, &e));
    assert_same_file("a.png", "b.png");
}

static void a_run_may_be_young(void **state)
{
    (void)state;
    struct curve_data d;
    make(&d);
    d.p.validations = 0;
    struct image m = draw(&d.p);
    assert_int_equal(find(&m, color_of_class(0), 0, PLOT_WIDTH).count, 0);
    assert_int_equal(m.size[1], PLOT_HEIGHT_LOSS); /* no empty axes for Dice */
    image_free(&m);
    d.p.n = 0;
    m = draw(&d.p);
    image_free(&m);
    d.p.n = d.p.validations = 1;
    m = draw(&d.p);
    assert_true(find(&m, color_of_class(0), 0, AXES).count > 8); /* its point */
    assert_int_equal(m.size[1], PLOT_HEIGHT);
    image_free(&m);
    for (int i = 0; i < POINTS; i++)
        for (int k = 0; k < 3; k++) d.dice[k][i] = NAN;
    m = draw(&d.p);
    assert_int_equal(find(&m, color_of_class(0), 0, PLOT_WIDTH).count, 0);
    image_free(&m);
}

static void extremes_are_drawn(void **state)
{
    (void)state;
    struct curve_data d;
    make(&d);
    d.loss[0] = 1e308;
    d.loss[1] = -1e308;
    d.step[POINTS - 1] = 9e18;
    struct image m = draw(&d.p);
    image_free(&m);
    d.step[POINTS - 1] = NAN;
    for (int i = 0; i < POINTS; i++) d.loss[i] = 0;
    m = draw(&d.p);
    image_free(&m);
    for (int i = 0; i < POINTS; i++) d.loss[i] = 5e-324;
    d.p.classes = PLOT_CLASSES;
    for (int k = 0; k < PLOT_CLASSES; k++) {
        d.p.dice[k] = d.dice[k % 3];
        d.p.name[k] = "a name that is much too long for the room that the legend has";
    }
    d.p.title = "a title that is much too long, too: a title that is much too long, too: a "
                "title that is much too long, too";
    m = draw(&d.p);
    image_free(&m);
}

static void a_missing_folder_is_named(void **state)
{
    (void)state;
    struct curve_data d;
    make(&d);
    REFUSED(plot_curves("nowhere/plot.png", &d.p, &e), ATT_IO, "nowhere/plot.png");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_lie_where_they_belong),
        cmocka_unit_test(the_same_data_gives_the_same_file),
        cmocka_unit_test(what_is_not_finite_is_passed_over),
        cmocka_unit_test(a_run_may_be_young),
        cmocka_unit_test(extremes_are_drawn),
        cmocka_unit_test(a_missing_folder_is_named),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
