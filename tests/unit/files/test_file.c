/* SPDX-License-Identifier: Apache-2.0 */
/* Files: read, replaced atomically, failures that leave the old file and no temporary. */
#include "unit/expect.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "files/file.h"
#include "unit/files/synced.h"

static char root[] = "/tmp/attunet-test-file-XXXXXX";

static int make_root(void **state)
{
    (void)state;
    return mkdtemp(root) ? chdir(root) : -1;
}

static int remove_root(void **state)
{
    (void)state;
    char *command = mem_text("rm -r %s", root);
    int result = chdir("/") || system(command);
    mem_free(command);
    return result;
}

static void check_file(const char *path, const char *expected)
{
    struct err e = {0};
    char *data;
    size_t size;
    if (file_read(path, 1 << 24, &data, &size, &e) != ATT_OK) fail_msg("%s", e.text);
    assert_int_equal(size, strlen(expected));
    assert_string_equal(data, expected);
    mem_free(data);
}

static int files_in(const char *folder)
{
    struct err e = {0};
    struct file_list l;
    assert_int_equal(file_list(folder, &l, &e), ATT_OK);
    int count = l.count;
    file_list_free(&l);
    return count;
}

static void test_write_and_read(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(file_write_all("a", "old", 3, &e), ATT_OK);
    check_file("a", "old");
    assert_int_equal(file_write_all("a", "new text", 8, &e), ATT_OK);
    check_file("a", "new text");
    assert_int_equal(file_write_all("empty", NULL, 0, &e), ATT_OK);
    check_file("empty", "");
    assert_int_equal(files_in("."), 2);
}

static void test_pieces_of_all_sizes(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 0, 65535, 1, 65536, 65537, 300000, 3, 65535, 65535};
    static unsigned char block[300000];
    struct err e = {0};
    struct file_writer *w;
    char *data;
    size_t total = 0, size;
    assert_int_equal(file_create("pieces", &w, &e), ATT_OK);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        for (size_t k = 0; k < pieces[i]; k++) block[k] = (unsigned char)((total + k) * 31 >> 3);
        assert_int_equal(file_write(w, block, pieces[i], &e), ATT_OK);
        total += pieces[i];
    }
    assert_false(file_exists("pieces"));
    assert_int_equal(file_commit(w, &e), ATT_OK);
    assert_int_equal(file_read("pieces", total, &data, &size, &e), ATT_OK);
    assert_int_equal(size, total);
    for (size_t k = 0; k < total; k++)
        if ((unsigned char)data[k] != (unsigned char)(k * 31 >> 3)) fail_msg("byte %zu", k);
    mem_free(data);
    assert_int_equal(unlink("pieces"), 0);
}

static void test_abandoned(void **state)
{
    (void)state;
    struct err e = {0};
    struct file_writer *w;
    int before = files_in(".");
    assert_int_equal(file_write_all("kept", "kept", 4, &e), ATT_OK);
    assert_int_equal(file_create("kept", &w, &e), ATT_OK);
    assert_int_equal(file_write(w, "half", 4, &e), ATT_OK);
    assert_int_equal(files_in("."), before + 2);
    file_abandon(w);
    file_abandon(NULL);
    check_file("kept", "kept");
    assert_int_equal(files_in("."), before + 1);
}

static void test_stale_temporary(void **state)
{
    (void)state;
    struct err e = {0};
    struct file_writer *w, *second;
    /* The next temporary's number is one more than that of the one that is open. */
    assert_int_equal(file_create("probe", &w, &e), ATT_OK);
    assert_int_equal(
        file_create("probe", &second, &e), ATT_OK); /* of the same path, at the same time */
    assert_int_equal(file_write(w, "first", 5, &e), ATT_OK);
    assert_int_equal(file_write(second, "second", 6, &e), ATT_OK);
    unsigned number = 0;
    char place[13] = "";
    struct file_list l;
    assert_int_equal(file_list(".", &l, &e), ATT_OK);
    for (int i = 0; i < l.count; i++) {
        unsigned n;
        long id;
        if (sscanf(l.names[i], "probe.tmp-%ld-%12[0-9a-f]-%u", &id, place, &n) == 3 && n > number)
            number = n;
    }
    file_list_free(&l);
    assert_int_equal(file_commit(w, &e), ATT_OK);
    check_file("probe", "first");
    assert_int_equal(file_commit(second, &e), ATT_OK);
    check_file("probe", "second");
    char *stale = mem_text("stale.tmp-%ld-%s-%u", (long)getpid(), place, number + 1);
    assert_int_equal(
        symlink("kept", stale), 0); /* it must not be followed, and is not ours to remove */
    assert_int_equal(file_write_all("stale", "fresh", 5, &e), ATT_OK);
    check_file("stale", "fresh");
    check_file("kept", "kept");
    assert_int_equal(unlink(stale), 0);
    mem_free(stale);
}

