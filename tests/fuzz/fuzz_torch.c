/* SPDX-License-Identifier: Apache-2.0 */
/* Archives of torch.save. */
#include "format/torch_archive.h"
#include "fuzz_tensors.h"

static att_status open_all(const char *path, struct st_file *f, struct err *e)
{
    return torch_archive_open(path, "", f, e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_tensors(open_all, data, size);
}
