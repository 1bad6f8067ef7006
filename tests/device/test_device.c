/* SPDX-License-Identifier: Apache-2.0 */
/* The device's memory and its failures. The host cannot touch an address of the device; what a
 * launch gets wrong is told once, and then nothing is a number. */
#include "device_test.h"

#include "base/limit.h"
#include "base/mem.h"
#include "device/device_state.h"
#include "device/launch.h"
#include "files/file.h"
#include "files/hash.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct memory *const m = &memory_device;

static void devices_are_listed(void **state)
{
    (void)state;
    struct device_facts list[4];
    struct err e = {.status = ATT_OK};
    int count, none;
    assert_int_equal(device_list(list, 4, &count, &e), ATT_OK);
    assert_true(count >= 1);
    assert_true(list[0].memory > 0 && list[0].largest > 0);
    assert_string_equal(list[0].name, device_opened()->name);
    assert_int_equal(device_list(list, 0, &none, &e), ATT_OK);
    assert_int_equal(none, 0);
}

static void one_device_per_process(void **state)
{
    (void)state;
    struct err e = {.status = ATT_OK};
    assert_int_equal(device_open(0, &e), ATT_OK);
    assert_int_equal(device_open(1, &e), ATT_USAGE);
    assert_non_null(strstr(e.text, "a process uses one device"));
}

static void memory_keeps_numbers(void **state)
{
    (void)state;
    const float numbers[] = {1, -2, 3, 4};
    float back[8];
    float *p = m->create(8 * sizeof *p);
    assert_non_null(p);
    m->download(p, back, sizeof back);
    for (int i = 0; i < 8; i++) assert_true(back[i] == 0);
    m->upload(p + 2, numbers, sizeof numbers);
    m->fill(p + 6, 0xff, 2 * sizeof *p);
    m->download(p + 1, back, 7 * sizeof *back);
    assert_true(back[0] == 0 && !memcmp(back + 1, numbers, sizeof numbers) && isnan(back[6]));
    m->destroy(p, 8 * sizeof *p);
    device_is_well();
}

/* A mapping is a copy; pieces of it share it, and unmapping a range ends those that begin in it. */
static void mappings_come_and_go(void **state)
{
    (void)state;
    float back[4];
    float *p = m->create(4 * sizeof *p);
    float *all = m->map(p, 4 * sizeof *p), *piece = m->map(p + 2, sizeof *p);
    assert_ptr_equal(piece, all + 2);
    all[0] = 5;
    *piece = 7;
    m->unmap(p + 1, 2 * sizeof *p); /* nothing begins here */
    m->download(p, back, sizeof back);
    assert_true(back[0] == 0 && back[2] == 0);
    m->unmap(p, 4 * sizeof *p);
    m->download(p, back, sizeof back);
    assert_true(back[0] == 5 && back[2] == 7);
    m->destroy(p, 4 * sizeof *p);
    device_is_well();
}

/* A buffer that takes the place of another has nothing of its mappings. */
static void mappings_end_with_their_buffer(void **state)
{
    (void)state;
    float back[4];
    float *p = m->create(4 * sizeof *p), *again;
    *(float *)m->map(p, sizeof *p) = 5;
    m->destroy(p, 4 * sizeof *p);
    again = m->create(4 * sizeof *again);
    assert_ptr_equal(again, p); /* the host reuses the addresses; else this tests nothing */
    m->unmap(again, 4 * sizeof *again);
    m->download(again, back, sizeof back);
    assert_true(back[0] == 0);
    m->destroy(again, 4 * sizeof *again);
    device_is_well();
}

static void more_than_there_is_is_refused(void **state)
{
    (void)state;
    assert_null(m->create((size_t)1 << 50));
    device_is_well();
}

/* Whatever its driver says, a GPU without memory of its own leaves some to the host. */
static void shared_memory_is_shared(void **state)
{
    (void)state;
    size_t used, left;
    struct device *d = device_lock();
    const struct device_facts facts = d->facts;
    d->facts.memory = d->facts.largest = (size_t)1 << 50;
    d->facts.apart = false;
    device_unlock();
    m->measure(&used, &left);
    d->facts = facts;
    assert_true(left > 0 && (double)left <= 0.75 * limit_machine());
}

