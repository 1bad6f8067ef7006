/* SPDX-License-Identifier: Apache-2.0 */
/* Two networks and a policy are one model and one file, and come apart again as they were. */
#include "model/join.h"

#include "unit/predict/predict_test.h"

#define WORDS "norm=instance up=linear gated=all"

static void make_pair(struct model *coarse, struct model *fine)
{
    struct preparation prep = plain_preparation(1, 1, 32, 32);
    prep.normalise[0].scheme = NORMALISE_ZSCORE;
    make_seeded(
        fine, "arch=attunet dims=2 in=1 classes=3 widths=4,6,8 " WORDS, prep, plain_labels(3), 2);
    prep.shrink[0] = 1;
    prep.shrink[1] = prep.shrink[2] = 4;
    prep.patch[1] = 16;
    make_seeded(
        coarse, "arch=attunet dims=2 in=1 classes=3 widths=5,3 " WORDS, prep, plain_labels(3), 3);
}

static void parse(struct spec *s, const char *text) { OK(spec_parse(s, text, &e)); }

static void assert_same_weights(const struct model *a, const struct model *b)
{
    assert_int_equal(a->params.count, b->params.count);
    assert_memory_equal(a->params.data, b->params.data, a->params.size * sizeof(real));
    assert_memory_equal(a->params.state, b->params.state, a->params.state_size * sizeof(real));
}

static void joined_saved_and_split(void **state)
{
    (void)state;
    struct model coarse, fine, both, again, part;
    struct spec words;
    make_pair(&coarse, &fine);
    parse(&words, "arch=hard scale=4 tile=16 halo=4 tiles=2 policy=3");
    OK(join_models(&coarse, &fine, &words, 5, &both, &e));
    assert_string_equal(spec_get(&both.spec, "coarse", ""), "5,3");
    assert_string_equal(spec_get(&both.spec, "fine", ""), "4,6,8");
    assert_string_equal(spec_get(&both.spec, "norm", ""), "instance");
    assert_string_equal(spec_get(&both.spec, "classes", ""), "3");
    assert_memory_equal(both.prep.patch, ((int[]){1, 24, 24}), sizeof both.prep.patch);
    assert_int_equal(both.prep.shrink[1], 0);
    assert_int_equal(params_trainable(&both.params),
        params_trainable(&coarse.params) + params_trainable(&fine.params) +
            (2 * 5 + 3 + 1 + 2 + 2) * 9 * 3 + 3 + 1 + 3 * 9 * 3 + 3 + 1 + 3 * 3 + 3);
    OK(model_save(&both, "both.safetensors", &e));
    OK(model_load("both.safetensors", &again, &e));
    assert_string_equal(both.spec.text, again.spec.text);
    assert_same_weights(&both, &again);
    OK(join_part(&again, PART_COARSE, &part, &e));
    assert_same_weights(&part, &coarse);
    assert_int_equal(part.prep.shrink[2], 4);
    model_free(&part);
    OK(join_part(&again, PART_FINE, &part, &e));
    assert_same_weights(&part, &fine);
    assert_memory_equal(part.prep.patch, ((int[]){1, 24, 24}), sizeof part.prep.patch);
    assert_int_equal(part.prep.normalise[0].scheme, NORMALISE_ZSCORE);
    model_free(&part);
    model_free(&again);
    model_free(&both);
    model_free(&coarse);
    model_free(&fine);
}

