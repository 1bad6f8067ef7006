/* SPDX-License-Identifier: Apache-2.0 */
/* A row of the option table, and parsing of its values. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {
    OPTION_TEXT,
    OPTION_INT,
    OPTION_REAL,
    OPTION_BOOL,
    OPTION_TIME,  /* "90s", "15m", "2h", "1h30m"; also sec, min, hour(s), day(s); a bare number is
                   * seconds */
    OPTION_BYTES, /* "2GiB", "1500MiB", "1.5G", "2Gi" (1024), "2GB" (1000); needs a unit */
    OPTION_CHOICE /* one of `choices` */
};

struct option_row {
    const char *name;  /* "max-memory"; '_' equals '-' */
    const char *arg;   /* the value's name in --help; NULL: a switch */
    const char *value; /* default as text, or NULL */
    const char *help;
    enum option_type type;
    double lo, hi;        /* range of the value (s, bytes); lo >= hi: any */
    const char *choices;  /* "a|b|c" */
    const char *commands; /* " train plan"; " any": all */
    const char *group;    /* heading in --help */
};

bool option_is_of(const struct option_row *row, const char *command);
/* Takes yes and no in several words, and the forms --name and --no-name. */
bool option_is_switch(const struct option_row *row);
bool option_has_unit(const struct option_row *row); /* a time or a size */
/* Whether the text is valid; *text becomes "yes" or "no" for a switch. */
bool option_fits(const struct option_row *row, const char **text);
/* Describes valid values: "a whole number from 1 to 8". */
void option_describe(const struct option_row *row, char *text, size_t room);

/* False: invalid. */
bool option_read_int(const char *text, int64_t *x);
bool option_read_real(const char *text, double *x);    /* finite */
bool option_read_seconds(const char *text, double *x); /* "1h30m", or a bare number */
bool option_read_bytes(const char *text, double *x);   /* with a unit */
const char *option_read_bool(const char *text);        /* "yes", "no", or NULL */
