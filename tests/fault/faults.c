/* SPDX-License-Identifier: Apache-2.0 */
/* A library for LD_PRELOAD that makes one call of the C library fail, as a full disk, a lack of
 * memory or a broken drive would; loaded by test_faults.c and the scripts here.  What is asked of
 * it stands in the environment:
 *
 *   FAULT_CALL    alloc, map, open, read, write, sync, close, rename, unlink, mkdir, list, stat,
 *                 lock or thread
 *   FAULT_AT      which call of that kind fails, counted from 1 (0: none does)
 *   FAULT_ERRNO   with which errno; 0: it does not fail, the process stops there (SIGSTOP)
 *   FAULT_BELOW   only files whose name begins so (for alloc and thread: all)
 *   FAULT_DISK    so many bytes fit on the disk: what is written beyond them is cut short, and
 *                 then fails with ENOSPC until something is removed
 *   FAULT_CLOCK   "frozen": every file that is opened takes a quarter of a second, all else no
 *                 time; "ticks": every look at the clock takes 10 ms; "jumps": the wall clock leaps
 *                 to and fro
 *   FAULT_REPORT  a file for "calls KIND N" for every kind, "failed N", and "lost BYTES
 *                 MODULE+OFFSET" for every block that was not freed; "below NAME ..." when memory
 *                 was asked for by libtiff: the functions of its interface on the way, the
 *                 innermost first
 *
 * Nothing is really synced, so that thousands of runs do not wait for a disk. */
#define _GNU_SOURCE 1
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum kind {
    ALLOC,
    MAP,
    OPEN,
    READ,
    WRITE,
    SYNC,
    CLOSE,
    RENAME,
    UNLINK,
    MKDIR,
    LIST,
    STAT,
    LOCK,
    THREAD,
    KINDS
};
static const char *const kind_name[] = {"alloc", "map", "open", "read", "write", "sync", "close",
    "rename", "unlink", "mkdir", "list", "stat", "lock", "thread"};

static struct {
    bool armed;
    int call, error;
    long at, disk;
    bool frozen, ticks, jumps;
    const char *below, *report;
    atomic_long count[KINDS], failed, left, looks;
} fault;

/* ---- the real ones; dlsym may itself ask for memory, which then comes from here */

static char early[1 << 16];
static atomic_size_t early_used;

static void *early_alloc(size_t bytes)
{
    size_t at = atomic_fetch_add(&early_used, (bytes + 31) / 16 * 16);
    return at + bytes > sizeof early ? NULL : early + at;
}
static bool is_early(const void *p)
{
    return (const char *)p >= early && (const char *)p < early + sizeof early;
}

