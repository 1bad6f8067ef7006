/* SPDX-License-Identifier: Apache-2.0 */
/* One number each: every work-item has an element of the result, pad lanes too. */

/* Where an element of `v` is. */
struct place {
    int n, c;
    size_t pixel;
};
inline struct place place_of(struct view v, size_t i)
{
    struct place p;
    const size_t block = pixels_of(v) * v.lanes;
    const size_t inside = i % block, all = i / block;
    p.n = (int)(all / v.blocks);
    p.c = (int)(all % v.blocks) * v.lanes + (int)(inside % v.lanes);
    p.pixel = inside / v.lanes;
    return p;
}
/* The same element of a tensor that may have other lanes. */
inline float read_as(struct tensor t, struct view of, size_t i)
{
    if (t.v.lanes == of.lanes) return tensor_read(t, i);
    struct place p = place_of(of, i);
    return tensor_read(t, index_of(t.v, p.n, p.c, p.pixel));
}
inline int is_pad(struct view v, size_t i)
{
    if (v.c % v.lanes == 0) return 0;
    return place_of(v, i).c >= v.c;
}

kernel void add_act(TENSOR(a), TENSOR(b), TENSOR(y), int act)
{
    const struct tensor a = TENSOR_OPEN(a), b = TENSOR_OPEN(b), y = TENSOR_OPEN(y);
    const size_t i = get_global_id(0);
    if (i >= numbers_of(y.v)) return;
    tensor_write(y, i, is_pad(y.v, i) ? 0.0f : act_apply(tensor_read(a, i) + tensor_read(b, i), act));
}
