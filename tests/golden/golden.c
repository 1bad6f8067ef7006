/* SPDX-License-Identifier: Apache-2.0 */
/* Parity with PyTorch: reads reference files (state.*, input, target, and what PyTorch computed in
 * float64: eval.*, train.*, step.*), runs the same network here and compares everything.  One line
 * per file and instruction set; exit 1 on a miss, 77 when this machine lacks the instruction set
 * asked for.
 *
 * Built twice: in float (every ISA of this machine) and in double (plain kernels).  Usage: golden
 * [--isa ISA] [--conv NAME] FILE... golden_f64 --edges DUMP FILE answers the float build
 * (golden_excuse.c).  golden --plant gradient|decision|edge FILE... puts an error in, or what is
 * none, and is content with the right answer. golden --layers FILE: see golden_layers.c. */
#include <stdio.h>
#include <string.h>

#ifndef ATT_F64
#include "device/device_kernels.h"
#endif
#include "files/file.h"
#include "golden.h"

const struct tolerances FLOAT = {
    .logits = 1e-4, .maps = 1e-5, .loss = 1e-5, .gradient = 1e-3, .step = 1e-4, .rms = 1e-6};
const struct tolerances DOUBLE = {
    .logits = 1e-5, .maps = 1e-5, .loss = 1e-5, .gradient = 1e-5, .step = 1e-5, .rms = 1e-9};

struct wishes {
    const char *isa, *conv, *dump;
    enum plant plant;
};

/* The OpenCL device stands behind the instruction sets of this machine. */
static const struct kernels *set_at(int isa)
{
#ifndef ATT_F64
    if (isa > kernels_best()) return device_kernels();
#endif
    return kernels_for(isa);
}

static void start(struct golden *g, int isa, const struct wishes *w)
{
    memset(g, 0, sizeof *g);
    g->pool = pool_create(0);
    g->kernels = set_at(isa);
    g->conv = w->conv;
    g->plant = w->plant;
    g->allowed = sizeof(real) == 8 ? DOUBLE : FLOAT;
}

static void finish(struct golden *g)
{
    golden_close(g);
    pool_destroy(g->pool);
}

static const char *const PLANTS[] = {"", "gradient", "decision", "edge"};

/* A planted error must be refused, and for what it is; a number moved across the edge must not. */
static bool plant_judged(const struct golden *g)
{
    const char *sign = g->plant == PLANT_GRADIENT ? g->planted
        : g->plant == PLANT_DECISION              ? "is not on the edge"
                                                  : "explained by ";
    bool right = g->verdict == (g->plant == PLANT_EDGE ? EXPLAINED : REFUSED) && sign[0] &&
        strstr(g->answer, sign) && !strstr(g->answer, "explained by 0 ");
    printf("%s: planted %s, %d missed: %s\n", right ? "ok" : "FAILED", PLANTS[g->plant], g->nmisses,
        g->answer);
    return right;
}

static bool report(const struct golden *g)
{
    int expected = golden_expected(g);
    bool all = g->compared == expected, good = all && (!g->nmisses || g->verdict == EXPLAINED);
    if (g->plant) return plant_judged(g);
    if (!good) compare_report(g);
    printf("%s: %d of %d tensors compared, ", good ? "ok" : "FAILED", g->compared, expected);
    if (g->verdict == EXPLAINED)
        printf("%d beyond the plain tolerance, all %s\n", g->nmisses, g->answer);
    else
        printf("%d missed, worst %.2f of its tolerance (%s)%s%s\n", g->nmisses, g->worst,
            g->worst_name, g->verdict ? "; no excuse: " : "", g->answer);
    return good;
}

