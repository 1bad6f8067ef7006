/* SPDX-License-Identifier: Apache-2.0 */
/* Converts other programs' state dicts to model files, and model files to those with all parameter
 * names or to ONNX. */
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/claims.h"
#include "files/file.h"
#include "model/convert.h"
#include "model/join.h"
#include "model/nnunet_plans.h"
#include "model/onnx.h"
#include "model/run_files.h"

static void make_names(int count, struct labelling *l)
{
    labelling_add(l, 0, "background");
    for (int i = 1; i < count; i++) {
        char name[LABELLING_NAME] = "foreground";
        if (count > 2) snprintf(name, sizeof name, "class %d", i);
        labelling_add(l, (unsigned)i, name);
    }
}

/* Class names, background first: from `text`, else generated. */
static att_status convert_name_classes(
    const char *text, int classes, struct labelling *l, struct err *e)
{
    const int count = classes == 1 ? 2 : classes; /* one channel: a sigmoid */
    l->ignore = -1;
    if (!text) {
        make_names(count, l);
        return ATT_OK;
    }
    for (const char *at = text; l->count < count; at++) {
        char name[LABELLING_NAME];
        size_t n = strcspn(at, ",");
        if (n == 0 || n >= sizeof name) break;
        memcpy(name, at, n);
        name[n] = 0;
        labelling_add(l, (unsigned)l->count, name);
        at += n;
        if (!*at && l->count == count) return ATT_OK;
        if (!*at) break;
    }
    return err_usage(e,
        "`labels` %s: this network needs %d names with commas between them, the background first",
        text, count);
}

/* As in nnU-Net's dataset_fingerprint.json. */
static att_status convert_read_intensities(
    const struct options *o, struct normalise *n, struct err *e)
{
    const char *text = options_text(o, convert, intensities),
               *end = text ? normalise_read(text, n) : NULL;
    const bool ct = n->scheme == NORMALISE_CT;
    if (!ct && text)
        return err_usage(e, "`intensities` needs `normalise` ct; add that, or leave it out");
    if (!ct) return ATT_OK;
    if (!text)
        return err_usage(e,
            "`normalise` ct needs percentiles, mean and deviation of the training intensities, "
            "which weights do not contain; give `intensities` A,B,MEAN,STD");
    if (end && !*end && normalise_is_good(n)) return ATT_OK;
    return err_usage(e,
        "`intensities` %.100s: give four numbers such as -980,310,-50.5,210: lowest, highest, "
        "mean and deviation",
        text);
}

static att_status describe_images(
    const struct options *o, const struct arch_facts *f, struct preparation *p, struct err *e)
{
    if (f->in > DATASET_CHANNELS)
        return err_usage(e, "in=%d in the network spec: a model takes at most %d channels", f->in,
            DATASET_CHANNELS);
    p->channels = f->in;
    for (int c = 0; c < f->in; c++) {
        normalise_by_name(options_text(o, convert, normalise), &p->normalise[c].scheme);
        TRY(convert_read_intensities(o, &p->normalise[c], e));
        snprintf(p->channel_name[c], sizeof p->channel_name[c], "channel %d", c);
    }
    TRY(options_spacing(o, convert, spacing, p->spacing, e));
    TRY(options_size3(
        o, convert, patch, &(struct size_rule){f->dims, "the network is", 1}, p->patch, e));
    if (!options_text(o, convert, patch)) arch_default_patch(f, p->patch);
    return ATT_OK;
}

/* From the caller's settings. */
static att_status convert_describe(struct app_call *call, const char *spec, struct model *m)
{
    struct arch_facts f;
    if (options_is_set(call->o, convert, configuration))
        return err_usage(call->e, "`configuration` needs `plans`; add that, or leave it out");
    TRY(spec_parse(&m->spec, spec, call->e));
    TRY(arch_describe(&m->spec, &f, call->e));
    TRY(convert_name_classes(
        options_text(call->o, convert, labels), f.classes, &m->labels, call->e));
    return describe_images(call->o, &f, &m->prep, call->e);
}

/* From nnU-Net's files. */
static att_status describe_by_plans(
    struct app_call *call, const char *plans, struct model *m, int order[3])
{
    static const char *const in_plans[] = {OPTION_NAME(convert, spec), OPTION_NAME(convert, part),
        OPTION_NAME(convert, labels), OPTION_NAME(convert, patch), OPTION_NAME(convert, normalise),
        OPTION_NAME(convert, intensities), OPTION_NAME(convert, spacing)};
    for (size_t i = 0; i < sizeof in_plans / sizeof *in_plans; i++)
        if (options_read_set(call->o, in_plans[i]))
            return err_usage(call->e, "`%s` is in " NNUNET_PLANS "; leave it out", in_plans[i]);
    return nnunet_plans_read(
        plans, options_text(call->o, convert, configuration), m, order, call->e);
}

