/* SPDX-License-Identifier: Apache-2.0 */
#include "format/dicom.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"
#include "files/process.h"
#include "format/format.h"

#define PROGRAM "attunet-dicom"
enum { DEPTH = 5, FILES_MAX = 64, SAID_MAX = 1 << 20 };

/* The images in a folder and its folders. */
struct dicom_mix {
    int dicom, labels, others;    /* dicom: at most FILES_MAX; labels: of these */
    int dicom_depth, other_depth; /* left below the folder, the most of each kind */
    char *one_dicom, *one_other;
    int left; /* files that may be opened */
    bool any; /* the first DICOM is enough */
};

bool dicom_is_label(const char *path)
{
    /* MediaStorageSOPClassUID (0002,0002), behind a preamble */
    static const char tag[] = {2, 0, 2, 0, 'U', 'I'}, seg[] = "1.2.840.10008.5.1.4.1.1.66.",
                      rt[] = "1.2.840.10008.5.1.4.1.1.481.3";
    char head[512 + sizeof rt] = {0};
    struct stat s;
    struct err unread = {0};
    int fd;
    if (file_open(path, false, &fd, &s, &unread) != ATT_OK) return false;
    const ssize_t got = read(fd, head, 512);
    close(fd);
    const char *at = got > 132 ? memmem(head + 132, (size_t)got - 132, tag, sizeof tag) : NULL;
    if (!at) return false;
    at += sizeof tag + 2; /* its length */
    return strncmp(at, seg, sizeof seg - 1) == 0 || strcmp(at, rt) == 0;
}

static void dicom_count(int *count, int *depth, char **one, char **path, int here)
{
    ++*count;
    if (here <= *depth) return;
    *depth = here;
    mem_free(*one);
    *one = *path;
    *path = NULL;
}

static void dicom_walk(const char *folder, int depth, struct dicom_mix *m)
{
    struct file_list l;
    struct err unread = {0};
    size_t ending;
    if (file_list(folder, &l, &unread) != ATT_OK) return;
    for (int i = 0; i < l.count && !(m->any && m->dicom); i++) {
        char *path = file_join(folder, l.names[i]);
        if (!path) break;
        if (file_listed_folder(l.names[i], path)) {
            if (depth > 1) dicom_walk(path, depth - 1, m);
        } else if (format_by_name(path, &ending)) {
            dicom_count(&m->others, &m->other_depth, &m->one_other, &path, depth);
        } else if (m->left > 0 && m->left-- && format_is_dicom(path)) {
            m->labels += dicom_is_label(path);
            dicom_count(&m->dicom, &m->dicom_depth, &m->one_dicom, &path, depth);
        }
        mem_free(path);
    }
    file_list_free(&l);
}

static struct dicom_mix dicom_mix_of(const char *folder, bool any)
{
    struct dicom_mix m = {.left = FILES_MAX, .any = any};
    dicom_walk(folder, DEPTH, &m);
    return m;
}

static void dicom_mix_free(struct dicom_mix *m)
{
    mem_free(m->one_dicom);
    mem_free(m->one_other);
}

/* Other images above all DICOM are what their folder is for. */
static bool dicom_leads(const struct dicom_mix *m)
{
    return m->dicom && m->dicom_depth >= m->other_depth;
}

bool dicom_is(const char *path)
{
    if (!file_is_folder(path)) return format_is_dicom(path);
    struct dicom_mix m = dicom_mix_of(path, false);
    dicom_mix_free(&m);
    return dicom_leads(&m);
}

bool dicom_any(const char *folder)
{
    struct dicom_mix m = dicom_mix_of(folder, true);
    dicom_mix_free(&m);
    return m.dicom;
}

