/* SPDX-License-Identifier: Apache-2.0 */
/* XXH64 against its published values and against the checksum of zstd's frames, which is its lower
 * half. */
#include "files/hash.h"

#include <zstd.h>

#include "unit/dataset/dataset_test.h"

static uint64_t hash_of(const void *data, size_t size)
{
    struct hash h;
    hash_begin(&h);
    hash_add(&h, data, size);
    return hash_end(&h);
}

static void published_values(void **state)
{
    (void)state;
    char text[HASH_TEXT];
    assert_true(hash_of("", 0) == UINT64_C(0xEF46DB3751D8E999));
    assert_true(hash_of("a", 1) == UINT64_C(0xD24EC4F1A98C6E5B));
    assert_true(hash_of("abc", 3) == UINT64_C(0x44BC2CF5AD770999));
    assert_string_equal(hash_text(0xAB, text), "00000000000000ab");
}

static void every_length_in_pieces_as_zstd(void **state)
{
    (void)state;
    unsigned char data[300], packed[1000];
    ZSTD_CCtx *z = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
    for (int i = 0; i < 300; i++) data[i] = (unsigned char)(i * 37 + i / 7);
    for (size_t n = 1; n <= sizeof data; n++) {
        uint32_t lower;
        size_t size = ZSTD_compress2(z, packed, sizeof packed, data, n);
        assert_false(ZSTD_isError(size));
        memcpy(&lower, packed + size - 4, 4);
        assert_int_equal((uint32_t)hash_of(data, n), lower);
        struct hash h;
        hash_begin(&h);
        for (size_t at = 0, piece = 1; at < n; at += piece, piece = piece * 2 % 61 + 1)
            hash_add(&h, data + at, piece < n - at ? piece : n - at);
        assert_int_equal((uint32_t)hash_end(&h), lower);
    }
    ZSTD_freeCCtx(z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_values), cmocka_unit_test(every_length_in_pieces_as_zstd)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
