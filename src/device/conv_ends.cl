/* SPDX-License-Identifier: Apache-2.0 */
/* What runs before and after conv_gather.cl: one program serves all its options. */

/* Ends sums that were computed in parts: a work-item per four channels. */
KERNEL void gather_end(TENSOR(to), int first, int parts, AT(part), FINISH, int add)
{
    const struct tensor to = TENSOR_OPEN(to);
    const int blocks = (to.v.c + LANES - 1) / LANES, pixels = to.v.d * to.v.h * to.v.w;
    const size_t at = get_global_id(0), size = (size_t)to.v.n * blocks * pixels * (LANES / 4);
    if (at >= size) return;
    const int four = (int)(at % (LANES / 4)), pixel = (int)(at / (LANES / 4) % pixels),
              block = (int)(at / (LANES / 4) / pixels), c = block % blocks * LANES + four * 4,
              n = block / blocks;
    float4 sum = 0;
    for (int p = 0; p < parts; p++) sum += OPEN(const float4, part)[p * size + at];
    FINISH_FOUR(sum, first * LANES + c, n * pixels_of(to.v) + pixel);
    fours_put(to, n, c, pixel, sum, add);
}

/* Weights as MATRIX reads them: of each tap between two blocks, for each channel of the sum, fours
 * of channels of the source; back: by input. */
KERNEL void split(AT(w), ulong fours, AT(to), int back)
{
    const size_t at = get_global_id(0);
    const int channel = (int)(at / 4) % LANES, four = (int)(at % 4) * 4;
    if (at >= fours) return;
    const global float *w = OPEN(const float, w) + at / (LANES * LANES / 4) * (LANES * LANES);
    uint high[4], rest[4];
    for (int i = 0; i < 4; i++) {
        const float v = back ? w[channel * LANES + four + i] : w[(four + i) * LANES + channel];
        high[i] = half_round(v);
        rest[i] = half_round(v - half_read((ushort)high[i]));
    }
    OPEN(uint4, to)[at] = (uint4)(high[0] | high[1] << 16, high[2] | high[3] << 16,
        rest[0] | rest[1] << 16, rest[2] | rest[3] << 16);
}