static bool check(const char *path, int isa, const struct wishes *w)
{
    struct golden g;
    start(&g, isa, w);
    att_status status = golden_open(&g, path);
    if (status == ATT_OK) status = golden_evaluate(&g);
    if (status == ATT_OK) status = golden_train(&g);
    printf("%-34s %-7s ", file_base(path), sizeof(real) == 8 ? "double" : set_at(isa)->set->name);
    bool good = status == ATT_OK && report(&g);
    if (status != ATT_OK) printf("FAILED: %s\n", g.err.text);
    finish(&g);
    return good;
}

static int answer(const char *path, const struct wishes *w)
{
    struct golden g;
    start(&g, ISA_REF, w);
    int status = 2;
    if (golden_open(&g, path) == ATT_OK)
        status = excuse_judge(&g, w->dump);
    else
        printf("%s\n", g.err.text);
    finish(&g);
    return status;
}

#ifndef ATT_F64
static int layers(const char *path)
{
    struct golden g;
    start(&g, kernels_best(), &(struct wishes){0});
    att_status status = golden_open(&g, path);
    if (status == ATT_OK) status = golden_layers(&g);
    if (status != ATT_OK) fprintf(stderr, "golden: %s\n", g.err.text);
    finish(&g);
    return status != ATT_OK;
}
#endif

/* The instruction sets asked for: all that this machine has, or the one called `only`. */
static int isa_range(const char *only, int *first, int *last)
{
    *first = ISA_REF;
    *last = kernels_best();
    if (!only) return 0;
    for (int isa = *first; isa <= *last; isa++)
        if (!strcmp(only, kernels_for(isa)->set->name)) {
            *first = *last = isa;
            return 0;
        }
    for (const struct kernel_set *const *set = kernel_sets; *set; set++)
        if (!strcmp(only, (*set)->name)) {
            printf("SKIPPED: this machine has no %s\n", only);
            return 77;
        }
#ifndef ATT_F64
    struct err e = {.status = ATT_OK};
    const struct kernels *k;
    if (device_named(only) && device_choose(only, &k, &e) == ATT_OK) {
        *first = *last = kernels_best() + 1;
        return 0;
    }
    if (device_named(only)) {
        printf("SKIPPED: %s\n", e.text);
        return 77;
    }
#endif
    fprintf(stderr, "golden: --isa %s is unknown; choose ref, avx2, avx512 or opencl:N\n", only);
    return 2;
}

static enum plant plant_called(const char *name)
{
    for (int i = PLANT_GRADIENT; i <= PLANT_EDGE; i++)
        if (!strcmp(name, PLANTS[i])) return (enum plant)i;
    return PLANT_NOTHING;
}

/* Returns false for a word that is no option with a value. */
static bool option(const char *word, const char *value, struct wishes *w)
{
    if (!value) return false;
    if (!strcmp(word, "--isa"))
        w->isa = value;
    else if (!strcmp(word, "--conv"))
        w->conv = value;
    else if (!strcmp(word, "--edges") && sizeof(real) == 8)
        w->dump = value;
    else if (!strcmp(word, "--plant") && sizeof(real) == 4)
        w->plant = plant_called(value);
    else
        return false;
    return strcmp(word, "--plant") != 0 || w->plant != PLANT_NOTHING;
}

int main(int argc, char **argv)
{
    struct wishes w = {0};
#ifndef ATT_F64
    if (argc == 3 && !strcmp(argv[1], "--layers")) return layers(argv[2]);
#endif
    int failed = 0, files = 0, first, last;
    for (int i = 1; i < argc; i++) {
        if (option(argv[i], i + 1 < argc ? argv[i + 1] : NULL, &w)) {
            i++;
            continue;
        }
        if (w.dump) return answer(argv[i], &w);
        int status = isa_range(w.isa, &first, &last);
        if (status) return status;
        files++;
        for (int isa = first; isa <= last; isa++) failed += !check(argv[i], isa, &w);
        fflush(stdout);
    }
    if (!files) {
        fprintf(stderr,
            "usage: golden [--isa ref|avx2|avx512|opencl:N] [--conv NAME] FILE.safetensors...\n");
        return 2;
    }
    return failed ? 1 : 0;
}
