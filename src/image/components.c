/* SPDX-License-Identifier: Apache-2.0 */
/* Join runs of voxels along rows with the runs they touch in earlier rows (union by the earlier
 * run, so a component's root is its first run); a second pass numbers roots and writes labels. */
#include "image/components.h"

#include <limits.h>
#include <string.h>

#include "base/mem.h"

struct run {
    int begin, end; /* voxels begin..end-1 of a row */
    /* an earlier run of the component, or itself; in the second pass the component's number */
    int parent;
};

struct runs {
    struct run *run;
    int *row; /* index of each row's first run, and the total */
};

/* Count the runs of a row of n voxels; write them unless `out` is NULL. */
static int row_runs(const uint8_t *mask, int n, struct run *out, int first)
{
    int count = 0;
    for (int i = 0; i < n; i++) {
        if (!mask[i]) continue;
        int begin = i;
        while (i < n && mask[i]) i++;
        if (out) out[count] = (struct run){begin, i, first + count};
        count++;
    }
    return count;
}

static int components_root(struct run *run, int i)
{
    while (run[i].parent != i) {
        run[i].parent = run[run[i].parent].parent;
        i = run[i].parent;
    }
    return i;
}

static void components_join(struct run *run, int a, int b)
{
    a = components_root(run, a);
    b = components_root(run, b);
    if (a < b)
        run[b].parent = a;
    else
        run[a].parent = b;
}

/* Join touching runs of two neighbouring rows. */
static void join_rows(struct runs *r, size_t one, size_t other)
{
    int a = r->row[one], b = r->row[other];
    while (a < r->row[one + 1] && b < r->row[other + 1]) {
        const struct run *x = &r->run[a], *y = &r->run[b];
        if (x->begin <= y->end && y->begin <= x->end) components_join(r->run, a, b);
        if (x->end < y->end)
            a++;
        else
            b++;
    }
}

static att_status make_runs(const uint8_t *mask, const int size[3], struct runs *r, struct err *e)
{
    size_t rows = (size_t)size[0] * (size_t)size[1], width = (size_t)size[2], count = 0;
    TRY(MEM_ARRAY(r->row, rows + 1, "connected components", e));
    for (size_t i = 0; i < rows; i++) {
        r->row[i] = (int)count;
        count += (size_t)row_runs(mask + i * width, size[2], NULL, 0);
        if (count > INT_MAX)
            return err_data(e,
                "a mask has more than %d separate runs of voxels, so it is not a segmentation; "
                "check the mask",
                INT_MAX);
    }
    r->row[rows] = (int)count;
    TRY(MEM_ARRAY(r->run, count, "connected components", e));
    for (size_t i = 0; i < rows; i++)
        row_runs(mask + i * width, size[2], r->run + r->row[i], r->row[i]);
    return ATT_OK;
}

static void join_all(struct runs *r, const int size[3])
{
    size_t width = (size_t)size[1];
    for (int d = 0; d < size[0]; d++)
        for (int h = 0; h < size[1]; h++) {
            size_t at = (size_t)d * width + (size_t)h;
            if (h > 0) join_rows(r, at, at - 1);
            if (d == 0) continue;
            for (int k = h > 0 ? h - 1 : 0; k <= h + 1 && k < size[1]; k++)
                join_rows(r, at, (size_t)(d - 1) * width + (size_t)k);
        }
}

/* Roots precede the runs that lead to them, so one pass finds every number. */
static int components_number(struct runs *r, int count)
{
    int components = 0;
    for (int i = 0; i < count; i++) {
        struct run *x = &r->run[i];
        x->parent = x->parent == i ? ++components : r->run[x->parent].parent;
    }
    return components;
}

static void components_write_labels(const struct runs *r, const int size[3], int32_t *label)
{
    size_t rows = (size_t)size[0] * (size_t)size[1], width = (size_t)size[2];
    memset(label, 0, rows * width * sizeof *label);
    for (size_t i = 0; i < rows; i++)
        for (int k = r->row[i]; k < r->row[i + 1]; k++)
            for (int w = r->run[k].begin; w < r->run[k].end; w++)
                label[i * width + (size_t)w] = r->run[k].parent;
}

att_status components_label(
    const uint8_t *mask, const int size[3], int32_t *label, int *count, struct err *e)
{
    struct runs r = {NULL, NULL};
    att_status status = make_runs(mask, size, &r, e);
    if (status == ATT_OK) {
        join_all(&r, size);
        *count = components_number(&r, r.row[(size_t)size[0] * (size_t)size[1]]);
        components_write_labels(&r, size, label);
    }
    mem_free(r.run);
    mem_free(r.row);
    return status;
}

void components_sizes(const int32_t *label, size_t voxels, int count, int64_t *size)
{
    memset(size, 0, (size_t)count * sizeof *size);
    for (size_t i = 0; i < voxels; i++)
        if (label[i]) size[label[i] - 1]++;
}
