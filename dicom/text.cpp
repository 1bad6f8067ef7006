/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/ustring.h>
#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <new>
#include <random>

#include "series.h"

std::string text(const char *format, ...)
{
    char buffer[4096];
    va_list list;
    va_start(list, format);
    vsnprintf(buffer, sizeof buffer, format, list);
    va_end(list);
    return buffer;
}

std::string part_of(const std::string &path)
{
    struct stat s;
    if (lstat(path.c_str(), &s) == 0 && !S_ISREG(s.st_mode))
        throw refusal(EXIT_IO,
            text("cannot write %s: it is a link, a folder or a device; give another name",
                path.c_str()));
    std::random_device random;
    return path +
        text(".tmp-%ld-%06x%06x-0", (long)getpid(), random() & 0xffffff, random() & 0xffffff);
}

int open_regular(const std::string &path)
{
    struct stat s;
    const int fd = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || (fstat(fd, &s) == 0 && S_ISREG(s.st_mode))) return fd;
    close(fd);
    return -1;
}

std::string trimmed(const std::string &v)
{
    const size_t from = std::min(v.find_first_not_of(' '), v.size());
    return v.substr(from, v.find_last_not_of(' ') + 1 - from);
}

static bool is_utf8(const std::string &v)
{
    UErrorCode bad = U_ZERO_ERROR;
    u_strFromUTF8(nullptr, 0, nullptr, v.data(), (int)v.size(), &bad);
    return bad != U_INVALID_CHAR_FOUND;
}

/* As src/base/text.h has it. Bytes that are no letters would be lost on a screen, so printf has
 * their numbers. */
std::string shell_word(const std::string &word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";
    if (!word.empty() && word.find_first_not_of(plain) == word.npos) return word;
    const bool letters = is_utf8(word);
    std::string all = letters ? "'" : "\"$(printf '";
    for (const char c : word) {
        const bool outside = c == '\'' || c == '`'; /* `name` is an option in sentences */
        if (!letters && (outside || (c & 0x80) || c == '%' || c == '\\'))
            all += text("\\%03o", (unsigned)(unsigned char)c);
        else
            all += outside ? std::string("'\\") + c + "'" : std::string(1, c);
    }
    return all + (letters ? "'" : "')\"");
}

std::string shell_path(const std::string &path)
{
    return shell_word(path[0] == '-' ? "./" + path : path);
}

std::string tamed(std::string line)
{
    for (char &c : line)
        if ((unsigned char)c < ' ' || c == 127) c = '?';
    return line;
}

std::string first_letters(const std::string &v, size_t most)
{
    size_t at = 0, letters = 0;
    for (; at < v.size(); at++) {
        letters += (v[at] & 0xc0) != 0x80;
        if (letters > most) break;
    }
    return v.substr(0, at);
}

std::string name_key(const std::string &name)
{
    std::string key;
    UErrorCode bad = U_ZERO_ERROR;
    icu::StringByteSink<std::string> to(&key);
    const icu::Normalizer2 *fold = icu::Normalizer2::getNFKCCasefoldInstance(bad);
    if (U_SUCCESS(bad)) fold->normalizeUTF8(0, name, to, nullptr, bad);
    if (U_FAILURE(bad)) throw std::bad_alloc();
    const auto is_gap = [](char c) { return c == ' ' || c == '_'; };
    key.erase(std::remove_if(key.begin(), key.end(), is_gap), key.end());
    return key;
}

bool fits_value(const std::string &v, size_t most)
{
    for (const char c : v)
        if ((unsigned char)c < ' ' || c == 127 || c == '\\') return false;
    return v.find_first_not_of(' ') != v.npos && first_letters(v, most) == v;
}

static std::vector<std::string> *listening; /* null: standard output */

listener::listener(std::vector<std::string> &lines) : before_(listening) { listening = &lines; }

listener::~listener() { listening = before_; }

void say(const std::string &sentence)
{
    if (listening) return listening->push_back(sentence);
    std::string printed = sentence;
    for (char mark : {*names_mark, *names_end})
        printed.erase(std::remove(printed.begin(), printed.end(), mark), printed.end());
    printf("%s\n", tamed(printed).c_str());
}

void warn(const std::string &sentence) { say(warning_begin + sentence); }
