/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of made-up names of many kinds, whose patients are known: no patient is on both sides of a
 * split without a word, and the first option of a question keeps patients together. */
#include <string.h>

#include "dataset/groups.h"
#include "dataset/reading.h"
#include "unit/dataset/dataset_test.h"

enum { CASES = 200, NAME = 64, SHAPES = 5, TEXT = 2048 };

struct made {
    char name[CASES][NAME];
    int patient[CASES], count;
};

/* The images of patient p, from 1 on, in a set of this shape; 0: there is no such patient. */
static int images_of(int shape, int p)
{
    static const int patients[SHAPES] = {12, 12, 4, 6, 26}, images[SHAPES] = {4, 0, 9, 14, 2};
    return p > patients[shape] ? 0 : images[shape] ? images[shape] : 1 + p * 5 % 7;
}

static uint32_t mix(uint32_t x)
{
    x = (x ^ x >> 16) * 0x45d9f3bu;
    x = (x ^ x >> 16) * 0x45d9f3bu;
    return x ^ x >> 16;
}

/* Writes what <...> stands for: a letter, and the digits of a number. */
static void put_part(char *to, char what, int digits, int p, int i, int r)
{
    static const char *const people[] = {"Meier", "Huber", "Frei", "Vogel", "Keller", "Schmid",
        "Weber", "Brunner", "Baumann", "Gerber", "Moser", "Steiner", "Fischer", "Zimmermann",
        "Graf", "Wyss", "Roth", "Suter", "Baur", "Kunz", "Bieri", "Lang", "Ott", "Arnold", "Koch",
        "Lutz"};
    static const char *const classes[] = {"adipose", "stroma", "mucosa", "lymph"};
    const uint32_t h = mix((uint32_t)r), hp = mix(1000u + (uint32_t)p);
    switch (what) {
    case 'p':
        sprintf(to, "%0*d", digits, p);
        break; /* the patient */
    case 'i':
        sprintf(to, "%0*d", digits, i);
        break; /* an image of it, from 1 on */
    case 'z':
        sprintf(to, "%0*d", digits, i - 1);
        break; /* from 0 on */
    case 's':
        sprintf(to, "%0*d", digits, 20 + p * 7 % 11 + i);
        break; /* a slice */
    case 'r':
        sprintf(to, "%0*d", digits, r);
        break; /* runs over all images */
    case 'P':
        sprintf(to, "%c%c", 'A' + p * 5 % 23, 'A' + p * 11 % 26);
        break; /* initials */
    case 'L':
        sprintf(to, "%c", 'A' + p - 1);
        break;
    case 'I':
        sprintf(to, "%c", 'a' + (i - 1) % 26);
        break;
    case 'J': /* a, b, x1, x2, ... */
        if (i < 3)
            sprintf(to, "%c", 'a' + i - 1);
        else
            sprintf(to, "x%d", i - 2);
        break;
    case 'S':
        sprintf(to, "%s", people[p - 1]);
        break;
    case 'C':
        sprintf(to, "%s", classes[r % 4]);
        break;
    case 'n':
        sprintf(to, "%0*d", digits, 1 + r / 4);
        break; /* of a class */
    case 'x':
        sprintf(to, "%0*u", digits, (unsigned)(100000 + hp % 900000));
        break;
    case 'h':
        sprintf(to, "%08x%04x", h, mix(h) & 0xffff);
        break;
    case 'y':
        sprintf(to, "%0*d", digits, 24306 + r * 3 + (int)(h % 3));
        break; /* some of a list */
    case 'd':
        sprintf(to, "20%02d%02d%02d", 10 + r / 12 % 12, 1 + r * 7 % 12, 1 + (int)(h % 28));
        break;
    case 'D':
        sprintf(to, "20%02d-%02d-%02d", 15 + i % 5, 1 + p % 12, 1 + (int)(h % 28));
        break;
    case 'e':
        sprintf(to, "%c", "LR"[(i - 1) % 2]);
        break;
    case 'b': /* parts of a set from round numbers on */
        sprintf(to, "%0*d", digits, r < 16 ? 499 + r : 984 + r);
        break;
    case 'k':
        sprintf(to, "%d", r < 20 ? 10000 + r : 20000 + r - 20);
        break;
    case 'g':
        sprintf(to, "%d", 1 + (int)(h % 3));
        break; /* a reader or a grade */
    case 'v':
        sprintf(to, "%s", (const char *const[]){"ge", "philips", "siemens"}[h % 3]);
        break;
    case 'a':
        sprintf(to, "%d", 40 + (int)(h % 7));
        break; /* an age */
    case 'H':
        sprintf(to, "%s", h % 5 ? "HC" : h % 2 ? "2HC" : "3HC");
        break;
    case 't':
        sprintf(to, "%d", (int)(h % 90) + 10);
        break; /* any number */
    default:
        fail_msg("<%c>", what);
    }
}