att_status dicom_check(const char *path, struct host *host, bool *is, struct err *e)
{
    if (!file_is_folder(path)) {
        *is = format_is_dicom(path);
        return ATT_OK;
    }
    att_status status = ATT_OK;
    struct dicom_mix m = dicom_mix_of(path, false);
    *is = dicom_leads(&m);
    if (*is && m.labels == m.dicom)
        ; /* no image; attunet-dicom says what these are */
    else if (*is && m.others >= m.dicom)
        status = err_data(e,
            "%s holds DICOM files, such as %s, and other images, such as %s; move one kind into "
            "another folder",
            path, m.one_dicom, m.one_other);
    else if (*is && m.others)
        host_say(host, LOG_INFO, "%s: ignored %d image%s among the DICOM files, such as %s", path,
            m.others, TEXT_S(m.others), m.one_other);
    else if (m.dicom && m.others)
        host_say(host, LOG_INFO, "%s: ignored DICOM in folders below the images, such as %s", path,
            m.one_dicom);
    dicom_mix_free(&m);
    return status;
}

/* What the program wrote to a file, from its beginning. */
static att_status dicom_said(const char *path, char **text, bool *cut, struct err *e)
{
    struct stat s;
    int fd;
    size_t used = 0;
    ssize_t got = 1;
    *text = NULL;
    TRY(file_open(path, false, &fd, &s, e));
    att_status status = MEM_BYTES(*text, SAID_MAX + 1, "what " PROGRAM " says", e);
    while (status == ATT_OK && got > 0 && used < SAID_MAX)
        if ((got = read(fd, *text + used, SAID_MAX - used)) > 0) used += (size_t)got;
    if (status == ATT_OK && got < 0) status = file_error(e, "read", path, errno);
    *cut = status == ATT_OK && s.st_size > SAID_MAX;
    close(fd);
    return status;
}

/* Logs a line, as a warning if it begins as one. */
static void dicom_note(const char *line, struct host *host)
{
    static const struct {
        const char *begin;
        enum warning kind;
    } kinds[] = {{"warning: ", WARN_DICOM_DOUBTFUL},
        {"warning of modality: ", WARN_MODALITY_DIFFERS},
        {"warning of values: ", WARN_VALUES_DIFFER}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(line, kinds[i].begin, strlen(kinds[i].begin)) == 0) {
            host_warn(host, kinds[i].kind, "%s", line + strlen(kinds[i].begin));
            return;
        }
    host_say(host, LOG_INFO, "%s", line);
}

static att_status dicom_notes(const char *path, struct host *host, struct err *e)
{
    char *text;
    bool cut = false;
    const att_status status = dicom_said(path, &text, &cut, e);
    for (char *line = text, *end; status == ATT_OK && *line; line = end) {
        end = line + strcspn(line, "\n");
        if (*end) *end++ = 0;
        dicom_note(line, host);
    }
    if (cut) host_say(host, LOG_INFO, PROGRAM " said more than %d bytes, not shown", SAID_MAX);
    mem_free(text);
    return status;
}

static att_status dicom_failed(const char *from, int code, char *text, struct err *e)
{
    if (code == PROCESS_MISSING)
        return err_data(e,
            "%s is DICOM, which the program " PROGRAM " reads; install the package " PROGRAM
            ", or convert the series to NIfTI",
            from);
    const size_t prefix = strlen(PROGRAM ": "), length = strlen(text);
    if (length && text[length - 1] == '\n') text[length - 1] = 0;
    const bool known = strncmp(text, PROGRAM ": ", prefix) == 0;
    if (code == PROCESS_KILLED || !known)
        return err_data(e,
            "%s: " PROGRAM " ended without reading this DICOM; to see where: " PROGRAM " list %s",
            from, TEXT_PATH(from));
    const att_status status =
        code == ATT_USAGE || code == ATT_MEMORY || code == ATT_IO ? (att_status)code : ATT_DATA;
    for (char *c = text; (c = strchr(c, '\n'));) /* of the list of series */
        if (c > text && c[-1] == ':')
            memmove(c, c + 1, strlen(c));
        else
            *c = ';';
    return err_set(e, status, "%s", text + prefix);
}

static att_status dicom_run(const char *const *argv, const char *from, const char *scratch,
    struct host *host, struct err *e)
{
    int code = 0;
    bool cut;
    char *out = file_join(scratch, "out.txt"), *errors = file_join(scratch, "errors.txt"),
         *text = NULL;
    att_status status =
        out && errors ? process_run(argv, out, errors, host, &code, e) : err_path(e);
    if (status == ATT_OK && code == PROCESS_MISSING) {
        status = dicom_failed(from, code, NULL, e);
    } else if (status == ATT_OK && host_stopped(host)) {
        status = err_set(e, ATT_INTERRUPTED, "stopped");
    } else if (status == ATT_OK) {
        status = code ? dicom_said(errors, &text, &cut, e) : dicom_notes(out, host, e);
        if (status == ATT_OK && code) status = dicom_failed(from, code, text, e);
    }
    if (out) file_remove(out);
    if (errors) file_remove(errors);
    mem_free(text);
    mem_free(out);
    mem_free(errors);
    return status;
}