static void test_links_and_devices(void **state)
{
    (void)state;
    struct err e = {0};
    struct stat s;
    assert_int_equal(file_write_all("target", "1", 1, &e), ATT_OK);
    static const char *const links[] = {"link", "ahead", "twice", "system"},
                             *const leads[] = {"target", "there/later", "link", "/dev/null"};
    for (int i = 0; i < 4; i++) {
        char sentence[128];
        snprintf(sentence, sizeof sentence,
            "cannot write %s: it is a symbolic link; remove it, or name the file itself", links[i]);
        assert_int_equal(symlink(leads[i], links[i]), 0);
        for (int way = 0; way < 3; way++) {
            err_clear(&e);
            assert_int_equal(way == 0 ? file_write_all(links[i], "2", 1, &e)
                    : way == 1        ? file_append(links[i], "2", 1, &e)
                                      : file_check_place(links[i], false, &e),
                ATT_IO);
            assert_string_equal(e.text, sentence);
        }
        err_clear(&e);
        assert_int_equal(file_open_lock(links[i], true), -1);
        assert_int_equal(errno, ELOOP);
        assert_int_equal(lstat(links[i], &s), 0);
        assert_true(S_ISLNK(s.st_mode));
    }
    assert_false(file_exists("there"));
    check_file("target", "1");
    assert_int_equal(mkdir("kind", 0777), 0);
    assert_int_equal(symlink("kind", "other"), 0);
    assert_int_equal(file_make_inside("kind", &e), ATT_OK);
    assert_int_equal(file_make_inside("other", &e), ATT_IO);
    assert_string_equal(e.text,
        "cannot write into other: it is a symbolic link; remove it, or put a folder in its place");
    err_clear(&e);
    assert_int_equal(file_write_all("/dev/null", "x", 1, &e), ATT_OK);
    assert_int_equal(stat("/dev/null", &s), 0);
    assert_true(S_ISCHR(s.st_mode));
}

/* Opening one would wait until somebody writes or reads. */
static void pipes_and_sockets_are_no_files(void **state)
{
    (void)state;
    struct err e = {0};
    char *data;
    size_t size;
    struct sockaddr_un place = {.sun_family = AF_UNIX, .sun_path = "socket"};
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&place, sizeof place), 0);
    close(fd);
    assert_int_equal(mkfifo("fifo", 0666), 0);
    static const char *const names[] = {"fifo", "socket"};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(file_read(names[i], 100, &data, &size, &e), ATT_IO);
        assert_non_null(strstr(e.text, "; a file is needed here, not a pipe or device"));
        err_clear(&e);
        assert_int_equal(file_write_all(names[i], "x", 1, &e), ATT_IO);
        assert_non_null(strstr(e.text, "; a file is needed here, not a pipe or device"));
        err_clear(&e);
        assert_int_equal(file_append(names[i], "x", 1, &e), ATT_IO);
        assert_non_null(strstr(e.text, "; a file is needed here, not a pipe or device"));
        err_clear(&e);
        assert_int_equal(file_open_lock(names[i], false), -1);
        assert_int_equal(file_open_lock(names[i], true), -1);
    }
    assert_int_equal(file_read("/dev/null", 100, &data, &size, &e), ATT_OK);
    assert_int_equal(size, 0);
    mem_free(data);
}

