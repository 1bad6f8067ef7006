/* SPDX-License-Identifier: Apache-2.0 */
/* One file is the whole model: everything comes back to the bit, and no damage goes unnoticed or
 * does harm. */
#include "unit/predict/predict_test.h"

#include <math.h>

static const char file[] = "model.safetensors";

/* A model whose every part differs from what an empty one has. */
static struct preparation full_preparation(int channels, int d, int h, int w)
{
    struct preparation p = plain_preparation(channels, d, h, w);
    p.resize[1] = 48;
    p.resize[2] = 40;
    p.resize[0] = d > 1 ? 24 : 1;
    p.spacing[0] = 2.5f;
    p.spacing[2] = .6f;
    p.shrink[0] = p.shrink[1] = 1;
    p.shrink[2] = 3;
    p.nonzero = true;
    struct normalise *ct = &p.normalise[0]; /* member by member: bytes between them are compared */
    ct->scheme = NORMALISE_CT;
    ct->lower = -1024.5;
    ct->upper = 3071;
    ct->mean = 100.0 / 3;
    ct->std = 1e-3;
    return p;
}

static struct labelling full_labels(int count)
{
    struct labelling l = plain_labels(count);
    l.ignore = 77;
    snprintf(l.name[1], LABELLING_NAME, "%s", "L\xc3\xa4sion \"1\"");
    return l;
}

static struct labelling region_labels(void)
{
    struct labelling l = plain_labels(3);
    l.regions = 2;
    for (int i = 0; i < 2; i++) {
        snprintf(l.region_name[i], LABELLING_NAME, "region %d", i);
        l.region[i] = class_set_bits(i ? 4 : 6);
        l.region_value[i] = (uint16_t)(10 * (i + 1));
    }
    return l;
}

static void assert_same(const struct model *a, const struct model *b)
{
    assert_string_equal(a->spec.text, b->spec.text);
    assert_memory_equal(&a->facts, &b->facts, sizeof a->facts);
    assert_memory_equal(&a->prep, &b->prep, sizeof a->prep);
    assert_memory_equal(&a->labels, &b->labels, sizeof a->labels);
    assert_memory_equal(&a->post, &b->post, sizeof a->post);
    assert_int_equal(a->params.size, b->params.size);
    assert_int_equal(a->params.state_size, b->params.state_size);
    assert_memory_equal(a->params.data, b->params.data, a->params.size * sizeof(real));
    assert_memory_equal(a->params.state, b->params.state, a->params.state_size * sizeof(real));
    assert_true(a->temperature == b->temperature);
    assert_true(a->logit_temperature == b->logit_temperature);
    assert_true(a->history ? json_equal(a->history, b->history) : !b->history);
}

/* The path is refused, and nothing is left in the model. */
static void refuse(const char *path, const char *words)
{
    static const struct model empty;
    struct model m;
    struct err e = {0};
    if (model_load(path, &m, &e) != ATT_MODEL || e.status != ATT_MODEL || !strstr(e.text, words))
        fail_msg("%d \"%s\", not \"%s\"", e.status, e.text, words);
    assert_memory_equal(&m, &empty, sizeof m);
}

static void small_model(struct model *m)
{
    make_model(m, "arch=attunet dims=2 in=1 classes=2 widths=3,5 gated=all",
        plain_preparation(1, 1, 16, 16), plain_labels(2));
}

static char *save_and_read(const struct model *m, size_t *size)
{
    char *bytes;
    OK(model_save(m, file, &e));
    OK(file_read(file, 1 << 24, &bytes, size, &e));
    return bytes;
}

/* ---- what is saved comes back */

