/* SPDX-License-Identifier: Apache-2.0 */
/* plans.json of nnU-Net v2, also before 2.3 (without "architecture"): a configuration's network,
 * patch, voxels and normalisation. */
#include "model/nnunet_plans.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/described.h"
#include "files/file.h"
#include "files/json_file.h"
#include "model/run_files.h"

enum {
    INHERIT_MAX = 8,    /* configurations in a chain */
    NUMBER_MAX = 65536, /* a size or width */
};

struct plans {
    char *path, *dataset; /* of the two files */
    json_t *root, *described;
    const char *name; /* of the configuration */
    json_t *c;        /* the configuration, with inherited entries */
    int dims;
    int order[3]; /* the plan's axis for each of an image's d, h, w */
};

static att_status nnunet_plans_wrong(
    const struct plans *p, const char *key, const char *what, struct err *e)
{
    return err_data(e,
        "%s: \"%s\" of the configuration %s must be %s; use the file that nnU-Net wrote", p->path,
        key, p->name, what);
}

static att_status unsupported(const struct plans *p, const char *key, const json_t *value,
    const char *expected, struct err *e)
{
    char text[150] = ""; /* json_dumpb writes whole values only */
    const size_t length =
        value ? json_dumpb(value, text, sizeof text - 1, JSON_COMPACT | JSON_ENCODE_ANY) : 0;
    text[length < sizeof text ? length : sizeof text - 1] = 0;
    return err_model(e, "%s: the configuration %s has %s as \"%s\", but attunet supports only %s",
        p->path, p->name, *text ? text : "nothing", key, expected);
}

static void list_names(json_t *all, char *text, size_t size)
{
    text[0] = 0;
    for (void *i = json_object_iter(all); i; i = json_object_iter_next(all, i))
        text_append(text, size, "%s%s", *text ? ", " : "", json_object_iter_key(i));
}

/* The configuration named after the last "__" of the folder's name, or NULL. */
static const char *name_from_folder(const char *path, json_t *all)
{
    static const char between[] = "__";
    char full[PATH_MAX], *slash = realpath(path, full) ? strrchr(full, '/') : NULL;
    const char *name = NULL;
    if (!slash) return NULL;
    *slash = 0;
    for (const char *at = file_base(full); (at = strstr(at, between)); at++)
        name = at + strlen(between);
    return name ? json_object_iter_key(json_object_iter_at(all, name)) : NULL;
}

/* A configuration merged with those it inherits from. */
static json_t *inherit(const json_t *all, const char *name)
{
    json_t *whole = json_object();
    for (int i = 0; whole && name && i < INHERIT_MAX; i++) {
        json_t *one = json_object_get(all, name);
        if (json_object_update_missing(whole, one)) break; /* unknown name */
        name = json_str(one, "inherits_from");
        if (!name) return whole;
    }
    json_decref(whole);
    return NULL;
}

static att_status nnunet_plans_choose(struct plans *p, const char *wanted, struct err *e)
{
    char names[400];
    json_t *all = json_object_get(p->root, "configurations");
    if (json_object_size(all) < 1)
        return err_data(
            e, "%s has no \"configurations\"; give the plans.json of nnU-Net v2", p->path);
    list_names(all, names, sizeof names);
    p->name = wanted                 ? wanted
        : json_object_size(all) == 1 ? json_object_iter_key(json_object_iter(all))
                                     : name_from_folder(p->path, all);
    if (!p->name)
        return err_usage(e, "%s has several configurations; choose one with `configuration`: %s",
            p->path, names);
    if (!json_object_get(all, p->name))
        return err_usage(e, "%s has no configuration %s; set `configuration` to one of %s", p->path,
            p->name, names);
    p->c = inherit(all, p->name);
    return p->c ? ATT_OK
                : nnunet_plans_wrong(p, "inherits_from", "the name of another configuration", e);
}

struct stages {
    int count, width[SPEC_LEVELS], stride[SPEC_LEVELS][3],
        kernel[SPEC_LEVELS][3]; /* d, h, w, or in 2D h, w */
    bool residual;
    int blocks[SPEC_LEVELS]; /* residual encoder only */
};

