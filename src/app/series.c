/* SPDX-License-Identifier: Apache-2.0 */
#include "app/series.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/converted.h"
#include "dataset/converted_names.h"
#include "dataset/layout.h"
#include "files/claims.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "files/scratch.h"
#include "format/format.h"
#include "predict/predict_save.h"

/* A Modality, perhaps with what attunet-dicom adds where high is dark. */
static bool series_is_modality(const char *name)
{
    static const char *const codes[] = {
        "CT", "CR", "DX", "MG", "MR", "NM", "OCT", "OP", "OPT", "PT", "RF", "US", "XA", NULL};
    for (int i = 0; codes[i]; i++)
        if (strncmp(name, codes[i], strlen(codes[i])) == 0 &&
            (!name[strlen(codes[i])] || text_equals(name + strlen(codes[i]), " MONOCHROME1")))
            return true;
    return false;
}

const char *series_modality(const struct model *m, char text[SERIES_MODALITIES])
{
    *text = 0;
    for (int c = 0; c < m->prep.channels; c++) {
        const char *name = m->prep.channel_name[c];
        if (!series_is_modality(name)) return NULL;
        text_append(text, SERIES_MODALITIES, "%s%s", c ? "," : "", name);
    }
    return text;
}

/* Named after the folder or file; its case has that name. */
static att_status series_name(struct series_list *s, int i, const char *input, struct err *e)
{
    char *title = file_title(input);
    const size_t length = title && !file_is_folder(input) && file_ends(title, ".dcm") ? 4 : 0;
    s->made[i] =
        title ? mem_text("%s/%.*s.nii.gz", s->folder, (int)(strlen(title) - length), title) : NULL;
    mem_free(title);
    return s->made[i] ? ATT_OK : err_path(e);
}

static att_status series_differ(const struct series_list *s, int i, struct err *e)
{
    for (int k = 0; k < i; k++)
        if (s->made[k] && text_equals(s->made[k], s->made[i]))
            return err_usage(e,
                "two series are named %s, so their results would be one file; rename a folder",
                file_base(s->made[i]));
    return ATT_OK;
}

/* The directory of a medium, which lies beside folders of patients. */
static bool series_is_directory(const char *input)
{
    return text_equals(file_base(input), "DICOMDIR") && !file_is_folder(input) && dicom_is(input);
}

/* Takes over both; made: the file for its volume, if it does not have the name of `input`. */
static att_status series_add(struct series_list *s, char *input, char *made, struct err *e)
{
    att_status status = input ? MEM_ROOM(s->input, s->count, "the list of images", e) : err_path(e);
    if (status == ATT_OK) status = MEM_ROOM(s->made, s->count, "the list of series", e);
    if (status == ATT_OK) {
        s->input[s->count] = input;
        s->made[s->count++] = made;
        return ATT_OK;
    }
    mem_free(input);
    mem_free(made);
    return status;
}

/* An image of a case in a data set of DICOM, from the series that was converted for training. */
static att_status series_add_image(
    struct series_list *s, const struct data_case *c, int k, struct err *e)
{
    char *input = converted_named(c->image[k]), *stem = format_stem(c->image[k]), *made = NULL;
    if (!input) input = mem_text("%s", c->image[k]);
    const bool dicom = input && stem && (file_is_folder(input) || format_is_dicom(input));
    if (dicom && (c->nimages == 1 || layout_channel(stem, strlen(stem)) == k))
        made = mem_text("%s/%s.nii.gz", s->folder, c->nimages == 1 ? c->id : stem);
    else if (dicom)
        made = mem_text("%s/%s_%04d.nii.gz", s->folder, c->id, k);
    const bool named = stem && (!dicom || made);
    mem_free(stem);
    if (named) return series_add(s, input, made, e);
    mem_free(input);
    return err_path(e);
}

static att_status series_add_cases(struct series_list *s, const struct dataset *d,
    const char *input, struct host *host, bool *taken, struct err *e)
{
    char *title = file_title(input);
    if (!title) return err_path(e);
    *taken = d->count > 1 || !text_equals(d->cases[0].id, title);
    mem_free(title);
    if (!*taken) return ATT_OK;
    host_say(host, LOG_INFO,
        "%s is a data set, so attunet predicts its %d case%s; for another series, give its own "
        "folder",
        input, d->count, TEXT_S(d->count));
    if (!s->folder) TRY(scratch_folder(&s->folder, e));
    for (int i = 0; i < d->count; i++)
        for (int k = 0; k < d->cases[i].nimages; k++) TRY(series_add_image(s, &d->cases[i], k, e));
    return ATT_OK;
}

