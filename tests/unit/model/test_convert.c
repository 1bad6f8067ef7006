/* SPDX-License-Identifier: Apache-2.0 */
/* State dicts of other programs: their names, nnU-Net's doubled ones read and written. */
#include "unit/arch/net_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "model/convert.h"

static char path[] = "/tmp/attunet-test-convert-XXXXXX",
            other[] = "/tmp/attunet-test-convert-XXXXXX";

static int make_files(void **state)
{
    (void)state;
    int a = mkstemp(path), b = mkstemp(other);
    return a < 0 || b < 0 || close(a) || close(b);
}

static int remove_files(void **state)
{
    (void)state;
    return unlink(path) | unlink(other);
}

static const char NNUNET[] = "arch=nnunet dims=2 in=1 classes=2 widths=3,5";

/* What a caller sets before it imports. */
static void describe(struct model *m, const char *spec)
{
    struct err e = {0};
    struct arch_facts f;
    memset(m, 0, sizeof *m);
    must(spec_parse(&m->spec, spec, &e), &e);
    must(arch_describe(&m->spec, &f, &e), &e);
    m->labels.ignore = -1;
    for (int i = 0; i < f.classes; i++)
        labelling_add(&m->labels, (unsigned)i, i ? "thing" : "background");
    m->prep.channels = f.in;
    for (int c = 0; c < f.in; c++)
        snprintf(m->prep.channel_name[c], LABELLING_NAME, "channel %d", c);
    for (int i = 0; i < 3; i++) m->prep.patch[i] = i > 0 || f.dims == 3 ? 16 : 1;
}

static void make(struct model *m, const char *spec)
{
    struct err e = {0};
    struct model d;
    describe(&d, spec);
    must(model_create(&d.spec, &d.prep, &d.labels, 3, m, &e), &e);
}

/* The tensors of a file without its metadata but for those that `keep` refuses; `spoil` gets one
 * number more. */
struct bare {
    const struct st_file *from;
    const char *spoil, *skip, *prefix;
    int of[400];
};

static att_status fill(void *arg, int index, void *out, size_t bytes, struct err *e)
{
    const struct bare *b = arg;
    const struct st_tensor *t = &b->from->tensors[b->of[index]];
    TRY(st_fetch(b->from, t, e));
    memcpy(out, t->data, bytes);
    if (b->spoil && !strcmp(t->name, b->spoil)) ((float *)out)[0] += 1;
    return ATT_OK;
}

static void strip(
    const char *from, const char *to, const char *skip, const char *spoil, const char *prefix)
{
    struct err e = {0};
    struct st_file f;
    struct st_spec specs[400];
    char names[400][160];
    must(st_open(from, &f, &e), &e);
    struct bare b = {.from = &f, .spoil = spoil};
    int count = 0;
    for (int i = 0; i < f.count; i++) {
        const struct st_tensor *t = &f.tensors[i];
        if (skip && strstr(t->name, skip)) continue;
        assert_true(count < 400);
        snprintf(names[count], sizeof names[count], "%s%s", prefix, t->name);
        specs[count] = (struct st_spec){.name = names[count], .type = t->type, .dims = t->dims};
        memcpy(specs[count].shape, t->shape, sizeof t->shape);
        b.of[count++] = i;
    }
    must(st_save(to, NULL, specs, count, fill, &b, &e), &e);
    st_close(&f);
}

/* A file written with all names holds exactly those of the packages' own state dicts, in their
 * shapes. */
static void all_names_are_those_of_the_packages(void **state)
{
    (void)state;
    static const char *const nets[] = {"nnunet_3d", "nnunet_residual_3d", "monai_3d"};
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) {
        struct err e = {0};
        struct model m;
        struct st_file f;
        char line[300], shape[100];
        snprintf(line, sizeof line, "%s/tests/fixtures/nets/%s.txt", TEST_SOURCE_DIR, nets[i]);
        FILE *names = fopen(line, "r");
        assert_non_null(names);
        assert_non_null(fgets(line, sizeof line, names));
        make(&m, line);
        must(convert_export(&m, path, true, &e), &e);
        must(st_open(path, &f, &e), &e);
        int count = 0;
        for (; fgets(line, sizeof line, names); count++) {
            char *space = strchr(line, ' ');
            assert_non_null(space);
            *space = 0;
            const struct st_tensor *t = st_find(&f, line);
            if (!t) fail_msg("%s: %s is not written", nets[i], line);
            shape[0] = 0;
            for (int d = 0, at = 0; d < t->dims; d++)
                at += snprintf(shape + at, sizeof shape - (size_t)at, "%s%lld", d ? "x" : "",
                    (long long)t->shape[d]);
            space[1 + strcspn(space + 1, "\n")] = 0;
            assert_string_equal(t->dims ? shape : "-", space + 1);
        }
        assert_int_equal(count, f.count);
        fclose(names);
        st_close(&f);
        model_free(&m);
    }
}