/* Index of an image's axis in the plan's lists. */
static size_t plan_axis(const struct plans *p, int axis)
{
    const int flat = 3 - p->dims;
    return (size_t)(p->order[flat + axis] - flat);
}

static bool nnunet_plans_read_axes(const struct plans *p, const json_t *j, int *out)
{
    for (int i = 0; i < p->dims; i++) {
        const json_t *v = json_array_get(j, plan_axis(p, i));
        if (!json_is_integer(v) || json_integer_value(v) < 1 || json_integer_value(v) > NUMBER_MAX)
            return false;
        out[i] = (int)json_integer_value(v);
    }
    return json_array_size(j) == (size_t)p->dims;
}

static att_status read_levels(
    const struct plans *p, const json_t *j, const char *key, int count, int out[][3], struct err *e)
{
    const json_t *list = json_object_get(j, key);
    bool good = json_array_size(list) == (size_t)count;
    for (int i = 0; i < count && good; i++)
        good = nnunet_plans_read_axes(p, json_array_get(list, (size_t)i), out[i]);
    return good ? ATT_OK
                : nnunet_plans_wrong(p, key,
                      p->dims == 3 ? "a list of three whole numbers per level"
                                   : "a list of two whole numbers per level",
                      e);
}

/* The file has a list, or one number for all levels. */
static att_status check_convolutions(
    const struct plans *p, const json_t *j, const char *key, int count, struct err *e)
{
    const json_t *v = json_object_get(j, key);
    bool good = json_is_array(v) || json_integer_value(v) == count;
    for (size_t i = 0; i < json_array_size(v); i++)
        good = good && json_integer_value(json_array_get(v, i)) == count;
    return good
        ? ATT_OK
        : unsupported(p, key, v,
              count == 2 ? "blocks of 2 convolutions" : "1 convolution with a residual encoder", e);
}

/* A class by its name in any module. */
static bool is_class(const json_t *j, const char *name)
{
    const char *text = json_string_value(j), *point = text ? strrchr(text, '.') : NULL;
    return text && strcmp(point ? point + 1 : text, name) == 0;
}

static att_status nnunet_plans_read_class(
    const struct plans *p, const json_t *name, bool *residual, struct err *e)
{
    *residual = is_class(name, "ResidualEncoderUNet");
    return *residual || is_class(name, "PlainConvUNet")
        ? ATT_OK
        : unsupported(p, "network_class_name", name, "PlainConvUNet and ResidualEncoderUNet", e);
}

/* Only the layers that nnU-Net's planner chooses. */
static att_status check_layers(const struct plans *p, const json_t *k, struct err *e)
{
    const json_t *norm = json_object_get(k, "norm_op_kwargs"), *eps = json_object_get(norm, "eps"),
                 *slope = json_object_get(json_object_get(k, "nonlin_kwargs"), "negative_slope");
    const char *expected = p->dims == 3 ? "InstanceNorm3d" : "InstanceNorm2d";
    if (!json_flag(k, "conv_bias"))
        return unsupported(p, "conv_bias", json_object_get(k, "conv_bias"), "true", e);
    if (!is_class(json_object_get(k, "norm_op"), expected))
        return unsupported(p, "norm_op", json_object_get(k, "norm_op"), expected, e);
    if (!json_flag(norm, "affine") || (eps && json_number_value(eps) != 1e-5))
        return unsupported(p, "norm_op_kwargs", norm, "{\"eps\":1e-05,\"affine\":true}", e);
    if (json_is_string(json_object_get(k, "dropout_op")))
        return unsupported(p, "dropout_op", json_object_get(k, "dropout_op"), "null", e);
    if (!is_class(json_object_get(k, "nonlin"), "LeakyReLU"))
        return unsupported(p, "nonlin", json_object_get(k, "nonlin"), "LeakyReLU", e);
    if (json_flag(k, "nonlin_first"))
        return unsupported(p, "nonlin_first", json_object_get(k, "nonlin_first"), "false", e);
    if (slope && json_number_value(slope) != 0.01)
        return unsupported(
            p, "nonlin_kwargs", json_object_get(k, "nonlin_kwargs"), "a slope of 0.01", e);
    return ATT_OK;
}

