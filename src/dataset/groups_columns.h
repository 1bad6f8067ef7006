/* SPDX-License-Identifier: Apache-2.0 */
/* Names of cases as rows of a table: one column for each part of a name. */
#pragma once

#include "dataset/groups_keyed.h"

enum { COLUMNS = 24 };

/* What most texts of a column are. */
struct column {
    int groups, cases; /* texts, and names that have one */
    bool unique;       /* no text twice */
    bool glued;        /* to the column before */
    bool zero;         /* 0 is somewhere */
    bool small;        /* at most two digits, or letters */
    int width;         /* digits at the end at most, or letters */
    /* most are: */
    bool digits, letters, capitals; /* alone */
    bool numbered;                  /* with digits */
    bool named;                     /* letters and a number: "A003" */
    bool patient;                   /* "pat_3", "P01" */
    bool picture;                   /* "img1" */
    bool place, apart; /* "site1"; or a class, train, ...: each has patients of its own */
    bool organ;        /* "liver" */
    bool cut;          /* slices, years */
    bool day;          /* visits, dates, levels, ... */
};

/* Digits that are two numbers: those of an image begin anew with 0 or 1, or elsewhere. */
enum joining { JOINING_NONE, JOINING_ANYWHERE, JOINING_ANEW };

struct columns {
    const struct keyed *rest; /* names without words that one patient has several of, sorted */
    struct span *cell;        /* COLUMNS for each */
    int cases, count;         /* names, columns that vary */
    enum joining joining;     /* of the first two */
    struct column column[COLUMNS];
};

/* Only columns in which names differ are left. Digits that are a patient and an image without a
 * separator, as in A00101, A00102 and A00201, are two columns, and so are A001 and B001. */
att_status columns_read(struct columns *c, const struct keyed *rest, int cases, struct err *e);
void columns_clear(struct columns *c);

/* The keys become the texts from column `from` on (-1: from the beginning of names) to the end of
 * `to` (`count`: of names), or what stands before the last separator of names that lack it. The
 * list is sorted, and its indices are those of `rest`. */
att_status columns_list(
    const struct columns *c, int from, int to, struct keyed *list, struct tally *t, struct err *e);

/* How the numbers of a column count within the keys of a list from columns_list. */
struct counts {
    int groups;         /* with several cases */
    int on, anew;       /* without gaps; and from 0 or 1 on */
    int largest, least; /* cases of a key */
    bool numbers;       /* all have one */
    bool runs;          /* each key has numbers of its own, without those of others between */
    bool dense;         /* at most half of the numbers are missing */
};
att_status columns_count(
    const struct columns *c, const struct keyed *list, int k, struct counts *n, struct err *e);
