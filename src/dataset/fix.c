/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/fix.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "dataset/companions.h"
#include "dataset/layout.h"
#include "files/csv_write.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "files/file_at.h"
#include "format/format.h"
#include "format/joined.h"
#include "format/stack_slice.h"

struct fixing {
    struct dataset *d;
    const char *temporary;
    bool ones; /* masks become 0 and 1 */
    json_t *done;
    struct host *host; /* for dry runs */
    const char *out;
};

struct groups {
    const struct dataset *d;
    const int *group;
};

static att_status fill_groups(struct file_writer *w, const void *arg, struct err *e)
{
    const struct groups *g = arg;
    TRY(csv_text(w, "image,group\n", e));
    for (int i = 0; i < g->d->count; i++) {
        char number[16];
        snprintf(number, sizeof number, ",%d\n", g->group[i] + 1);
        TRY(csv_name(w, g->d->cases[i].id, e));
        TRY(csv_text(w, number, e));
    }
    return ATT_OK;
}

att_status fix_write_groups(
    const struct dataset *d, const int *group, const char *path, struct err *e)
{
    return csv_write(path, fill_groups, &(struct groups){d, group}, e);
}

/* Part of a path below a folder; NULL: it is elsewhere. */
static const char *fix_below(const char *root, const char *path)
{
    size_t length = strlen(root);
    while (length > 0 && root[length - 1] == '/') length--;
    if (strncmp(path, root, length) != 0 || path[length] != '/') return NULL;
    path += length + strspn(path + length, "/");
    return *path && !file_leaves(path) ? path : NULL;
}

/* Destination of a file; NULL: no memory, or outside the data set. */
static char *fix_place(const struct fixing *m, const char *path, struct err *e)
{
    const char *inner = fix_below(m->d->root, path);
    if (!inner) {
        err_data(e,
            "%s is outside %s, so a copy of the data set cannot include it; move it inside first",
            path, m->d->root);
        return NULL;
    }
    if (file_exists(path) && !file_within(path, m->d->root)) {
        err_data(e,
            "%s is a link to a place outside %s, so a copy of the data set cannot include it; put "
            "the file itself there",
            path, m->d->root);
        return NULL;
    }
    char *to = file_join(m->temporary, inner);
    if (!to) err_path(e);
    return to;
}

static att_status make_parent(const char *path, struct err *e)
{
    char *folder = mem_text("%.*s", (int)(file_base(path) - path), path);
    att_status status = folder ? file_make_folders(folder, e) : err_path(e);
    mem_free(folder);
    return status;
}

/* In a dry run, lists a file under its final name. */
static bool only_note(const struct fixing *m, const char *to)
{
    dry_run_file(m->host, m->out, to + strlen(m->temporary) + 1);
    return is_dry_run(m->host);
}

static att_status copy_bytes(
    const struct fixing *m, const char *from, const char *to, struct err *e)
{
    struct file_stream file;
    struct file_writer *w = NULL;
    if (only_note(m, to)) return ATT_OK;
    TRY(make_parent(to, e));
    TRY(file_stream_open(from, &file, e));
    att_status status = file_create(to, &w, e);
    for (size_t at = 0; status == ATT_OK && at < file.size; at = file.have) {
        file_stream_release(&file, at);
        status = file_stream_reach(&file, from, at + 1, e);
        if (status == ATT_OK) status = file_write(w, file.data + at, file.have - at, e);
    }
    if (status == ATT_OK)
        status = file_commit(w, e);
    else
        file_abandon(w);
    file_stream_close(&file);
    return status;
}

static att_status fix_copy_one(const struct fixing *m, const char *path, struct err *e)
{
    char *to = fix_place(m, path, e);
    if (!to) return e->status;
    att_status status = file_exists(to) ? ATT_OK : copy_bytes(m, path, to, e);
    mem_free(to);
    return status;
}