static void everything_comes_back(void **state)
{
    (void)state;
    static const char *const specs[] = {
        ("arch=attunet dims=2 in=2 classes=3 widths=4,6,18 gate=same gate_norm=batch gated=all "
         "heads=side inter=half"),
        "arch=attunet dims=3 in=2 classes=3 widths=3,5 gated=all gates=multi norm=instance",
        "arch=unet dims=2 in=2 classes=3 widths=4,6 heads=fused",
        "arch=lee in=2 classes=3 width=2 gates=yes",
        "arch=oktay in=2 classes=3 width=2 gates=multi",
    };
    for (size_t k = 0; k < COUNT(specs); k++) {
        struct model m, back;
        make_model(&m, specs[k],
            full_preparation(
                2, strstr(specs[k], "dims=2") || strstr(specs[k], "lee") ? 1 : 16, 32, 64),
            full_labels(3));
        struct rng r = rng_stream(9, RNG_TEST, (uint32_t)k, 0);
        for (int i = 0; i < m.params.count; i++) /* running statistics of a trained model */
            for (size_t j = 0; m.params.list[i].kind == STATE_VECTOR && j < m.params.list[i].count;
                 j++)
                params_at(&m.params, i)[j] = (real)rng_range(&r, .1, 3);
        m.post = (struct postprocess){.all_foreground = k % 2,
            .largest = {{k > 2 ? 4 : 0}},
            .smallest = {0, k < 2 ? 7 : 0, 1}};
        m.temperature = k == 3 ? 0 : (double)(k + 1) / 3;
        m.logit_temperature = k == 2 ? 0 : (double)(k + 1) / 7;
        m.history = json_pack("{s:i, s:[f, s]}", "steps", 1000, "anything", .1, "text");
        OK(model_save(&m, file, &e));
        memset(&back, 0x5a, sizeof back);
        OK(model_load(file, &back, &e));
        assert_same(&m, &back);
        model_free(&m);
        model_free(&back);
    }
}

static void regions_and_single_channels_come_back(void **state)
{
    (void)state;
    struct model m, back;
    make_model(&m, "arch=unet dims=2 in=1 classes=2 widths=4,4", plain_preparation(1, 1, 8, 8),
        region_labels());
    OK(model_save(&m, file, &e));
    OK(model_load(file, &back, &e));
    assert_same(&m, &back);
    struct target t;
    model_target(&back, &t);
    assert_true(
        t.regions && t.channels == 2 && t.region[0].bits[0] == 6 && t.region[1].bits[0] == 4);
    model_free(&m);
    model_free(&back);
    make_model(&m, "arch=unet dims=2 in=1 classes=1 widths=4,4", plain_preparation(1, 1, 8, 8),
        plain_labels(2));
    OK(model_save(&m, file, &e));
    OK(model_load(file, &back, &e));
    assert_same(&m, &back);
    model_target(&back, &t);
    assert_true(t.regions && t.channels == 1 && t.region[0].bits[0] == 2);
    model_free(&m);
    model_free(&back);
}

/* The seed alone decides the weights. */
static void the_seed_decides(void **state)
{
    (void)state;
    struct model a, b, c;
    struct spec spec;
    struct preparation prep = plain_preparation(1, 1, 16, 16);
    struct labelling labels = plain_labels(2);
    OK(spec_parse(&spec, "arch=attunet dims=2 in=1 classes=2 widths=3,5 gated=all", &e));
    OK(model_create(&spec, &prep, &labels, 7, &a, &e));
    OK(model_create(&spec, &prep, &labels, 7, &b, &e));
    OK(model_create(&spec, &prep, &labels, 8, &c, &e));
    assert_same(&a, &b);
    assert_memory_not_equal(a.params.data, c.params.data, a.params.size * sizeof(real));
    model_free(&a);
    model_free(&b);
    model_free(&c);
}

static void a_run_folder_stands_for_its_model(void **state)
{
    (void)state;
    struct model m, back;
    small_model(&m);
    OK(file_make_folders("run", &e));
    refuse("run",
        "run has no model.safetensors; give a model file, or a run folder in which training has "
        "saved a model");
    OK(model_save(&m, "run/model.safetensors", &e));
    OK(model_load("run", &back, &e));
    assert_same(&m, &back);
    model_free(&back);
    assert_int_equal(unlink("run/model.safetensors"), 0);
    assert_int_equal(rmdir("run"), 0);
    REFUSED(model_load("nowhere.safetensors", &back, &e), ATT_IO,
        "nowhere.safetensors does not exist; check the path");
    REFUSED(model_save(&m, "nowhere/model.safetensors", &e), ATT_IO, "nowhere/model.safetensors");
    model_free(&m);
}

/* ---- damage */

static void cut_files_are_refused(void **state)
{
    (void)state;
    struct model m;
    size_t size;
    uint64_t header;
    small_model(&m);
    char *bytes = save_and_read(&m, &size);
    memcpy(&header, bytes, sizeof header);
    const size_t cuts[] = {0, 1, 7, 8, 9, 8 + header / 2, 8 + header - 1, 8 + header,
        8 + header + 4, size / 2, size - 4, size - 1};
    for (size_t k = 0; k < COUNT(cuts); k++) {
        write_scratch(file, bytes, cuts[k]);
        refuse(file,
            cuts[k] < 8 + header + 1 && cuts[k] != 8 + header ? "model.safetensors"
                                                              : "get a complete copy");
    }
    bytes[0]++; /* the header's length */
    write_scratch(file, bytes, size);
    refuse(file, "model.safetensors");
    mem_free(bytes);
    model_free(&m);
}