static void make_names(struct made *m, const char *form, int shape)
{
    m->count = 0;
    for (int p = 1; images_of(shape, p); p++)
        for (int i = 1; i <= images_of(shape, p); i++) {
            char *to = m->name[m->count];
            for (const char *at = form; *at; at++) {
                if (*at != '<') {
                    *to++ = *at;
                    *to = 0;
                    continue;
                }
                put_part(to, at[1], at[2] == '>' ? 1 : at[2] - '0', p, i, m->count + 1);
                to += strlen(to);
                at = strchr(at, '>');
            }
            m->patient[m->count++] = p;
        }
}

static struct made *sorted; /* by qsort */
static int made_order(const void *a, const void *b)
{
    return strcmp(sorted->name[*(const int *)a], sorted->name[*(const int *)b]);
}

static void make_set(struct dataset *d, struct made *m)
{
    int order[CASES];
    static struct made copy;
    copy = *m;
    for (int i = 0; i < m->count; i++) order[i] = i;
    sorted = &copy;
    qsort(order, (size_t)m->count, sizeof *order, made_order);
    memset(d, 0, sizeof *d);
    d->root = mem_text("set");
    d->path = mem_text("set");
    d->count = m->count;
    d->cases = mem_array((size_t)m->count, sizeof *d->cases);
    for (int i = 0; i < m->count; i++) {
        struct data_case *c = &d->cases[i];
        memcpy(m->name[i], copy.name[order[i]], NAME);
        m->patient[i] = copy.patient[order[i]];
        c->id = mem_text("%s", m->name[i]);
        c->image[0] = mem_text("set/in/%s.png", m->name[i]);
        c->nimages = 1;
        c->label = mem_text("set/out/%s.png", m->name[i]);
    }
}

static void free_set(struct dataset *d)
{
    for (int i = 0; i < d->count; i++) {
        mem_free(d->cases[i].id);
        mem_free(d->cases[i].image[0]);
        mem_free(d->cases[i].label);
        mem_free(d->cases[i].group);
    }
    mem_free(d->cases);
    mem_free(d->root);
    mem_free(d->path);
}

/* split: images of one patient have two groups; joined: two patients have one. */
static void compare(const struct made *m, const struct span *group, bool *split, bool *joined)
{
    *split = *joined = false;
    for (int i = 0; i < m->count; i++)
        for (int k = 0; k < i; k++) {
            const bool same = group[i].text && group[k].text && !span_order(group[i], group[k]);
            *split |= m->patient[i] == m->patient[k] && !same;
            *joined |= m->patient[i] != m->patient[k] && same;
        }
}

/* The groups of settings. */
static bool settings_split(const struct made *m, const char *option, bool *joined)
{
    char images[300], labels[300], path[NAME + 20];
    struct reading r;
    static struct span group[CASES];
    static char text[CASES][NAME];
    bool split = true;
    if (sscanf(option, "give `images` '%299[^']' `labels` '%299[^']'", images, labels) != 2)
        return true;
    struct err why = {0};
    if (reading_parse(images, labels, &r, &why) != ATT_OK) fail_msg("%s", option);
    for (int i = 0; i < m->count; i++) {
        struct fit f = {.part = 0};
        snprintf(path, sizeof path, "in/%s.png", m->name[i]);
        const int length = (int)strlen(path);
        group[i] = (struct span){NULL, 0};
        if (!reading_fits(&r, path, length, length - 4, &f) || !f.got[VAR_GROUP].text) continue;
        snprintf(text[i], NAME, "%.*s", f.got[VAR_GROUP].length, f.got[VAR_GROUP].text);
        group[i] = (struct span){text[i], f.got[VAR_GROUP].length};
    }
    compare(m, group, &split, joined);
    reading_clear(&r);
    return split;
}

/* T: groups are the patients, C: or several patients each; A: asks, and the first option is right,
 * B: another is, G: there is none, but the example is one patient, W: all are wrong; L: a patient
 * is split silently. Without patients: '-' nothing, Q: asks, M: makes groups. */
