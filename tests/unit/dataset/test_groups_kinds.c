/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of made-up names of many kinds, whose patients are known: no patient is on both sides of a
 * split without a word, and the first option of a question keeps patients together. */
#include <string.h>

#include "dataset/groups.h"
#include "dataset/reading.h"
#include "unit/dataset/dataset_test.h"

enum { CASES = 200, NAME = 80, SHAPES = 5, TEXT = 2048 };

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

/* The k-th of some words. */
static void put_word(char *to, int k, const char *words)
{
    int count = 1;
    for (const char *at = words; (at = strchr(at, ' ')); at++) count++;
    for (k %= count; k > 0; k--) words = strchr(words, ' ') + 1;
    sprintf(to, "%.*s", (int)strcspn(words, " "), words);
}

/* A code of letters and digits, as of the Cancer Genome Atlas. */
static void put_code(char *to, uint32_t h)
{
    sprintf(to, "%c%c-%c%03u%c", "ABCDEGHK"[h % 8], "0123456789ABCDEF"[h / 8 % 16],
        "A123456789"[h / 128 % 10], h / 1280 % 1000, "ABCDEFGHJK"[h / 1280000 % 10]);
}

/* What names of public sets and of hospitals have besides: p, i and r as in put_part. */
static void put_public(char *to, char what, int digits, int p, int i, int r)
{
    const uint32_t h = mix((uint32_t)r), hp = mix(1000u + (uint32_t)p);
    int most = 1;
    for (int k = 0; k < digits; k++) most *= 10;
    switch (what) {
    case 'T': /* codes of a patient */
        put_code(to, hp);
        break;
    case 'U':
        sprintf(
            to, "1.3.6.1.4.1.14519.5.2.1.6279.6001.%u%09u", 1 + hp % 9000, mix(hp) % 1000000000);
        break;
    case 'o':
        sprintf(to, "%08x%08x", hp, mix(hp));
        break;
    case 'c':
        sprintf(to, "%0*d", digits, (p * 7919 + 1234) % most);
        break;
    case 'N':
        sprintf(to, "%d", 9999 + p);
        break;
    case 'M':
        sprintf(to, "%c%c%c%c", 'A' + (int)(hp % 23), "AEIOU"[hp / 23 % 5],
            'B' + (int)(hp / 115 % 20), "AEIOU"[hp / 2300 % 5]);
        break;
    case 'l': /* the day of a patient */
        sprintf(to, "20%02u%02u%02u", 15 + hp % 8, 1 + hp / 8 % 12, 1 + hp / 96 % 28);
        break;
    case 'A':
        sprintf(to, "%u", 30 + hp / 7 % 50);
        break;
    case 'G':
        put_word(to, (int)(hp % 2), "M F");
        break;
    case 'B':
        put_word(to, (int)(hp % 2), "B M");
        break;
    case '7':
        put_word(to, (int)(hp % 2), "ctrl trt");
        break;
    case 'K':
        put_word(to, (int)(hp % 4), "CNV DME DRUSEN NORMAL");
        break;
    case 'O':
        sprintf(to, "%0*u", digits, 1 + hp % 5);
        break; /* a hospital */
    case 'f':
        put_word(to, p, "Anna Beat Carla Daniel Eva Felix Gina");
        break;
    case 'X': /* of an image */
        sprintf(to, "%0*d", digits, (i - 1) % 4 * 256);
        break;
    case 'Y':
        sprintf(to, "%0*d", digits, (i - 1) / 4 * 256);
        break;
    case 'q':
        put_word(to, i, "40 100 200 400");
        break;
    case 'R':
        put_word(to, i - 1, "LEFT RIGHT");
        break;
    case 'w':
        put_word(to, i - 1, "left right");
        break;
    case 'V':
        put_word(to, (i - 1) / 2, "CC MLO");
        break;
    case 'E':
        put_word(to, i - 1, "2CH 4CH");
        break;
    case 'F':
        put_word(to, (i - 1) / 2, "ED ES");
        break;
    case '6':
        put_word(to, i - 1, "t1 t2 t2_SPACE");
        break;
    case 'W': /* of a running number */
        put_code(to, h);
        break;
    case 'u':
        sprintf(to, "1.2.276.0.7230010.3.1.4.8323329.%u.1517%06u", h % 32000, mix(h) % 1000000);
        break;
    case 'Q':
        sprintf(to, "%08x-%04x-4%03x-a%03x-%08x", h, mix(h) & 0xffff, mix(h + 1) & 0xfff,
            mix(h + 2) & 0xfff, mix(h + 3));
        break;
    case 'm':
        sprintf(to, "%02u%02u%02u", h % 24, h / 24 % 60, h / 1440 % 60);
        break;
    case 'j':
        put_word(to, r, "gl me no pi");
        break;
    case '1':
        put_word(to, r, "HC BPD SS SZ");
        break;
    case '2':
        put_word(to, (int)(h % 5), "Caltech CMU KKI NYU Olin");
        break;
    case '3':
        put_word(to, r, "train val test");
        break;
    case '4':
        sprintf(to, "%0*d", digits, 1 + r / 3);
        break;
    case '5':
        put_word(to, (int)(h % 3), "ax co sa");
        break;
    case '8':
        put_word(to, r, "b is iv n");
        break;
    case '9':
        put_word(to, r, "h dr g");
        break;
    default:
        fail_msg("<%c>", what);
    }
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
        put_public(to, what, digits, p, i, r);
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
            bool twice = false;
            for (int k = 0; k < m->count; k++) twice |= strcmp(m->name[k], m->name[m->count]) == 0;
            m->patient[m->count] = p;
            m->count += !twice;
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
        const struct tree_file file = tree_file_of(path);
        group[i] = (struct span){NULL, 0};
        if (!reading_fits(&r, &file, &f) || !f.got[VAR_GROUP].text) continue;
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
            if (such && sscanf(such, "such as %79s and %79[^;,]", a, b) == 2)
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

/* Names that public sets and exports of hospitals have. */
static const struct kinds public_with[] = {
    {"TTATT",
        "patient<p4>_<E>_<F>|patient<p3>_frame<i2>_slice_<z>|0X<o>_<s>|<p4>_NI<i3>_slice<s3>|"
        "<U>_<s3>|Mass-Training_P_<p5>_<R>_<V>|Mass-Training_P_<c5>_<R>_<V>_<i>|"
        "A_<c4>_1.<R>_<V>|Image_<p2><e>|<B>-<p>-<e>|<p>_<w>|<K>-<x>-<i>|Subject_<p2>_<s2>|"
        "TRAIN<p3>_<s3>|patient<p>_raw<s4>|seq_<p>_frame<s3>|video<p2>_<s5>|"
        "video<p2>_frame_<s>_endo|Video<p>_frame<s6>|"
        "case_M_<l>100941_0U6236<x>_1_001_002-1_a13_ayy_image<s4>|TCGA-<T>-01Z-00-DX1_<i>|"
        "TCGA-<T>-01Z-00-DX1_<i3>_patch|TCGA-<T>-01A-01-TSA_<X>_<Y>|"
        "SOB_<B>_A-14-<x>AB-<q>-<i3>|patient_<p3>_node_<i>|<L><p2>_s<i>|<p2>_t<s3>|"
        "A172_Phase_<L><p>_<i>_00d04h00m_1|BraTS20_Training_<p3>_<s3>|BraTS-GLI-<p5>-<z3>|"
        "training<p2>_<i2>|OAS1_<p4>_MR<i>|OAS3<p4>_d<s4>|Case<p2>_slice<s2>|<N>_<r7>|"
        "sub-verse<p3>_split-verse<r3>_ct|<p>_<6>|<p8>_<z3>|patient<p5>_study<i>_view1_frontal|"
        "patient<p5>_study<i>_positive_image1|bus_<p4>-<e>|<x>_<d>_<i>|PAT<x>_STD<i>_SER1|"
        "MRN<x>_<D>_CT|LUNG1-<p3>_1-<s2>|CT.1.2.840.113654.2.70.1.<x>77.<s>|CT.<x>.Image <s>|"
        "Study<p2>Series<i>|Patient <p> - Aufnahme <i>|Pac<p2>_corte<i2>|Scan_<p3>_Rev<i>|"
        "101-<p3>-V<i>|SITE0<O>-SUBJ<p3>-WK<i>|C3L-<c5>-<i2>|ACRIN-6698-<x>_T<z>|"
        "UPENN-GBM-<p5>_<i>1|PatientID_<p4>_Timepoint_<i>|S20-<x>_A<i>_HE|H<x>-1A_40x_<i2>|"
        "mouse<p>_day<i>|M<p2>_d<i>_<e>|m<p2>_s<i>_c1|B6-<p3> lung <i>|<7><p>_<i2>|P<p>T<i>|"
        "<D>_P<p2>_<i>|<S><p2>_<i>|<P><p2>_<i2>|person<p>_bacteria_<r>|PAT_<p>_<i>_<t>|"
        "9<c6><e>|9<c6>_<i2>m|<p3>_<G>_<A>_<i>|Pt<p2>-Lesion<i>|P<p2>_ROI<i>|roi<i>_case<p2>|"
        "slide<p2>_x<X>_y<Y>|fundus_<x>_OD_<i>|<x>_OD_<D>|EP<p2>_img_<i3>|kid<p3>_<i>_US|"
        "<c4>.<i>|Pat<p2>_Schnitt<i2>|patient-<p3>-slice-<z3>|BN<p3>_T<i>|R<p2>_B<i>_HE|"
        "case<p4>_axial_<s3>|<c6>_<i3>|<c6>.<l>.<i2>|ID<c6>_<D>|VOL<p2>_<s4>|exam<p3>_img<i>|"
        "<M><p2>-<i2>|Proband<p2>_Messung<i>|sujet<p2>_coupe<i2>|pid<c7>_t<i>|DET<c6>_<i2>|"
        "NLST_<c6>_<r5>|<N>-<i2>-CT|horse<p2>_<i2>|dog<p>_leg<i>_<s3>|embryo<p2>_z<i2>|"
        "plate<p2>_well<i2>|<L><p2>_f<i2>|frame<i3>_vid<p2>|im<i3>_pt<p2>|img_<r4>_patient_<p>|"
        "ExVivo<p2>_ROI_<i>|tumor<p3>_slice<i2>|polyp<p2>_frame<i3>|lesion<p2>_<i>|"
        "SLIDE<c5>_tile<i3>|HE<c4>_<X>_<Y>|<T>_<X>_<Y>|DMR<p3>_<R>_<V>|<c4>_<R>_<V>|"
        "<p4>_<w>_<V>|eye<p3>_<w>|OCT<p2>-<s3>|GBM<p3>-<D>|Sub<p2>Ses<i>|S<p2>T<i>R1|"
        "<c3>-<c5>-<i2>"},
    {"AAAAA",
        "<M>_<z3>|<S>_<f>_<l>_<i>|GTEX-<M>-<i4>|<S>_<D>|<S> <f>_<i2>|<l>_<m>_P<p3>|<r>-<c4>|"
        "<h>-<c5>|<M>-<i3>|<P>_<l>_<i2>|<S>-<i3>|<S>_<w>_<i>|<S><i3>|<i2>_<S>|<r4>_<S>_<P>|"
        "<r5>_<c5>|<r3>_ID<c4>|<r>-P<p>|<h>_P<p3>|<Q>_<c6>"},
    {"TTAqT", "radiopaedia_<p>_85902_<i>|Fall <p2> Bild <i>|<p2>-<i>-HE|Pt_<p>_CT_<i>|<p>-<w>-<i>"},
    {"qTAqq", "IMG-<p4>-<i5>|<p>_T1DUAL_InPhase_<i2>|IM-<p4>-<i4>|<l>-<p2>-<i2>"},
    {"CCWqC", "ADNI_<O3>_S_<c4>_<d>_I<y6>|<O3>_S_<c4>_I<y6>"},
    {"qqAqq", "<p4>_<x>395_<i2>_WRI-<e>1_<G>0<A>|<c5>_x<X4>_y<Y4>"}, {"TTTTT", "<l>_<P>|<P>_<l>"},
    {"GGAGG", "<y8>_<o>_MG_<e>_<V>_ANON"}, {"LLLLL", "instrument_dataset_<p>_frame<z3>"},
    {"TTWTT", "<l>T<x>_<s>"}, {"TTABT", "<7>_<p>_<i>"}, {"AAAAG", "<P>-<D>"},
    {"BTAAB", "scan_<i>_of_<c4>"}, {"ATAAA", "fov<i2>_donor<p2>"}, {"AALAA", "<h>_<S>"}};

/* The same without patients that have several images. Words beside numbers are asked. */
static const struct kinds public_without[] = {
    {"-----",
        "mdb<r3>|STAR <r2>_ODC|IXI<r3>-Guys-<y4>-T1|TCGA-<W>-01Z-00-DX1|<d>_<y5>_0100_PP|"
        "<d>_<m>|IMG_<d>_<m>|WIN_<d>_<m>_Pro|Screenshot <D>-<r>|<Q>|<u>|DJI_<r4>|frame_<r6>|"
        "photo_<r>_<D>|<r>_jpg.rf.<h>|brisc2025_train_<r5>_<j>_<5>_t1|IM-<y4>-0001|"
        "NORMAL2-IM-<y4>-0001|<3>_<4>|<3>_<44>|sub-<r2>|sub-<r2>_T1w|sub-CC<y6>|S<r2>|P<r>|"
        "Patient_<r>|pat<r3>_T2|patient<r3>_frame01|<r3>_<D>|MRN<y7>_CT_<d>|P<r3>_<G>_<a>Y|"
        "<r3>_<v>_<a>|2007_<y6>|ADE_train_<r8>|amos_<y4>|word_<y4>|FLARE22_Tr_<r4>|"
        "liver-orig<r3>|RibFrac<r>-image|volume-covid19-A-<y4>_ct|study_<y4>|MCUCXR_<r4>_<g>|"
        "ID_<r4>_Z_<t>|cell_<r5>|UCSF-PDGM-<r4>|R01-<r3>|VUHSK_<y4>|C3N-<y5>|img_fold1_<r>|"
        "case<r2>_s1|scan <r> (final)|<r>_benign|COVID-<r>|Lung_<r3>_CT|ct_<r3>_a|<r4>_<h>|"
        "BRATS-<r3>_T2w|s<r2>_img|<y6>R|PANCREAS_<r4>|Image<r3>_ODOS|slice_<r3>|tile<r5>|"
        "sample<r3>|ISIC_<y7>_<v>|frame<r4>_<d>|<r3>_<G>|img<r3>_<g>|<d>-<m>-<r>|CT<y5>|"
        "US_<y5>|<y7>-L|CASE<r3>_CT|X<y6>_<m>|<r4>.<h>|cxr_<r4>_normal|<j><r4>|<C>-<r>|"
        "<r5>-<j>|organ_<r3>_v2|lung_<r3>_<a>|<W>|<W>_HE|<Q>_ct|b<r4>_s1|<h>-<h>|SN<y8>|"
        "<d>_<r2>|fundus<r3>_<5>|<3>_<y5>|train<r4>_<5>|breast_<r3>_<B>|Z<y4>_scan|"
        "P<r4>_<a>_<G>"},
    {"QQQQQ",
        "<n2>_<9>|Tr-<j>_<n4>|<j> (<n>)|<1>_<n3>|<2>_00<y5>|ID_<r4>_AGE_00<a>_CONTRAST_1_CT|"
        "<8><n3>|HN-<2>-<r3>"},
    {"MMMMM", "<a>_<r4>"}};

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

static void names_of_public_sets_are_read(void **state)
{
    (void)state;
    check_kinds(public_with, COUNT(public_with), true);
    check_kinds(public_without, COUNT(public_without), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patients_in_names_stay_together_or_are_asked),
        cmocka_unit_test(names_without_patients_are_not_asked),
        cmocka_unit_test(names_of_public_sets_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