static att_status import_by_plans(
    struct app_call *call, const char *path, const char *plans, struct model *m)
{
    int order[3];
    TRY(describe_by_plans(call, plans, m, order));
    return convert_import(path, options_text(call->o, convert, prefix), order, m, call->e);
}

static att_status import(struct app_call *call, const char *path, struct model *m)
{
    const char *plans = options_text(call->o, convert, plans);
    if (plans && file_is_folder(path))
        return err_usage(call->e,
            "%s is a folder without " NNUNET_PLANS "; give the folder that has it, or a "
            "checkpoint",
            path);
    if (file_is_folder(path))
        return err_usage(call->e,
            "%s is a folder, but `spec` is for a file of weights; give that, or leave out `spec` "
            "if the folder is a run",
            path);
    if (plans) return import_by_plans(call, path, plans, m);
    TRY(convert_describe(call, options_text(call->o, convert, spec), m));
    return convert_import(path, options_text(call->o, convert, prefix), NULL, m, call->e);
}

/* Joins COARSE,FINE to a model of hard attention with an untrained policy. */
static att_status convert_join(
    struct app_call *call, const char *coarse, const char *fine, struct model *m)
{
    struct spec words;
    const char *spec = options_text(call->o, convert, spec);
    if (spec) TRY(spec_parse(&words, spec, call->e));
    if (!spec || !hard_is(&words))
        return err_usage(call->e,
            "two models become one of hard attention; say how with `spec`, such as \"arch=hard "
            "scale=4 tile=64 halo=16\"");
    struct model *parts;
    TRY(MEM_ARRAY(parts, 2, "two models", call->e));
    att_status status = model_load(coarse, &parts[0], call->e);
    if (status == ATT_OK) status = model_load(fine, &parts[1], call->e);
    if (status == ATT_OK) status = join_models(&parts[0], &parts[1], &words, 1, m, call->e);
    for (int i = 0; i < 2; i++) model_free(&parts[i]);
    mem_free(parts);
    return status;
}

static att_status convert_split(
    struct app_call *call, const char *path, const char *name, struct model *m)
{
    struct model *whole;
    TRY(MEM_NEW(whole, "a model", call->e));
    att_status status = model_load(path, whole, call->e);
    if (status == ATT_OK)
        status = hard_is(&whole->spec)
            ? join_part(
                  whole, strcmp(name, part_name[PART_COARSE]) ? PART_FINE : PART_COARSE, m, call->e)
            : err_usage(call->e, "%s has no parts, because it is arch=%s", path,
                  spec_get(&whole->spec, "arch", "attunet"));
    model_free(whole);
    mem_free(whole);
    return status;
}

static att_status refuse_idle(const struct options *o, const char *but, struct err *e)
{
    static const char *const names[] = {OPTION_NAME(convert, plans),
        OPTION_NAME(convert, configuration), OPTION_NAME(convert, prefix),
        OPTION_NAME(convert, labels), OPTION_NAME(convert, patch), OPTION_NAME(convert, normalise),
        OPTION_NAME(convert, intensities), OPTION_NAME(convert, spacing)};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (options_read_set(o, names[i]))
            return err_usage(
                e, "`%s` is for weights without a network description: %s", names[i], but);
    return ATT_OK;
}

static att_status obtain(struct app_call *call, const char *path, struct model *m)
{
    const char *spec = options_text(call->o, convert, spec),
               *part = options_text(call->o, convert, part), *comma = strchr(path, ',');
    if (spec && part)
        return err_usage(call->e, "`part` needs a model that knows its network; leave out `spec`");
    if (comma && !file_exists(path)) {
        TRY(refuse_idle(call->o, "the models of hard attention's two networks have one", call->e));
        char *coarse = mem_text("%.*s", (int)(comma - path), path);
        att_status status = coarse ? convert_join(call, coarse, comma + 1, m) : err_path(call->e);
        mem_free(coarse);
        return status;
    }
    if (spec || options_text(call->o, convert, plans)) return import(call, path, m);
    TRY(refuse_idle(call->o, "give it with `spec` or `plans`", call->e));
    return part ? convert_split(call, path, part, m) : model_load(path, m, call->e);
}

static bool is_onnx(const char *output) { return file_ends(output, ".onnx"); }

