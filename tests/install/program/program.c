/* SPDX-License-Identifier: Apache-2.0 */
/* A program of somebody else, which has the installed package and nothing more: it segments an
 * image that it holds in memory. */
#include <attunet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The library has functions of these names inside, which must not meet those of a program. */
int file_read(void);
int mem_alloc(void);
int file_read(void) { return 1; }
int mem_alloc(void) { return 2; }

int main(int argc, char **argv)
{
    const int size[3] = {1, 64, 64};
    static float image[64 * 64];
    static uint16_t labels[64 * 64];
    att_context *c;
    att_model *m;
    int i;
    if (argc < 2 || strcmp(att_version(), ATT_VERSION) != 0 || file_read() + mem_alloc() != 3)
        return EXIT_FAILURE;
    for (i = 0; i < 64 * 64; i++) image[i] = (float)(i * 7 % 256);
    if (att_context_create(1, NULL, NULL, &c) != ATT_OK ||
        att_model_load(c, argv[1], &m) != ATT_OK) {
        fprintf(stderr, "%s\n", att_context_error(c));
        return EXIT_FAILURE;
    }
    if (att_model_predict(c, m, image, 1, size, labels, NULL) == ATT_OK)
        printf("%s: label %d\n", att_version(), labels[0]);
    att_model_free(m);
    att_context_destroy(c);
    return EXIT_SUCCESS;
}
