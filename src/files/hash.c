/* SPDX-License-Identifier: Apache-2.0 */
#include "files/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

static const uint64_t P1 = UINT64_C(0x9E3779B185EBCA87), P2 = UINT64_C(0xC2B2AE3D27D4EB4F),
                      P3 = UINT64_C(0x165667B19E3779F9), P4 = UINT64_C(0x85EBCA77C2B2AE63),
                      P5 = UINT64_C(0x27D4EB2F165667C5);

static uint64_t hash_turn(uint64_t x, int bits) { return x << bits | x >> (64 - bits); }

static uint64_t hash_mix(uint64_t lane, uint64_t input)
{
    return hash_turn(lane + input * P2, 31) * P1;
}

void hash_begin(struct hash *h) { *h = (struct hash){.lane = {P1 + P2, P2, 0, 0 - P1}}; }

static void stripe(struct hash *h, const unsigned char *p)
{
    for (int i = 0; i < 4; i++)
        h->lane[i] = hash_mix(h->lane[i], bytes_number(p + 8 * i, 8, false));
}

void hash_add(struct hash *h, const void *data, size_t size)
{
    const unsigned char *p = data;
    size_t used = h->total % 32;
    if (!size) return;
    h->total += size;
    if (used) {
        size_t more = 32 - used < size ? 32 - used : size;
        memcpy(h->rest + used, p, more);
        if (used + more < 32) return;
        stripe(h, h->rest);
        p += more;
        size -= more;
    }
    for (; size >= 32; p += 32, size -= 32) stripe(h, p);
    memcpy(h->rest, p, size);
}

uint64_t hash_end(const struct hash *h)
{
    const unsigned char *p = h->rest, *end = p + h->total % 32;
    uint64_t x = P5;
    if (h->total >= 32) {
        x = hash_turn(h->lane[0], 1) + hash_turn(h->lane[1], 7) + hash_turn(h->lane[2], 12) +
            hash_turn(h->lane[3], 18);
        for (int i = 0; i < 4; i++) x = (x ^ hash_mix(0, h->lane[i])) * P1 + P4;
    }
    x += h->total;
    for (; end - p >= 8; p += 8)
        x = hash_turn(x ^ hash_mix(0, bytes_number(p, 8, false)), 27) * P1 + P4;
    for (; end - p >= 4; p += 4) x = hash_turn(x ^ bytes_number(p, 4, false) * P1, 23) * P2 + P3;
    for (; p < end; p++) x = hash_turn(x ^ *p * P5, 11) * P1;
    x = (x ^ x >> 33) * P2;
    x = (x ^ x >> 29) * P3;
    return x ^ x >> 32;
}

uint64_t hash_bytes(const void *data, size_t size)
{
    struct hash h;
    hash_begin(&h);
    hash_add(&h, data, size);
    return hash_end(&h);
}

const char *hash_text(uint64_t value, char text[HASH_TEXT])
{
    snprintf(text, HASH_TEXT, "%016" PRIx64, value);
    return text;
}