/* Every byte of the header, changed in one of three ways: the model is refused with a sentence, or
 * it is whole (a name may well have another letter). */
static void every_header_byte_may_be_wrong(void **state)
{
    (void)state;
    struct model m;
    size_t size;
    uint64_t header;
    int refused = 0, loaded = 0;
    small_model(&m);
    char *bytes = save_and_read(&m, &size);
    memcpy(&header, bytes, sizeof header);
    for (size_t i = 8; i < 8 + header; i++) {
        struct model back;
        struct err e = {0};
        char before = bytes[i];
        bytes[i] = i % 3 == 0 ? (char)(before ^ 1) : i % 3 == 1 ? '9' : '"';
        write_scratch(file, bytes, size);
        att_status status = model_load(file, &back, &e);
        if (status != ATT_OK && (status != ATT_MODEL || strlen(e.text) < 20))
            fail_msg("byte %zu: %d \"%s\"", i, status, e.text);
        if (status == ATT_OK) assert_same(&m, &back);
        refused += status != ATT_OK;
        loaded += status == ATT_OK;
        model_free(&back);
        bytes[i] = before;
    }
    assert_true(refused > 2 * loaded && loaded > 0);
    mem_free(bytes);
    model_free(&m);
}

/* As a bit flips them, or somebody edits them: one letter of the description is another. */
static void the_description_is_under_a_hash(void **state)
{
    (void)state;
    static const char *const changes[][2] = {{"spacing\\\":[", "spacinf\\\":["},
        {"\\\"mean\\\":3", "\\\"mean\\\":2"}, {"\\\"value\\\":2", "\\\"value\\\":3"}};
    struct model m, back;
    size_t size;
    make_model(&m, "arch=unet dims=2 in=2 classes=3 widths=3,5", full_preparation(2, 1, 16, 16),
        full_labels(3));
    char *bytes = save_and_read(&m, &size);
    for (size_t k = 0; k < COUNT(changes); k++) {
        char *at = memmem(bytes, size, changes[k][0], strlen(changes[k][0]));
        assert_non_null(at);
        memcpy(at, changes[k][1], strlen(changes[k][1]));
        write_scratch(file, bytes, size);
        refuse(file, "model.safetensors is damaged: its description has hash ");
        memcpy(at, changes[k][0], strlen(changes[k][0]));
    }
    char *name = memmem(bytes, size, "description_hash", 16); /* an older file has none */
    assert_non_null(name);
    memcpy(name, "description_hasj", 16);
    write_scratch(file, bytes, size);
    OK(model_load(file, &back, &e));
    assert_same(&m, &back);
    model_free(&back);
    mem_free(bytes);
    model_free(&m);
}

/* Nothing is used of a file in which a weight is not what was written. */
static void every_weight_byte_counts(void **state)
{
    (void)state;
    struct model m;
    size_t size;
    uint64_t header;
    int damaged = 0;
    small_model(&m);
    char *bytes = save_and_read(&m, &size);
    memcpy(&header, bytes, sizeof header);
    for (size_t i = 8 + header; i < size; i += 3) {
        struct model back;
        struct err e = {0};
        bytes[i] = (char)(bytes[i] ^ 1 << i % 8);
        write_scratch(file, bytes, size);
        assert_int_equal(model_load(file, &back, &e), ATT_MODEL);
        damaged += strstr(e.text, "is damaged: its weights have hash") != NULL;
        bytes[i] = (char)(bytes[i] ^ 1 << i % 8);
    }
    assert_true(damaged >
        (int)(size - header) / 3 * 9 / 10); /* others are no finite numbers, or no counts */
    mem_free(bytes);
    model_free(&m);
}

/* A file of version 0.1.0: what its hash is made of may not change. */
static void an_older_file_has_the_hash_that_it_says(void **state)
{
    (void)state;
    struct model m;
    OK(model_load(TEST_SOURCE_DIR "/tests/fixtures/models/hashed.safetensors", &m, &e));
    assert_string_equal(spec_get(&m.spec, "widths", ""), "2,3");
    model_free(&m);
}

