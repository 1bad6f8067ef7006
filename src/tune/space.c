/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/space.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/number.h"

void space_free(struct space *s)
{
    for (int k = 0; k < s->count; k++)
        for (int i = 0; i < s->dim[k].choices; i++) mem_free(s->dim[k].choice[i]);
    *s = (struct space){.count = 0};
}

int space_find(const struct space *s, const char *name)
{
    for (int k = 0; k < s->count; k++)
        if (!strcmp(s->dim[k].name, name)) return k;
    return -1;
}

struct dimension *space_add(struct space *s, const char *name, enum dimension_kind kind)
{
    if (s->count == SPACE_MAX) return NULL;
    struct dimension *d = &s->dim[s->count++];
    *d = (struct dimension){.kind = kind, .first = NAN, .parent = -1};
    snprintf(d->name, sizeof d->name, "%s", name);
    return d;
}

att_status dimension_add_choice(struct dimension *d, const char *text, size_t length, struct err *e)
{
    if (d->choices == SPACE_CHOICES)
        return err_usage(
            e, "%s has more than %d values to choose from; name fewer", d->name, SPACE_CHOICES);
    if (length >= SPACE_VALUE)
        return err_usage(
            e, "a value of %s is longer than %d bytes; shorten it", d->name, SPACE_VALUE - 1);
    for (int i = 0; i < d->choices; i++)
        if (strlen(d->choice[i]) == length && !strncmp(d->choice[i], text, length))
            return err_usage(e, "%s has the value %s twice; name it once", d->name, d->choice[i]);
    d->choice[d->choices] = mem_text("%.*s", (int)length, text);
    if (!d->choice[d->choices]) return err_memory(e, length, "a value to choose");
    d->choices++;
    return ATT_OK;
}

bool space_active(const struct space *s, const double *x, int k)
{
    const struct dimension *d = &s->dim[k];
    return d->parent < 0 || (!isnan(x[d->parent]) && d->when >> (int)x[d->parent] & 1);
}

static double rounded(const struct dimension *d, double x)
{
    char text[32], *end;
    number_write(text, sizeof text, "%.4g", x);
    return fmin(fmax(number_read(text, &end), d->lo), d->hi);
}

/* Whole numbers have a cell each, of width 1, or of equal factors. */
static double low_edge(const struct dimension *d)
{
    return d->kind == DIMENSION_INT ? d->lo - .5 : d->lo;
}
static double high_edge(const struct dimension *d)
{
    return d->kind == DIMENSION_INT ? d->hi + .5 : d->hi;
}

double dimension_value(const struct dimension *d, double u)
{
    if (d->kind == DIMENSION_CHOICE) return fmin(floor(u * d->choices), d->choices - 1);
    double lo = low_edge(d), hi = high_edge(d),
           x = d->log ? lo * pow(hi / lo, u) : lo + (hi - lo) * u;
    return d->kind == DIMENSION_INT ? fmin(fmax(round(x), d->lo), d->hi) : rounded(d, x);
}

double dimension_unit(const struct dimension *d, double x)
{
    if (d->kind == DIMENSION_CHOICE) return (x + .5) / d->choices;
    double lo = low_edge(d), hi = high_edge(d);
    if (!(hi > lo)) return .5;
    return d->log ? log(x / lo) / log(hi / lo) : (x - lo) / (hi - lo);
}

void space_point(const struct space *s, const double *u, double *x)
{
    for (int k = 0; k < s->count; k++)
        x[k] = space_active(s, x, k) ? dimension_value(&s->dim[k], u[k]) : NAN;
}

/* Sets dimensions from k to combination `number`, given those before. Returns less than 0 if found,
 * else the rest of the number. */