static att_status copy_file(const struct fixing *m, const char *path, struct err *e)
{
    char *companion;
    TRY(fix_copy_one(m, path, e));
    TRY(companions_of(path, &companion, e));
    att_status status = companion ? fix_copy_one(m, companion, e) : ATT_OK;
    mem_free(companion);
    return status;
}

/* Files of the data set's folder itself: dataset.json, lists, notes. */
static att_status copy_notes(const struct fixing *m, struct err *e)
{
    static const char *const endings[] = {".json", ".csv", ".tsv", ".txt", ".md"};
    struct file_list l;
    TRY(file_list(m->d->root, &l, e));
    att_status status = ATT_OK;
    for (int i = 0; i < l.count && status == ATT_OK; i++) {
        bool note = strncmp(l.names[i], "README", 6) == 0;
        for (size_t k = 0; k < sizeof endings / sizeof *endings; k++)
            note |= file_ends(l.names[i], endings[k]);
        char *path = file_join(m->d->root, l.names[i]);
        if (!path)
            status = err_path(e);
        else if (note && !file_is_folder(path))
            status = fix_copy_one(m, path, e);
        mem_free(path);
    }
    file_list_free(&l);
    return status;
}

/* Copies unused files, such as a label without image: the user decides. */
static att_status copy_remaining(const struct fixing *m, struct err *e)
{
    for (int i = 0; i < m->d->problems->count; i++) {
        const char *path = m->d->problems->list[i].file;
        if (path && m->d->problems->list[i].index < 0 && file_exists(path) && !file_is_folder(path))
            TRY(copy_file(m, path, e));
    }
    return ATT_OK;
}

static att_status fix_note(
    const struct fixing *m, const char *file, const char *what, struct err *e)
{
    json_t *one = json_pack("{s:o, s:s}", "file", json_utf8(file), "what", what);
    return json_array_append_new(m->done, one) == 0 ? ATT_OK
                                                    : err_memory(e, 256, "the list of fixes");
}

static struct problem *geometry_problem(const struct fixing *m, int index)
{
    for (int i = 0; i < m->d->problems->count; i++) {
        struct problem *p = &m->d->problems->list[i];
        if (p->index == index && p->kind == PROBLEM_GEOMETRY && p->fixable) return p;
    }
    return NULL;
}

static att_status take_geometry(const struct data_case *c, struct labelmap *label, struct err *e)
{
    struct image image;
    struct geometry g;
    TRY(format_load_image(c->image[0], &image, e));
    att_status status = geometry_copy(&image.geometry, &g, e);
    image_free(&image);
    TRY(status);
    geometry_free(&label->geometry);
    label->geometry = g;
    return ATT_OK;
}

static bool make_ones(struct labelmap *m)
{
    size_t voxels = image_voxels(m->size);
    bool changed = false;
    for (size_t i = 0; i < voxels; i++) {
        changed |= m->data[i] > 1;
        m->data[i] = m->data[i] != 0;
    }
    return changed;
}

/* Reads a label, fixes it if needed, and writes it with the name of its first file. */
static att_status rewrite(const struct fixing *m, const struct data_case *c, bool ones,
    bool geometry, const char *to, struct err *e)
{
    struct labelmap label;
    TRY(format_load_labels(c->label, &label, e));
    if (ones) ones = make_ones(&label);
    if (!ones && !geometry && joined_count(c->label) == 1) { /* nothing to fix */
        labelmap_free(&label);
        return copy_file(m, c->label, e);
    }
    const bool dry = only_note(m, to);
    att_status status = dry ? ATT_OK : make_parent(to, e);
    if (status == ATT_OK && geometry) status = take_geometry(c, &label, e);
    if (status == ATT_OK && !dry) status = format_save_labels(to, &label, e);
    labelmap_free(&label);
    char what[128];
    snprintf(what, sizeof what, "%s%s%s", geometry ? "header copied from its image" : "",
        ones ? (geometry ? ", values now 0 and 1" : "values now 0 and 1") : "",
        joined_count(c->label) > 1 ? (ones || geometry ? ", masks joined" : "masks joined") : "");
    return status == ATT_OK ? fix_note(m, c->label, what, e) : status;
}