#define REAL(type, name, ...)                                                                      \
    static type (*real_##name)(__VA_ARGS__);                                                       \
    static type (*the_##name(void))(__VA_ARGS__)                                                   \
    {                                                                                              \
        if (!real_##name) {                                                                        \
            void *symbol = dlsym(RTLD_NEXT, #name);                                                \
            memcpy(&real_##name, &symbol, sizeof symbol);                                          \
        }                                                                                          \
        return real_##name;                                                                        \
    }
REAL(void *, malloc, size_t)
REAL(void *, realloc, void *, size_t)
REAL(void, free, void *)
REAL(void *, mmap, void *, size_t, int, int, int, off_t)
REAL(int, open, const char *, int, ...)
REAL(FILE *, fopen, const char *, const char *)
REAL(ssize_t, read, int, void *, size_t)
REAL(ssize_t, pread, int, void *, size_t, off_t)
REAL(ssize_t, write, int, const void *, size_t)
REAL(ssize_t, pwrite, int, const void *, size_t, off_t)
REAL(int, ftruncate, int, off_t)
REAL(size_t, fwrite, const void *, size_t, size_t, FILE *)
REAL(int, close, int)
REAL(int, fclose, FILE *)
REAL(int, rename, const char *, const char *)
REAL(int, unlink, const char *)
REAL(int, mkdir, const char *, mode_t)
REAL(DIR *, opendir, const char *)
REAL(struct dirent *, readdir, DIR *)
REAL(int, fstat, int, struct stat *)
REAL(int, flock, int, int)
REAL(int, pthread_create, pthread_t *, const pthread_attr_t *, void *(*)(void *), void *)
REAL(int, clock_gettime, clockid_t, struct timespec *)

/* calloc comes first of all, while dlsym looks for it. */
static void *(*real_calloc)(size_t, size_t);
static void *the_calloc(size_t count, size_t size)
{
    static _Thread_local bool looking;
    if (!real_calloc) {
        if (looking) return early_alloc(count * size);
        looking = true;
        void *symbol = dlsym(RTLD_NEXT, "calloc");
        memcpy(&real_calloc, &symbol, sizeof symbol);
        looking = false;
    }
    return real_calloc(count, size);
}

/* ---- which call fails */

/* Who in libtiff asked, for what its own memory may cost (test_faults.c). Now, as the process may
 * not come to its end. */
static void say_below(void)
{
    void *way[32];
    char text[512] = "";
    size_t used = 0;
    int depth = backtrace(way, 32);
    for (int i = 0; i < depth && used < sizeof text; i++) {
        Dl_info info;
        if (!dladdr(way[i], &info) || !info.dli_sname || !strstr(info.dli_fname, "libtiff"))
            continue;
        used += (size_t)snprintf(text + used, sizeof text - used, " %s", info.dli_sname);
    }
    if (!used) return;
    int fd = the_open()(fault.report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    dprintf(fd, "below%s \n", text);
    the_close()(fd);
}

static bool fails(enum kind kind)
{
    if (!fault.armed) return false;
    long n = atomic_fetch_add(&fault.count[kind], 1) + 1;
    if (fault.call != (int)kind || n != fault.at) return false;
    if (!fault.error) {
        raise(SIGSTOP);
        return false;
    }
    atomic_fetch_add(&fault.failed, 1);
    if (kind == ALLOC && fault.report) say_below();
    errno = fault.error;
    return true;
}

static bool is_below(const char *path)
{
    return !fault.below || !strncmp(path, fault.below, strlen(fault.below));
}
static bool path_fails(enum kind kind, const char *path) { return is_below(path) && fails(kind); }
/* Of what is open already: files, not the terminal or a pipe. */
static bool file_fails(enum kind kind, int fd) { return fault.armed && fd > 2 && fails(kind); }

/* ---- blocks that are alive: a table of addresses, for those that were not asked for by the C
 * library itself */

enum { SLOTS = 1 << 19, STRETCH = 1 << 9, MODULES = 16 };
static struct slot {
    void *block, *caller;
    size_t bytes;
} * slots;
static bool touched[SLOTS / STRETCH]; /* stretches of the table that ever held a block */
static atomic_flag busy = ATOMIC_FLAG_INIT;
static struct module {
    uintptr_t base, from, till;
    char name[64];
    bool own; /* the C library's */
} modules[MODULES];
static int module_count;

static int add_module(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    if (module_count == MODULES) return 0;
    struct module *m = &modules[module_count++];
    const char *base = strrchr(info->dlpi_name, '/');
    snprintf(m->name, sizeof m->name, "%s",
        base                   ? base + 1
            : *info->dlpi_name ? info->dlpi_name
                               : "attunet");
    m->own =
        !strncmp(m->name, "libc.", 5) || !strncmp(m->name, "ld-", 3) || strstr(m->name, "asan");
    m->base = info->dlpi_addr;
    m->from = UINTPTR_MAX;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type != PT_LOAD) continue;
        if (m->base + p->p_vaddr < m->from) m->from = m->base + p->p_vaddr;
        if (m->base + p->p_vaddr + p->p_memsz > m->till)
            m->till = m->base + p->p_vaddr + p->p_memsz;
    }
    return 0;
}

static const struct module *module_of(const void *address)
{
    for (int i = 0; i < module_count; i++)
        if ((uintptr_t)address >= modules[i].from && (uintptr_t)address < modules[i].till)
            return &modules[i];
    return NULL;
}

/* Neighbours stay neighbours, so that a process touches as little of the table as of its heap, of
 * which 8 MiB have a slot each. */
static size_t place(const void *p) { return ((uintptr_t)p >> 4) % SLOTS; }

static void lock(void)
{
    while (atomic_flag_test_and_set(&busy)) {
    }
}
static void unlock(void) { atomic_flag_clear(&busy); }

/* Linear probing; a slot that was freed keeps its mark, so that what lies behind it is found. */
#define FREED ((void *)1)

static void note(void *p, size_t bytes, void *caller)
{
    if (!p || !slots) return;
    const struct module *m = module_of(caller);
    if (!m || m->own) return;
    lock();
    for (size_t i = place(p), tries = 0; tries < SLOTS; i = (i + 1) % SLOTS, tries++)
        if (!slots[i].block || slots[i].block == FREED) {
            slots[i] = (struct slot){p, caller, bytes};
            touched[i / STRETCH] = true;
            break;
        }
    unlock();
}

static void forget(void *p)
{
    if (!p || !slots) return;
    lock();
    for (size_t i = place(p), tries = 0; tries < SLOTS && slots[i].block;
         i = (i + 1) % SLOTS, tries++)
        if (slots[i].block == p) {
            slots[i].block = FREED;
            break;
        }
    unlock();
}

/* ---- memory */

void *malloc(size_t bytes)
{
    if (fails(ALLOC)) return NULL;
    void *p = the_malloc()(bytes);
    note(p, bytes, __builtin_return_address(0));
    return p;
}

void *calloc(size_t count, size_t size)
{
    if (fails(ALLOC)) return NULL;
    void *p = the_calloc(count, size);
    note(p, count * size, __builtin_return_address(0));
    return p;
}

void *realloc(void *old, size_t bytes)
{
    if (fails(ALLOC)) return NULL;
    if (is_early(old)) {
        void *p = the_malloc()(bytes);
        if (p) memcpy(p, old, bytes); /* at most what lies behind it in `early` */
        return p;
    }
    forget(old);
    void *p = the_realloc()(old, bytes);
    note(p, bytes, __builtin_return_address(0));
    return p;
}

void free(void *p)
{
    if (is_early(p)) return;
    forget(p);
    the_free()(p);
}

void *mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
{
    return fails(MAP) ? MAP_FAILED : the_mmap()(at, bytes, protection, flags, fd, offset);
}

/* ---- files */

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) {
        va_list args;
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    return path_fails(OPEN, path) ? -1 : the_open()(path, flags, mode);
}

FILE *fopen(const char *path, const char *mode)
{
    return path_fails(OPEN, path) ? NULL : the_fopen()(path, mode);
}

ssize_t read(int fd, void *to, size_t bytes)
{
    return file_fails(READ, fd) ? -1 : the_read()(fd, to, bytes);
}
ssize_t pread(int fd, void *to, size_t bytes, off_t at)
{
    return file_fails(READ, fd) ? -1 : the_pread()(fd, to, bytes, at);
}

/* How many of `bytes` still fit on the disk; -1: none. */
static ssize_t fits(size_t bytes)
{
    long left = atomic_load(&fault.left);
    if (fault.disk < 0) return (ssize_t)bytes;
    size_t now = left < (long)bytes ? (size_t)(left > 0 ? left : 0) : bytes;
    atomic_fetch_sub(&fault.left, (long)now);
    if (now || !bytes) return (ssize_t)now;
    atomic_fetch_add(&fault.failed, 1);
    errno = ENOSPC;
    return -1;
}

ssize_t write(int fd, const void *from, size_t bytes)
{
    if (file_fails(WRITE, fd)) return -1;
    if (fd <= 2) return the_write()(fd, from, bytes);
    ssize_t now = fits(bytes);
    return now < 0 ? -1 : the_write()(fd, from, (size_t)now);
}

ssize_t pwrite(int fd, const void *from, size_t bytes, off_t at)
{
    if (file_fails(WRITE, fd)) return -1;
    ssize_t now = fits(bytes);
    return now < 0 ? -1 : the_pwrite()(fd, from, (size_t)now, at);
}

/* Makes a file longer, which takes no room yet. */
int ftruncate(int fd, off_t bytes)
{
    return file_fails(WRITE, fd) ? -1 : the_ftruncate()(fd, bytes);
}

size_t fwrite(const void *from, size_t size, size_t count, FILE *f)
{
    if (f == stdout || f == stderr) return the_fwrite()(from, size, count, f);
    if (file_fails(WRITE, fileno(f))) return 0;
    ssize_t now = fits(size * count);
    size_t done = now < 0 ? 0 : the_fwrite()(from, size, (size_t)now / size, f);
    if (done < count) errno = ENOSPC;
    return done;
}

int fsync(int fd) { return file_fails(SYNC, fd) ? -1 : 0; }

/* What is closed is closed, even if that fails. */
int close(int fd)
{
    bool failed = file_fails(CLOSE, fd);
    int error = errno, result = the_close()(fd);
    if (!failed) return result;
    errno = error;
    return -1;
}

int fclose(FILE *f)
{
    bool failed = file_fails(CLOSE, fileno(f));
    int error = errno, result = the_fclose()(f);
    if (!failed) return result;
    errno = error;
    return EOF;
}

int rename(const char *from, const char *to)
{
    return path_fails(RENAME, to) ? -1 : the_rename()(from, to);
}

int unlink(const char *path)
{
    struct stat s;
    if (path_fails(UNLINK, path)) return -1;
    if (fault.disk >= 0 && !stat(path, &s)) atomic_fetch_add(&fault.left, (long)s.st_size);
    return the_unlink()(path);
}

int mkdir(const char *path, mode_t mode)
{
    return path_fails(MKDIR, path) ? -1 : the_mkdir()(path, mode);
}
DIR *opendir(const char *path) { return path_fails(LIST, path) ? NULL : the_opendir()(path); }
struct dirent *readdir(DIR *dir) { return fails(LIST) ? NULL : the_readdir()(dir); }
int fstat(int fd, struct stat *s) { return file_fails(STAT, fd) ? -1 : the_fstat()(fd, s); }
int flock(int fd, int how) { return file_fails(LOCK, fd) ? -1 : the_flock()(fd, how); }

int pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*f)(void *), void *argument)
{
    return fails(THREAD) ? fault.error : the_pthread_create()(thread, attributes, f, argument);
}

