/* SPDX-License-Identifier: Apache-2.0 */
/* pack.json: what is written comes back, whatever was or was not packed, and what does not fit
 * together is named. */
#include "unit/feed/pack_test.h"

#include "files/json_file.h"

static void read_back(struct dataset *d)
{
    *d = (struct dataset){.labels.ignore = -1, .pack = mem_alloc(sizeof *d->pack)};
    OK(pack_read("set/pack.json", d, d->pack, &e));
}

static void same_cases(const struct dataset *a, const struct dataset *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(b->pack->count, b->count);
    for (int k = 0; k < a->count; k++) {
        const struct data_case *c = &a->cases[k], *g = &b->cases[k];
        const struct pack_case *x = &a->pack->cases[k], *y = &b->pack->cases[k];
        assert_string_equal(c->id, g->id);
        assert_int_equal(c->nimages, g->nimages);
        assert_string_equal(c->image[0], g->image[0]);
        assert_int_equal(c->label != NULL, g->label != NULL);
        if (c->label) assert_string_equal(c->label, g->label);
        assert_int_equal(x->nsources, y->nsources);
        for (int i = 0; i < x->nsources; i++) {
            assert_true(x->sources[i].hash == y->sources[i].hash);
            assert_true(x->sources[i].facts.size == y->sources[i].facts.size &&
                x->sources[i].facts.changed == y->sources[i].facts.changed);
        }
        assert_int_equal(x->packed, y->packed);
        if (!x->packed) continue;
        assert_true(x->file == y->file && x->print == y->print && x->head == y->head &&
            x->bytes == y->bytes);
        assert_memory_equal(x->size, y->size, sizeof x->size);
        assert_memory_equal(x->spacing, y->spacing, sizeof x->spacing);
        assert_true(class_set_equal(x->present, y->present));
    }
}

static void what_is_written_comes_back(void **state)
{
    struct dataset d, back;
    (void)state;
    make_pack(&d, 1);
    d.pack->cases[3].packed = false;
    class_set_add(
        &d.pack->cases[2].present, 2); /* which it lacks: the index says what it is told */
    OK(pack_write(d.pack, &d, &e));
    read_back(&back);
    same_cases(&d, &back);
    assert_int_equal(back.dims, 3);
    assert_int_equal(back.channels, PACK_CHANNELS);
    assert_string_equal(back.channel_name[1], "T1");
    assert_memory_equal(&back.labels, &d.labels, sizeof d.labels);
    assert_string_equal(back.pack->source, "/source");
    assert_true(json_equal(back.pack->preparation, d.pack->preparation));
    assert_memory_equal(back.pack->chunk, d.pack->chunk, sizeof d.pack->chunk);
    assert_int_equal(back.pack->level, 1);
    dataset_free(&back);
    dataset_free(&d);
}

static void the_last_class_is_kept(void **state)
{
    struct dataset d, back;
    (void)state;
    make_pack(&d, 1);
    d.labels.count = 0;
    d.labels.ignore = -1;
    for (unsigned k = 0; k < LABELLING_MAX; k++) labelling_add(&d.labels, 2 * k, "x");
    for (int k = 60; k < LABELLING_MAX; k++) class_set_add(&d.pack->cases[0].present, k);
    OK(pack_write(d.pack, &d, &e));
    read_back(&back);
    same_cases(&d, &back);
    dataset_free(&back);
    dataset_free(&d);
}

/* One member of the index, or of its second case, is another; `words` are said. */
static void change(bool of_case, const char *key, json_t *value, const char *words)
{
    json_t *j;
    OK(json_file_read("set/good.json", &j, &e));
    json_object_set_new(of_case ? json_array_get(json_object_get(j, "cases"), 1) : j, key, value);
    assert_int_equal(json_dump_file(j, "set/pack.json", 0), 0);
    json_decref(j);
    struct dataset d = {.labels.ignore = -1, .pack = mem_alloc(sizeof *d.pack)};
    REFUSED(pack_read("set/pack.json", &d, d.pack, &e), ATT_DATA, words);
    dataset_free(&d);
}

static void what_does_not_fit_is_named(void **state)
{
    struct dataset d;
    (void)state;
    make_pack(&d, 1);
    OK(pack_write(d.pack, &d, &e));
    dataset_free(&d);
    OK(file_rename("set/pack.json", "set/good.json", &e));
    change(false, "format", json_integer(3), "is from a newer attunet");
    change(false, "format", json_null(), "is damaged (its format)");
    change(false, "source", json_string("relative"), "(the folder of its sources)");
    change(false, "preparation", json_integer(1), "(its preparation)");
    change(false, "dims", json_integer(4), "(its chunks)");
    change(false, "level", json_integer(23), "(its chunks)");
    change(false, "chunk", json_pack("[i, i, i]", 8, 8, PACK_SIDE + 1), "(its chunks)");
    change(false, "labels", json_object(), "(its labels)");
    change(false, "channels", json_array(), "(its channels)");
    change(false, "cases", json_array(), "(its cases)");
    change(true, "id", json_string(""), "(a case without name or images)");
    change(true, "id", json_string("case0"), "(the order of its cases)");
    change(true, "images", json_array(), "(a case without name or images)");
    change(true, "label", json_integer(1), "(a label's name)");
    change(true, "label", json_string("one more"),
        "(the sources of a case)"); /* than sources are noted */
    change(true, "sources", json_array(), "(the sources of a case)");
    change(true, "file", json_string("8000000000000g01"), "(a packed case)");
    change(true, "head", json_integer(8), "(a packed case)");
    change(true, "bytes", json_integer(-1), "(a packed case)");
    change(true, "size", json_pack("[i, i, i]", 0, 1, 1), "(a packed case)");
    change(true, "size", json_pack("[i, i, i]", 1 << 16, 1 << 15, 1), "(a packed case)");
    change(true, "classes", json_pack("[i]", PACK_CLASSES), "(a packed case)");
    change(true, "classes", json_pack("[i]", 0), "(a packed case)");
    change(true, "grup", json_string("a"), "unknown key \"grup\"; did you mean \"group\"?");
    change(
        false, "voxel_siz", json_null(), "unknown key \"voxel_siz\"; did you mean \"voxel_size\"?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_written_comes_back, clear_set),
        cmocka_unit_test_setup(the_last_class_is_kept, clear_set),
        cmocka_unit_test_setup(what_does_not_fit_is_named, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