/* Saves the weights of `m` under the description of another network. */
static void save_as(struct model *m, const char *spec)
{
    struct spec own = m->spec;
    OK(spec_parse(&m->spec, spec, &e));
    OK(model_save(m, file, &e));
    m->spec = own;
}

static void weights_of_another_network(void **state)
{
    (void)state;
    struct model m;
    small_model(&m);
    save_as(&m, "arch=attunet dims=2 in=1 classes=2 widths=3,6 gated=all");
    refuse(file,
        "the weights belong to another network: enc.1.conv1.weight is 5x3x3x3 in the file, this "
        "network needs 6x3x3x3");
    save_as(&m, "arch=attunet dims=2 in=1 classes=2 widths=3,5,7 gated=all");
    refuse(file,
        "the weights belong to another network: enc.2.conv1.weight, enc.2.conv1.bias, "
        "enc.2.norm1.weight and 28 more are missing in the file");
    save_as(&m, "arch=unet dims=2 in=1 classes=2 widths=3,5");
    refuse(file, "which this network does not");
    /* Too large for any memory: found before memory is asked for. */
    save_as(&m, "arch=attunet dims=2 in=1 classes=2 widths=65000,65000 gated=all");
    refuse(file,
        "the weights belong to another network: enc.0.conv1.weight is 3x1x3x3 in the file, this "
        "network needs 65000x1x3x3");
    struct model part = m;
    part.params.list++;
    part.params.count--;
    OK(model_save(&part, file, &e));
    refuse(
        file, "the weights belong to another network: enc.0.conv1.weight is missing in the file");
    model_free(&m);
}

static void numbers_must_be_finite(void **state)
{
    (void)state;
    static const double bad[] = {NAN, INFINITY, -INFINITY};
    static const char *const names[] = {
        "enc.1.conv2.weight", "head.0.bias", "dec.0.norm1.running_var"};
    for (size_t k = 0; k < 3; k++) {
        struct model m;
        char wanted[200];
        small_model(&m);
        put_number(&m, names[k], k, bad[k]);
        OK(model_save(&m, file, &e));
        snprintf(wanted, sizeof wanted,
            "the weights have a number that is not finite, in %s; get an undamaged copy", names[k]);
        refuse(file, wanted);
        model_free(&m);
    }
}

/* Its square root is asked for, and a mask of NaN would be all background. */
static void variances_are_not_negative(void **state)
{
    (void)state;
    struct model m;
    small_model(&m);
    put_number(&m, "dec.0.norm1.running_var", 1, -.5);
    OK(model_save(&m, file, &e));
    refuse(file, "the weights have a variance below 0, in dec.0.norm1.running_var");
    model_free(&m);
}

static att_status no_tensor(void *arg, int index, void *out, size_t bytes, struct err *e)
{
    (void)arg;
    (void)index;
    (void)e;
    memset(out, 0, bytes);
    return ATT_OK;
}

static void other_files_are_no_models(void **state)
{
    (void)state;
    static const struct st_spec one = {.name = "weight", .type = ST_F32, .dims = 1, .shape = {3}};
    OK(st_save(file, NULL, &one, 1, no_tensor, NULL, &e));
    refuse(file,
        "model.safetensors has weights but does not describe their network; make it a model with "
        "attunet convert and `spec`");
    write_scratch(file, "\x89PNG\r\n\x1a\n and so on", 18);
    refuse(file, "neither a safetensors file");
}

/* ---- descriptions */

static char *description(void)
{
    struct model m;
    make_model(&m, "arch=unet dims=2 in=2 classes=3 widths=3,5", full_preparation(2, 1, 16, 16),
        full_labels(3));
    json_t *j = model_to_json(&m);
    char *text = json_dumps(j, JSON_COMPACT);
    json_decref(j);
    model_free(&m);
    return text;
}

/* Puts a value into a JSON at "a.0.b"; NULL takes the last key away. */
static void put(json_t *j, const char *path, const char *value)
{
    char copy[100], *save = NULL, *last = copy;
    snprintf(copy, sizeof copy, "%s", path);
    for (char *key = strtok_r(copy, ".", &save), *next; key; key = next) {
        next = strtok_r(NULL, ".", &save);
        last = key;
        if (next)
            j = json_is_array(j) ? json_array_get(j, (size_t)atoi(key)) : json_object_get(j, key);
    }
    json_t *v = value ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL;
    if (json_is_array(j))
        json_array_set_new(j, (size_t)atoi(last), v);
    else if (v)
        json_object_set_new(j, last, v);
    else
        json_object_del(j, last);
}

