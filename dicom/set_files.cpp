/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the files of a data set, so that they are whole and on the disk. */
#include "set_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "hash.h"
#include "series.h"

namespace fs = std::filesystem;

void make_folders(const std::string &path)
{
    std::error_code bad;
    fs::create_directories(path, bad);
    if (bad)
        throw refusal(EXIT_IO,
            text("cannot make the folder %s: %s; give another with attunet-dicom set -o",
                path.c_str(), bad.message().c_str()));
}

void settle(const std::string &path)
{
    for (const std::string &one : {path, fs::path(path).parent_path().string()}) {
        const int fd = open(one.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        const bool done = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL || errno == EROFS);
        const std::string why = strerror(errno);
        if (fd >= 0) close(fd);
        if (!done)
            throw refusal(EXIT_IO,
                text("cannot write %s: %s; check the folder and its disk", one.c_str(),
                    why.c_str()));
    }
}

void replace_text(const std::string &path, const std::string &content)
{
    const std::string part = part_of(path);
    std::ofstream out(part, std::ios::binary);
    out << content;
    out.close();
    std::error_code bad;
    if (out) settle(part);
    if (out) fs::rename(part, path, bad);
    if (out && !bad) return;
    remove(part.c_str());
    throw refusal(EXIT_IO, text("cannot write %s; check the folder and its disk", path.c_str()));
}

static std::string last_line(const std::string &lines)
{
    return text("= %016llx\n", (unsigned long long)fnv(lines.data(), lines.size()));
}

void write_list(const std::string &path, const std::string &lines)
{
    replace_text(path, lines + last_line(lines));
}

bool read_list(const std::string &path, std::string &lines)
{
    std::ifstream in(path, std::ios::binary);
    std::ostringstream all;
    all << in.rdbuf();
    lines = all.str();
    const size_t last = last_line("").size();
    if (lines.size() < last) return false;
    const std::string tail = lines.substr(lines.size() - last);
    lines.resize(lines.size() - last);
    return tail == last_line(lines);
}

turn::turn(const std::string &folder)
    : fd_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))
{
    while (fd_ >= 0 && flock(fd_, LOCK_EX) != 0 && errno == EINTR) continue;
}

turn::~turn()
{
    if (fd_ >= 0) close(fd_);
}
