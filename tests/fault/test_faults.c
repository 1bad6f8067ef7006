/* SPDX-License-Identifier: Apache-2.0 */
/* Every call of the C library that a command makes is made to fail once (faults.c), in whole
 * scenarios.  Whichever it was: the command ends by itself, with a code of its own and one
 * sentence, or goes on and reaches what it reaches without; nothing that it leaves is half a file,
 * no block of memory is lost, and the same work can be taken up again, to the same bits.
 *
 *   test_faults SCENARIO          some places where memory is asked for, and all other calls
 *                                 (what ctest runs)
 *   test_faults SCENARIO --all    every place
 *   test_faults SCENARIO CALL N   only the N-th such call; its output is shown, and what it left
 *                                 stays in /tmp/attunet-fault */
#include "format/sink.h"
#include "unit/train/train_test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "fault/same_run.h"
#include "fault/scenarios.h"
#include "fault/tree.h"
#include "files/json_file.h"
#include "train/checkpoint.h"

enum { FIRST = 6, SAMPLED = 10, CALLS_MOST = 8, TIMEOUT = 3000, TOLD = 12 };

/* ---- processes */

static const char *command, *faults; /* $ATTUNET; $FAULTS, the library that makes calls fail */

struct outcome {
    int code; /* or -signal, or TIMED_OUT */
    char out[1 << 14], err[1 << 14], report[1 << 13];
};
enum { TIMED_OUT = -1000 };

static void set_number(const char *name, long value)
{
    char text[32];
    snprintf(text, sizeof text, "%ld", value);
    setenv(name, text, 1);
}

static void become(const char *const *words, const struct call *call, long at)
{
    const char *arguments[64] = {command};
    for (int i = 0; words[i] && i < 62; i++) arguments[i + 1] = words[i];
    bool threads = false; /* a frozen clock would let threads wait for ever, busily */
    for (int i = 0; words[i]; i++)
        threads |= !strcmp(words[i], "--threads") && strcmp(words[i + 1], "1") != 0;
    setenv("LD_PRELOAD", faults, 1);
    setenv("ASAN_OPTIONS", "verify_asan_link_order=0:allocator_may_return_null=1", 1);
    setenv("FAULT_REPORT", "../report", 1);
    if (!threads) setenv("FAULT_CLOCK", "frozen", 1);
    if (call) {
        setenv("FAULT_CALL", call->name, 1);
        set_number("FAULT_AT", at);
        set_number("FAULT_ERRNO", call->errors[at % 3]);
    }
    static const char *const files[] = {"/dev/null", "../stdout", "../stderr"};
    for (int fd = 0; fd < 3; fd++) {
        int to = open(files[fd], fd ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY, 0666);
        if (to < 0 || dup2(to, fd) < 0) _exit(99);
        if (to > 2) close(to);
    }
    execv(command, (char *const *)(uintptr_t)arguments);
    _exit(98);
}

static int wait_for(pid_t child)
{
    int status;
    for (long waited = 0;; waited++) {
        if (waitpid(child, &status, WNOHANG) == child) break;
        if (waited > TIMEOUT * 2000L) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return TIMED_OUT;
        }
        nanosleep(&(struct timespec){0, 500000}, NULL);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void slurp(const char *path, char *text, size_t room)
{
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, room - 1, f) : 0;
    text[n] = 0;
    if (f) fclose(f);
}

/* In the folder w. */
static void try(const char *const *words, const struct call *call, long at, struct outcome *o)
{
    unlink("report");
    fflush(stdout);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        if (chdir("w")) _exit(97);
        become(words, call, at);
    }
    o->code = wait_for(child);
    slurp("stdout", o->out, sizeof o->out);
    slurp("stderr", o->err, sizeof o->err);
    slurp("report", o->report, sizeof o->report);
}