static att_status check_count(const struct plans *p, size_t count, struct stages *s, struct err *e)
{
    if (count < 2 || count > SPEC_LEVELS)
        return err_model(e,
            "%s: the network of the configuration %s has %zu level%s, but attunet supports 2 to %d",
            p->path, p->name, count, TEXT_S(count), SPEC_LEVELS);
    s->count = (int)count;
    return ATT_OK;
}

static att_status read_numbers(
    const struct plans *p, const json_t *j, const char *key, int count, int *out, struct err *e)
{
    const json_t *list = json_object_get(j, key);
    bool good = json_array_size(list) == (size_t)count;
    for (int i = 0; i < count && good; i++) {
        const json_t *v = json_array_get(list, (size_t)i);
        good =
            json_is_integer(v) && json_integer_value(v) >= 1 && json_integer_value(v) <= NUMBER_MAX;
        out[i] = good ? (int)json_integer_value(v) : 0;
    }
    return good ? ATT_OK : nnunet_plans_wrong(p, key, "a list of whole numbers, one per level", e);
}

/* By default a residual encoder has ResNet-D blocks and a stem as wide as its first level. */
static att_status check_residual(const struct plans *p, const json_t *k, struct err *e)
{
    static const char *const keys[] = {"block", "bottleneck_channels", "stem_channels"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *v = json_object_get(k, keys[i]);
        if (v && !json_is_null(v) && !is_class(v, "BasicBlockD"))
            return unsupported(p, keys[i], v, "the default of nnU-Net's planners", e);
    }
    return check_convolutions(p, k, "n_conv_per_stage_decoder", 1, e);
}

static att_status check_plain(const struct plans *p, const json_t *k, struct err *e)
{
    TRY(check_convolutions(p, k, "n_conv_per_stage", 2, e));
    return check_convolutions(p, k, "n_conv_per_stage_decoder", 2, e);
}

static att_status read_architecture(
    const struct plans *p, const json_t *architecture, struct stages *s, struct err *e)
{
    const json_t *k = json_object_get(architecture, "arch_kwargs");
    TRY(nnunet_plans_read_class(
        p, json_object_get(architecture, "network_class_name"), &s->residual, e));
    TRY(check_count(p, json_length(k, "features_per_stage"), s, e));
    TRY(check_layers(p, k, e));
    TRY(s->residual ? check_residual(p, k, e) : check_plain(p, k, e));
    TRY(read_numbers(p, k, "features_per_stage", s->count, s->width, e));
    if (s->residual) TRY(read_numbers(p, k, "n_blocks_per_stage", s->count, s->blocks, e));
    TRY(read_levels(p, k, "strides", s->count, s->stride, e));
    return read_levels(p, k, "kernel_sizes", s->count, s->kernel, e);
}

/* Before 2.3 widths double from the first to the maximum. */
static att_status read_older(const struct plans *p, struct stages *s, struct err *e)
{
    json_int_t first = json_int(p->c, "UNet_base_num_features"),
               max = json_int(p->c, "unet_max_num_features");
    TRY(nnunet_plans_read_class(p, json_object_get(p->c, "UNet_class_name"), &s->residual, e));
    if (s->residual)
        return unsupported(p, "UNet_class_name", json_object_get(p->c, "UNet_class_name"),
            "PlainConvUNet in plans before 2.3", e);
    TRY(check_count(p, json_length(p->c, "conv_kernel_sizes"), s, e));
    TRY(check_convolutions(p, p->c, "n_conv_per_stage_encoder", 2, e));
    TRY(check_convolutions(p, p->c, "n_conv_per_stage_decoder", 2, e));
    if (first < 1 || max < first || max > NUMBER_MAX)
        return nnunet_plans_wrong(
            p, "UNet_base_num_features", "a whole number of at most \"unet_max_num_features\"", e);
    for (int i = 0; i < s->count; i++) s->width[i] = (int)(first << i < max ? first << i : max);
    TRY(read_levels(p, p->c, "pool_op_kernel_sizes", s->count, s->stride, e));
    return read_levels(p, p->c, "conv_kernel_sizes", s->count, s->kernel, e);
}

