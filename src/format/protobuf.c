/* SPDX-License-Identifier: Apache-2.0 */
#include "format/protobuf.h"

#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"

enum { WIRE_VARINT = 0, WIRE_DOUBLE = 1, WIRE_BYTES = 2, WIRE_FLOAT = 5, VARINT_MOST = 10 };

static void proto_put(struct proto *p, const void *bytes, size_t size)
{
    struct err none = {0};
    if (p->lost || !size) return;
    if (size > p->room - p->used &&
        MEM_REACH(p->bytes, &p->room, p->used + size, "a message", &none) != ATT_OK) {
        p->lost = true;
        return;
    }
    memcpy(p->bytes + p->used, bytes, size);
    p->used += size;
}

/* Seven bits a byte, the lowest first; all but the last have the high bit. */
static void proto_varint(struct proto *p, uint64_t value)
{
    unsigned char bytes[VARINT_MOST];
    size_t count = 0;
    for (; value >= 128; value >>= 7) bytes[count++] = (unsigned char)(value | 128);
    bytes[count++] = (unsigned char)value;
    proto_put(p, bytes, count);
}

static void proto_key(struct proto *p, int field, int wire)
{
    proto_varint(p, (uint64_t)field << 3 | (uint64_t)wire);
}

/* The lowest byte first. */
static void proto_fixed(struct proto *p, int field, int wire, uint64_t bits, size_t size)
{
    unsigned char bytes[8];
    bytes_put(bytes, bits, (int)size);
    proto_key(p, field, wire);
    proto_put(p, bytes, size);
}

void proto_int(struct proto *p, int field, int64_t value)
{
    proto_key(p, field, WIRE_VARINT);
    proto_varint(p, (uint64_t)value);
}

void proto_float(struct proto *p, int field, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    proto_fixed(p, field, WIRE_FLOAT, bits, sizeof bits);
}

void proto_double(struct proto *p, int field, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    proto_fixed(p, field, WIRE_DOUBLE, bits, sizeof bits);
}

void proto_begin(struct proto *p, int field, uint64_t size)
{
    proto_key(p, field, WIRE_BYTES);
    proto_varint(p, size);
}

void proto_bytes(struct proto *p, int field, const void *bytes, size_t size)
{
    proto_begin(p, field, size);
    proto_put(p, bytes, size);
}

void proto_text(struct proto *p, int field, const char *text)
{
    proto_bytes(p, field, text, strlen(text));
}

void proto_message(struct proto *p, int field, struct proto *message)
{
    p->lost = p->lost || message->lost;
    proto_bytes(p, field, message->bytes, message->used);
    proto_free(message);
}

void proto_free(struct proto *p)
{
    mem_free(p->bytes);
    *p = (struct proto){0};
}
