/* SPDX-License-Identifier: Apache-2.0 */
#include "device/device_kernels.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "device/device_state.h"

static const struct kernel_set kernel_set_opencl = {"opencl", 0, NULL};

/* Written once, before any reader. */
static struct kernels table;
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void table_fill(void)
{
    table = (struct kernels){.set = &kernel_set_opencl, .memory = &memory_device};
    device_norm_fill(&table);
    device_pointwise_fill(&table);
    device_grid_fill(&table);
    device_attend_fill(&table);
    device_loss_fill(&table);
    device_window_fill(&table);
    device_cldice_fill(&table);
    device_optim_fill(&table);
    device_host_fill(&table);
    device_conv_fill(&table);
}

const struct kernels *device_kernels(void)
{
    if (!device_opened()) return NULL;
    pthread_once(&table_once, table_fill);
    return &table;
}

const char *device_of_kernels(const struct kernels *k, char name[DEVICE_WORD])
{
    if (k->set != &kernel_set_opencl) return "cpu";
    struct device *d = device_lock(); /* opened, as its kernels are there */
    device_word(&d->facts, d->index, name);
    device_unlock();
    return name;
}

/* The number behind "WORD:"; 0 for the word alone, -1 for anything else. */
static int device_number_of(const char *name, const char *word)
{
    const size_t n = strlen(word);
    if (strncmp(name, word, n) != 0) return -1;
    if (!name[n]) return 0;
    if (name[n] != ':' || !name[n + 1] || strlen(name + n) > 3) return -1;
    return strspn(name + n + 1, "0123456789") == strlen(name + n + 1) ? atoi(name + n + 1) : -1;
}

bool device_named(const char *name)
{
    return name && (text_begins(name, "gpu") || text_begins(name, "opencl"));
}

att_status device_choose(const char *name, const struct kernels **k, struct err *e)
{
    enum { MOST = 32 };
    const int gpu = device_number_of(name, "gpu"), any = device_number_of(name, "opencl");
    struct device_facts list[MOST];
    int count, gpus = 0;
    if (gpu < 0 && any < 0)
        return err_usage(
            e, "device '%s' is unknown: use cpu, gpu, gpu:N or opencl:N, N from 0", name);
    TRY(device_list(list, MOST, &count, e));
    while (gpus < count && list[gpus].gpu) gpus++;
    if (gpu >= gpus && any < 0)
        return err_usage(e,
            "device '%s' does not exist: OpenCL finds %d GPU%s; install the driver of the GPU, or "
            "use the device 'cpu'",
            name, gpus, TEXT_S(gpus));
    TRY(device_open(gpu >= 0 ? gpu : any, e));
    *k = device_kernels();
    return ATT_OK;
}