static att_status convert_write_model(
    struct app_call *call, const struct model *m, const char *output)
{
    const bool replaced = file_exists(output);
    const long long parameters = (long long)params_trainable(&m->params);
    if (is_dry_run(call->host)) {
        note_dry_run(call->host, "write the model %s of %lld parameters%s", m->spec.text,
            parameters, replaced ? " over the existing file" : "");
        dry_run_file(call->host, output, NULL);
        return ATT_OK;
    }
    if (is_onnx(output))
        TRY(onnx_save(m, output, options_bool(call->o, convert, onnx_normalise), call->e));
    else
        TRY(convert_export(m, output, options_bool(call->o, convert, aliases), call->e));
    host_say(call->host, LOG_INFO, "%s: %s, %lld parameters%s", output, m->spec.text, parameters,
        replaced ? "; the existing file is replaced" : "");
    return ATT_OK;
}

static att_status convert_check_ending(const struct options *o, const char *output, struct err *e)
{
    const bool onnx = is_onnx(output);
    if (!onnx && !file_ends(output, ".safetensors"))
        return err_usage(e,
            "%s: convert writes safetensors and ONNX; give the file the ending .safetensors or "
            ".onnx",
            output);
    if (onnx && options_bool(o, convert, aliases))
        return err_usage(e, "`aliases` is for safetensors, but %s is ONNX; leave it out", output);
    if (!onnx && options_bool(o, convert, onnx_normalise))
        return err_usage(
            e, "`onnx-normalise` is for ONNX; give %s the ending .onnx, or leave it out", output);
    return ATT_OK;
}

static att_status convert_one(struct app_call *call, const char *path, const char *output)
{
    struct model m = {.temperature = 0};
    TRY(convert_check_ending(call->o, output, call->e));
    TRY(claims_check(call->host, output, call->e));
    TRY(obtain(call, path, &m));
    att_status status = is_dry_run(call->host) ? ATT_OK : claims_take(call->host, output, call->e);
    if (status == ATT_OK) status = convert_write_model(call, &m, output);
    model_free(&m);
    return status;
}

/* ---- folds of an nnU-Net model */

static att_status check_fold(
    const char *checkpoint, const char *folder, const char *place, struct err *e)
{
    if (file_exists(place))
        return err_usage(e, "%s exists already; give a new folder with `output`", place);
    if (file_exists(checkpoint)) return ATT_OK;
    return err_data(e,
        "%s is missing: nnU-Net writes it when a training has finished; convert existing "
        "checkpoints one by one, with `plans` %s",
        checkpoint, TEXT_PATH(folder));
}

static att_status convert_fold(
    struct app_call *call, const char *checkpoint, const char *folder, const char *output)
{
    struct model m = {.temperature = 0};
    char *to = file_join(output, RUN_MODEL);
    if (!to) return err_path(call->e);
    att_status status = import_by_plans(call, checkpoint, folder, &m);
    if (status == ATT_OK && !is_dry_run(call->host)) status = file_make_folders(output, call->e);
    if (status == ATT_OK) status = convert_write_model(call, &m, to);
    model_free(&m);
    mem_free(to);
    return status;
}

/* Checks a fold (look), or converts it into the folder layout of a run. */
static att_status convert_take_fold(
    struct app_call *call, const char *folder, int fold, bool look, const char *output)
{
    char *checkpoint = mem_text("%s/" RUN_FOLD "%d/" NNUNET_CHECKPOINT, folder, fold),
         *place = run_fold_path(output, fold);
    att_status status = !checkpoint || !place ? err_path(call->e)
        : look                                ? check_fold(checkpoint, folder, place, call->e)
                                              : convert_fold(call, checkpoint, folder, place);
    mem_free(place);
    mem_free(checkpoint);
    return status;
}

static att_status convert_folds(struct app_call *call, const char *folder, const char *output)
{
    struct run_folds folds;
    if (options_is_set(call->o, convert, plans))
        return err_usage(call->e,
            "%s has its own " NNUNET_PLANS "; leave out `plans`, or give one checkpoint with it",
            folder);
    if (file_ends(output, ".safetensors"))
        return err_usage(call->e,
            "%s holds a model for each fold, but %s is one file; give a folder with `output`",
            folder, output);
    TRY(file_check_place(output, true, call->e));
    TRY(run_list_folds(folder, &folds, call->e));
    for (int i = 0; i < folds.count; i++)
        TRY(convert_take_fold(call, folder, folds.number[i], true, output));
    for (int i = 0; i < folds.count; i++)
        TRY(convert_take_fold(call, folder, folds.number[i], false, output));
    return ATT_OK;
}

att_status app_convert(struct app_call *call, const char *path, const char *output)
{
    const bool folds = nnunet_is_model(path) && !options_text(call->o, convert, spec);
    return folds ? convert_folds(call, path, output) : convert_one(call, path, output);
}
