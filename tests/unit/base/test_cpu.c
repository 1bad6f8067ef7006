/* SPDX-License-Identifier: Apache-2.0 */
/* Quotas of cgroup v1 and v2 read from made-up trees. */
#include "unit/expect.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/limit.h"
#include "base/mem.h"
#include "files/file.h"

static void put(const char *folder, const char *file, const char *text)
{
    struct err e = {0};
    char *path = file_join(folder, file);
    if (file_make_folders(folder, &e) != ATT_OK ||
        file_write_all(path, text, strlen(text), &e) != ATT_OK)
        fail_msg("%s", e.text);
    mem_free(path);
}

static char root[] = "/tmp/attunet-test-cpu-XXXXXX";

static int make_root(void **state)
{
    (void)state;
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    char *command = mem_text("rm -r %s", root);
    int result = system(command);
    mem_free(command);
    return result;
}

/* The quota for what stands in the cgroup file, with the mount at ROOT/name. */
static int quota(const char *name, const char *groups)
{
    char *file = mem_text("%s/groups", root), *mount = mem_text("%s/%s", root, name);
    put(root, "groups", groups);
    int cpus = cpu_quota(file, mount);
    mem_free(file);
    mem_free(mount);
    return cpus;
}

static void put_at(const char *folder, const char *file, const char *text)
{
    char *path = mem_text("%s/%s", root, folder);
    put(path, file, text);
    mem_free(path);
}

static void test_quota_v2(void **state)
{
    (void)state;
    put_at("v2/a/b", "cpu.max", "max 100000\n");
    assert_int_equal(quota("v2", "0::/a/b\n"), 0);
    put_at("v2/a", "cpu.max", "350000 100000\n"); /* a parent's limit binds too; 3.5 is 4 */
    assert_int_equal(quota("v2", "0::/a/b\n"), 4);
    put_at("v2/a/b", "cpu.max", "200000 100000\n");
    assert_int_equal(quota("v2", "0::/a/b\n"), 2);
    put_at("v2/a/b", "cpu.max", "900000 100000\n");
    assert_int_equal(quota("v2", "0::/a/b\n"), 4);
    put_at("v2", "cpu.max", "50000 100000\n"); /* in a container the mount point is the group */
    assert_int_equal(quota("v2", "0::/not/visible/here\n"), 1);
    assert_int_equal(quota("v2", "0::/\n"), 1);
}

static void test_quota_v1(void **state)
{
    (void)state;
    put_at("v1/cpu/job", "cpu.cfs_quota_us", "-1\n");
    put_at("v1/cpu/job", "cpu.cfs_period_us", "100000\n");
    const char *groups = "9:name=systemd:/x\n5:cpuset:/job\n4:cpu,cpuacct:/job\n0::/y\n";
    assert_int_equal(quota("v1", groups), 0);
    put_at("v1/cpu/job", "cpu.cfs_quota_us", "300000\n");
    assert_int_equal(quota("v1", groups), 3);
    assert_int_equal(quota("v1", "4:cpuacct,cpu:/job\n"), 3);
    assert_int_equal(quota("v1", "5:cpuset:/job\n"), 0); /* not the controller "cpu" */
}

/* The least from the group up counts, as of processors. */
static void test_memory(void **state)
{
    (void)state;
    char *groups = mem_text("%s/groups", root), *v2 = mem_text("%s/m2", root),
         *v1 = mem_text("%s/m1", root);
    put_at("m2/slurm/job", "memory.max", "max\n");
    put(root, "groups", "0::/slurm/job\n");
    assert_true(limit_cgroup(groups, v2) == 0);
    put_at("m2/slurm", "memory.max", "8589934592\n");
    assert_true(limit_cgroup(groups, v2) == 8589934592.0);
    put_at("m2/slurm/job", "memory.max", "4294967296\n");
    assert_true(limit_cgroup(groups, v2) == 4294967296.0);
    put_at("m1/memory/job", "memory.limit_in_bytes", "1073741824\n");
    put(root, "groups", "9:memory:/job\n4:cpu,cpuacct:/job\n");
    assert_true(limit_cgroup(groups, v1) == 1073741824.0);
    put(root, "groups", "4:cpu,cpuacct:/job\n");
    assert_true(limit_cgroup(groups, v1) == 0);
    mem_free(groups);
    mem_free(v2);
    mem_free(v1);
}

static void test_quota_nonsense(void **state)
{
    (void)state;
    assert_int_equal(cpu_quota("/nonexistent/groups", "/nonexistent"), 0);
    assert_int_equal(quota("none", ""), 0);
    assert_int_equal(quota("none", "::::\nx\n:\n0:\n"), 0);
    put_at("odd", "cpu.max", "0 0\n");
    assert_int_equal(quota("odd", "0::/\n"), 0);
    put_at("odd", "cpu.max", "-5 100\n");
    assert_int_equal(quota("odd", "0::/\n"), 0);
}

static void test_count_follows_affinity(void **state)
{
    (void)state;
    cpu_set_t before, one;
    assert_true(cpu_count() >= 1);
    if (sched_getaffinity(0, sizeof before, &before)) skip();
    assert_true(cpu_count() <= CPU_COUNT(&before));
    CPU_ZERO(&one);
    for (size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
        if (CPU_ISSET(i, &before)) CPU_SET(i, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(cpu_count(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

/* Tiles come with AVX-512, and asking again changes nothing. */
static void test_matrix_unit(void **state)
{
    (void)state;
    const bool matrix = cpu_matrix();
    assert_true(!matrix || cpu_has_matrix());
    assert_true(!matrix || (cpu_features() & CPU_AVX512_BF16));
    assert_int_equal(cpu_matrix(), matrix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quota_v2),
        cmocka_unit_test(test_quota_v1),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_quota_nonsense),
        cmocka_unit_test(test_count_follows_affinity),
        cmocka_unit_test(test_matrix_unit),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
