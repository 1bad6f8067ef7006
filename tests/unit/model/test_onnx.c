/* SPDX-License-Identifier: Apache-2.0 */
/* ONNX files, read back by fields: nodes, names, shapes and weights.  That other programs compute
 * the same with them is for python/tests/test_onnx.py. */
#include "model/onnx.h"

#include "unit/predict/predict_test.h"

#include <unistd.h>

struct field {
    int number;
    uint64_t value;
    const unsigned char *bytes; /* NULL: a number */
};

static uint64_t read_varint(const unsigned char **at)
{
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        assert_in_range(shift, 0, 63);
        value |= (uint64_t)(**at & 127) << shift;
        if (!(*(*at)++ & 128)) return value;
    }
}

/* The next field before `end`, or false there. */
static bool next(const unsigned char **at, const unsigned char *end, struct field *f)
{
    if (*at == end) return false;
    assert_true(*at < end);
    const uint64_t key = read_varint(at);
    f->number = (int)(key >> 3);
    f->bytes = NULL;
    if ((key & 7) == 5) {
        *at += 4;
        return true;
    }
    f->value = read_varint(at);
    if ((key & 7) == 0) return true;
    assert_int_equal(key & 7, 2);
    f->bytes = *at;
    *at += f->value;
    assert_true(*at <= end);
    return true;
}

static bool is_text(const struct field *f, const char *text)
{
    return f->bytes && f->value == strlen(text) && !memcmp(f->bytes, text, f->value);
}

/* How many fields `number` of a message there are; *last: the last. */
static int count_fields(const struct field *of, int number, struct field *last)
{
    const unsigned char *at = of->bytes;
    struct field f;
    int count = 0;
    while (next(&at, of->bytes + of->value, &f)) {
        if (f.number != number) continue;
        count++;
        if (last) *last = f;
    }
    return count;
}

/* The number of messages in field `number` whose own field `key` is this text; *found: the last. */
static int count_named(
    const struct field *of, int number, int key, const char *text, struct field *found)
{
    const unsigned char *at = of->bytes;
    struct field f, name;
    int count = 0;
    while (next(&at, of->bytes + of->value, &f)) {
        if (f.number != number || !count_fields(&f, key, &name) || !is_text(&name, text)) continue;
        count++;
        if (found) *found = f;
    }
    return count;
}

enum { GRAPH = 7, NODE = 1, TENSOR = 5, INPUT = 11, OUTPUT = 12, OPERATION = 4, INFO_NAME = 1 };

static unsigned char *bytes_of(const char *path, struct field *graph)
{
    size_t size;
    struct field model = {.number = 0};
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    size = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(size);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, size, file), size);
    fclose(file);
    model.bytes = bytes;
    model.value = size;
    assert_int_equal(count_fields(&model, GRAPH, graph), 1);
    assert_int_equal(count_named(&model, 14, 1, "attunet", NULL), 1);
    assert_int_equal(count_named(&model, 14, 1, "multiple", NULL), 1);
    return bytes;
}

static int operations(const struct field *graph, const char *type)
{
    return count_named(graph, NODE, OPERATION, type, NULL);
}