static void bad_descriptions(void **state)
{
    (void)state;
    static const struct {
        const char *path, *value, *words;
    } list[] = {
        {"format", NULL,
            "FILE: the model's description is damaged or from a newer attunet: format or spec"},
        {"format", "2", "from a newer attunet: format or spec"},
        {"spec", NULL, "format or spec"},
        {"spec", "7", "format or spec"},
        {"spec", "\"arch=vnet\"", "arch=vnet in the network spec is unknown"},
        {"spec", "\"arch=unet dims=2 in=3 classes=3 widths=3,5\"",
            "the network spec has in=3, but the images have 2 channels; change the spec"},
        {"spec", "\"arch=unet dims=2 in=2 classes=4 widths=3,5\"",
            "the network spec has classes=4, but the labels need 3 (with background); change "
            "the spec"},
        {"spec", "\"arch=unet dims=2 in=2 classes=1 widths=3,5\"",
            "the network spec has classes=1, but the labels need 3"},
        {"preparation", NULL, "preparation.channels"},
        {"preparation.channels", "[]", "preparation.channels"},
        {"preparation.channels.1", "{}", "a channel of preparation.channels"},
        {"preparation.channels.1.normalise", "\"odd\"", "a channel of preparation.channels"},
        {"preparation.channels.0.std", NULL, "a channel of preparation.channels"},
        {"preparation.channels.0.mean", "\"1\"", "a channel of preparation.channels"},
        {"preparation.channels.1.name",
            "\"0123456789012345678901234567890123456789012345678901234567890123\"",
            "a channel of preparation"},
        {"preparation.resize", "[1, 2]", "preparation.resize"},
        {"preparation.resize.1", "-1", "preparation.resize"},
        {"preparation.resize.1", "70000", "preparation.resize"},
        {"preparation.spacing", "[1, 2]", "preparation.spacing"},
        {"preparation.spacing", "2", "preparation.spacing"},
        {"preparation.spacing.1", "-1", "preparation.spacing"},
        {"preparation.spacing.1", "1e7", "preparation.spacing"},
        {"preparation.spacing.1", "\"1\"", "preparation.spacing"},
        {"preparation.shrink", "[1, 2]", "preparation.shrink"},
        {"preparation.shrink", "2", "preparation.shrink"},
        {"preparation.shrink.0", "0", "preparation.shrink"},
        {"preparation.shrink.2", "65", "preparation.shrink"},
        {"preparation.nonzero", "1", "preparation.nonzero"},
        {"policy_temperature", "0", "policy_temperature"},
        {"policy_temperature", "\"3\"", "policy_temperature"},
        {"temperature", "0", "temperature"},
        {"temperature", "1e-40", "temperature"},
        {"temperature", "[1]", "temperature"},
        {"preparation.patch", NULL, "preparation.patch"},
        {"preparation.patch.2", "0", "preparation.patch"},
        {"preparation.patch.2", "16.0", "preparation.patch"},
        {"preparation.patch.2", "15",
            "a patch of 1x16x15 does not fit this network; use multiples of 2"},
        {"labels", NULL, "the model's labels cannot be used"},
        {"labels.classes", "[]", "the model's labels cannot be used"},
        {"labels.classes.1.value", "0",
            "the model's labels cannot be used: two classes have the same value"},
        {"labels.classes.1.name", NULL,
            "the model's labels cannot be used: a class has no usable name"},
        {"labels.ignore", "10", "the model's labels cannot be used"},
        {"postproces", "{}", "FILE: unknown key \"postproces\"; did you mean \"postprocess\"?"},
        {"preparation.spacinf", "[1, 1, 1]", "unknown key \"spacinf\"; did you mean \"spacing\"?"},
        {"preparation.channels.1.nam", "\"x\"", "unknown key \"nam\"; did you mean \"name\"?"},
        {"labels.ignor", "9", "the labels: unknown key \"ignor\"; did you mean \"ignore\"?"},
        {"labels.classes.1.colour", "9",
            "unknown key \"colour\"; remove it, or update attunet if a newer one wrote it"},
    };
    static const struct model empty;
    char *good = description();
    struct model m;
    OK(model_from_json(good, "FILE", &m, &e));
    model_free(&m);
    for (size_t k = 0; k < COUNT(list); k++) {
        json_t *j = json_loads(good, 0, NULL);
        put(j, list[k].path, list[k].value);
        char *text = json_dumps(j, JSON_COMPACT);
        struct err e = {0};
        const bool refused =
            model_from_json(text, "FILE", &m, &e) == ATT_MODEL && e.status == ATT_MODEL;
        if (!refused || strncmp(e.text, "FILE: ", 6) || !strstr(e.text, list[k].words))
            fail_msg("%s %s: %d \"%s\"", list[k].path, list[k].value ? list[k].value : "-",
                e.status, e.text);
        assert_memory_equal(&m, &empty, sizeof m);
        json_decref(j);
        free(text);
    }
    good[strlen(good) / 2] = 0;
    REFUSED(model_from_json(good, "FILE", &m, &e), ATT_MODEL,
        "FILE: the model's description is damaged");
    free(good);
}