static char outcome(const char *form, int shape, const char *stray, bool patients, char *text)
{
    static struct made m;
    static struct span group[CASES];
    struct dataset d;
    struct heard h;
    bool split, joined;
    make_names(&m, form, shape);
    if (stray) {
        strcpy(m.name[m.count], stray);
        m.patient[m.count++] = CASES;
    }
    make_set(&d, &m);
    hear(&h);
    OK(groups_by_names(&d, &h.host, &e));
    for (int i = 0; i < d.count; i++) {
        const char *g = d.cases[i].group;
        group[i] = (struct span){g, g ? (int)strlen(g) : 0};
    }
    compare(&m, group, &split, &joined);
    char what = 'L';
    snprintf(text, TEXT, "%s", h.text);
    if (!patients)
        what = d.groups_asked ? 'Q' : d.has_groups ? 'M' : '-';
    else if (!split)
        what = d.groups_asked ? 'q' : joined ? 'C' : 'T';
    else if (d.groups_asked) {
        const char *at = h.text;
        bool first = true;
        what = 0;
        while ((at = strstr(at, "give `images`"))) {
            bool more;
            const bool wrong = settings_split(&m, at, &more);
            if (!wrong && !more) {
                what = first ? 'A' : 'B';
                break;
            }
            first = false;
            at++;
        }
        if (!what) {
            char a[NAME], b[NAME];
            int pa = 0, pb = -1;
            const char *such = strstr(h.text, "such as ");
            if (such && sscanf(such, "such as %63s and %63[^;,]", a, b) == 2)
                for (int i = 0; i < m.count; i++) {
                    if (strcmp(m.name[i], a) == 0) pa = m.patient[i];
                    if (strcmp(m.name[i], b) == 0) pb = m.patient[i];
                }
            what = pa == pb && strstr(h.text, "groups.csv") && !strstr(h.text, "give `images`")
                ? 'G'
                : 'W';
        }
    }
    free_set(&d);
    return what;
}

/* Forms of names by what is expected of the shapes. */
struct kinds {
    const char *expect, *forms;
};

static const struct kinds with_patients[] = {
    {"TTATT",
        "<p3>_<i>|<p3>_<i2>|<p3> <i2>|<p3>_<z>|<p3>_<s3>|<p3>_<r4>|P<p2>_<i>|P<p>_<i3>|"
        "pat<p3>_<i2>|patient<p3>_frame<i2>|case_<p3>_<i2>|Case_<p>-<i2>|A<p3>_<i2>|"
        "A<p3>_<r4>|LIDC-IDRI-<p4>_slice_<i3>|TCGA_CS_<x4>_1996<p2>09_<i>|"
        "volume_<p>_slice_<i>|img_<p3>_<i2>|sub-<p2>_<i2>|A<p3>_img<i2>|A<p3>img<i2>|"
        "F<p2>x<i2>|<p2>x<i2>|P<p2>S<i2>|<p2>A<i>|<p3>_t1_<i2>|<p3>_<i2>_mri|mri_<p3>_<i2>|"
        "A<p3>_mri_<i2>|A<p3>_<i2>_mri|<p3>_axial_<i2>|<p3>_<e>_<i>|<p3><e>_<i>|<p3>_<D>|"
        "A<p3>_<D>_<i>|<x6>_<i2>|<x6>-<i>|H<x6>_<i2>|A<p3>_<h>|<p3>_<h>|A<p3>_<t>_<i>|"
        "<p3>_<C>_<i>|A<p3>_<C>_<r3>|A<p3>(<i>)|A<p3> (<i>)|<p3>[<i>]|img<i2>_P<p3>|"
        "<d>_A<p3>|A<p3><i2>|A<p2><i3>|F<p2><i3>|F<p2><i2>|<p3><i2>|<p2><i3>|<p2><i2>|"
        "<p3><i3>|<p3><z2>|img<p3><i2>|img_<p3><i2>|<p3><i2>_mri|A<p3><i2>_axial|<p3><I>|"
        "A<p3><I>|<p3><J>|A<p3><J>|<x6><i2>|scan<p3><i3>"},
    {"qTAqq", "<p3>-<i3>|<p2>.<i3>|<p>_<i3>"}, {"TTAqT", "<p>_<i>"},
    {"AAAAA",
        "<r>_A<p3>|<r4>_A<p3>|<r>_A<p3>_axial|img<r>_A<p3>|<r3>_A<p3>_mri|<r4>_<p3>|<r>_<p3>|"
        "<r4>_<x6>|<r>_pat<p>|<r4>_case<p2>|slice<i2>_<p3>|slice<i2>_A<p3>|slice<r3>_A<p3>|"
        "slice_<r3>_<p3>|frame<r4>_<p2>|image_<r3>_<p3>|image_<r3>_A<p3>|axial_<r3>_A<p3>|"
        "<h>_A<p3>|<h>_<p3>|<d>_<p3>|<r3>_<P>|<i>_<P>|<r3>-A<p3>-t2|<r3>_<e>_A<p3>|"
        "<r3>_A<p3>_<e>|<r3>_A<p3>_<i2>|<r3>_<p3>_<i2>|x<r3>_y<p3>|<t>_A<p3>_<r3>|"
        "<C>_A<p3>_<i2>|<C>_<p3>_<i2>|<C>_<r3>_A<p3>|<P><I>|<P><J>|<P><i>|<P><i2>|<P>_<I>|"
        "<r3>_<S>|<i>_<S>|<S><i>|<S><i2>|<S>_<i>|<S>_<I>|<L><i2>|<L>_<i2>|<L><p2><i2>|<p3><s3>|A<"
        "p2><s3>"},
    {"ATAAA",
        "<i>_A<p3>|<i2>_A<p3>|<i2>-A<p3>|<i2>.A<p3>|<i2> A<p3>|img<i>_A<p3>|im_<i>_A<p3>|"
        "<i>_P<p>"},
    {"BTAAB", "<i3>_<p3>|<i>_<p3>|<i2>_<x6>"}, {"AAAAG", "<P>_<i2>"}};