static void attention_unet(void **state)
{
    (void)state;
    struct model m;
    struct field graph, weight, dims, raw, value;
    make_model(&m, "arch=attunet dims=2 in=1 classes=2 widths=4,8,8 gated=all",
        plain_preparation(1, 1, 32, 32), plain_labels(2));
    OK(onnx_save(&m, "net.onnx", false, &e));
    unsigned char *bytes = bytes_of("net.onnx", &graph);
    assert_int_equal(count_fields(&graph, INPUT, NULL), 1);
    assert_int_equal(count_named(&graph, INPUT, INFO_NAME, "image", NULL), 1);
    assert_int_equal(count_fields(&graph, OUTPUT, NULL), 3);
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"logits", "attention.gate.0", "attention.gate.1"};
        assert_int_equal(count_named(&graph, OUTPUT, INFO_NAME, names[i], NULL), 1);
        assert_int_equal(count_named(&graph, NODE, 2, names[i], NULL), 1);
    }
    assert_int_equal(operations(&graph, "Sigmoid"), 2);
    assert_int_equal(operations(&graph, "MaxPool"), 2);
    assert_int_equal(operations(&graph, "Mul"), 2);
    assert_true(operations(&graph, "Conv") > 10);
    assert_int_equal(operations(&graph, "Sub"), 0);
    /* Every weight that a node reads, once, with torch's numbers. */
    for (int i = 0; i < m.params.count; i++) {
        const struct param *q = &m.params.list[i];
        assert_int_equal(
            count_named(&graph, TENSOR, 8, q->name, &weight), q->kind == STATE_COUNT ? 0 : 1);
        if (q->kind != PARAM_CONV) continue;
        float *numbers = malloc(q->count * sizeof *numbers);
        assert_int_equal(count_fields(&weight, 1, &dims), q->dims);
        assert_int_equal(dims.value, q->shape[q->dims - 1]);
        assert_int_equal(count_fields(&weight, 9, &raw), 1);
        assert_int_equal(raw.value, q->count * sizeof *numbers);
        OK(weights_bytes(&m.params, i, m.params.data, numbers, raw.value, &e));
        assert_memory_equal(raw.bytes, numbers, raw.value);
        assert_int_equal(count_fields(&weight, 2, &value), 1);
        assert_int_equal(value.value, 1);
        free(numbers);
    }
    free(bytes);
    OK(onnx_save(&m, "inside.onnx", true, &e)); /* plain_preparation normalises nothing */
    bytes = bytes_of("inside.onnx", &graph);
    assert_int_equal(operations(&graph, "Sub"), 1);
    free(bytes);
    model_free(&m);
}

static void every_architecture(void **state)
{
    (void)state;
    static const char *const specs[] = {"arch=unet dims=3 widths=4,8 norm=instance up=linear",
        "arch=unet dims=2 widths=4,8 up=transpose slices=3", "arch=lee width=4",
        "arch=oktay width=4 gates=multi", "arch=monai dims=2 widths=4,8 strides=2",
        "arch=nnunet dims=2 widths=4,8 strides=1,2", "arch=attunet dims=3 widths=4,4,4 gate=grid"};
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        char text[200];
        struct model m;
        struct field graph;
        const bool deep = strstr(specs[i], "dims=3") || strstr(specs[i], "oktay");
        snprintf(text, sizeof text, "%s in=1 classes=2", specs[i]);
        make_model(&m, text, plain_preparation(1, deep ? 64 : 1, 64, 64), plain_labels(2));
        OK(onnx_save(&m, "net.onnx", false, &e));
        unsigned char *bytes = bytes_of("net.onnx", &graph);
        assert_int_equal(count_named(&graph, NODE, 2, "logits", NULL), 1);
        free(bytes);
        OK(onnx_save(&m, "net.onnx", true, &e));
        model_free(&m);
    }
}

static void refused(void **state)
{
    (void)state;
    struct model m;
    struct preparation p = plain_preparation(2, 1, 32, 32);
    make_model(&m, "arch=unet dims=2 in=2 classes=2 widths=4,4", p, plain_labels(2));
    m.prep.normalise[1].scheme = NORMALISE_ZSCORE;
    REFUSED(onnx_save(&m, "x.onnx", true, &e), ATT_MODEL, "its channels in different ways");
    m.prep.normalise[0].scheme = NORMALISE_ZSCORE;
    m.prep.nonzero = true;
    REFUSED(onnx_save(&m, "x.onnx", true, &e), ATT_MODEL, "over non-zero voxels");
    m.prep.nonzero = false;
    OK(onnx_save(&m, "x.onnx", true, &e));
    model_free(&m);
    assert_int_equal(access("x.onnx", F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(attention_unet),
        cmocka_unit_test(every_architecture), cmocka_unit_test(refused)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
