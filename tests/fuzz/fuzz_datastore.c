/* SPDX-License-Identifier: Apache-2.0 */
/* dataset.json of a datastore, which people may edit: what is read can be listed, searched and
 * added to, and what is refused has a sentence. */
#include "../../serve/cases.h"
#include "fuzz.h"

static void use(struct cases *s)
{
    const char *path = "/nowhere/a.nii.gz";
    struct one_case one;
    const int count = cases_count(s);
    if (!cases_add(s, "a", &path, 1, NULL, NULL, 0) || cases_count(s) != count + 1) abort();
    for (int i = 0; i <= count; i++) {
        if (!cases_get(s, i, &one) || one.count < 1 || !*one.images[0]) abort();
        const int found = cases_index(s, one.name);
        if (found < 0 || found > i) abort();
        cases_doubt(s, i, one.key ? (double)strlen(one.key) : 0);
    }
    if (cases_get(s, count + 1, &one)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char folder[] = "/tmp/fuzz-XXXXXX", path[64], error[512] = "";
    if (!mkdtemp(folder)) abort();
    snprintf(path, sizeof path, "%s/dataset.json", folder);
    FILE *f = fopen(path, "w");
    if (!f || (size && fwrite(data, 1, size, f) != size) || fclose(f) != 0) abort();
    struct cases *s = cases_create(folder, error);
    if (!s == !*error) abort();
    if (s) use(s);
    cases_destroy(s);
    if (remove(path) != 0 || rmdir(folder) != 0) abort();
    return 0;
}
