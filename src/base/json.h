/* SPDX-License-Identifier: Apache-2.0 */
/* JSON values that jansson cannot make in one call. */
#pragma once

#include <jansson.h>

/* Text as JSON; if it is not UTF-8, bytes beyond ASCII become '?'. NULL gives NULL. */
json_t *json_utf8(const char *text);
json_t *json_finite(double x);                        /* null if not finite */
double json_number(const json_t *j, const char *key); /* NaN if missing */
/* Rounded to four digits; null if not finite. */
json_t *json_rounded(double x);
json_t *json_option(const json_t *value); /* as option text; NULL: a list, object, null, or out of
                                           * memory */
json_t *json_triple(const int v[3]);
/* Sets a member and takes its reference. If out of memory, frees the object: *j is NULL. */
void json_put(json_t **j, const char *key, json_t *value);