/* *taken: the folder is a data set of DICOM that was read before. Its cases keep their names, under
 * which `evaluate` looks for masks. A single one of the folder's own name is a series like others.
 */
static att_status series_take_set(
    struct series_list *s, const char *input, struct host *host, bool *taken, struct err *e)
{
    const struct dicom_choice *c = &s->choice;
    struct err why = {0};
    struct dataset *d; /* large for a small stack */
    *taken = false;
    if (c->select || c->allow_gaps || c->identify || !layout_has_folder(input, CONVERTED))
        return ATT_OK;
    TRY(MEM_NEW(d, "the data set", e));
    if (host) host->muted = true; /* no messages on labels */
    att_status status = dataset_open(input, d, host, &why);
    if (host) host->muted = false;
    if (status == ATT_OK) {
        status = series_add_cases(s, d, input, host, taken, e);
        dataset_free(d);
    } else if (status == ATT_DATA || status == ATT_USAGE) { /* such as a label of no series */
        host_say(host, LOG_INFO, "%s is read as a series, not as a data set: %s", input, why.text);
        status = ATT_OK;
    } else {
        status = err_pass(e, status, &why);
    }
    mem_free(d);
    return status;
}

/* Keeps the inputs with images, at least one. */
static att_status series_take(
    const char *const *inputs, int count, struct host *host, struct series_list *s, struct err *e)
{
    for (int i = 0; i < count; i++) {
        bool taken = true;
        if (count > 1 && series_is_directory(inputs[i]))
            host_say(host, LOG_INFO, "%s: ignored, as it lists images but holds none", inputs[i]);
        else if (count > 1 && dicom_is_label(inputs[i]))
            host_say(host, LOG_INFO,
                "%s: ignored, as it holds labels or a registration, not an image", inputs[i]);
        else
            TRY(series_take_set(s, inputs[i], host, &taken, e));
        if (!taken) TRY(series_add(s, mem_text("%s", inputs[i]), NULL, e));
    }
    return s->count || !count ? ATT_OK : series_add(s, mem_text("%s", inputs[0]), NULL, e);
}

/* A series before it that is another channel of its case, or NULL. */
static const char *series_partner(const struct series_list *s, int i)
{
    char *stem = s->choice.channels ? format_stem(s->made[i]) : NULL;
    const char *found = NULL;
    for (int k = 0; stem && k < i && !found; k++) {
        char *other = s->made[k] ? format_stem(s->made[k]) : NULL;
        const size_t length = strlen(stem);
        if (other && strlen(other) == length && layout_channel(stem, length) >= 0 &&
            layout_channel(other, length) >= 0 &&
            strncmp(stem, other, length - LAYOUT_CHANNEL) == 0)
            found = s->input[k];
        mem_free(other);
    }
    mem_free(stem);
    return found;
}

static att_status series_make(const struct series_list *s, int i, struct host *host, struct err *e)
{
    host_progress(host, "reading DICOM", i, s->count, s->input[i]);
    const char *partner = series_partner(s, i);
    return dicom_volume(s->input[i], s->made[i], &s->choice, partner, s->folder, host, e);
}

/* An empty file has the name of a volume until it is needed. */
static att_status series_reserve(const char *path, struct err *e)
{
    struct file_writer *w;
    TRY(file_create(path, &w, e));
    return file_commit(w, e);
}

att_status series_fetch(void *list, const char *path, struct err *e)
{
    const struct series_list *s = list;
    struct stat there;
    for (int i = 0; i < s->count; i++)
        if (s->made[i] && strcmp(s->made[i], path) == 0)
            return stat(path, &there) == 0 && there.st_size > 0 ? ATT_OK
                                                                : series_make(s, i, s->host, e);
    return ATT_OK;
}

void series_drop(void *list, const char *path)
{
    const struct series_list *s = list;
    struct err ignored = {0};
    for (int i = 0; i < s->count; i++)
        if (s->made[i] && strcmp(s->made[i], path) == 0) series_reserve(path, &ignored);
}