/* Batch norms bring running statistics, which are no parameters. */
static void statistics_are_joined_too(void **state)
{
    (void)state;
    struct model coarse, fine, both, part;
    struct spec words;
    struct preparation prep = plain_preparation(1, 1, 32, 32);
    make_seeded(&fine, "arch=attunet dims=2 in=1 classes=3 widths=4,6,8 norm=batch gated=all", prep,
        plain_labels(3), 2);
    prep.shrink[0] = 1;
    prep.shrink[1] = prep.shrink[2] = 4;
    make_seeded(&coarse, "arch=attunet dims=2 in=1 classes=3 widths=5,3 norm=batch gated=all", prep,
        plain_labels(3), 3);
    assert_true(coarse.params.state_size > 0 && fine.params.state_size > 0);
    for (size_t i = 0; i < coarse.params.state_size; i++) coarse.params.state[i] = (real)(1 + i);
    for (size_t i = 0; i < fine.params.state_size; i++)
        fine.params.state[i] = (real)(-1.0 - (double)i);
    parse(&words, "arch=hard scale=4 tile=16 halo=4 tiles=2 policy=3");
    OK(join_models(&coarse, &fine, &words, 5, &both, &e));
    OK(join_part(&both, PART_COARSE, &part, &e));
    assert_same_weights(&part, &coarse);
    model_free(&part);
    OK(join_part(&both, PART_FINE, &part, &e));
    assert_same_weights(&part, &fine);
    model_free(&part);
    model_free(&both);
    model_free(&coarse);
    model_free(&fine);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *words, *sentence;
    } list[] = {
        {"arch=hard scale=2 tile=16 halo=4",
            "the coarse network averages blocks of 1x4x4 voxels, but the spec has scale=1x2x2; "
            "make them equal"},
        {"arch=hard tile=16 halo=4 norm=batch",
            "the spec has norm=batch, but the networks have norm=instance; make them equal"},
        {"arch=hard tile=16 halo=4 fine=4,6",
            "the spec has fine=4,6, but the fine network has widths=4,6,8"},
        {"arch=hard tile=16 halo=3",
            "make windows of 22x22, but the fine network needs multiples of 4"},
    };
    struct model coarse, fine, both;
    struct spec words;
    make_pair(&coarse, &fine);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        parse(&words, list[i].words);
        REFUSED(join_models(&coarse, &fine, &words, 1, &both, &e), ATT_MODEL, list[i].sentence);
    }
    parse(&words, "arch=hard tile=16 halo=4");
    coarse.prep.normalise[0].scheme = NORMALISE_NONE;
    REFUSED(join_models(&coarse, &fine, &words, 1, &both, &e), ATT_MODEL,
        "the coarse and the fine network differ in their preparation");
    coarse.prep.normalise[0].scheme = NORMALISE_ZSCORE;
    coarse.labels.value[2] = 21;
    REFUSED(join_models(&coarse, &fine, &words, 1, &both, &e), ATT_MODEL,
        "the coarse and the fine network differ in their labels");
    OK(spec_set(&coarse.spec, "up", "nearest", &e));
    REFUSED(join_models(&coarse, &fine, &words, 1, &both, &e), ATT_MODEL,
        "the networks differ: up=linear in one, nearest in the other; train both with the same "
        "words");
    model_free(&coarse);
    model_free(&fine);
}

/* Networks without gates may say so by their arch, too. */
static void plain_u_nets(void **state)
{
    (void)state;
    struct spec coarse, fine, words, both;
    parse(&coarse, "arch=unet in=1 widths=2,3");
    parse(&fine, "arch=unet in=1 widths=4,5");
    parse(&words, "arch=glimpse tiles=0");
    OK(join_spec(&coarse, &fine, &words, &both, &e));
    assert_string_equal(both.text, "arch=glimpse tiles=0 coarse=2,3 fine=4,5 in=1 gate=none");
    parse(&fine, "arch=attunet in=1 widths=4,5");
    REFUSED(join_spec(&coarse, &fine, &words, &both, &e), ATT_MODEL,
        "only one of the networks is arch=unet; use it for both or neither");
    parse(&fine, "arch=lee in=1 widths=4,5");
    REFUSED(join_spec(&coarse, &fine, &words, &both, &e), ATT_MODEL,
        "the fine network is arch=lee, but hard attention joins networks of arch=attunet or "
        "arch=unet; train one of these");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joined_saved_and_split),
        cmocka_unit_test(statistics_are_joined_too),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(plain_u_nets),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
