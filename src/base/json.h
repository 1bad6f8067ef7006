/* SPDX-License-Identifier: Apache-2.0 */
/* JSON values that jansson cannot make in one call. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

/* Text as JSON; if it is not UTF-8, bytes beyond ASCII become '?'. NULL gives NULL. */
json_t *json_utf8(const char *text);
json_t *json_finite(double x);                        /* null if not finite */
double json_number(const json_t *j, const char *key); /* NaN if missing */
/* A member of an object; NULL, 0 and false if it is missing or has another type. */
static inline const char *json_str(const json_t *j, const char *key)
{
    return json_string_value(json_object_get(j, key));
}
static inline json_int_t json_int(const json_t *j, const char *key)
{
    return json_integer_value(json_object_get(j, key));
}
static inline double json_double(const json_t *j, const char *key)
{
    return json_number_value(json_object_get(j, key));
}
static inline bool json_flag(const json_t *j, const char *key)
{
    return json_is_true(json_object_get(j, key));
}
static inline size_t json_length(const json_t *j, const char *key)
{
    return json_array_size(json_object_get(j, key));
}
bool json_lists(const json_t *list, const char *text); /* whether one of its values is the text */
/* Set a member of an object; out of memory it is lost (json_memory.h). */
static inline void json_set_text(json_t *j, const char *key, const char *text)
{
    json_object_set_new(j, key, json_utf8(text));
}
static inline void json_set_int(json_t *j, const char *key, json_int_t x)
{
    json_object_set_new(j, key, json_integer(x));
}
static inline void json_set_real(json_t *j, const char *key, double x) /* null if not finite */
{
    json_object_set_new(j, key, json_finite(x));
}
static inline void json_set_flag(json_t *j, const char *key, bool x)
{
    json_object_set_new(j, key, json_boolean(x));
}
/* json_object_foreach over a constant object. */
#define json_each(object, key, value) json_object_foreach((json_t *)(uintptr_t)(object), key, value)

/* Rounded to four digits; null if not finite. */
json_t *json_rounded(double x);
json_t *json_option(const json_t *value); /* as option text; NULL: a list, object, null, or out of
                                           * memory */
json_t *json_triple(const int v[3]);
/* For the end of a function: returns `status`; after a failure, frees the result, and *j is NULL.
 */
att_status json_keep(json_t **j, att_status status);
/* Sets a member and takes its reference. If out of memory, frees the object: *j is NULL. */
void json_put(json_t **j, const char *key, json_t *value);