static void nnunet_plans_add_axes(
    char text[SPEC_TEXT], const char *key, const struct stages *s, int axes[][3], int dims)
{
    text_append(text, SPEC_TEXT, " %s=", key);
    for (int i = 0; i < s->count; i++)
        for (int a = 0; a < dims; a++)
            text_append(text, SPEC_TEXT, "%s%d", a ? "x" : i ? "," : "", axes[i][a]);
}

static void add_numbers(char text[SPEC_TEXT], const int *number, int count)
{
    for (int i = 0; i < count; i++) text_append(text, SPEC_TEXT, "%s%d", i ? "," : "", number[i]);
}

static att_status write_spec(const struct plans *p, struct stages *s, const struct model *m,
    struct spec *spec, struct err *e)
{
    char text[SPEC_TEXT];
    snprintf(text, sizeof text, "arch=nnunet dims=%d in=%d classes=%d widths=", p->dims,
        m->prep.channels, labelling_channels(&m->labels));
    add_numbers(text, s->width, s->count);
    if (s->residual) text_append(text, sizeof text, " blocks=");
    if (s->residual) add_numbers(text, s->blocks, s->count);
    nnunet_plans_add_axes(text, "strides", s, s->stride, p->dims);
    nnunet_plans_add_axes(text, "kernels", s, s->kernel, p->dims);
    return spec_parse(spec, text, e);
}

static att_status read_network(const struct plans *p, struct model *m, struct err *e)
{
    struct stages s;
    const json_t *architecture = json_object_get(p->c, "architecture"),
                 *before = json_object_get(p->c, "previous_stage");
    if (json_is_string(before))
        return unsupported(
            p, "previous_stage", before, "configurations without a previous stage", e);
    TRY(architecture ? read_architecture(p, architecture, &s, e) : read_older(p, &s, e));
    return write_spec(p, &s, m, &m->spec, e);
}

static const struct {
    const char *theirs;
    enum normalise_scheme ours;
} schemes[] = {{"ZScoreNormalization", NORMALISE_ZSCORE}, {"CTNormalization", NORMALISE_CT},
    {"NoNormalization", NORMALISE_NONE}, {"RescaleTo01Normalization", NORMALISE_MINMAX01},
    {"RGBTo01Normalization", NORMALISE_RGB}};

/* Intensities of the data set's foreground, for CT. */
static att_status nnunet_plans_read_intensities(
    const struct plans *p, int c, struct normalise *n, struct err *e)
{
    char key[12];
    snprintf(key, sizeof key, "%d", c);
    const json_t *j = json_object_get(
        json_object_get(p->root, "foreground_intensity_properties_per_channel"), key);
    n->lower = json_number(j, "percentile_00_5");
    n->upper = json_number(j, "percentile_99_5");
    n->mean = json_number(j, "mean");
    n->std = json_number(j, "std");
    if (normalise_is_good(n)) return ATT_OK;
    return err_data(e,
        "%s: \"foreground_intensity_properties_per_channel\" lacks percentiles, mean or "
        "deviation of channel %d for CTNormalization; use the file that nnU-Net wrote",
        p->path, c);
}

static att_status read_normalisation(const struct plans *p, struct preparation *prep, struct err *e)
{
    const json_t *names = json_object_get(p->c, "normalization_schemes"),
                 *masks = json_object_get(p->c, "use_mask_for_norm");
    int masked = 0, zscores = 0;
    if (json_array_size(names) != (size_t)prep->channels)
        return err_data(e,
            "%s: the configuration %s normalises %zu channel%s, but %s has %d; use the files "
            "that nnU-Net wrote",
            p->path, p->name, json_array_size(names), TEXT_S(json_array_size(names)), p->dataset,
            prep->channels);
    for (int c = 0; c < prep->channels; c++) {
        const json_t *name = json_array_get(names, (size_t)c);
        struct normalise *n = &prep->normalise[c];
        size_t k = 0, count = sizeof schemes / sizeof *schemes;
        while (k < count &&
            !(json_is_string(name) && strcmp(json_string_value(name), schemes[k].theirs) == 0))
            k++;
        if (k == count)
            return unsupported(p, "normalization_schemes", names, "nnU-Net's own five", e);
        n->scheme = schemes[k].ours;
        if (n->scheme == NORMALISE_CT) TRY(nnunet_plans_read_intensities(p, c, n, e));
        zscores += n->scheme == NORMALISE_ZSCORE;
        masked += n->scheme == NORMALISE_ZSCORE && json_is_true(json_array_get(masks, (size_t)c));
    }
    if (masked && masked != zscores)
        return unsupported(p, "use_mask_for_norm", masks, "the same value for all channels", e);
    prep->nonzero = masked > 0;
    return ATT_OK;
}

