/* SPDX-License-Identifier: Apache-2.0 */
#include "volume.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

extern char **environ;

std::string said;
static int failed, passed;

template <typename T> static T get(const std::vector<unsigned char> &b, size_t at)
{
    T value;
    memcpy(&value, b.data() + at, sizeof value);
    return value;
}

static double sample(const std::vector<unsigned char> &b, size_t at, int type)
{
    switch (type) {
    case 4:
        return get<int16_t>(b, at);
    case 8:
        return get<int32_t>(b, at);
    case 16:
        return (double)get<float>(b, at);
    case 512:
        return get<uint16_t>(b, at);
    default:
        return b[at];
    }
}

bool volume_read(const std::string &path, volume &v)
{
    gzFile in = gzopen(path.c_str(), "rb");
    if (!in) return false;
    v.bytes.clear();
    unsigned char part[65536];
    for (int got; (got = gzread(in, part, sizeof part)) > 0;)
        v.bytes.insert(v.bytes.end(), part, part + got);
    gzclose(in);
    if (v.bytes.size() < 352) return false;
    size_t count = 1;
    for (size_t i = 0; i < 3; i++) {
        v.size[i] = get<int16_t>(v.bytes, 42 + 2 * i);
        count *= (size_t)v.size[i];
    }
    v.type = get<int16_t>(v.bytes, 70);
    v.in_mm = v.bytes[123] == 2 && get<int16_t>(v.bytes, 254) > 0;
    memcpy(v.affine, v.bytes.data() + 280, sizeof v.affine);
    if (v.type == 128) count *= 3;
    const size_t width = v.type == 2 || v.type == 128 ? 1 : v.type == 4 || v.type == 512 ? 2 : 4;
    if (v.bytes.size() != 352 + count * width) return false;
    v.value.resize(count);
    const double slope = (double)get<float>(v.bytes, 112),
                 intercept = (double)get<float>(v.bytes, 116);
    for (size_t i = 0; i < count; i++)
        v.value[i] = sample(v.bytes, 352 + i * width, v.type) * slope + intercept;
    return true;
}

std::string slurp(const std::string &path)
{
    std::ifstream in(path, std::ios::binary);
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
}

int run(const std::vector<std::string> &words)
{
    std::vector<char *> argv;
    for (const std::string &w : words) argv.push_back(const_cast<char *>(w.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, "said.out", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_addopen(&files, 2, "said.err", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    pid_t child;
    int status = -1;
    if (posix_spawn(&child, argv[0], &files, nullptr, argv.data(), environ) == 0)
        waitpid(child, &status, 0);
    posix_spawn_file_actions_destroy(&files);
    said = slurp("said.out") + slurp("said.err");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void check(bool good, const std::string &name, const std::string &what)
{
    good ? passed++ : failed++;
    if (!good) printf("not ok %s: %s\n   it said: %s\n", name.c_str(), what.c_str(), said.c_str());
}

int checked()
{
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
