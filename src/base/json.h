/* SPDX-License-Identifier: Apache-2.0 */
/* Values for JSON that jansson does not make from one call. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>

/* A text for JSON, which is UTF-8 only: in others, such as file names, bytes beyond ASCII become
 * '?'.  NULL is NULL. */
json_t *json_utf8(const char *text);
json_t *json_finite(
    double x); /* a number; null when it is not finite, since JSON knows neither NaN nor infinity */
double json_number(const json_t *j, const char *key); /* of an object; NaN where there is none */
/* A number for people, to four digits; null when it is not finite. */
json_t *json_rounded(double x);
json_t *json_option(const json_t *value); /* the text that sets an option to it; NULL: a list, an
                                             object or null, or no memory */
json_t *json_triple(const int v[3]);
/* Into an object; takes the reference to the value. Where there is no memory for it the object
 * goes, and *j is NULL from then on. */
void json_put(json_t **j, const char *key, json_t *value);

#endif