static const struct kinds without_patients[] = {{"-----",
    "img<r3>|img<r>|<r>|<r5>|<r3>|image_<r4>|ISIC_<y7>|IMD<y5>|<y6>|<h>|img_<h>|"
    "case_<r5>|<r3>_image|<r3>_t1|<r3>.tumor|Kvasir-<r3>|x<y4>|benign (<r>)|<C>_<r3>|"
    "<C><n3>|<r3>_<C>|<r>_<C>|<C>-<h>|<h>_<C>|train_<r3>|scan_<r3>_v2|IMG_<d>_<r4>|<d>|"
    "IMG_<d>|scan <r>|cju<h>|CHNCXR_<r4>_0|JPCLN<r3>|A<r8>|volume-<r>|liver_<r>|"
    "hippocampus_<r3>|BRATS_<r3>|ProstateX-<r4>|IDRiD_<r2>|drishtiGS_<r3>|g<r4>|im<r4>|"
    "<r3>_HC|BloodImage_<r5>|ID<y9>|R<x6><r3>|<r2>_training|TCGA-<y4>-01Z-00-DX1|s<y5>|"
    "<b4>|<k>|<r4>_<g>|<r3>_<H>|CC<r4>_<v>_<a>_M|<h>_<v>_<g>|DSC0<r4>|IMG_<y4>|mouse-<r>|<r4>-"
    "mask|z<y8>|<C>_<n3>|<C> (<n>)|human_<C>_<n2>"}};

/* Fails with the question of a form whose outcomes differ. */
static void check_form(const char *form, const char *expect, bool patients)
{
    for (int shape = 0; shape < SHAPES; shape++) {
        char text[TEXT];
        const char got = outcome(form, shape, NULL, patients, text);
        if (got != expect[shape])
            fail_msg("%s, shape %d: %c, not %c: %s", form, shape, got, expect[shape], text);
        if (!patients || shape != 1 || expect[1] == 'L') continue;
        if (outcome(form, shape, "overview", true, text) == 'L') /* one name of another form */
            fail_msg("%s with another name: %s", form, text);
    }
}

static void check_kinds(const struct kinds *list, int count, bool patients)
{
    for (int k = 0; k < count; k++)
        for (const char *at = list[k].forms; *at; at += *at == '|') {
            char form[NAME];
            const int length = (int)strcspn(at, "|");
            snprintf(form, sizeof form, "%.*s", length, at);
            check_form(form, list[k].expect, patients);
            at += length;
        }
}

static void patients_in_names_stay_together_or_are_asked(void **state)
{
    (void)state;
    check_kinds(with_patients, COUNT(with_patients), true);
}

static void names_without_patients_are_not_asked(void **state)
{
    (void)state;
    check_kinds(without_patients, COUNT(without_patients), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patients_in_names_stay_together_or_are_asked),
        cmocka_unit_test(names_without_patients_are_not_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