/* ---- clocks */

int clock_gettime(clockid_t clock, struct timespec *now)
{
    if (fault.frozen) {
        long opened = atomic_load(&fault.count[OPEN]);
        *now = (struct timespec){1000 + opened / 4, opened % 4 * 250000000};
        return 0;
    }
    if (fault.ticks) {
        long looks = atomic_fetch_add(&fault.looks, 1) + 1;
        *now = (struct timespec){1000 + looks / 100, looks % 100 * 10000000};
        return 0;
    }
    int result = the_clock_gettime()(clock, now);
    if (fault.jumps && clock == CLOCK_REALTIME) { /* a year to and fro */
        long looks = atomic_fetch_add(&fault.looks, 1);
        now->tv_sec += looks % 3 * 31536000 - 31536000;
    }
    return result;
}

time_t time(time_t *to)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (to) *to = now.tv_sec;
    return now.tv_sec;
}

/* ---- beginning and end */

static long number_of(const char *name, long otherwise)
{
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : otherwise;
}

__attribute__((constructor)) static void begin(void)
{
    const char *call = getenv("FAULT_CALL"), *clock = getenv("FAULT_CLOCK");
    fault.report = getenv("FAULT_REPORT");
    fault.below = getenv("FAULT_BELOW");
    fault.call = -1;
    for (int i = 0; i < KINDS; i++)
        if (call && !strcmp(call, kind_name[i])) fault.call = i;
    fault.at = number_of("FAULT_AT", 0);
    fault.error = (int)number_of("FAULT_ERRNO", EIO);
    fault.disk = number_of("FAULT_DISK", -1);
    atomic_store(&fault.left, fault.disk);
    fault.frozen = clock && !strcmp(clock, "frozen");
    fault.ticks = clock && !strcmp(clock, "ticks");
    fault.jumps = clock && !strcmp(clock, "jumps");
    dl_iterate_phdr(add_module, NULL);
    void *table = the_mmap()(
        NULL, SLOTS * sizeof *slots, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    slots = table == MAP_FAILED || !fault.report ? NULL : table;
    void *first[4]; /* the first backtrace asks for memory itself */
    backtrace(first, 4);
    fault.armed = true;
}

__attribute__((destructor)) static void end(void)
{
    fault.armed = false;
    if (!fault.report) return;
    int fd = the_open()(fault.report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0) return;
    for (int i = 0; i < KINDS; i++)
        dprintf(fd, "calls %s %ld\n", kind_name[i], atomic_load(&fault.count[i]));
    dprintf(fd, "failed %ld\n", atomic_load(&fault.failed));
    for (size_t i = 0; slots && i < SLOTS; i++) {
        if (!touched[i / STRETCH]) continue;
        const struct module *m =
            slots[i].block && slots[i].block != FREED ? module_of(slots[i].caller) : NULL;
        if (m)
            dprintf(fd, "lost %zu %s+0x%lx\n", slots[i].bytes, m->name,
                (unsigned long)((uintptr_t)slots[i].caller - m->base));
    }
    the_close()(fd);
}
