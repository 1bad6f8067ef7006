/* SPDX-License-Identifier: Apache-2.0 */
/* NIfTI-1, nifti1.h: the offsets of the header's fields. */
#include "volume.h"

#include <math.h>
#include <string.h>

enum { SIZEOF = 0, DIM = 40, TYPE = 70, BITS = 72, PIXDIM = 76, OFFSET = 108, UNITS = 123 };
enum { SFORM = 254, ROWS = 280, MAGIC = 344 };
enum { COLOURS = 128, FLOATS = 16, MM = 2 };

bool volume_is_mask(const att_image *m)
{
    const size_t samples = (size_t)m->channels * volume_voxels(m);
    for (size_t i = 0; i < samples; i++)
        if (!(m->data[i] >= 0 && m->data[i] <= UINT16_MAX && m->data[i] == truncf(m->data[i])))
            return false;
    return true;
}

static void put_short(char *head, int at, int value)
{
    const int16_t x = (int16_t)value;
    memcpy(head + at, &x, sizeof x);
}

static void put_float(char *head, int at, double value)
{
    const float x = (float)value;
    memcpy(head + at, &x, sizeof x);
}

static bool is_colours(const att_image *m, size_t voxels)
{
    if (m->channels != 3 || m->size[0] != 1) return false;
    for (size_t i = 0; i < 3 * voxels; i++)
        if (!(m->data[i] >= 0 && m->data[i] <= 255)) return false;
    return true;
}

static void write_head(const att_image *m, bool colours, char head[VOLUME_HEAD])
{
    const int size = VOLUME_HEAD - 4, frames = colours ? 1 : m->channels;
    memset(head, 0, VOLUME_HEAD);
    memcpy(head + SIZEOF, &size, sizeof size);
    put_short(head, DIM, frames > 1 ? 4 : 3);
    for (int i = 0; i < 3; i++) put_short(head, DIM + 2 + 2 * i, m->size[2 - i]);
    put_short(head, DIM + 8, frames);
    for (int i = 5; i < 8; i++) put_short(head, DIM + 2 * i, 1);
    put_short(head, TYPE, colours ? COLOURS : FLOATS);
    put_short(head, BITS, colours ? 24 : 32);
    put_float(head, PIXDIM, 1);
    put_float(head, OFFSET, VOLUME_HEAD);
    put_float(head, 112, 1); /* scl_slope */
    head[UNITS] = MM;
    put_short(head, SFORM, 1);
    for (int i = 0; i < 3; i++) {
        const double side = m->spacing[2 - i] > 0 ? m->spacing[2 - i] : 1;
        put_float(head, PIXDIM + 4 + 4 * i, side);
        for (int k = 0; k < 4; k++) {
            const double plain = i != k ? 0 : i == 1 ? -side : side;
            put_float(head, ROWS + 16 * i + 4 * k, m->affine ? m->affine[4 * i + k] : plain);
        }
    }
    memcpy(head + MAGIC, "n+1", 4);
}

void volume_write(const att_image *m, struct text *to)
{
    char head[VOLUME_HEAD];
    const size_t voxels = volume_voxels(m);
    const bool colours = is_colours(m, voxels);
    const size_t size = voxels * (colours ? 3 : (size_t)m->channels * sizeof *m->data);
    write_head(m, colours, head);
    if (!bytes_room(to, sizeof head + size)) return;
    char *at = to->data + to->used;
    memcpy(at, head, sizeof head);
    at += sizeof head;
    if (colours) {
        for (size_t i = 0; i < voxels; i++)
            for (size_t k = 0; k < 3; k++) *at++ = (char)(unsigned char)m->data[k * voxels + i];
    } else {
        memcpy(at, m->data, size);
    }
    to->used += sizeof head + size;
}
