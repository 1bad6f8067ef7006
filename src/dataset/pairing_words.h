/* SPDX-License-Identifier: Apache-2.0 */
/* What words in file names say: which file is a label, which label is a second choice. */
#pragma once

#include "dataset/pattern.h"

enum { WORDS_TRAIN = 1, WORDS_TEST, WORDS_VAL, WORDS_SPLITS /* some of them */ };
enum { WORDS_RESULT = 8 }; /* the rank of overlays, predictions, edges, ... */

/* Of all words in the literals of a pattern. */
struct words {
    bool label;      /* label, seg, manual, ... */
    bool unlabelled; /* images that have no label */
    bool mask;       /* mask, roi, fov: labels too, if nothing better is there */
    bool image;      /* image, scan, ... */
    bool hand;       /* manual, corrected, final, ...: the best that there is */
    bool truth;      /* truth, gt: what single readers agreed on, if there are some */
    bool reader;     /* expert, rater, ...: by one of them */
    bool program;    /* automatic, machine, ...: by a program */
    bool dated;      /* v1, new, a date: another version may be older */
    bool second;     /* by a second reader */
    bool outline;    /* contours, edges, ... of what other labels fill */
    bool raw;        /* raw, orig: there may be a processed one on the labels' grid */
    bool channel;    /* t1, ct, dapi, ... */
    bool soft, hard; /* probabilities, beside masks: hard exudates have no soft image */
    int rank;        /* 0: first choice; colours, numbered objects, predictions follow */
    int split;       /* WORDS_TRAIN, ...; 0: none */
    int count;       /* words */
};
struct words words_of(const struct pattern *p);
struct words words_of_text(struct span s);
/* Names that differ in a version or a date alone: 1: a is newer, -1: b is; 0: they do not say. */
int words_newer(struct span a, struct span b);
/* What a word of letters, of digits, or of both says of a case: several of a kind from WORD_SIDE on
 * may be of one patient. WORD_PLACE: a hospital or a class, with patients of its own; WORD_COPY:
 * one image changed; WORD_SESSION: or of one day, WORD_SLICE: or a video. */
enum word_kind {
    WORD_OTHER,
    WORD_NUMBER,
    WORD_PATIENT,
    WORD_PLACE,
    WORD_SIDE,
    WORD_VISIT,
    WORD_COPY,
    WORD_CHANNEL,
    WORD_SPLIT,
    WORD_SESSION,
    WORD_SLICE,
    WORD_KINDS
};
enum word_kind words_kind(struct span s);
bool words_is_year(struct span s);
bool words_is_counted(struct span s);   /* a visit that a number follows, as month */
bool words_is_time(struct span s);      /* "T1", "W4", "day7": or the name of a patient */
bool words_is_cut(struct span s);       /* "slice1": no patient */
bool words_is_lettered(struct span s);  /* "subjectA" */
bool words_is_condition(struct span s); /* "benign", "night": not of one patient */
bool words_name_organ(struct span s);   /* "abdominal_wall": of which a patient has several */
bool words_is_long(struct span s);      /* at least four letters, perhaps with a number */
bool words_is_split(struct span s);     /* train, test, fold 1, A, ...: no patient */
bool words_is_channel(struct span s);   /* a short name of a channel: t1, w2, not t10 */
/* The kinds of pictures that words of a name state, such as CT: a bit for each, named below. */
enum { WORDS_MODALITIES = 8 };
unsigned words_modalities(struct span name);
const char *words_modality_name(int bit);
/* A word in the literals of both, in any letter case. */
bool words_shared(const struct pattern *a, const struct pattern *b);
/* A word of letters in the literals of a that b lacks. */
bool words_missing(const struct pattern *a, const struct pattern *b);
/* Equal but for the number of a channel, or for folders A and B, two times of one place. */
bool words_count_channels(struct span a, struct span b);
/* Their words differ only in formats; *named: in those of labels, as "jpeg_masks" and "png_masks".
 */
bool words_are_formats(const struct pattern *a, const struct pattern *b, bool *named);
/* All words of a, in their order, are in b, which has more. */
bool words_are_plainer(struct span a, struct span b);
/* Equal but for words of processing, as "t1" and "t1_n4" are; *more: how many more of them b has.
 */
bool words_are_versions(struct span a, struct span b, int *more);
/* Equal but for digits and separators: "x_mask" and "x_2_mask". */
bool words_have_same_letters(struct span a, struct span b);
/* Equal but for numbers and single letters: "reader_A/3" and "reader_B/3". */
bool words_are_twins(struct span a, struct span b);