/* Of an earlier version, and of a model that needs neither. */
static void a_description_without_spacing(void **state)
{
    (void)state;
    static const char *const keys[] = {"preparation.spacing", "preparation.nonzero"};
    char *good = description();
    json_t *j = json_loads(good, 0, NULL), *again;
    struct model m;
    for (int i = 0; i < 2; i++) put(j, keys[i], NULL);
    char *text = json_dumps(j, JSON_COMPACT);
    OK(model_from_json(text, "FILE", &m, &e));
    assert_true(m.prep.spacing[0] == 0 && m.prep.spacing[2] == 0 && !m.prep.nonzero);
    again = model_to_json(&m);
    assert_null(json_object_get(json_object_get(again, "preparation"), "spacing"));
    assert_null(json_object_get(json_object_get(again, "preparation"), "nonzero"));
    json_decref(again);
    json_decref(j);
    free(text);
    free(good);
    model_free(&m);
}

static void parts_must_fit_each_other(void **state)
{
    (void)state;
    struct model m;
    struct spec spec;
    struct preparation prep = plain_preparation(1, 1, 16, 16),
                       odd = plain_preparation(1, 1, 18, 16);
    struct labelling two = plain_labels(2), regions = region_labels();
    OK(spec_parse(&spec, "arch=unet dims=2 in=1 classes=3 widths=3,5,7", &e));
    REFUSED(model_create(&spec, &prep, &two, 1, &m, &e), ATT_MODEL,
        "classes=3, but the labels need 2 (with background); change the");
    REFUSED(model_create(&spec, &prep, &regions, 1, &m, &e), ATT_MODEL,
        "classes=3, but the labels need 2 (regions)");
    OK(spec_parse(&spec, "arch=unet dims=2 in=1 classes=2 widths=3,5,7", &e));
    REFUSED(model_create(&spec, &odd, &two, 1, &m, &e), ATT_MODEL,
        "a patch of 1x18x16 does not fit this network; use multiples of 4");
}

/* Ten levels in 3D, as docs/networks.md allows; parameters are listed on the smallest maps that
 * every norm can do with. */
static void the_deepest_network_is_a_model(void **state)
{
    (void)state;
    static const char *const norms[] = {"batch", "instance"};
    const struct labelling two = plain_labels(2);
    const struct preparation large = plain_preparation(1, 512, 512, 512);
    for (int i = 0; i < 2; i++) {
        struct spec spec;
        struct model m;
        char text[128];
        snprintf(text, sizeof text,
            "arch=unet dims=3 in=1 classes=2 norm=%s widths=1,1,1,1,1,1,1,1,1,1", norms[i]);
        OK(spec_parse(&spec, text, &e));
        OK(model_create(&spec, &large, &two, 1, &m, &e));
        assert_true(m.params.size > 0);
        model_free(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_comes_back),
        cmocka_unit_test(regions_and_single_channels_come_back),
        cmocka_unit_test(the_seed_decides),
        cmocka_unit_test(a_run_folder_stands_for_its_model),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(the_description_is_under_a_hash),
        cmocka_unit_test(every_weight_byte_counts),
        cmocka_unit_test(an_older_file_has_the_hash_that_it_says),
        cmocka_unit_test(every_header_byte_may_be_wrong),
        cmocka_unit_test(weights_of_another_network),
        cmocka_unit_test(numbers_must_be_finite),
        cmocka_unit_test(variances_are_not_negative),
        cmocka_unit_test(other_files_are_no_models),
        cmocka_unit_test(bad_descriptions),
        cmocka_unit_test(a_description_without_spacing),
        cmocka_unit_test(parts_must_fit_each_other),
        cmocka_unit_test(the_deepest_network_is_a_model),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