static void an_access_ends_the_process(void **state)
{
    (void)state;
    volatile float *p = m->create(64);
    int status;
    pid_t child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        _exit(p[3] > 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    m->destroy((void *)(uintptr_t)p, 64);
}

static void constants_are_told_apart(void **state)
{
    (void)state;
    /* More than the device keeps, twice: cross-entropy of one pixel is weight * nll / weight. */
    float logits[2] = {0, 0}, loss;
    uint8_t label = 1;
    float *z = m->create(256), *out = z + 32;
    uint8_t *l = (uint8_t *)(void *)(z + 16);
    m->upload(z, logits, sizeof logits);
    m->upload(l, &label, 1);
    for (int i = 0; i < 200; i++) {
        const real weight[2] = {1, (real)(i % 90)};
        const struct loss_input in = {
            .logits = {z, {1, 2, 1, 1, 1}, 1, false}, .label = l, .weight = weight};
        device_kernels()->cross_entropy_map(&in, out, NULL);
        m->download(out, &loss, sizeof loss);
        assert_true(fabs((double)loss - i % 90 * log(2)) < 1e-4);
    }
    m->destroy(z, 256);
    device_is_well();
}

/* In a child: a failure lasts. */
static int after_failure(void)
{
    struct err e = {.status = ATT_OK}, again = {.status = ATT_OK};
    float x = 1;
    float *p = m->create(64);
    device_kernels()->fill(&x, 1, 2); /* the host's memory */
    if (device_check(&e) == ATT_OK || device_check(&again) != e.status) return 1;
    if (strcmp(e.text, again.text) || !strstr(e.text, "fill")) return 2;
    m->download(p, &x, sizeof x);
    if (!isnan(x) || m->create(64)) return 3;
    return buffer_refused(m, 64, "numbers", &again) == e.status && !strcmp(e.text, again.text) ? 0
                                                                                               : 4;
}

/* In a child, whose XDG_CACHE_HOME is its own: a kernel works however its program came, which is
 * not the one that device_open ran. It has few kernels, as pocl compiles all before it hands them
 * out. */
static int with_kept_program(void)
{
    enum { SIZE = LANES * LANES };
    const float x[] = {3, 4};
    uint32_t pair = 0;
    struct device *d = device_lock();
    d->keeps = true;
    device_unlock();
    float *from = m->create(SIZE * sizeof *from), *to = m->create(SIZE * sizeof *to);
    m->upload(from, x, sizeof x);
    struct launch l = launch_of("conv_ends", "split", "-DGPU=0 -DMATRIX=0");
    launch_args(&l, from, (int64_t)(SIZE / 4), to, true);
    launch_over(&l, SIZE / 4);
    m->download(to, &pair, sizeof pair);
    return pair == (half_round(3) | (uint32_t)half_round(4) << 16) ? 0 : 1;
}

/* `processes` at once, at most 8. */
static void run_together(const char *word, int processes)
{
    char name[4096], *args[] = {name, (char *)(uintptr_t)word, NULL};
    const ssize_t length = readlink("/proc/self/exe", name, sizeof name - 1);
    int status;
    pid_t child[8];
    assert_true(length > 0 && processes <= 8);
    name[length] = 0;
    for (int i = 0; i < processes; i++) {
        child[i] = fork();
        if (child[i]) continue;
        execv(name, args);
        _exit(99);
    }
    for (int i = 0; i < processes; i++) {
        assert_int_equal(waitpid(child[i], &status, 0), child[i]);
        assert_int_equal(status, 0);
    }
}

static void run_again(const char *word) { run_together(word, 1); }

static void a_failure_lasts(void **state)
{
    (void)state;
    run_again("fail");
}

/* pocl, too, keeps programs below XDG_CACHE_HOME; it takes seconds to build them, so it goes on
 * where the other tests have it (front.sh). */
static void pocl_keeps_its_cache(void)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (getenv("POCL_CACHE_DIR") || (!cache && !home)) return;
    char *folder =
        cache ? file_join(cache, "pocl/kcache") : mem_text("%s/.cache/pocl/kcache", home);
    setenv("POCL_CACHE_DIR", folder, 1);
    mem_free(folder);
}

static void programs_are_kept(void **state)
{
    (void)state;
    struct err e = {.status = ATT_OK};
    struct file_list l;
    char folder[] = TEST_BINARY_DIR "/test_device.XXXXXX", *data;
    size_t size, again;
    assert_non_null(mkdtemp(folder));
    pocl_keeps_its_cache();
    setenv("XDG_CACHE_HOME", folder, 1);
    run_together("keep", 4); /* each builds the same program and keeps it */
    char *kept = file_join(folder, "attunet/opencl"), *file;
    assert_int_equal(file_list(kept, &l, &e), ATT_OK);
    assert_int_equal(l.count, 1);
    file = file_join(kept, l.names[0]);
    assert_int_equal(file_read(file, 64 << 20, &data, &size, &e), ATT_OK);
    run_again("keep");                  /* from the file */
    for (int way = 0; way < 3; way++) { /* cut, changed, of another program */
        data[way == 1 ? size / 2 : 0] ^= 1;
        assert_int_equal(file_write_all(file, data, way ? size : size / 2, &e), ATT_OK);
        data[way == 1 ? size / 2 : 0] ^= 1;
        run_together("keep", 2);
        char *now;
        assert_int_equal(file_read(file, 64 << 20, &now, &again, &e), ATT_OK);
        assert_true(again > 1000 && hash_bytes(now + 8, again - 8) == *(uint64_t *)(void *)now);
        mem_free(now);
    }
    file_remove(file);
    file_remove_folder(kept);
    assert_int_equal(file_write_all(kept, "", 0, &e), ATT_OK); /* no place for it */
    run_again("keep");
    mem_free(data);
    mem_free(file);
    mem_free(kept);
    file_list_free(&l);
}

int main(int count, char **words)
{
    if (count > 1 && strcmp(words[1], "keep") == 0) {
        device_begin(NULL);
        return with_kept_program();
    }
    if (count > 1 && strcmp(words[1], "fail") == 0) {
        device_begin(NULL);
        return after_failure();
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(devices_are_listed),
        cmocka_unit_test(one_device_per_process), cmocka_unit_test(memory_keeps_numbers),
        cmocka_unit_test(mappings_come_and_go), cmocka_unit_test(mappings_end_with_their_buffer),
        cmocka_unit_test(more_than_there_is_is_refused), cmocka_unit_test(shared_memory_is_shared),
        cmocka_unit_test(an_access_ends_the_process), cmocka_unit_test(constants_are_told_apart),
        cmocka_unit_test(a_failure_lasts), cmocka_unit_test(programs_are_kept)};
    return cmocka_run_group_tests(tests, device_begin, NULL);
}