static void text_has_no_zeros(void **state)
{
    (void)state;
    struct err e = {0};
    char *text;
    assert_int_equal(file_write_all("text", "a,b\n\0\0c,d\n", 10, &e), ATT_OK);
    assert_int_equal(file_read_text("text", 100, &text, &e), ATT_DATA);
    assert_null(text);
    assert_string_equal(
        e.text, "text is not text: byte 5 is 0; it may be damaged, so write it again");
    e = (struct err){0};
    assert_int_equal(file_write_all("text", "a,b\n", 4, &e), ATT_OK);
    assert_int_equal(file_read_text("text", 100, &text, &e), ATT_OK);
    assert_string_equal(text, "a,b\n");
    mem_free(text);
    unlink("text");
}

/* A file larger than the process may write: the write fails as on a full disk. */
static void test_too_large_to_write(void **state)
{
    (void)state;
    static char block[1 << 20];
    struct err e = {0};
    struct rlimit before, tight;
    int files = files_in(".");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = before;
    tight.rlim_cur = 1 << 18;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    att_status status = file_write_all("kept", block, sizeof block, &e);
    struct file_writer *w;
    struct err second = {0};
    assert_int_equal(file_create("kept", &w, &second), ATT_OK);
    assert_int_equal(file_write(w, block, sizeof block, &second), ATT_IO);
    int after_failure = files_in(".");
    err_clear(&second);
    assert_int_equal(file_write(w, "x", 1, &second),
        ATT_IO); /* still an error, so that no file with a hole appears */
    err_clear(&second);
    assert_int_equal(file_commit(w, &second), ATT_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, ATT_IO);
    assert_non_null(strstr(e.text, "kept: File too large; "));
    assert_int_equal(after_failure, files);
    assert_int_equal(files_in("."), files);
    check_file("kept", "kept");
}

static void test_full_disk(void **state)
{
    (void)state;
    struct err e = {0};
    if (access("/dev/full", W_OK)) skip();
    assert_int_equal(file_write_all("/dev/full", "x", 1, &e), ATT_IO);
    assert_string_equal(e.text,
        "cannot write /dev/full: No space left on device; free some space or choose another place");
}

static void test_sentences(void **state)
{
    (void)state;
    struct err e = {0};
    char *data;
    size_t size;
    struct file_list l;
    assert_int_equal(file_read("missing", 100, &data, &size, &e), ATT_IO);
    assert_string_equal(e.text, "missing does not exist; check the path");
    assert_null(data);
    err_clear(&e);
    assert_int_equal(file_read(".", 100, &data, &size, &e), ATT_IO);
    assert_string_equal(e.text, "cannot read .: Is a directory");
    err_clear(&e);
    assert_int_equal(file_list("missing", &l, &e), ATT_IO);
    assert_string_equal(e.text, "cannot list missing: No such file or directory; check the path");
    err_clear(&e);
    assert_int_equal(file_write_all("missing/x", "x", 1, &e), ATT_IO);
    assert_string_equal(
        e.text, "cannot write missing/x: No such file or directory; check the path");
    err_clear(&e);
    assert_int_equal(file_write_all(".", "x", 1, &e), ATT_IO);
    assert_string_equal(e.text, "cannot write .: it is a folder; name a file");
}

static void test_limit(void **state)
{
    (void)state;
    struct err e = {0};
    char *data;
    size_t size;
    assert_int_equal(file_write_all("ten", "0123456789", 10, &e), ATT_OK);
    assert_int_equal(file_read("ten", 10, &data, &size, &e), ATT_OK);
    assert_int_equal(size, 10);
    mem_free(data);
    assert_int_equal(file_read("ten", 9, &data, &size, &e), ATT_DATA);
    assert_string_equal(e.text, "ten is larger than the 9 bytes allowed for such a file");
    assert_null(data);
    err_clear(&e);
    assert_int_equal(
        file_read("/dev/zero", 1 << 20, &data, &size, &e), ATT_DATA); /* no end, no size */
}

static void test_pipe(void **state)
{
    (void)state;
    static char block[60000];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    memset(block, 'p', sizeof block - 1);
    assert_int_equal(write(ends[1], block, sizeof block - 1), sizeof block - 1);
    close(ends[1]);
    char *path = mem_text("/dev/fd/%d", ends[0]);
    check_file(path, block);
    mem_free(path);
    close(ends[0]);
}