static att_status series_read(struct series_list *s, int i, const struct dicom_choice *choice,
    struct host *host, struct err *e)
{
    bool dicom = s->made[i];
    s->path[i] = s->input[i];
    if (!dicom) {
        TRY(dicom_check(s->input[i], host, &dicom, e));
        if (!dicom) return ATT_OK;
        if (!s->folder) TRY(scratch_folder(&s->folder, e));
        TRY(series_name(s, i, s->input[i], e));
    }
    TRY(series_differ(s, i, e));
    s->path[i] = s->made[i];
    return choice->channels ? series_make(s, i, host, e) : series_reserve(s->made[i], e);
}

/* A series that cannot be used does not stop the others. */
static att_status series_fill(
    const struct dicom_choice *choice, struct host *host, struct series_list *s, struct err *e)
{
    const int all = s->count;
    for (int i = 0; i < s->count;) {
        const att_status status = series_read(s, i, choice, host, e);
        if (status == ATT_OK) i++;
        if (status == ATT_OK) continue;
        if ((status != ATT_DATA && status != ATT_MEMORY) || all == 1) return status;
        host_say(host, LOG_ERROR, "%s", e->text);
        err_clear(e);
        if (!s->failed++) s->why = status;
        mem_free(s->input[i]);
        mem_free(s->made[i]);
        s->count--;
        memmove(&s->input[i], &s->input[i + 1], (size_t)(s->count - i) * sizeof *s->input);
        memmove(&s->made[i], &s->made[i + 1], (size_t)(s->count - i) * sizeof *s->made);
    }
    if (s->count) return ATT_OK;
    return err_set(e, s->why, "none of the %d series could be read, see above", all);
}

/* Whether a sentence of attunet-dicom, which begins with the series, follows its name. */
static bool series_is_named_twice(const char *text, const char *input)
{
    const char *again = text + strlen(": ");
    return strncmp(text, ": ", strlen(": ")) == 0 && strncmp(again, input, strlen(input)) == 0;
}

/* Names of volumes in `text` become those of their series, as the user gave them. */
enum { RENAMED = PATH_MAX + 1024 };
static void series_rename(const struct series_list *s, const char *text, char to[RENAMED])
{
    size_t used = 0;
    while (*text && used < RENAMED - 1) {
        int i = s->count - 1;
        for (; i >= 0; i--)
            if (s->made[i] && strncmp(text, s->made[i], strlen(s->made[i])) == 0) break;
        if (i < 0) {
            to[used++] = *text++;
            continue;
        }
        text += strlen(s->made[i]);
        if (series_is_named_twice(text, s->input[i])) {
            text += strlen(": ");
            continue;
        }
        for (const char *c = s->input[i]; *c && used < RENAMED - 1; c++) to[used++] = *c;
    }
    to[used] = 0;
}

static void series_message(void *user, int level, const char *text)
{
    const struct series_list *s = user;
    char renamed[RENAMED];
    series_rename(s, text, renamed);
    if (s->log.message) s->log.message(s->log.user, level, renamed);
}

static void series_warning(void *user, const char *kind, const char *text)
{
    const struct series_list *s = user;
    char renamed[RENAMED];
    series_rename(s, text, renamed);
    s->log.warning(s->log.user, kind, renamed);
}

static void series_progress(
    void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    const struct series_list *s = user;
    if (s->log.progress) s->log.progress(s->log.user, what, done, total, detail);
}

static void series_listen(struct series_list *s, struct host *host)
{
    if (!host || !s->folder) return;
    s->host = host;
    s->log = host->log;
    host->log =
        (struct log){series_message, series_progress, s, s->log.warning ? series_warning : NULL};
}

att_status series_open(const char *const *inputs, int count, const struct dicom_choice *choice,
    struct host *host, struct series_list *s, struct err *e)
{
    *s = (struct series_list){.choice = *choice};
    att_status status = series_take(inputs, count, host, s, e);
    if (status == ATT_OK) status = MEM_ARRAY(s->path, s->count, "the list of images", e);
    if (status == ATT_OK) status = series_fill(choice, host, s, e);
    if (status == ATT_OK) series_listen(s, host);
    return status == ATT_OK ? ATT_OK : series_close(s, status, NULL);
}

