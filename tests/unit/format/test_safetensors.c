/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors: what the reference library wrote is read exactly; what we write comes back; hostile
 * headers are refused. */
#include "format/safetensors.h"

#include <math.h>

#include "unit/format/format_test.h"

static void check_values(const struct st_file *f, const char *name, enum st_type type,
    const double *expected, size_t count)
{
    const struct st_tensor *t = st_find(f, name);
    double d[8];
    float s[8];
    assert_non_null(t);
    assert_string_equal(t->name, name);
    assert_int_equal(t->type, type);
    assert_int_equal(t->count, count);
    OK(st_fetch(f, t, &e));
    st_to_double(t, d);
    st_to_float(t, s);
    for (size_t i = 0; i < count; i++) {
        assert_true(d[i] == expected[i]);
        assert_true(s[i] == (float)expected[i]);
    }
}

static att_status copy_bytes(void *arg, int index, void *out, size_t bytes, struct err *e)
{
    (void)index;
    (void)e;
    memcpy(out, arg, bytes);
    return ATT_OK;
}

static void reads_every_type(void **state)
{
    (void)state;
    static const double reals[] = {0, 1, -2, 0.5, 3, -100};
    struct st_file f;
    OK(st_open(fixture("safetensors/types.safetensors"), &f, &e));
    assert_int_equal(f.count, 12);
    assert_string_equal(st_metadata(&f, "key"), "v\xc3\xa4l\nue");
    assert_null(st_metadata(&f, "nothing"));
    assert_null(st_find(&f, "nothing"));
    check_values(&f, "f64", ST_F64, reals, 6);
    check_values(&f, "f32", ST_F32, reals, 6);
    check_values(&f, "f16", ST_F16, reals, 6);
    check_values(&f, "bf16", ST_BF16, reals, 6);
    check_values(&f, "i64", ST_I64, (double[]){0, -5, 1099511627776.0}, 3);
    check_values(&f, "i32", ST_I32, (double[]){0, -5, 1073741824}, 3);
    check_values(&f, "i16", ST_I16, (double[]){0, -5, 3000}, 3);
    check_values(&f, "i8", ST_I8, (double[]){0, -5, 100}, 3);
    check_values(&f, "u8", ST_U8, (double[]){0, 5, 200}, 3);
    check_values(&f, "bool", ST_BOOL, (double[]){0, 1}, 2);
    check_values(&f, "scalar", ST_F32, (double[]){7}, 1);
    check_values(&f, "empty", ST_F32, NULL, 0);
    const struct st_tensor *t = st_find(&f, "f64");
    assert_int_equal(t->dims, 2);
    assert_int_equal(t->shape[0], 2);
    assert_int_equal(t->shape[1], 3);
    assert_int_equal(st_find(&f, "scalar")->dims, 0);
    st_close(&f);
    assert_null(f.tensors);
}

/* Tensor by tensor; a file that is cut off while it is open is a sentence, where a mapped one would
 * end the process. */
static void cut_off_while_it_is_open(void **state)
{
    (void)state;
    static unsigned char bytes[3 << 14];
    struct st_spec specs[] = {{"a", ST_U8, 1, {sizeof bytes}}, {"b", ST_U8, 1, {sizeof bytes}}};
    struct st_file f;
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * 7 + i / 251);
    OK(st_save("apart.safetensors", NULL, specs, 2, copy_bytes, bytes, &e));
    OK(st_open("apart.safetensors", &f, &e));
    assert_int_equal(f.count, 2);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < f.count; i++) {
            OK(st_fetch(&f, &f.tensors[i], &e));
            assert_memory_equal(f.tensors[i].data, bytes, sizeof bytes);
            st_release(&f, &f.tensors[i]);
        }
    assert_int_equal(truncate("apart.safetensors", sizeof bytes + 4096), 0);
    OK(st_fetch(&f, &f.tensors[0], &e));
    REFUSED(st_fetch(&f, &f.tensors[1], &e), ATT_MODEL,
        "apart.safetensors ends too early; it may be truncated");
    st_close(&f);
    REFUSED(st_open("apart.safetensors", &f, &e), ATT_MODEL, "get a complete copy");
    REFUSED(st_open(fixture("torch/legacy.pth"), &f, &e), ATT_MODEL,
        "legacy.pth: written by torch.save before PyTorch 1.6");
    write_scratch("model.pth", "PK\3\4 as torch.save writes", 26);
    REFUSED(st_open("model.pth", &f, &e), ATT_MODEL,
        "model.pth: a zip archive, as torch.save writes; make a model of it with attunet convert "
        "--spec or --plans (docs/networks.md)");
    REFUSED(st_open("nowhere.safetensors", &f, &e), ATT_IO,
        "nowhere.safetensors does not exist; check the path");
    unlink("apart.safetensors");
}