/* The reader class. Photographs have no spacing: nnU-Net sets it to 1. */
static att_status read_reader(
    const struct plans *p, struct preparation *prep, bool *photographs, struct err *e)
{
    const json_t *reader = json_object_get(p->root, "image_reader_writer");
    *photographs = is_class(reader, "NaturalImage2DIO");
    if (is_class(reader, "NibabelIOWithReorient")) strcpy(prep->axes, "RAS");
    if (*photographs || *prep->axes || is_class(reader, "SimpleITKIO") ||
        is_class(reader, "NibabelIO") || is_class(reader, "Tiff3DIO"))
        return ATT_OK;
    return unsupported(p, "image_reader_writer", reader,
        "SimpleITKIO, NibabelIO, NibabelIOWithReorient, Tiff3DIO and NaturalImage2DIO", e);
}

static att_status nnunet_plans_read_spacing(
    const struct plans *p, struct preparation *prep, struct err *e)
{
    const json_t *list = json_object_get(p->c, "spacing");
    bool good = json_array_size(list) == (size_t)p->dims;
    for (int a = 0; a < p->dims && good; a++) {
        double mm = json_number_value(json_array_get(list, plan_axis(p, a)));
        good = mm > 0 && mm <= 1e6;
        prep->spacing[3 - p->dims + a] = good ? mm : 0;
    }
    return good ? ATT_OK : nnunet_plans_wrong(p, "spacing", "mm along each axis of its patch", e);
}

/* Only splines of this order, with the nearest plane for thick slices. */
static att_status check_resampling(const struct plans *p, const char *key, int order, struct err *e)
{
    char options[64];
    const char *expected = order == 3
        ? "{\"is_seg\":false,\"order\":3,\"order_z\":0,\"force_separate_z\":null}"
        : "{\"is_seg\":false,\"order\":1,\"order_z\":0,\"force_separate_z\":null}";
    const json_t *name = json_object_get(p->c, key);
    snprintf(options, sizeof options, "%s_kwargs", key);
    const json_t *how = json_object_get(p->c, options), *own = json_object_get(how, "order"),
                 *z = json_object_get(how, "order_z"),
                 *separate = json_object_get(how, "force_separate_z");
    if (name && !is_class(name, "resample_data_or_seg_to_shape"))
        return unsupported(p, key, name, "resample_data_or_seg_to_shape", e);
    const bool is_default = (!own || json_integer_value(own) == order) &&
        json_integer_value(z) == 0 && (!separate || json_is_null(separate));
    return is_default ? ATT_OK : unsupported(p, options, how, expected, e);
}

static att_status read_voxels(const struct plans *p, struct preparation *prep, struct err *e)
{
    const json_t *resampling = json_object_get(p->c, "resampling_fn_data"),
                 *preprocessor = json_object_get(p->c, "preprocessor_name");
    bool photographs;
    int patch[3];
    if (!is_class(preprocessor, "DefaultPreprocessor"))
        return unsupported(p, "preprocessor_name", preprocessor, "DefaultPreprocessor", e);
    if (!nnunet_plans_read_axes(p, json_object_get(p->c, "patch_size"), patch))
        return nnunet_plans_wrong(p, "patch_size", "two or three whole numbers", e);
    for (int i = 0; i < 3; i++) prep->patch[i] = i < 3 - p->dims ? 1 : patch[i - (3 - p->dims)];
    TRY(read_reader(p, prep, &photographs, e));
    prep->crop = photographs || is_class(resampling, "no_resampling_hack");
    if (prep->crop) return ATT_OK;
    TRY(check_resampling(p, "resampling_fn_data", 3, e));
    TRY(check_resampling(p, "resampling_fn_probabilities", 1, e));
    return nnunet_plans_read_spacing(p, prep, e);
}