att_status series_only(
    const struct series_list *s, const struct labelling *l, const char *what, struct err *e)
{
    for (int i = 0; i < s->count; i++)
        if (!s->made[i])
            return err_usage(e,
                "`%s` needs DICOM series, but %s is none; leave the one or the other out", what,
                s->path[i]);
    if (!l->objects) return ATT_OK;
    return err_usage(
        e, "`%s` is for classes, but this model numbers single objects; leave it out", what);
}

/* "LABEL=NAME" of each target; the caller frees each. */
static att_status segment_words(const struct labelling *l, char **words, struct err *e)
{
    for (int k = 0; k < labelling_targets(l); k++) {
        const int value = l->regions ? l->region_value[k] : l->value[k + 1];
        words[k] = mem_text("%d=%s", value, labelling_target_name(l, k));
        if (!words[k]) return err_path(e);
    }
    return ATT_OK;
}

/* The name of the case that a series, or the first channel of several, may become: with its number
 * of a channel, or without. NULL: none. */
static char *series_case(const struct series_list *s, int i, bool numbered)
{
    char *stem = s->made[i] ? format_stem(s->made[i]) : NULL;
    const size_t length = stem && !numbered ? strlen(stem) : 0;
    if (!stem || numbered) return stem;
    const bool first = layout_channel(stem, length) == 0;
    char *name = first ? mem_text("%.*s", (int)(length - LAYOUT_CHANNEL), stem) : NULL;
    mem_free(stem);
    return name;
}

static int series_of(const struct series_list *s, const char *name)
{
    for (int numbered = 1; numbered >= 0; numbered--)
        for (int i = 0; i < s->count; i++) {
            char *own = series_case(s, i, numbered);
            const bool same = own && strcmp(own, name) == 0;
            mem_free(own);
            if (same) return i;
        }
    return -1;
}

/* Only a file_writer's result counts as this command's own (files/claims.h). */
static att_status series_copy(const char *from, const char *to, struct err *e)
{
    enum { PART = 1 << 20 };
    struct stat s;
    struct file_writer *w = NULL;
    char *part;
    ssize_t got = 1;
    int fd;
    TRY(file_open(from, false, &fd, &s, e));
    att_status status = MEM_BYTES(part, PART, "a copy", e);
    if (status == ATT_OK) status = file_create(to, &w, e);
    while (status == ATT_OK && (got = read(fd, part, PART)) > 0)
        status = file_write(w, part, (size_t)got, e);
    if (status == ATT_OK && got < 0) status = file_error(e, "read", from, errno);
    close(fd);
    mem_free(part);
    if (status == ATT_OK) return file_commit(w, e);
    file_abandon(w);
    return status;
}

const char *const series_endings[SERIES_FORMS] = {".dcm", "_probability.dcm", "_rtstruct.dcm"};

/* The saved probability of each target; the caller frees each. */
static att_status probability_paths(
    const struct predicted *p, const struct model *m, char **paths, struct err *e)
{
    const int channels = p->result->channels;
    for (int k = 0; k < labelling_targets(p->labels); k++) {
        const int c = p->labels->regions || channels == 1 ? k : k + 1;
        char *tail = save_probability_tail(m, channels, c);
        paths[k] = tail ? mem_text("%s/%s%s%s", p->folder, p->name, tail, p->ending) : NULL;
        mem_free(tail);
        if (!paths[k]) return err_path(e);
    }
    return ATT_OK;
}

static void free_words(char **words, int count)
{
    for (int k = 0; words && k < count; k++) mem_free(words[k]);
    mem_free(words);
}

/* DICOM in the folder is a slice, unless an earlier call of this command wrote it. */
static bool series_reads(const char *input, const char *path, const struct host *host)
{
    struct err ignored = {0};
    struct host strict = *host;
    strict.overwrite = NULL;
    if (file_same(path, input)) return true;
    return file_is_folder(input) && file_within(path, input) && dicom_is(path) &&
        claims_check(&strict, path, &ignored) != ATT_OK;
}

static att_status series_spare(const struct series_list *s, const char *folder, const char *name,
    const char *ending, const struct host *host, struct err *e)
{
    char *path = mem_text("%s/%s%s", folder, name, ending);
    att_status status = path ? ATT_OK : err_path(e);
    for (int k = 0; status == ATT_OK && file_exists(path) && k < s->count; k++)
        if (series_reads(s->input[k], path, host))
            status = err_usage(e,
                "%s is an input and would be overwritten; choose another folder for the "
                "results",
                path);
    mem_free(path);
    return status;
}

