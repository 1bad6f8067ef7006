/* SPDX-License-Identifier: Apache-2.0 */
/* Reading ahead: batches out of packed cases against those of the same cases in memory, in whatever
 * order they are asked for; damage is told when its step comes, and does not stop the others. */
#include "feed/prefetch.h"

#include "feed/sampler.h"
#include "unit/feed/pack_test.h"

enum { BATCH = 3, PATCH = 8 * 12 * 12 };

struct both {
    struct dataset d;
    struct prepared whole[PACK_CASES],
        bare[PACK_CASES]; /* in memory; as a run on a packed set knows them */
    int list[PACK_CASES];
    struct sampler memory, packed;
};

static float image[2][BATCH * PACK_CHANNELS * PATCH];
static uint8_t labels[2][BATCH * PATCH];

/* slices > 1: for a 2D network with neighbours. */
static void begin_slices(struct both *b, int level, int slices)
{
    make_pack(&b->d, level);
    for (int k = 0; k < PACK_CASES; k++) {
        struct prepared *x = &b->bare[k];
        make_prepared(k, &b->whole[k]);
        *x = (struct prepared){.channels = PACK_CHANNELS};
        memcpy(x->size, b->whole[k].size, sizeof x->size);
        memcpy(x->spacing, b->whole[k].spacing, sizeof x->spacing);
        for (int c = 0; c < LABELLING_MAX; c++)
            x->first[c + 1] = x->first[c] + class_set_has(b->d.pack->cases[k].present, c);
        b->list[k] = k;
    }
    b->memory = (struct sampler){.cases = b->whole,
        .count = PACK_CASES,
        .classes = PACK_CLASSES,
        .patch = {slices > 1 ? 1 : 8, 12, 12},
        .batch = BATCH,
        .foreground = .5,
        .seed = 9,
        .dims = slices > 1 ? 2 : 3};
    b->memory.augment = (struct augment_options){.mirror = {true, true, true},
        .slices = slices,
        .through = -1,
        .rotate = .5,
        .rotate_plane = .5,
        .rotate_probability = .5,
        .scale = .4,
        .scale_probability = .5,
        .elastic = .3,
        .noise = .3,
        .gamma = .3};
    b->packed = b->memory;
    b->packed.cases = b->bare;
    b->packed.pack = b->d.pack;
    b->packed.list = b->list;
    OK(sampler_begin(&b->memory, &e));
    OK(sampler_begin(&b->packed, &e));
}

static void begin(struct both *b, int level) { begin_slices(b, level, 1); }

static void end(struct both *b)
{
    sampler_end(&b->memory);
    sampler_end(&b->packed);
    for (int k = 0; k < PACK_CASES; k++) prepared_free(&b->whole[k]);
    dataset_free(&b->d);
}

static void same_batch(const struct both *b, int64_t step)
{
    OK(sampler_batch(&b->memory, step, image[0], labels[0], &e));
    OK(sampler_batch(&b->packed, step, image[1], labels[1], &e));
    assert_memory_equal(image[0], image[1], sizeof *image);
    assert_memory_equal(labels[0], labels[1], sizeof *labels);
}

static void packed_batches_are_those_of_memory(void **state)
{
    static const int64_t jumps[] = {5, 5, 6, 4, 1000, 1001, 1003, 0, 1, 2, 1, 2147483646};
    (void)state;
    for (int k = 0; k < 4; k++) {
        const int level = k % 2 * 3, slices = k < 2 ? 1 : 5;
        struct both b;
        struct prefetch_report r;
        assert_int_equal(clear_set(NULL), 0);
        begin_slices(&b, level, slices);
        prefetch_report_fill(b.packed.ahead, &r);
        assert_true(r.patches == 0 && r.bytes == 0 && r.memory > 0);
        size_t memory = r.memory;
        for (int64_t step = 0; step < 40; step++) same_batch(&b, step);
        for (int i = 0; i < COUNT(jumps); i++) same_batch(&b, jumps[i]);
        prefetch_report_fill(b.packed.ahead, &r);
        assert_true(r.patches >= BATCH * (40 + COUNT(jumps)) && r.bytes > 0 && r.waited >= 0);
        assert_true(r.memory == memory); /* all was taken before the first step */
        end(&b);
    }
}

/* Ended before the first batch, while the next ones are read, and between two halves of a step. */
static void it_may_end_at_any_time(void **state)
{
    (void)state;
    struct both b;
    struct augment_job jobs[BATCH];
    begin(&b, 3);
    end(&b);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(clear_set(NULL), 0);
        begin(&b, 3);
        same_batch(&b, i);
        if (i % 2) OK(prefetch_take(b.packed.ahead, i + 1, jobs, &e));
        end(&b);
    }
}

/* A flipped byte near the end of the file of case 2: in its last chunk. */
static void damage(const struct both *b, bool back)
{
    static unsigned char old;
    char *path = pack_path(b->d.pack, PACK_CASE, b->d.pack->cases[2].file);
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, -1, SEEK_END), 0);
    if (!back) old = (unsigned char)fgetc(f);
    assert_int_equal(fseek(f, -1, SEEK_END), 0);
    fputc(back ? old : old ^ 0x10, f);
    assert_int_equal(fclose(f), 0);
    mem_free(path);
}

static void damage_is_told_at_its_step(void **state)
{
    (void)state;
    struct both b;
    int told = 0, right = 0;
    begin(&b, 3);
    damage(&b, false);
    for (int64_t step = 0; step < 60; step++) {
        struct err why = {0};
        att_status status = sampler_batch(&b.packed, step, image[1], labels[1], &why);
        if (status == ATT_OK) {
            OK(sampler_batch(&b.memory, step, image[0], labels[0], &e));
            assert_memory_equal(image[0], image[1], sizeof *image);
            right++;
            continue;
        }
        assert_int_equal(status, ATT_DATA);
        assert_non_null(strstr(why.text, "is damaged"));
        assert_non_null(strstr(why.text, "8000000000000003"));
        bool of_the_case = false; /* some patch of the step is of that case */
        for (int i = 0, origin[3]; i < BATCH; i++)
            of_the_case |= sampler_place(&b.memory, step, i, origin) == 2;
        assert_true(of_the_case);
        told++;
    }
    assert_true(told > 0 && right > told);
    damage(&b, true);
    for (int64_t step = 0; step < 60; step++) same_batch(&b, step);
    end(&b);
}

/* A file that is whole, but another case's. */
static void another_case_is_noticed(void **state)
{
    (void)state;
    struct both b;
    struct err why = {0};
    att_status status = ATT_OK;
    begin(&b, 0);
    char *from = pack_path(b.d.pack, PACK_CASE, b.d.pack->cases[4].file),
         *to = pack_path(b.d.pack, PACK_CASE, b.d.pack->cases[0].file);
    OK(file_rename(from, to, &e));
    for (int64_t step = 0; step < 60 && status == ATT_OK; step++) {
        bool lost = false;
        for (int i = 0, origin[3]; i < BATCH; i++)
            lost |= sampler_place(&b.memory, step, i, origin) == 4;
        if (!lost) status = sampler_batch(&b.packed, step, image[1], labels[1], &why);
    }
    assert_int_equal(status, ATT_DATA);
    assert_non_null(strstr(why.text, "does not fit its pack.json"));
    mem_free(from);
    mem_free(to);
    end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(packed_batches_are_those_of_memory, clear_set),
        cmocka_unit_test_setup(it_may_end_at_any_time, clear_set),
        cmocka_unit_test_setup(damage_is_told_at_its_step, clear_set),
        cmocka_unit_test_setup(another_case_is_noticed, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