static void halves_at_the_edges(void **state)
{
    (void)state;
    static const uint16_t bits[] = {0x0001, 0x03ff, 0x0400, 0x7bff, 0x8000, 0x7c00, 0xfc00};
    static const double values[] = {0x1p-24, 0x3ffp-24, 0x1p-14, 65504, -0.0, INFINITY, -INFINITY};
    static const uint16_t not_a_number = 0x7e01;
    double out[COUNT(bits)];
    struct st_tensor t = {
        .type = ST_F16, .count = COUNT(bits), .data = (const unsigned char *)bits};
    st_to_double(&t, out);
    for (size_t i = 0; i < COUNT(bits); i++) assert_memory_equal(&out[i], &values[i], sizeof *out);
    t = (struct st_tensor){
        .type = ST_F16, .count = 1, .data = (const unsigned char *)&not_a_number};
    st_to_double(&t, out);
    assert_true(isnan(out[0]));
}

static const float saved_a[] = {1, -2.5f, 1e-40f};
static const int64_t saved_b[] = {-7, INT64_MAX};

static att_status fill(void *arg, int index, void *out, size_t bytes, struct err *e)
{
    const int *fail_at = arg;
    if (fail_at && *fail_at == index) return err_set(e, ATT_INTERRUPTED, "stopped");
    assert_int_equal(bytes, index == 0 ? sizeof saved_a : index == 1 ? sizeof saved_b : 0);
    if (bytes) memcpy(out, index == 0 ? (const void *)saved_a : saved_b, bytes);
    return ATT_OK;
}

static const struct st_spec specs[] = {
    {"z.first", ST_F32, 1, {3}}, {"a.\"second\"", ST_I64, 2, {1, 2}}, {"none", ST_U8, 1, {0}}};

static void saves_what_it_reads(void **state)
{
    (void)state;
    struct st_file f;
    json_t *metadata = json_pack("{s:s}", "spec", "arch=attunet {}");
    OK(st_save("saved.safetensors", metadata, specs, 3, fill, NULL, &e));
    json_decref(metadata);
    OK(st_open("saved.safetensors", &f, &e));
    assert_int_equal(f.count, 3);
    assert_string_equal(st_metadata(&f, "spec"), "arch=attunet {}");
    const struct st_tensor *a = st_find(&f, "z.first"), *b = st_find(&f, "a.\"second\"");
    OK(st_fetch(&f, a, &e));
    OK(st_fetch(&f, b, &e));
    assert_memory_equal(a->data, saved_a, sizeof saved_a);
    assert_memory_equal(b->data, saved_b, sizeof saved_b);
    assert_int_equal((a->data - f.file.data) % 64, 0);
    assert_ptr_equal(b->data, a->data + sizeof saved_a); /* order given, no hole */
    st_close(&f);
}

static void saves_nothing_at_all(void **state)
{
    (void)state;
    struct st_file f;
    OK(st_save("void.safetensors", NULL, NULL, 0, fill, NULL, &e));
    OK(st_open("void.safetensors", &f, &e));
    assert_int_equal(f.count, 0);
    assert_null(st_find(&f, "a"));
    assert_null(st_metadata(&f, "a"));
    st_close(&f);
}