static void test_folders(void **state)
{
    (void)state;
    struct err e = {0};
    struct file_list l;
    assert_int_equal(file_make_folders("x/y//z/", &e), ATT_OK);
    assert_int_equal(file_make_folders("x/y/z", &e), ATT_OK);
    assert_true(file_is_folder("x/y/z"));
    assert_false(file_is_folder("kept"));
    assert_false(file_is_folder("missing"));
    assert_int_equal(file_make_folders("/", &e), ATT_OK);
    assert_int_equal(file_make_folders("kept/below", &e), ATT_IO);
    assert_string_equal(e.text, "cannot make the folder kept: File exists");
    err_clear(&e);
    static const char *const names[] = {"b", "a10", "a2", "B", ".hidden", "\xc3\xa4"};
    for (int i = 0; i < 6; i++) {
        char *path = file_join("x/y/z/", names[i]);
        assert_int_equal(file_write_all(path, "", 0, &e), ATT_OK);
        mem_free(path);
    }
    assert_int_equal(file_list("x/y/z", &l, &e), ATT_OK);
    static const char *const sorted[] = {"B", "a10", "a2", "b", "\xc3\xa4"};
    assert_int_equal(l.count, 5);
    for (int i = 0; i < 5; i++) assert_string_equal(l.names[i], sorted[i]);
    file_list_free(&l);
    assert_int_equal(l.count, 0);
}

static void listed_folders_are_told(void **state)
{
    struct err e = {0};
    struct file_list l;
    (void)state;
    assert_int_equal(file_make_folders("told/a_folder", &e), ATT_OK);
    assert_int_equal(file_write_all("told/b_file", "", 0, &e), ATT_OK);
    assert_int_equal(symlink("a_folder", "told/c_folder_by_link"), 0);
    assert_int_equal(symlink("b_file", "told/d_link"), 0);
    assert_int_equal(symlink("nothing", "told/e_link"), 0);
    assert_int_equal(file_list("told", &l, &e), ATT_OK);
    assert_int_equal(l.count, 5);
    for (int i = 0; i < l.count; i++) {
        char *path = file_join("told", l.names[i]);
        assert_int_equal(file_listed_folder(l.names[i], path), strstr(path, "folder") != NULL);
        assert_int_equal(file_listed_folder(l.names[i], path), file_is_folder(path));
        mem_free(path);
    }
    file_list_free(&l);
}

static void test_many_names(void **state)
{
    (void)state;
    struct err e = {0};
    struct file_list l;
    assert_int_equal(file_make_folders("many", &e), ATT_OK);
    for (int i = 0; i < 200; i++) {
        char *path = mem_text("many/%03d", i);
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        fclose(f);
        mem_free(path);
    }
    assert_int_equal(file_list("many", &l, &e), ATT_OK);
    assert_int_equal(l.count, 200);
    for (int i = 0; i < 200; i++) assert_int_equal(atoi(l.names[i]), i);
    file_list_free(&l);
}

static void check_join(const char *folder, const char *name, const char *expected)
{
    char *path = file_join(folder, name);
    assert_string_equal(path, expected);
    mem_free(path);
}

static void test_names(void **state)
{
    (void)state;
    check_join("a", "b", "a/b");
    check_join("a/", "b", "a/b");
    check_join("", "b", "b");
    check_join("a", "/b", "/b");
    assert_string_equal(file_base("a/b.nii.gz"), "b.nii.gz");
    assert_string_equal(file_base("b"), "b");
    assert_string_equal(file_base("a/"), "");
    assert_true(file_ends("x.NII.gz", ".nii.gz"));
    assert_false(file_ends("x.nii", ".nii.gz"));
    assert_false(file_ends("gz", ".gz"));
}

static void test_crc(void **state)
{
    (void)state;
    assert_int_equal(
        file_crc(0, "123456789", 9), 0xcbf43926); /* the check value of CRC-32/ISO-HDLC */
    assert_int_equal(file_crc(file_crc(0, "1234", 4), "56789", 5), 0xcbf43926);
    assert_int_equal(file_crc(7, NULL, 0), 7);
}

