/* SPDX-License-Identifier: Apache-2.0 */
/* Text is read as JSON or it is not, whenever memory runs short: nothing is left out of it, and
 * nothing is written beside blocks. */
#include "unit/expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_memory.h"
#include "base/mem.h"

enum { GUARD = 256, LONGEST = 140 };
static const unsigned char mark = 0xa5;

static long asked, fails_at; /* the how manieth request is in vain, from 1 */
static bool for_good;        /* and all behind it */
static int held, broken;

/* A block between guards, behind its size. */
static void *ask(size_t bytes)
{
    asked++;
    if (asked == fails_at || (for_good && fails_at && asked > fails_at)) return NULL;
    unsigned char *p = malloc(bytes + 3 * GUARD);
    assert_non_null(p);
    memcpy(p, &bytes, sizeof bytes);
    memset(p + GUARD, mark, bytes + 2 * GUARD);
    held++;
    return p + 2 * GUARD;
}

static void release(void *block)
{
    if (!block) return;
    unsigned char *p = (unsigned char *)block - 2 * GUARD;
    size_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    for (size_t i = 0; i < GUARD; i++)
        broken += p[GUARD + i] != mark || p[2 * GUARD + bytes + i] != mark;
    held--;
    free(p);
}

/* Every request in vain, alone or with all behind it. */
static void read_without_memory(const char *text)
{
    json_error_t error;
    fails_at = asked = 0;
    json_t *whole = json_memory_load(text, strlen(text), JSON_REJECT_DUPLICATES, &error);
    assert_non_null(whole);
    const long requests = asked;
    json_decref(whole);
    for (int lasting = 0; lasting < 2; lasting++)
        for (long at = 1; at <= requests; at++) {
            json_memory_watch();
            asked = 0;
            fails_at = at;
            for_good = lasting;
            json_t *j = json_memory_load(
                text, strlen(text), JSON_REJECT_DUPLICATES, at % 2 ? &error : NULL);
            fails_at = 0;
            assert_null(j);
            assert_true(json_memory_lost());
            assert_int_equal(held, 0);
            assert_int_equal(broken, 0);
        }
}

/* A word's end at every place of the buffer that has to grow. */
static void words_of_every_length(void **state)
{
    (void)state;
    char text[2 * LONGEST + 32], word[LONGEST + 1];
    for (int length = 0; length <= LONGEST; length++) {
        memset(word, 'a', (size_t)length);
        word[length] = 0;
        snprintf(text, sizeof text, "{\"%s\": [\"%s\", 1, 2.5, null]}", word, word);
        read_without_memory(text);
    }
}

/* What takes most of the reserve for its length. */
static void tables_of_arrays_fit(void **state)
{
    (void)state;
    char text[5 * 3000 + 8] = "[true";
    for (int i = 1; i < 3000; i++) strcat(text, ",true");
    read_without_memory(strcat(text, "]"));
}

static void what_is_whole_is_as_jansson_reads_it(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\": [1, 2.5, \"\\u00e4\\n\", {\"b\": null}], \"c\": true} behind";
    json_error_t error;
    fails_at = 0;
    json_memory_watch();
    json_t *j = json_memory_load(text, sizeof text - 8, 0, &error),
           *same = json_loadb(text, sizeof text - 8, 0, NULL);
    assert_true(json_equal(j, same));
    assert_false(json_memory_lost());
    json_decref(j);
    json_decref(same);
    assert_null(json_memory_load(text, sizeof text - 1, 0, &error));
    assert_int_equal(error.line, 1);
    assert_int_equal(json_error_code(&error), json_error_end_of_input_expected);
    assert_null(json_memory_load("{\"a\": 1, \"a\": 2}", 16, JSON_REJECT_DUPLICATES, NULL));
    assert_false(json_memory_lost());
    assert_null(
        json_memory_load(text, SIZE_MAX / 2, 0, &error)); /* for which there is no reserve */
    assert_int_equal(json_error_code(&error), json_error_out_of_memory);
    assert_true(json_memory_lost());
    assert_int_equal(held, 0);
}

/* Brackets in words count for nothing. */
static void what_nests_too_deeply_is_no_json(void **state)
{
    (void)state;
    for (int depth = JSON_DEPTH; depth <= JSON_DEPTH + 1; depth++) {
        char text[4 * JSON_DEPTH] = "";
        json_error_t error;
        for (int i = 0; i < depth; i++) strcat(text, "[");
        strcat(text, "\n\"[[\\\"[{\"");
        for (int i = 0; i < depth; i++) strcat(text, "]");
        fails_at = 0;
        json_t *j = json_memory_load(text, strlen(text), 0, &error);
        assert_true((j != NULL) == (depth == JSON_DEPTH));
        if (!j) assert_string_equal(error.text, "brackets nest too deeply");
        if (!j) assert_int_equal(error.line, 1);
        json_decref(j);
    }
}

/* Not from where the program has jansson's memory from. */
static void text_is_for_mem_free(void **state)
{
    (void)state;
    fails_at = 0;
    json_t *j = json_pack("{s:i, s:f}", "b", 1, "a", 2.5);
    const int before = held;
    char *text = json_text(j, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, "{\"a\":2.5,\"b\":1}");
    assert_int_equal(held, before);
    mem_free(text);
    json_decref(j);
    assert_null(json_text(NULL, 0));
    assert_int_equal(held, 0);
    assert_int_equal(broken, 0);
}

static void results_of_failures_are_freed(void **state)
{
    (void)state;
    json_t *j = json_object(), *same = j;
    assert_int_equal(json_keep(&j, ATT_OK), ATT_OK);
    assert_ptr_equal(j, same);
    json_incref(same);
    assert_int_equal(json_keep(&j, ATT_DATA), ATT_DATA);
    assert_null(j);
    assert_int_equal(same->refcount, 1);
    assert_int_equal(json_keep(&j, ATT_IO), ATT_IO);
    json_decref(same);
}

int main(void)
{
    json_set_alloc_funcs(ask, release); /* before attunet stands between */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_every_length),
        cmocka_unit_test(tables_of_arrays_fit),
        cmocka_unit_test(what_is_whole_is_as_jansson_reads_it),
        cmocka_unit_test(what_nests_too_deeply_is_no_json),
        cmocka_unit_test(text_is_for_mem_free),
        cmocka_unit_test(results_of_failures_are_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