static long told(const struct outcome *o, const char *what, const char *name)
{
    char key[64];
    snprintf(key, sizeof key, "%s%s ", what, name);
    const char *at = strstr(o->report, key);
    return at ? strtol(at + strlen(key), NULL, 10) : -1;
}

/* ---- folders */

static void shell(const char *format, const char *a, const char *b)
{
    char line[512];
    snprintf(line, sizeof line, format, a, b);
    if (system(line)) fail_msg("%s", line); /* NOLINT */
}

static void clear(const char *path)
{
    if (file_exists(path)) nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- what is wrong, told once for each kind of it */

static struct {
    char text[400];
    int times;
} wrongs[TOLD];
static int wrong_count, wrong_times;

__attribute__((format(printf, 3, 4))) static void wrong(
    const struct call *call, long at, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    wrong_times++;
    for (int i = 0; i < wrong_count; i++)
        if (!strcmp(wrongs[i].text, text)) {
            wrongs[i].times++;
            return;
        }
    if (wrong_count == TOLD) return;
    snprintf(wrongs[wrong_count].text, sizeof text, "%s", text);
    wrongs[wrong_count++].times = 1;
    fprintf(stderr, "WRONG: %s %ld: %s\n", call->name, at, text);
}

/* ---- whether a file is whole */

static bool whole_file(const char *path)
{
    struct err e = {0};
    struct st_file f;
    json_t *j = NULL;
    struct image m;
    bool good = true;
    if (file_ends(path, ".safetensors")) {
        if ((good = st_open(path, &f, &e) == ATT_OK)) st_close(&f);
    } else if (file_ends(path, ".json")) {
        good = json_file_read(path, &j, &e) == ATT_OK;
        json_decref(j);
    } else if (file_ends(path, ".png") || file_ends(path, ".nii.gz") || file_ends(path, ".nii")) {
        if ((good = format_load_image(path, &m, &e) == ATT_OK)) image_free(&m);
    }
    return good;
}

static void check_files(const struct scenario *s, const struct tree *now, const struct tree *before,
    const struct tree *reference, const struct call *call, long at)
{
    for (int i = 0; i < now->count; i++) {
        const struct leaf *f = &now->list[i];
        char path[300];
        snprintf(path, sizeof path, "w/out/%s", f->path);
        if (strstr(f->path, ".tmp-")) {
            if (strcmp(call->name, "unlink") != 0)
                wrong(call, at, "a temporary stays: %.*s", (int)strcspn(f->path, "0123456789"),
                    f->path);
        } else if (s->result == FILES) {
            if (!same_leaf(f, find_leaf(reference, f->path)) &&
                !same_leaf(f, find_leaf(before, f->path)))
                wrong(call, at, "%s is not what it is without a fault", f->path);
        } else if (!same_leaf(f, find_leaf(reference, f->path)) && !whole_file(path))
            wrong(call, at, "%s is half a file", f->path);
    }
}

/* An old header never speaks of new samples. */
static void check_pair(const struct tree *now, const struct tree *before,
    const struct tree *reference, const struct call *call, long at)
{
    const struct leaf *header = find_leaf(now, "case.mhd"), *data = find_leaf(now, "case.zraw");
    if (!header || !data || same_leaf(header, find_leaf(reference, "case.mhd"))) return;
    if (!same_leaf(data, find_leaf(before, "case.zraw")))
        wrong(call, at, "an old header stands beside new samples");
}

/* ---- how it ended */

static int sentences(const char *text)
{
    int count = 0;
    for (const char *line = text; line && *line;
         line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        count += !strncmp(line, "attunet: ", 9);
    return count;
}

/* libtiff 4.5: where TIFFSetField cannot have memory, _TIFFVSetField has counted a tag that its
 * table of values has no place for, or _TIFFMergeFields has dropped the table of known tags.
 * attunet sets and reads tags only when there is room for them, and never again calls, nor closes,
 * what says so (tiff_open.c, tiff_save.c); so this takes a block of some bytes that is refused just
 * after one of 64 KiB was had, and what libtiff held is lost.  TIFFReadDirectory itself goes on,
 * and looks into either before it returns: a crash. */
static bool is_of_libtiff(const struct outcome *o, const struct call *call, const char *way)
{
    return !strcmp(call->name, "alloc") && strstr(o->report, way);
}
static int borne; /* such crashes and losses */

/* "lost 40 attunet+0x123": where the block was asked for. */
static void check_lost(const struct outcome *o, const struct call *call, long at)
{
    for (const char *lost = strstr(o->report, "\nlost "); lost; lost = strstr(lost + 1, "\nlost "))
        if (is_of_libtiff(o, call, " TIFFSetField ") && strstr(lost, " libtiff") &&
            strstr(lost, " libtiff") < lost + 1 + strcspn(lost + 1, "\n"))
            borne++;
        else
            wrong(call, at, "not freed: %.*s", (int)strcspn(lost + 6, "\n"), lost + 6);
}

/* Standard output without the warnings, which are in the first line of JSON: a fault may add one.
 */
static const char *said(const struct outcome *o)
{
    return o->out[0] == '{' ? o->out + strcspn(o->out, "\n") : o->out;
}

static void check_end(const struct outcome *o, const struct outcome *reference,
    const struct scenario *s, const struct call *call, long at)
{
    const int *codes = call->codes;
    const char *last = strstr(o->err, "attunet: ");
    int length = last ? (int)strcspn(last, "\n") : 0;
    if (o->code == TIMED_OUT)
        wrong(call, at, "it does not end");
    else if ((o->code == -SIGSEGV || o->code == -SIGABRT) &&
        is_of_libtiff(o, call, " TIFFSetField TIFFReadDirectory "))
        borne++;
    else if (o->code < 0)
        wrong(call, at, "signal %d", -o->code);
    else if (o->code == 0) {
        if (sentences(o->err)) wrong(call, at, "code 0, but it says: %.*s", length, last);
        if (!(s->flags & TIMED) && strcmp(said(o), said(reference)) != 0)
            wrong(call, at, "code 0, but stdout is not what it is without a fault");
    } else if (o->code != codes[0] && o->code != codes[1] && o->code != codes[2])
        wrong(call, at, "code %d: %.*s", o->code, length, last ? last : "");
    else if (sentences(o->err) != 1 || !strchr(last, '\n') || strchr(last, '\n')[1])
        wrong(call, at, "code %d and not one sentence but: %.200s", o->code, last ? last : o->err);
    if (o->code >= 0 && !strstr(o->report, "calls "))
        wrong(call, at, "code %d and no report", o->code);
    check_lost(o, call, at);
}

/* ---- taking the work up again */

static bool begun(const char *run)
{
    char *folds = file_join(run, "folds.json"), *hard = file_join(run, "hard.json");
    bool there = checkpoint_exists(run) || file_exists(folds) || file_exists(hard);
    mem_free(folds);
    mem_free(hard);
    return there;
}

static const char *const *again(const struct scenario *s)
{
    static const char *const resume[] = {"resume", "out", ONE, NULL};
    if (s->result != RUN || !begun("w/out")) return s->words;
    if (strcmp(s->words[0], "resume") != 0) return resume;
    json_t *state;
    OK(checkpoint_peek("w/out", &state, NULL, &e)); /* did it hear of the steps that are to come? */
    bool heard = json_integer_value(json_object_get(
                     json_object_get(json_object_get(state, "recipe"), "settings"), "steps")) > 2;
    json_decref(state);
    return heard ? resume : s->words;
}

static void check_result(const struct scenario *s, const struct tree *reference, const char *when,
    const struct call *call, long at)
{
    struct tree now = {.count = 0};
    if (s->result != FILES) {
        if (!same_run("w/out", "reference")) wrong(call, at, "%s the run is another", when);
        return;
    }
    add_tree(&now, "w/out", "");
    if (now.count != reference->count)
        wrong(call, at, "%s there are %d files, not %d", when, now.count, reference->count);
    for (int i = 0; i < reference->count; i++)
        if (!same_leaf(&reference->list[i], find_leaf(&now, reference->list[i].path)))
            wrong(call, at, "%s %s is another", when, reference->list[i].path);
    free_tree(&now);
}

enum { STATES = 4096 };
static uint64_t known[STATES]; /* trees from which the work was taken up already */
static int known_count;

static bool is_known(uint64_t hash)
{
    for (int i = 0; i < known_count; i++)
        if (known[i] == hash) return true;
    if (known_count < STATES) known[known_count++] = hash;
    return false;
}

static void take_up(
    const struct scenario *s, const struct tree *reference, const struct call *call, long at)
{
    static struct outcome o;
    if (s->flags & ANEW) clear("w/out");
    try(again(s), NULL, 0, &o);
    if (o.code != 0)
        wrong(call, at, "afterwards it cannot go on: code %d, %.300s", o.code,
            strstr(o.err, "attunet: ") ? strstr(o.err, "attunet: ") : o.err);
    else
        check_result(s, reference, "gone on with,", call, at);
}

/* ---- one scenario */

static struct outcome reference_outcome;
static struct tree before, reference;

/* What the scenario begins with: a copy of `base`, or nothing but folders. */
static bool has_base, into_out;
static void fresh(void)
{
    clear("w");
    if (has_base)
        shell("cp -a %s %s", "base", "w");
    else
        OK(file_make_folders(into_out ? "w/out" : "w", &e));
}

static void one_fault(const struct scenario *s, const struct call *call, long at)
{
    static struct outcome o;
    static struct tree now;
    fresh();
    try(s->words, call, at, &o);
    check_end(&o, &reference_outcome, s, call, at);
    add_tree(&now, "w/out", "");
    check_files(s, &now, &before, &reference, call, at);
    check_pair(&now, &before, &reference, call, at);
    uint64_t hash = tree_hash(&now);
    free_tree(&now);
    if (o.code == 0)
        check_result(s, &reference, "code 0, but", call, at);
    else if (!is_known(hash))
        take_up(s, &reference, call, at);
}

/* The sentence that refuses a limit names one that does; a smaller one may be named when that is
 * tried. */
static void find_limit(const struct scenario *s)
{
    static struct outcome o;
    for (int tries = 0; tries < 3; tries++) {
        fresh();
        try(s->words, NULL, 0, &o);
        if (o.code != ATT_MEMORY) break;
        const char *named = strstr(o.err, "--max-memory ");
        assert_non_null(named);
        snprintf(
            limit, sizeof limit, "%ldMiB", strtol(named + strlen("--max-memory "), NULL, 10) + 1);
    }
    if (o.code || !strstr(o.err, "read by parts"))
        fail_msg("%s: within %s: code %d, %s", s->name, limit, o.code, o.err);
    fresh();
}

static void prepare(const struct scenario *s)
{
    static struct outcome o;
    for (int i = 0; s->words[i]; i++) into_out |= !strncmp(s->words[i], "out/", 4);
    fresh();
    if (s->before) {
        try(s->before, NULL, 0, &o);
        if (o.code) fail_msg("%s: before: code %d, %s", s->name, o.code, o.err);
        if (s->flags & STAGES) shell("rm %s/out/%s*", "w", "checkpoint");
        shell("cp -a %s %s", "w", "base");
        has_base = true;
    }
    if (s->flags & LIMITED) find_limit(s);
    add_tree(&before, "w/out", "");
    try(s->words, NULL, 0, &reference_outcome);
    if (reference_outcome.code)
        fail_msg("%s: code %d, %s", s->name, reference_outcome.code, reference_outcome.err);
    add_tree(&reference, "w/out", "");
    for (int i = 0; i < reference.count; i++) {
        char path[300];
        snprintf(path, sizeof path, "w/out/%s", reference.list[i].path);
        if (!whole_file(path)) fail_msg("%s: %s is no whole file", s->name, path);
    }
    if (file_exists("w/out")) shell("cp -a %s %s", "w/out", "reference");
}

/* Which of `count` calls: the first ones, and a sample of the others. */
static long chosen(long i, long count, long first, long sampled)
{
    if (i < first || count <= first + sampled) return i + 1;
    double width = (double)(count - first) / (double)sampled,
           jitter = (double)((uint64_t)i * 0x9E3779B97F4A7C15u >> 40) / (1 << 24);
    return first + 1 + (long)(((double)(i - first) + jitter) * width);
}

static void walk(const struct scenario *s, const struct call *call, bool all)
{
    all = all ||
        (s->flags & STAGES &&
            !strcmp(call->name, "rename")); /* every file that a stage puts in its place */
    long count = told(&reference_outcome, "calls ", call->name),
         first = strcmp(call->name, "alloc") ? CALLS_MOST / 2 : FIRST,
         sampled = strcmp(call->name, "alloc") ? CALLS_MOST / 2 : SAMPLED,
         tried = all || count < first + sampled ? count : first + sampled;
    for (long i = 0; i < tried; i++)
        one_fault(s, call, all ? i + 1 : chosen(i, count, first, sampled));
    if (count > 0) printf("%s: %s: %ld of %ld\n", s->name, call->name, tried, count);
    fflush(stdout);
}

static void show(const struct scenario *s, const char *name, long at)
{
    for (int k = 0; k < COUNT(calls); k++) {
        if (strcmp(calls[k].name, name) != 0) continue;
        one_fault(s, &calls[k], at);
        fresh();
        static struct outcome o;
        try(s->words, &calls[k], at, &o);
        printf("code %d\n%s%s%s", o.code, o.out, o.err, o.report);
        clear("/tmp/attunet-fault");
        shell("cp -a %s %s", "w", "/tmp/attunet-fault");
    }
}

/* ---- what all scenarios share */

static void must(const char *const *words)
{
    static struct outcome o;
    try(words, NULL, 0, &o);
    if (o.code) fail_msg("%s: code %d, %s", words[0], o.code, o.err);
}

static void make_shared(void)
{
    OK(file_make_folders("w", &e));
    put_boxes("data", 3, 1, 24, 24);
    put_boxes("two", 2, 1, 24, 24);
    put_boxes("four", 4, 1, 24, 24);
    put_boxes("six", 6, 1, 24, 24);
    put_boxes("deep", 1, 4, 20, 20);
    put_text("four/labels/_classes.csv", "Pixel Value, Class\n0, background\n1, box\n");
    put_text("train.txt", "case_00\ncase_01\n");
    put_text("val.txt", "case_02\n");
    put_text("two/splits_final.json",
        "[{\"train\": [\"case_00\"], \"val\": [\"case_01\"]}, {\"train\": [\"case_01\"], "
        "\"val\": [\"case_00\"]}]");
    must(W("pack", "../data", "-o", "../packed", "--speed", "1", ONE));
    must(W("train", "../data", "-o", "../model", LISTS, NET, "--steps", "1", ONE));
    OK(file_make_folders("png", &e));
    OK(file_make_folders("nifti", &e));
    OK(file_make_folders("tiff", &e));
    OK(file_make_folders("pair", &e));
    OK(file_make_folders("other", &e));
    for (int i = 0; i < 2; i++) {
        struct image m;
        char *from = mem_text("data/images/case_%02d.nii", i),
             *png = mem_text("png/case_%02d.png", i), *gz = mem_text("nifti/case_%02d.nii.gz", i);
        OK(format_load_image(from, &m, &e));
        OK(format_save_image(gz, &m, &e));
        OK(format_save_image(i ? "other/case.mhd" : "pair/case.mhd", &m, &e));
        for (size_t k = 0; k < image_voxels(m.size); k++) m.data[k] = m.data[k] / 200;
        OK(format_save_image(png, &m, &e));
        if (i && !format_tiff.missing) OK(format_save_image("tiff/case.tif", &m, &e));
        image_free(&m);
        mem_free(from);
        mem_free(png);
        mem_free(gz);
    }
}

static void add_twin(const char *from, const char *to)
{
    struct sink s;
    size_t size;
    char *data;
    OK(file_read(from, 1 << 20, &data, &size, &e));
    OK(sink_open(to, &s, &e)); /* its name ends in .gz */
    OK(sink_close(&s, sink_write(&s, data, size, &e), &e));
    mem_free(data);
}

/* Files of other programs: pages with OME-XML, tiles, a predictor. */
static void add_tiff(const char *name)
{
    char to[64];
    size_t size;
    char *data;
    snprintf(to, sizeof to, "tiff/%s", name);
    char *from = mem_text(TEST_SOURCE_DIR "/tests/fixtures/raster/%s", name);
    OK(file_read(from, 1 << 20, &data, &size, &e));
    OK(file_write_all(to, data, size, &e));
    mem_free(data);
    mem_free(from);
}

/* An image that stays in its files under a limit, plain and deflated; nothing but zeros around its
 * middle, but for the corners. */
static void make_large(void)
{
    enum { H = 640, WIDTH = 700, AROUND = 80 };
    struct image m = {.channels = 1, .size = {1, H, WIDTH}};
    m.data = mem_array(image_voxels(m.size), sizeof *m.data);
    for (int h = 0; h < H; h++)
        for (int w = 0; w < WIDTH; w++) {
            bool inside = h >= AROUND && h < H - AROUND && w >= AROUND && w < WIDTH - AROUND,
                 corner = h % (H - 1) == 0 && w % (WIDTH - 1) == 0;
            m.data[h * WIDTH + w] = inside || corner ? (float)((3 * h + 7 * w) % 97 + 1) : 0;
        }
    OK(file_make_folders("large", &e));
    OK(format_save_image("large/plain.nii", &m, &e));
    OK(format_save_image("large/deflated.nii.gz", &m, &e));
    image_free(&m);
}

static char **words_of_main;

static void whole_scenario(void **state)
{
    (void)state;
    const struct scenario *s = NULL;
    for (int i = 0; i < COUNT(scenarios); i++)
        if (words_of_main[1] && !strcmp(scenarios[i].name, words_of_main[1])) s = &scenarios[i];
    if (!s) fail_msg("there is no such scenario");
    command = getenv("ATTUNET");
    faults = getenv("FAULTS");
    if (!command || !faults) fail_msg("$ATTUNET names no command, or $FAULTS no library");
    if (format_tiff.missing && !strcmp(s->name, "predict_tiff")) skip();
    make_shared();
    add_twin("png/case_01.png", "png/twin.png.gz");
    add_tiff("ome_z.ome.tif");
    add_tiff("tiles_u2.tif");
    add_tiff("zlib_predictor.tif");
    if (s->flags & LIMITED) make_large();
    prepare(s);
    bool all = words_of_main[2] && !strcmp(words_of_main[2], "--all");
    if (words_of_main[2] && !all && words_of_main[3])
        show(s, words_of_main[2], strtol(words_of_main[3], NULL, 10));
    else
        for (int k = 0; k < COUNT(calls); k++) walk(s, &calls[k], all);
    for (int i = 0; i < wrong_count; i++)
        fprintf(stderr, "%d times: %s\n", wrongs[i].times, wrongs[i].text);
    if (borne)
        printf("%s: %d times libtiff crashed or lost blocks where it sets a tag\n", s->name, borne);
    if (wrong_times) fail_msg("%d faults were not borne", wrong_times);
    free_tree(&before);
    free_tree(&reference);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole_scenario)};
    if (argc < 2) {
        for (int i = 0; i < COUNT(scenarios); i++) puts(scenarios[i].name);
        return 2;
    }
    words_of_main = argv;
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