/* Whether attunet can write the format of a label's name. */
static bool can_write(const char *label)
{
    char part[PATH_MAX];
    bool can = true;
    for (int k = 0; k < joined_count(label) && can; k++)
        can = joined_part(label, k, part) && format_can_write(part);
    return can;
}

static bool has_errors(const struct fixing *m, int index, const struct problem *but)
{
    for (int i = 0; i < m->d->problems->count; i++) {
        const struct problem *p = &m->d->problems->list[i];
        if (p->index == index && p != but && problem_is_error(p->kind)) return true;
    }
    return false;
}

/* Whether to write masks of 0 and another value as 0 and 1: they have no declared meaning and all
 * are readable. If only some changed, there would be two classes. Object numbers stay. */
static bool wants_ones(const struct fixing *m)
{
    const struct labelling *l = &m->d->labels;
    bool ones =
        l->nonzero && !m->d->numbered && l->count == 2 && (l->value[1] != 1 || m->d->two_ways);
    for (int i = 0; i < m->d->count && ones; i++) {
        const struct problem *geometry = geometry_problem(m, i);
        const char *label = m->d->cases[i].label;
        ones = !label ||
            (can_write(label) && !has_errors(m, i, geometry) && (geometry || !m->d->cases[i].bad));
    }
    return ones;
}

static att_status copy_parts(const struct fixing *m, const char *label, struct err *e)
{
    char part[PATH_MAX], room[PATH_MAX];
    for (int k = 0; k < joined_count(label); k++)
        if (joined_part(label, k, part) && file_exists(slice_file(part, room)))
            TRY(copy_file(m, slice_file(part, room), e));
    return ATT_OK;
}

static att_status copy_label(const struct fixing *m, int index, struct err *e)
{
    const struct data_case *c = &m->d->cases[index];
    struct problem *geometry = geometry_problem(m, index);
    char first[PATH_MAX];
    /* a CSV lists each part, and names tell classes and objects, so each keeps its name */
    const bool apart = strcmp(m->d->layout, layout_csv.name) == 0 ||
        (joined_has_values(c->label) && !m->d->labels.nonzero);
    const bool joined = joined_count(c->label) > 1 && !apart;
    const bool unread = c->bad && !geometry; /* one part of a joined mask may be unreadable */
    if ((!m->ones && !geometry && !joined) || unread || has_errors(m, index, geometry) ||
        !can_write(c->label) || !joined_part(c->label, 0, first))
        return copy_parts(m, c->label, e);
    att_status status = ATT_OK;
    for (int k = 0; k < (apart ? joined_count(c->label) : 1) && status == ATT_OK; k++) {
        struct data_case one = *c;
        if (apart) one.label = joined_part(c->label, k, first) ? first : one.label;
        char *to = fix_place(m, first, e);
        status = to ? rewrite(m, &one, m->ones, geometry != NULL, to, e) : e->status;
        mem_free(to);
    }
    if (status == ATT_OK && geometry) geometry->fixed = true;
    return status;
}

/* Masks of 0 and 1 leave no doubt about their values. */
static void answer_doubt(const struct fixing *m)
{
    if (!m->ones || !m->d->doubt) return;
    for (int i = 0; i < m->d->problems->count; i++) {
        struct problem *p = &m->d->problems->list[i];
        p->fixed = p->fixed || strcmp(p->text, m->d->doubt) == 0;
    }
}

