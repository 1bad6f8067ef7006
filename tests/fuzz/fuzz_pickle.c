/* SPDX-License-Identifier: Apache-2.0 */
/* What data.pkl of torch.save says: every value and item that is named is there. */
#include "format/pickle.h"
#include "fuzz.h"

static void check_items(const struct pickle *p, const struct pickle_value *v)
{
    int steps = 0;
    for (int i = v->first; i >= 0; i = p->items[i].next) {
        if (i >= p->item_count || p->items[i].value < 0 || p->items[i].value >= p->count ||
            p->items[i].key >= p->count)
            abort();
        if (v->kind == PICKLE_DICT && p->items[i].key < 0) abort();
        if (++steps > p->item_count) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pickle p;
    struct err e = {0};
    att_status status = pickle_read("data.pkl", data, size, &p, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK && (p.root < 0 || p.root >= p.count)) abort();
    for (int i = 0; i < p.count; i++) {
        const struct pickle_value *v = &p.values[i];
        check_items(&p, v);
        if (v->text &&
            ((const uint8_t *)v->text < data || (const uint8_t *)v->text + v->length > data + size))
            abort();
        (void)pickle_at(&p, v, 1);
    }
    pickle_free(&p);
    return 0;
}
