/* SPDX-License-Identifier: Apache-2.0 */
#include "outline.h"

#include <algorithm>
#include <cstddef>

/* Edges of pixels run clockwise around the region (in pictures, whose y points down), so holes run
 * the other way. */
enum { RIGHT, DOWN, LEFT, UP };
static const int step_x[] = {1, 0, -1, 0}, step_y[] = {0, 1, 0, -1};

class tracer
{
  public:
    tracer(const std::vector<bool> &in, int columns, int rows)
        : in_(in), columns_(columns), rows_(rows), seen_(in.size())
    {
    }
    std::vector<outline> loops();

  private:
    const std::vector<bool> &in_;
    int columns_, rows_;
    std::vector<bool> seen_; /* pixels whose upper edge is in a loop */
    bool is_in(int x, int y) const
    {
        return x >= 0 && y >= 0 && x < columns_ && y < rows_ &&
            in_[(size_t)y * (size_t)columns_ + (size_t)x];
    }
    outline follow(int x, int y);
};

/* Along the upper edge of pixel (x, y) and on; at corners where two pixels touch, it stays with its
 * pixel. */
outline tracer::follow(int x, int y)
{
    outline o;
    const int first_x = x, first_y = y;
    int way = RIGHT;
    do {
        if (way == RIGHT) seen_[(size_t)y * (size_t)columns_ + (size_t)x] = true;
        /* The pixel ahead of (x, y), and the one to the left of that, as seen along the edge. */
        const int ahead_x = x + step_x[way], ahead_y = y + step_y[way], side = (way + 3) % 4,
                  left_x = ahead_x + step_x[side], left_y = ahead_y + step_y[side];
        const int corner_x = 2 * x + step_x[way] + step_x[side],
                  corner_y = 2 * y + step_y[way] + step_y[side];
        if (!is_in(ahead_x, ahead_y)) {
            o.push_back({corner_x, corner_y});
            way = (way + 1) % 4;
        } else if (is_in(left_x, left_y)) {
            o.push_back({corner_x, corner_y});
            x = left_x, y = left_y;
            way = side;
        } else {
            x = ahead_x, y = ahead_y;
        }
    } while (x != first_x || y != first_y || way != RIGHT);
    return o;
}

std::vector<outline> tracer::loops()
{
    std::vector<outline> all;
    for (int y = 0; y < rows_; y++)
        for (int x = 0; x < columns_; x++)
            if (is_in(x, y) && !is_in(x, y - 1) && !seen_[(size_t)y * (size_t)columns_ + (size_t)x])
                all.push_back(follow(x, y));
    return all;
}

/* Twice the area; holes have the other sign. */
static long area(const outline &o)
{
    long sum = 0;
    for (size_t i = 0; i < o.size(); i++) {
        const outline_point &a = o[i], &b = o[(i + 1) % o.size()];
        sum += (long)a.x * b.y - (long)b.x * a.y;
    }
    return sum;
}

/* The edge of `o` that a ray to the left from (x, y) meets first: at column *hit, between point i
 * and the next. y lies in the middle of a row, so it meets upright edges only. */
static bool meets(const outline &o, int x, int y, size_t &at, int &hit)
{
    bool found = false;
    for (size_t i = 0; i < o.size(); i++) {
        const outline_point &a = o[i], &b = o[(i + 1) % o.size()];
        if (a.x != b.x || a.x >= x || (a.y < y) == (b.y < y) || (found && a.x <= hit)) continue;
        found = true;
        hit = a.x;
        at = i;
    }
    return found;
}

/* Joins a hole to the outline or hole to its left, over a channel without width. */
static void join(std::vector<outline> &shapes, const outline &hole)
{
    size_t from = 0; /* the leftmost upright edge */
    for (size_t i = 0; i < hole.size(); i++) {
        const outline_point &a = hole[i], &b = hole[(i + 1) % hole.size()], &best = hole[from],
                            &end = hole[(from + 1) % hole.size()];
        if (a.x == b.x && (best.x != end.x || a.x < best.x)) from = i;
    }
    const outline_point &a = hole[from], &b = hole[(from + 1) % hole.size()];
    /* the middle of the row at the end of this edge */
    const int x = a.x, y = a.y < b.y ? a.y + 1 : a.y - 1;
    outline *to = nullptr;
    size_t at = 0;
    int hit = 0;
    for (outline &one : shapes) {
        size_t i = 0;
        int h = 0;
        if (!meets(one, x, y, i, h) || (to && h <= hit)) continue;
        to = &one;
        at = i;
        hit = h;
    }
    if (!to) return; /* impossible: a hole is in a part */
    outline way = {{hit, y}, {x, y}};
    for (size_t i = 1; i <= hole.size(); i++) way.push_back(hole[(from + i) % hole.size()]);
    way.push_back({x, y});
    way.push_back({hit, y});
    to->insert(to->begin() + (long)at + 1, way.begin(), way.end());
}

std::vector<outline> find_outlines(const std::vector<bool> &inside, int columns, int rows)
{
    std::vector<outline> shapes, holes;
    for (const outline &o : tracer(inside, columns, rows).loops())
        (area(o) > 0 ? shapes : holes).push_back(o);
    const auto leftmost = [](const outline &o) {
        return std::min_element(o.begin(), o.end(),
            [](const outline_point &a, const outline_point &b) { return a.x < b.x; })
            ->x;
    };
    std::sort(holes.begin(), holes.end(),
        [&](const outline &a, const outline &b) { return leftmost(a) < leftmost(b); });
    for (const outline &hole : holes) join(shapes, hole);
    return shapes;
}