static void failed_save_keeps_the_old_file(void **state)
{
    (void)state;
    int second = 1;
    write_scratch("kept.safetensors", "old", 3);
    REFUSED(
        st_save("kept.safetensors", NULL, specs, 3, fill, &second, &e), ATT_INTERRUPTED, "stopped");
    char *data;
    size_t size;
    OK(file_read("kept.safetensors", 10, &data, &size, &e));
    assert_string_equal(data, "old");
    mem_free(data);
    const struct st_spec twice[] = {specs[2], specs[2]}, reserved = {"__metadata__", ST_U8, 1, {0}},
                         negative = {"a", ST_U8, 1, {-1}};
    REFUSED(st_save("bad.safetensors", NULL, twice, 2, fill, NULL, &e), ATT_FAILED, "used twice");
    REFUSED(st_save("bad.safetensors", NULL, &reserved, 1, fill, NULL, &e), ATT_FAILED, "reserved");
    REFUSED(st_save("bad.safetensors", NULL, &negative, 1, fill, NULL, &e), ATT_FAILED,
        "impossible shape");
    assert_false(file_exists("bad.safetensors"));
}

/* A file of this header and so many data bytes. */
static void write_header(const char *json, size_t data)
{
    unsigned char file[4096] = {0};
    uint64_t length = strlen(json);
    memcpy(file, &length, 8);
    memcpy(file + 8, json, length);
    write_scratch("nasty.safetensors", file, 8 + length + data);
}

#define TEN "[[[[[[[[[["
#define DEEP "{\"a\":" TEN TEN TEN TEN TEN TEN TEN

static void refuses_nasty_headers(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        size_t data;
        const char *words;
    } nasty[] = {
        {"[]", 0, "plain JSON object"},
        {"", 0, "plain JSON object"},
        {"{]", 0, "not valid JSON"},
        {"{\"a\":[[[[[[[[[[[[1]]]]]]]]]]]]}", 0, "no dtype"},
        {DEEP, 0, "brackets nest too deeply"},
        {"{\"__metadata__\":3}", 0, "__metadata__"},
        {"{\"__metadata__\":{\"a\":3}}", 0, "not a string"},
        {"{\"t\":3}", 0, "no dtype"},
        {"{\"t\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "shape"},
        {"{\"t\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "shape"},
        {"{\"t\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}", 4, "shape"},
        {"{\"t\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}", 4,
            "shape"},
        {"{\"t\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}", 0,
            "shape"},
        {"{\"t\":{\"dtype\":\"F64\",\"shape\":[2305843009213693952],\"data_offsets\":[0,0]}}", 0,
            "shape"},
        {"{\"t\":{\"dtype\":\"Q4\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "dtype Q4"},
        {"{\"t\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "data_offsets"},
        {"{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 4, "data_offsets"},
        {"{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 4,
            "is at bytes 4 to 8 of 4"},
        {"{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "is at bytes"},
        {"{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", 4, "is at bytes"},
        {"{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4,
            "its shape needs 8"},
        {"{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 5,
            "1 bytes at the end"},
        {"{\"t\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"u\":{\"dtype\":\"U8\","
         "\"shape\":[2],\"data_offsets\":[1,3]}}",
            3, "overlaps"},
        {"{\"t\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"u\":{\"dtype\":\"U8\","
         "\"shape\":[2],\"data_offsets\":[3,5]}}",
            5, "hole"},
        {"{\"t\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},\"t\":{}}", 0,
            "not valid JSON"},
    };
    struct st_file f;
    for (size_t i = 0; i < COUNT(nasty); i++) {
        write_header(nasty[i].json, nasty[i].data);
        REFUSED(st_open("nasty.safetensors", &f, &e), ATT_MODEL, nasty[i].words);
    }
    write_scratch("nasty.safetensors", "1234567", 7);
    REFUSED(st_open("nasty.safetensors", &f, &e), ATT_MODEL, "too few for weights");
    write_scratch("nasty.safetensors", "\x10\0\0\0\0\0\0\0{}", 10);
    REFUSED(st_open("nasty.safetensors", &f, &e), ATT_MODEL, "ends inside its header");
    write_scratch("nasty.safetensors", "\xff\xff\xff\xff\xff\xff\xff\xff{}", 10);
    REFUSED(st_open("nasty.safetensors", &f, &e), ATT_MODEL, "neither a safetensors file");
    REFUSED(st_open("missing.safetensors", &f, &e), ATT_IO, "missing.safetensors");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_off_while_it_is_open),
        cmocka_unit_test(reads_every_type),
        cmocka_unit_test(halves_at_the_edges),
        cmocka_unit_test(saves_what_it_reads),
        cmocka_unit_test(saves_nothing_at_all),
        cmocka_unit_test(refuses_nasty_headers),
        cmocka_unit_test(failed_save_keeps_the_old_file),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
