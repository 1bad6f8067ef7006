/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <math.h>
#include <string.h>

#include "base/json_memory.h"
#include "base/mem.h"
#include "base/number.h"

json_t *json_utf8(const char *text)
{
    json_t *j = text ? json_string(text) : NULL;
    char *plain = text && !j ? mem_text("%s", text) : NULL;
    for (char *s = plain; s && *s; s++)
        if ((unsigned char)*s >= 0x80) *s = '?';
    if (plain) j = json_string(plain);
    mem_free(plain);
    return j;
}

bool json_lists(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *one = json_string_value(json_array_get(list, i));
        if (one && strcmp(one, text) == 0) return true;
    }
    return false;
}

json_t *json_finite(double x) { return isfinite(x) ? json_real(x) : json_null(); }

double json_number(const json_t *j, const char *key)
{
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

json_t *json_rounded(double x)
{
    char text[64], *end;
    number_write(text, sizeof text, "%.4g", x);
    return isfinite(x) ? json_real(number_read(text, &end)) : json_null();
}

json_t *json_triple(const int v[3]) { return json_pack("[iii]", v[0], v[1], v[2]); }

void json_put(json_t **j, const char *key, json_t *value)
{
    if (json_object_set_new(*j, key, value) == 0) return;
    json_decref(*j);
    *j = NULL;
}

json_t *json_option(const json_t *value)
{
    if (json_is_string(value)) return json_incref((json_t *)(uintptr_t)value);
    if (json_is_boolean(value)) return json_string(json_is_true(value) ? "yes" : "no");
    if (!json_is_number(value)) return NULL;
    for (size_t digits = 15;; digits++) { /* the fewest that read back equal */
        char *end, *text = json_text(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits));
        const bool last = !text || digits == 17 || json_is_integer(value) ||
            !islessgreater(number_read(text, &end), json_real_value(value));
        json_t *word = last ? json_string(text) : NULL;
        mem_free(text);
        if (last) return word;
    }
}

att_status json_keep(json_t **j, att_status status)
{
    if (status == ATT_OK) return ATT_OK;
    json_decref(*j);
    *j = NULL;
    return status;
}