att_status series_keep(const struct series_list *s, const char *folder, const char *ending,
    const struct host *host, struct err *e)
{
    for (int i = 0; i < s->count; i++)
        for (int numbered = 0; numbered < 2; numbered++) {
            char *name = series_case(s, i, numbered);
            att_status status = name ? series_spare(s, folder, name, ending, host, e)
                : numbered           ? err_path(e)
                                     : ATT_OK;
            mem_free(name);
            TRY(status);
        }
    return ATT_OK;
}

att_status series_check(const struct series_list *s, const struct labelling *l, const char *codes,
    struct host *host, struct err *e)
{
    char **words;
    const int count = labelling_targets(l);
    if (!s->count) return ATT_OK;
    TRY(MEM_ARRAY(words, count, "names of segments", e));
    const struct dicom_mask m = {
        .codes = codes, .segments = (const char *const *)words, .count = count};
    att_status status = segment_words(l, words, e);
    if (status == ATT_OK) status = dicom_check_segments(s->input[0], &m, s->folder, host, e);
    free_words(words, count);
    return status;
}

/* Of a SEG of probabilities, any word for each segment will do in place of a path. */
static att_status series_check_form(const struct series_list *s, int i, struct dicom_mask *m,
    const struct series_wish *w, struct host *host, struct err *e)
{
    m->check = true;
    m->probabilities = w->form == SERIES_FRACTIONAL ? m->segments : NULL;
    return dicom_seg(s->input[i], m, NULL, &s->choice, s->folder, host, e);
}

static att_status series_write_form(const struct series_list *s, int i, struct dicom_mask *m,
    const struct predicted *p, const struct series_wish *w, struct host *host, struct err *e)
{
    const char *ending = series_endings[w->form];
    char *mask = mem_text("%s/%s%s", p->folder, p->name, p->ending),
         *to = mem_text("%s/%s%s", p->folder, p->name, ending),
         *made = mem_text("%s/made%s", s->folder, ending), **files = NULL;
    att_status status = mask && to && made ? ATT_OK : err_path(e);
    if (status == ATT_OK && w->form == SERIES_FRACTIONAL)
        status = MEM_ARRAY(files, m->count, "names of probabilities", e);
    if (status == ATT_OK && files) status = probability_paths(p, w->model, files, e);
    m->path = mask;
    m->probabilities = (const char *const *)files;
    if (status == ATT_OK) status = dicom_seg(s->input[i], m, made, &s->choice, s->folder, host, e);
    if (status == ATT_OK) status = series_copy(made, to, e);
    if (made) file_remove(made);
    free_words(files, m->count);
    mem_free(made);
    mem_free(mask);
    mem_free(to);
    return status;
}

att_status series_return(const struct series_list *s, const struct predicted *p,
    const struct series_wish *w, struct host *host, struct err *e)
{
    const int i = series_of(s, p->name), count = labelling_targets(p->labels);
    char **words;
    if (i < 0) return err_set(e, ATT_FAILED, "%s belongs to no series", p->name);
    TRY(MEM_ARRAY(words, count, "names of segments", e));
    struct dicom_mask m = {.codes = w->codes,
        .segments = (const char *const *)words,
        .count = count,
        .contours = w->form == SERIES_RTSTRUCT};
    att_status status = segment_words(p->labels, words, e);
    if (status == ATT_OK)
        status = is_dry_run(host) ? series_check_form(s, i, &m, w, host, e)
                                  : series_write_form(s, i, &m, p, w, host, e);
    free_words(words, count);
    return status;
}

att_status series_close(struct series_list *s, att_status status, struct err *e)
{
    if (s->host) s->host->log = s->log;
    if (status == ATT_OK && s->failed)
        status = err_set(e, s->why, "%d of %d series could not be read, see above", s->failed,
            s->failed + s->count);
    if (status != ATT_OK && e) {
        char renamed[RENAMED];
        series_rename(s, e->text, renamed);
        err_clear(e);
        err_set(e, status, "%s", renamed);
    }
    for (int i = 0; i < s->count; i++) {
        mem_free(s->input[i]);
        mem_free(s->made[i]);
    }
    if (s->folder) scratch_remove_folder(s->folder);
    mem_free(s->folder);
    mem_free(s->input);
    mem_free(s->path);
    mem_free(s->made);
    *s = (struct series_list){.count = 0};
    return status;
}