static int combine(const struct space *s, int k, int number, double *x)
{
    if (k == s->count) return number - 1;
    if (!space_active(s, x, k)) {
        x[k] = NAN;
        return combine(s, k + 1, number, x);
    }
    const struct dimension *d = &s->dim[k];
    const bool whole = d->kind == DIMENSION_INT;
    const double last = whole ? d->hi : d->choices - 1;
    for (double value = whole ? d->lo : 0; value <= last && d->kind != DIMENSION_REAL; value++) {
        x[k] = value;
        number = combine(s, k + 1, number, x);
        if (number < 0) break;
    }
    return number;
}

bool space_combination(const struct space *s, int number, double *x)
{
    return combine(s, 0, number, x) < 0;
}

bool space_is_listed(const struct space *s)
{
    for (int k = 0; k < s->count; k++)
        if (s->dim[k].kind == DIMENSION_REAL) return false;
    return true;
}

void dimension_text(const struct dimension *d, double x, char text[SPACE_VALUE])
{
    if (d->kind == DIMENSION_CHOICE)
        snprintf(text, SPACE_VALUE, "%s", d->choice[(int)x]);
    else
        number_write(text, SPACE_VALUE, "%.15g", x);
}

json_t *space_point_to_json(const struct space *s, const double *x)
{
    json_t *j = json_object();
    for (int k = 0; k < s->count; k++) {
        const struct dimension *d = &s->dim[k];
        if (isnan(x[k])) continue;
        json_put(&j, d->name,
            d->kind == DIMENSION_CHOICE    ? json_utf8(d->choice[(int)x[k]])
                : d->kind == DIMENSION_INT ? json_integer((json_int_t)x[k])
                                           : json_real(x[k]));
    }
    return j;
}

static bool space_read_value(const struct dimension *d, const json_t *j, double *x)
{
    *x = NAN;
    if (!j) return true;
    for (int i = 0; i < d->choices && json_is_string(j); i++)
        if (!strcmp(json_string_value(j), d->choice[i])) *x = i;
    if (d->kind != DIMENSION_CHOICE && json_is_number(j)) *x = json_number_value(j);
    if (d->kind != DIMENSION_CHOICE && !(*x >= d->lo && *x <= d->hi)) return false;
    return !isnan(*x) && (d->kind != DIMENSION_INT || *x == floor(*x));
}

att_status space_point_from_json(const struct space *s, const json_t *j, double *x, struct err *e)
{
    size_t read = 0;
    for (int k = 0; k < s->count; k++) {
        const json_t *value = json_object_get(j, s->dim[k].name);
        bool good =
            space_read_value(&s->dim[k], value, &x[k]) && space_active(s, x, k) == !isnan(x[k]);
        if (!good)
            return err_data(
                e, "%s has a value outside its range; choose a new folder", s->dim[k].name);
        read += value != NULL;
    }
    if (read == json_object_size(j)) return ATT_OK;
    return err_data(e, "there is a setting that is not searched; choose a new folder");
}

static json_t *dimension_to_json(const struct space *s, const struct dimension *d)
{
    json_t *j = json_pack("{s:s}", "name", d->name), *choices = json_array();
    for (int i = 0; i < d->choices; i++) json_array_append_new(choices, json_utf8(d->choice[i]));
    if (d->kind == DIMENSION_CHOICE) {
        json_object_set(j, "choices", choices);
    } else {
        json_object_set_new(j, "low", json_real(d->lo));
        json_object_set_new(j, "high", json_real(d->hi));
        json_set_flag(j, "log", d->log);
        json_set_flag(j, "whole", d->kind == DIMENSION_INT);
    }
    json_decref(choices);
    if (d->parent < 0) return j;
    json_t *when = json_array();
    const struct dimension *p = &s->dim[d->parent];
    for (int i = 0; i < p->choices; i++)
        if (d->when >> i & 1) json_array_append_new(when, json_utf8(p->choice[i]));
    json_object_set_new(j, "when", json_pack("{s:o}", p->name, when));
    return j;
}

json_t *space_to_json(const struct space *s)
{
    json_t *j = json_array();
    for (int k = 0; k < s->count; k++) json_array_append_new(j, dimension_to_json(s, &s->dim[k]));
    return j;
}