/* Calls the program with `n` words and those of the choice, in room for CHOICE_WORDS more. */
enum { CHOICE_WORDS = 5 };
static att_status dicom_chosen(const char **argv, int n, const struct dicom_choice *choice,
    const char *scratch, struct host *host, struct err *e)
{
    const char *from = argv[2];
    if (from[0] == '-') return err_usage(e, "%s looks like an option; write ./%s", from, from);
    if (choice->select) argv[n++] = "--select";
    if (choice->select) argv[n++] = choice->select;
    if (choice->allow_gaps) argv[n++] = "--allow-gaps";
    if (choice->identify) argv[n++] = "--identify";
    argv[n] = NULL;
    return dicom_run(argv, from, scratch, host, e);
}

att_status dicom_volume(const char *from, const char *to, const struct dicom_choice *choice,
    const char *patient_of, const char *scratch, struct host *host, struct err *e)
{
    const char *argv[10 + CHOICE_WORDS] = {PROGRAM, "volume", from, "-o", to, "--straighten"};
    int n = 6;
    if (choice->modality) argv[n++] = "--modality";
    if (choice->modality) argv[n++] = choice->modality;
    if (patient_of) argv[n++] = "--patient-of";
    if (patient_of) argv[n++] = patient_of;
    return dicom_chosen(argv, n, choice, scratch, host, e);
}

att_status dicom_set(
    const char *from, const char *to, const char *scratch, struct host *host, struct err *e)
{
    const struct dicom_choice none = {.select = NULL};
    const char *argv[5 + CHOICE_WORDS] = {PROGRAM, "set", from, "-o", to};
    return dicom_chosen(argv, 5, &none, scratch, host, e);
}

att_status dicom_check_segments(const char *from, const struct dicom_mask *mask,
    const char *scratch, struct host *host, struct err *e)
{
    const char **argv;
    int n = 0;
    TRY(MEM_ARRAY(argv, 5 + 2 * mask->count, "a call of " PROGRAM, e));
    argv[n++] = PROGRAM;
    argv[n++] = "segments";
    for (int i = 0; i < mask->count; i++) {
        argv[n++] = "--segment";
        argv[n++] = mask->segments[i];
    }
    if (mask->codes) argv[n++] = "--codes";
    if (mask->codes) argv[n++] = mask->codes;
    const att_status status = dicom_run(argv, from, scratch, host, e);
    mem_free(argv);
    return status;
}

att_status dicom_seg(const char *from, const struct dicom_mask *mask, const char *to,
    const struct dicom_choice *choice, const char *scratch, struct host *host, struct err *e)
{
    const char *first[] = {PROGRAM, mask->contours ? "rtstruct" : "seg", from, "--straighten"};
    const char **argv;
    int n = sizeof first / sizeof *first;
    TRY(MEM_ARRAY(argv, n + 6 + 4 * mask->count + CHOICE_WORDS, "a call of " PROGRAM, e));
    memcpy(argv, first, sizeof first);
    argv[n++] = mask->check ? "--check" : "-o";
    if (!mask->check) argv[n++] = to;
    if (!mask->check && !mask->probabilities) argv[n++] = "--mask";
    if (!mask->check && !mask->probabilities) argv[n++] = mask->path;
    for (int i = 0; i < mask->count; i++) {
        argv[n++] = "--segment";
        argv[n++] = mask->segments[i];
        if (!mask->probabilities) continue;
        argv[n++] = "--probability";
        argv[n++] = mask->probabilities[i];
    }
    if (mask->codes) argv[n++] = "--codes";
    if (mask->codes) argv[n++] = mask->codes;
    const att_status status = dicom_chosen(argv, n, choice, scratch, host, e);
    mem_free(argv);
    return status;
}