static att_status fix_copy_all(
    const struct fixing *m, const int *group, struct host *host, struct err *e)
{
    if (!is_dry_run(m->host)) TRY(file_make_folders(m->temporary, e));
    TRY(copy_notes(m, e));
    for (int i = 0; i < m->d->count; i++) {
        const struct data_case *c = &m->d->cases[i];
        char part[PATH_MAX];
        if (host_stopped(host)) return err_set(e, ATT_INTERRUPTED, "stopped while copying");
        for (int k = 0; k < c->nimages; k++) TRY(copy_file(m, slice_file(c->image[k], part), e));
        if (c->label) TRY(copy_label(m, i, e));
        host_progress(host, "copying", i + 1, m->d->count, NULL);
    }
    answer_doubt(m);
    TRY(copy_remaining(m, e));
    if (!group) return ATT_OK;
    char *path = file_join(m->temporary, "groups.csv");
    att_status status = !path ? err_path(e)
        : only_note(m, path)  ? ATT_OK
                              : fix_write_groups(m->d, group, path, e);
    mem_free(path);
    return status == ATT_OK ? fix_note(m, "groups.csv", "keeps similar images in one group", e)
                            : status;
}

static void remove_all(const char *path)
{
    struct err ignored = {0};
    struct file_list l;
    if (!file_is_folder(path)) {
        file_remove(path);
        return;
    }
    if (file_list_all(path, &l, &ignored) == ATT_OK) {
        for (int i = 0; i < l.count; i++) {
            char *inner = file_join(path, l.names[i]);
            if (inner) remove_all(inner);
            mem_free(inner);
        }
        file_list_free(&l);
    }
    file_remove_folder(path);
}

/* Fails for a new folder inside the data set, judged by its nearest existing parent. */
static att_status check_outside(const char *root, const char *out, struct err *e)
{
    char *there = file_nearest(out);
    if (!there) return err_path(e);
    const bool inside = file_within(there, root);
    mem_free(there);
    return inside ? err_usage(e, "`fix` %s is inside the data set; name a folder elsewhere", out)
                  : ATT_OK;
}

/* Of killed processes. */
static void sweep_copies(const char *path)
{
    const char *name = file_base(path);
    char *folder = mem_text("%.*s", (int)(name - path), path);
    if (folder)
        file_sweep_with(*folder ? folder : ".", (const char *const[]){name, NULL}, remove_all);
    mem_free(folder);
}

static void without_slashes(const char *out, char path[PATH_MAX])
{
    size_t length = strlen(out);
    while (length > 1 && out[length - 1] == '/') length--;
    snprintf(path, PATH_MAX, "%.*s", (int)(length < PATH_MAX ? length : PATH_MAX - 1), out);
}

att_status fix_check_place(const struct dataset *d, const char *out, struct err *e)
{
    char path[PATH_MAX];
    without_slashes(out, path);
    if (file_exists(path)) return err_usage(e, "`fix` %s already exists; name a new folder", path);
    if (d->count && d->cases->memory)
        return err_usage(e, "%s is in memory, so it has no files for `fix` to copy", d->root);
    if (d->absolute)
        return err_data(e,
            "%s lists files by absolute paths, so a copy would use the original files; write "
            "relative paths into its dataset.json",
            d->root);
    TRY(check_outside(d->root, path, e));
    return file_check_place(path, true, e);
}

att_status fix_copy(struct dataset *d, const char *out, const int *group, struct host *host,
    json_t **done, struct err *e)
{
    char path[PATH_MAX];
    without_slashes(out, path);
    TRY(fix_check_place(d, path, e));
    note_dry_run(host, "copy %s to %s, with safe fixes", d->root, path);
    char *temporary = file_temporary(path);
    if (!temporary) return err_path(e);
    if (!is_dry_run(host)) sweep_copies(path);
    struct fixing m = {
        .d = d, .temporary = temporary, .done = json_array(), .host = host, .out = path};
    m.ones = wants_ones(&m);
    att_status status =
        m.done ? fix_copy_all(&m, group, host, e) : err_memory(e, 256, "the list of fixes");
    if (status == ATT_OK && !is_dry_run(host)) status = file_rename(temporary, path, e);
    if (status == ATT_OK) {
        *done = m.done;
    } else {
        json_decref(m.done);
        remove_all(temporary);
    }
    mem_free(temporary);
    return status;
}
