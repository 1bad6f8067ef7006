/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a network's spec: its words, every kind of value by every reader, and what its architecture
 * says of it. */
#include "arch/arch.h"
#include "fuzz.h"

static void read_values(const struct spec *s)
{
    for (int i = 0; i < s->count; i++) {
        struct err e = {0};
        int number, list[SPEC_LEVELS], axes[SPEC_LEVELS][3], count;
        double x;
        bool flag;
        fuzz_check(spec_int(s, s->key[i], 1, 1, 4096, &number, &e), &e);
        e = (struct err){0};
        fuzz_check(spec_real(s, s->key[i], 1, &x, &e), &e);
        e = (struct err){0};
        fuzz_check(spec_flag(s, s->key[i], false, &flag, &e), &e);
        e = (struct err){0};
        att_status status = spec_list(s, s->key[i], "", list, SPEC_LEVELS, &count, &e);
        fuzz_check(status, &e);
        for (int k = 0; status == ATT_OK && k < count; k++)
            if (list[k] < 1 || list[k] > 65536) abort();
        for (int dims = 2; dims <= 3; dims++) {
            e = (struct err){0};
            status = spec_axes(s, s->key[i], dims, 16, axes, SPEC_LEVELS, &count, &e);
            fuzz_check(status, &e);
            for (int k = 0; status == ATT_OK && k < count; k++)
                for (int a = 0; a < 3; a++)
                    if (axes[k][a] < 1 || axes[k][a] > 16 || (dims == 2 && axes[k][0] != 1))
                        abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct spec s, again;
    struct err e = {0};
    att_status status = spec_parse(&s, text, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) {
        struct arch_facts f;
        if (spec_parse(&again, s.text, &e) != ATT_OK || strcmp(again.text, s.text) != 0) abort();
        read_values(&s);
        e = (struct err){0};
        status = arch_describe(&s, &f, &e);
        fuzz_check(status, &e);
        for (int a = 0; status == ATT_OK && a < 3; a++)
            if (f.multiple[a] < 1) abort();
    }
    free(text);
    return 0;
}
