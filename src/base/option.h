/* SPDX-License-Identifier: Apache-2.0 */
/* One option: its row in the table, and what texts are values of it. */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {
    OPTION_TEXT,
    OPTION_INT,
    OPTION_REAL,
    OPTION_BOOL,
    OPTION_TIME, /* "90s", "15m", "2h", "1h30m"; also sec, min, hour(s) and day(s); a bare number is
                    seconds */
    OPTION_BYTES, /* "2GiB", "1500MiB", "1.5G", "2Gi": powers of 1024; "2GB": of 1000.  A unit is
                     needed */
    OPTION_CHOICE /* one of `choices` */
};

struct option_row {
    const char *name;  /* "max-memory"; underscores and dashes are equal everywhere */
    const char *arg;   /* what --help calls the value; NULL: a switch */
    const char *value; /* the default as text; NULL: none */
    const char *help;
    enum option_type type;
    double lo, hi;        /* smallest and largest value (seconds, bytes); lo >= hi: no limits */
    const char *choices;  /* "a|b|c" */
    const char *commands; /* " train plan"; " any": all */
    const char *group;    /* heading in --help */
};

bool option_is_of(const struct option_row *row, const char *command);
/* Takes yes and no, which have other words and the forms --name and --no-name. */
bool option_is_switch(const struct option_row *row);
/* Whether the text is a value of this option; `*text` becomes "yes" or "no" for a switch. */
bool option_fits(const struct option_row *row, const char **text);
/* Says what values it takes: "a whole number from 1 to 8". */
void option_describe(const struct option_row *row, char *text, size_t room);

/* Of each type; false: it is none. */
bool option_read_int(const char *text, int64_t *x);
bool option_read_real(const char *text, double *x); /* finite */
bool option_read_seconds(
    const char *text, double *x); /* "1h30m": numbers, each with its unit; or one bare number */
bool option_read_bytes(const char *text, double *x); /* a number and its unit */
const char *option_read_bool(const char *text);      /* "yes" or "no"; NULL: neither */

#endif