static void appending(void **state)
{
    (void)state;
    char *text;
    size_t size;
    struct err e = {0};
    assert_int_equal(file_append("/nowhere/at/all", "x", 1, &e), ATT_IO);
    assert_non_null(strstr(e.text, "cannot write /nowhere/at/all"));
    err_clear(&e);
    char path[] = "/tmp/attunet-test-append-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && close(fd) == 0);
    assert_int_equal(file_append(path, "one\n", 4, &e), ATT_OK);
    assert_int_equal(file_append(path, "two", 3, &e), ATT_OK);
    assert_int_equal(file_read(path, 100, &text, &size, &e), ATT_OK);
    assert_string_equal(text, "one\ntwo");
    mem_free(text);
    assert_int_equal(unlink(path), 0);
    if (access("/dev/full", W_OK)) return;
    assert_int_equal(file_append("/dev/full", "x", 1, &e), ATT_IO);
    assert_non_null(strstr(e.text, "free some space"));
}

/* ---- what is on the disk */

static bool is_synced(const char *path) { return synced_at(path) >= 0; }

/* A file whose name is lost with the power is lost, whatever of it was synced. */
static void names_are_synced_with_what_they_name(void **state)
{
    (void)state;
    struct err e = {0};
    synced.count = 0;
    assert_int_equal(file_make_folders("s1/s2/s3", &e), ATT_OK);
    assert_true(is_synced(".") && is_synced("s1") && is_synced("s1/s2") && !is_synced("s1/s2/s3"));
    synced.count = 0;
    assert_int_equal(file_make_folders("s1/s2/s3", &e), ATT_OK);
    assert_int_equal(synced.count, 0);
    assert_int_equal(file_append_synced("s1/s2/log", "one", 3, &e), ATT_OK);
    assert_true(is_synced("s1/s2/log") && is_synced("s1/s2"));
    synced.count = 0;
    assert_int_equal(file_append_synced("s1/s2/log", "two", 3, &e), ATT_OK);
    assert_true(is_synced("s1/s2/log") && !is_synced("s1/s2"));
    synced.count = 0;
    assert_int_equal(file_append("s1/s2/other", "one", 3, &e), ATT_OK);
    assert_int_equal(synced.count, 0);
    assert_int_equal(file_write_all("s1/whole", "one", 3, &e), ATT_OK);
    assert_true(is_synced("s1/whole") && is_synced("s1"));
    synced.count = 0;
    assert_int_equal(file_rename("s1/whole", "s1/s2/whole", &e), ATT_OK);
    assert_true(is_synced("s1/s2"));
}

static void names_are_taken_until_one_fails(void **state)
{
    (void)state;
    struct err e = {0};
    static const char *const names[] = {"a", "b", "c", NULL}, *const none[] = {NULL};
    assert_int_equal(file_make_folders("each", &e), ATT_OK);
    assert_int_equal(file_each("each", none, file_make_inside, &e), ATT_OK);
    assert_int_equal(symlink("a", "each/c"), 0);
    assert_int_equal(file_each("each", names, file_make_inside, &e), ATT_IO);
    assert_true(file_is_folder("each/a") && file_is_folder("each/b"));
    assert_non_null(strstr(e.text, "each/c"));
    err_clear(&e);
    static const char *const later[] = {"c", "d", NULL};
    assert_int_equal(file_each("each", later, file_make_inside, &e), ATT_IO);
    assert_false(file_exists("each/d"));
}

