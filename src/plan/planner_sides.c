/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/planner_sides.h"

#include <string.h>

#include "base/text.h"

static size_t side_at(const char *s, bool *right)
{
    *right = text_begins(s, "right");
    return *right ? 5 : text_begins(s, "left") ? 4 : 0;
}

bool names_differ_in_side(const char *a, const char *b)
{
    int sides = 0;
    while (*a && *b) {
        bool right_a, right_b;
        const size_t in_a = side_at(a, &right_a), in_b = side_at(b, &right_b);
        if (in_a && in_b && right_a != right_b) {
            sides++;
            a += in_a;
            b += in_b;
            continue;
        }
        if (text_lower(*a++) != text_lower(*b++)) return false;
    }
    return sides > 0 && !*a && !*b;
}

int planner_sides(const struct labelling *l, const char *axes, int *first, int *second)
{
    const int count = labelling_targets(l);
    for (*first = 0; *first < count; ++*first)
        for (*second = *first + 1; *second < count; ++*second) {
            if (!names_differ_in_side(
                    labelling_target_name(l, *first), labelling_target_name(l, *second)))
                continue;
            const size_t at = strcspn(axes, "LR"); /* of w, h, d */
            return axes[at] ? 2 - (int)at : IMAGE_W;
        }
    return -1;
}