static void same_weights(const struct model *a, const struct model *b)
{
    assert_memory_equal(a->params.data, b->params.data, a->params.size * sizeof(real));
}

static void what_is_written_comes_back(void **state)
{
    (void)state;
    struct err e = {0};
    struct model m, back;
    make(&m, NNUNET);
    must(convert_export(&m, path, true, &e), &e);
    must(model_load(path, &back, &e), &e);
    same_weights(&m, &back);
    model_free(&back);
    /* Without a description, with any of the names that one parameter has, under a prefix. */
    static const char *const without[] = {"all_modules", "decoder.encoder", NULL, ".conv."};
    for (int i = 0; i < 4; i++) {
        strip(path, other, without[i], NULL, i % 2 ? "module." : "");
        describe(&back, NNUNET);
        must(convert_import(other, i % 2 ? "module." : "", NULL, &back, &e), &e);
        same_weights(&m, &back);
        model_free(&back);
    }
    model_free(&m);
}

static void refused(const char *spec, const char *prefix, att_status status, const char *sentence)
{
    struct err e = {0};
    struct model m;
    char whole[800];
    describe(&m, spec);
    snprintf(whole, sizeof whole, "%s%s", other, sentence);
    assert_error(convert_import(other, prefix, NULL, &m, &e), status, whole);
    assert_null(m.params.list);
    model_free(&m);
}

static void what_does_not_fit(void **state)
{
    (void)state;
    struct err e = {0};
    struct model m;
    make(&m, NNUNET);
    must(convert_export(&m, path, true, &e), &e);
    strip(path, other, NULL, "decoder.encoder.stages.1.0.convs.0.norm.weight", "");
    refused(NNUNET, "", ATT_MODEL,
        ": the weights contradict themselves: encoder.stages.1.0.convs.0.norm.weight and "
        "decoder.encoder.stages.1.0.convs.0.norm.weight name one parameter but differ; get an "
        "undamaged copy");
    strip(path, other, "seg_layers", NULL, "");
    refused(NNUNET, "", ATT_MODEL,
        ": the weights belong to another network: decoder.seg_layers.0.weight, "
        "decoder.seg_layers.0.bias are missing in the file");
    strip(path, other, NULL, NULL, "");
    refused("arch=nnunet dims=2 in=1 classes=2 widths=3,5,7", "", ATT_MODEL,
        ": the weights belong to another network: encoder.stages.2.0.convs.0.conv.weight, "
        "encoder.stages.2.0.convs.0.conv.bias, encoder.stages.2.0.convs.0.norm.weight and 17 "
        "more are missing in the file");
    refused("arch=unet dims=2 in=1 classes=2 widths=3,5", "seg", ATT_MODEL,
        ": the weights belong to another network: segenc.0.conv1.weight, segenc.0.conv1.bias, "
        "segenc.0.norm1.weight and 37 more are missing in the file");
    refused(NNUNET, "module.", ATT_MODEL,
        ": the names of the weights have no prefix; leave out `prefix`");
    static const char *const lacks[] = {NULL, "decoder.encoder", ".conv."};
    for (int i = 0; i < 6; i++) { /* under all names, or some */
        strip(path, other, lacks[i / 2], NULL, "state_dict.net.");
        refused(NNUNET, i % 2 ? "state_dict" : "", ATT_MODEL,
            ": the names of the weights begin with state_dict.net.; give `prefix` "
            "state_dict.net.");
    }
    strip(path, other, NULL, NULL, "");
    refused("arch=nnunet dims=2 in=1 classes=3 widths=3,5", "", ATT_MODEL,
        ": the weights belong to another network: decoder.seg_layers.0.weight is 2x3x1x1 in the "
        "file, this network needs 3x3x1x1");
    must(model_save(&m, other, &e), &e);
    refused(NNUNET, "", ATT_USAGE, " describes its own network; leave out `spec` and `plans`");
    model_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_names_are_those_of_the_packages),
        cmocka_unit_test(what_is_written_comes_back),
        cmocka_unit_test(what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