static void test_going_back(void **state)
{
    (void)state;
    struct err e = {0};
    struct file_writer *w;
    char *data, part[8];
    size_t size, got;
    assert_int_equal(file_create("back", &w, &e), ATT_OK);
    assert_true(file_goes_back(w));
    assert_int_equal(file_write(w, "0123456789", 10, &e), ATT_OK);
    assert_int_equal(file_write_at(w, 2, "ab", 2, &e), ATT_OK);
    assert_int_equal(file_write_at(w, 8, "cdef", 4, &e), ATT_OK); /* over the end */
    assert_int_equal(file_write_at(w, 14, "g", 1, &e), ATT_OK);   /* behind it */
    assert_int_equal(file_written(w), 15);
    assert_int_equal(file_read_at(w, 7, part, 4, &got, &e), ATT_OK);
    assert_int_equal(got, 4);
    assert_memory_equal(part, "7cde", 4);
    assert_int_equal(file_read_at(w, 14, part, 8, &got, &e), ATT_OK);
    assert_int_equal(got, 1);
    assert_int_equal(file_write(w, "h", 1, &e), ATT_OK);
    assert_false(file_exists("back"));
    assert_int_equal(file_commit(w, &e), ATT_OK);
    assert_int_equal(file_read("back", 100, &data, &size, &e), ATT_OK);
    assert_int_equal(size, 16);
    assert_memory_equal(data, "01ab4567cdef\0\0gh", 16);
    mem_free(data);
    assert_int_equal(file_create("/dev/null", &w, &e), ATT_OK);
    assert_false(file_goes_back(w));
    file_abandon(w);
}

/* A full disk: what was there before stays, and nothing behind it. */
static void half_an_append_is_taken_back(void **state)
{
    (void)state;
    static char block[1 << 17];
    struct err e = {0};
    struct stat s;
    struct rlimit before, tight;
    unlink("log");
    for (int at_once = 0; at_once < 2; at_once++) {
        att_status (*append)(const char *, const void *, size_t, struct err *) =
            at_once ? file_append_synced : file_append;
        err_clear(&e);
        assert_int_equal(append("log", "row\n", 4, &e), ATT_OK);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
        tight = before;
        tight.rlim_cur = 1 << 16;
        signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
        const att_status status = append("log", block, sizeof block, &e);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(status, ATT_IO);
        assert_int_equal(stat("log", &s), 0);
        assert_int_equal(s.st_size, 4 * (at_once + 1));
    }
    unlink("log");
}

/* Whatever the umask says of new files. */
static void permissions_stay(void **state)
{
    (void)state;
    static const mode_t modes[] = {0600, 0640, 0666, 0444};
    struct err e = {0};
    struct stat s;
    const mode_t before = umask(022);
    unlink("modes");
    assert_int_equal(file_write_all("modes", "a", 1, &e), ATT_OK);
    assert_int_equal(stat("modes", &s), 0);
    assert_int_equal(s.st_mode & 0777, 0644);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(chmod("modes", modes[i]), 0);
        assert_int_equal(file_write_all("modes", "b", 1, &e), ATT_OK);
        assert_int_equal(stat("modes", &s), 0);
        assert_int_equal(s.st_mode & 0777, modes[i]);
    }
    assert_int_equal(chmod("modes", 0640), 0);
    if (chown("modes", (uid_t)-1, 1) ==
        0) { /* who may give files away may keep the group that reads it */
        assert_int_equal(file_write_all("modes", "c", 1, &e), ATT_OK);
        assert_int_equal(stat("modes", &s), 0);
        assert_true(s.st_gid == 1 && (s.st_mode & 0777) == 0640);
    }
    if (chown("modes", 1, 1) == 0) { /* root leaves a user's file to him */
        assert_int_equal(file_write_all("modes", "d", 1, &e), ATT_OK);
        assert_int_equal(stat("modes", &s), 0);
        assert_true(s.st_uid == 1 && s.st_gid == 1 && (s.st_mode & 0777) == 0640);
    }
    umask(before);
    unlink("modes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_and_read),
        cmocka_unit_test(test_pieces_of_all_sizes),
        cmocka_unit_test(test_abandoned),
        cmocka_unit_test(names_are_taken_until_one_fails),
        cmocka_unit_test(test_going_back),
        cmocka_unit_test(test_stale_temporary),
        cmocka_unit_test(test_links_and_devices),
        cmocka_unit_test(pipes_and_sockets_are_no_files),
        cmocka_unit_test(text_has_no_zeros),
        cmocka_unit_test(permissions_stay),
        cmocka_unit_test(half_an_append_is_taken_back),
        cmocka_unit_test(test_too_large_to_write),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_folders),
        cmocka_unit_test(listed_folders_are_told),
        cmocka_unit_test(test_many_names),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_crc),
        cmocka_unit_test(appending),
        cmocka_unit_test(names_are_synced_with_what_they_name),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
