/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of weights turned round, for backward by input and for gradients that are gathered the other way. */
#include "kernel/fast_conv.h"

static void transpose_4(const float *from, float *to)
{
    __m128 a = _mm_loadu_ps(from), b = _mm_loadu_ps(from + LANES), c = _mm_loadu_ps(from + 2 * LANES), d = _mm_loadu_ps(from + 3 * LANES);
    _MM_TRANSPOSE4_PS(a, b, c, d);
    _mm_storeu_ps(to, a);
    _mm_storeu_ps(to + LANES, b);
    _mm_storeu_ps(to + 2 * LANES, c);
    _mm_storeu_ps(to + 3 * LANES, d);
}

void transpose_blocks(const float *from, float *to, int count)
{
    for (; count > 0; count--, from += BLOCK, to += BLOCK)
        for (int c = 0; c < LANES; c += 4)
            for (int k = 0; k < LANES; k += 4) transpose_4(from + c * LANES + k, to + k * LANES + c);
}