/* nnU-Net may permute an image's axes; attunet permutes the network's instead. */
static att_status read_order(struct plans *p, struct err *e)
{
    const json_t *theirs = json_object_get(p->root, "transpose_forward");
    bool seen[3] = {false};
    for (int k = 0; k < 3; k++) {
        const json_t *v = json_array_get(theirs, (size_t)k);
        const json_int_t axis = json_is_integer(v) ? json_integer_value(v) : -1;
        if (axis < 0 || axis > 2 || seen[axis])
            return nnunet_plans_wrong(p, "transpose_forward", "an order of the axes 0, 1 and 2", e);
        seen[axis] = true;
        p->order[axis] = k;
    }
    return p->dims == 3 || p->order[0] == 0
        ? ATT_OK
        : unsupported(p, "transpose_forward", theirs, "[0,1,2] or [0,2,1] for 2D networks", e);
}

static att_status read_labels(const struct plans *p, struct labelling *l, struct err *e)
{
    const json_t *manager = json_object_get(p->root, "label_manager");
    if (manager && !is_class(manager, "LabelManager"))
        return unsupported(p, "label_manager", manager, "LabelManager", e);
    l->ignore = -1;
    return nnunet_labels(p->described, p->dataset, l, e);
}

static att_status nnunet_plans_read_channels(
    const struct plans *p, struct preparation *prep, struct err *e)
{
    const char *names[DATASET_CHANNELS];
    TRY(described_channels(p->described, p->dataset, names, &prep->channels, e));
    for (int c = 0; c < prep->channels; c++) strcpy(prep->channel_name[c], names[c]);
    return ATT_OK;
}

static att_status nnunet_plans_read_all(
    struct plans *p, const char *configuration, struct model *m, struct err *e)
{
    TRY(json_file_read(p->path, &p->root, e));
    TRY(nnunet_plans_choose(p, configuration, e));
    if (!file_exists(p->dataset))
        return err_data(
            e, "%s is missing; copy nnU-Net's dataset.json next to plans.json", p->dataset);
    TRY(json_file_read(p->dataset, &p->described, e));
    TRY(described_check_keys(p->described, p->dataset, e));
    p->dims = json_length(p->c, "patch_size") == 2 ? 2 : 3;
    TRY(read_order(p, e));
    TRY(nnunet_plans_read_channels(p, &m->prep, e));
    TRY(read_labels(p, &m->labels, e));
    TRY(read_normalisation(p, &m->prep, e));
    TRY(read_voxels(p, &m->prep, e));
    return read_network(p, m, e);
}

static char *nnunet_plans_dataset(const char *path)
{
    return mem_text("%.*sdataset.json", (int)(file_base(path) - path), path);
}

bool nnunet_is_model(const char *path)
{
    struct run_folds folds = {0};
    struct err none = {0};
    char *plans = file_is_folder(path) ? file_join(path, NNUNET_PLANS) : NULL,
         *described = plans ? nnunet_plans_dataset(plans) : NULL;
    const bool is = described && file_exists(plans) && file_exists(described) &&
        run_list_folds(path, &folds, &none) == ATT_OK && folds.count > 0;
    mem_free(described);
    mem_free(plans);
    return is;
}

att_status nnunet_refuse_model(const char *path, struct err *e)
{
    return err_model(e,
        "%s is an nnU-Net model; convert its folds with: attunet convert %s -o FOLDER", path,
        TEXT_PATH(path));
}

att_status nnunet_plans_read(
    const char *path, const char *configuration, struct model *m, int order[3], struct err *e)
{
    struct plans p = {
        .path = file_is_folder(path) ? file_join(path, NNUNET_PLANS) : mem_text("%s", path)};
    p.dataset = p.path ? nnunet_plans_dataset(p.path) : NULL;
    att_status status = p.dataset ? nnunet_plans_read_all(&p, configuration, m, e) : err_path(e);
    memcpy(order, p.order, sizeof p.order);
    json_decref(p.c);
    json_decref(p.root);
    json_decref(p.described);
    mem_free(p.dataset);
    mem_free(p.path);
    return status;
}
