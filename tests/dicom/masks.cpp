/* SPDX-License-Identifier: Apache-2.0 */
#include "masks.h"

#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;

std::string program;

bool says(const std::string &what) { return said.find(what) != std::string::npos; }

bool noisy;

int label_at(int x, int y, int k)
{
    if (noisy) {
        unsigned h = (unsigned)(x * 7919 + y * 104729 + k * 1299709 + 1);
        for (int i = 0; i < 3; i++) h = (h ^ h >> 15) * 2246822519u;
        return (int)(h >> 16) % 3;
    }
    if (k < 1 || x < 2 || y < 1) return 0;
    if (x == 4 && y == 3) return 2;
    const bool hole = x >= 4 && x <= 5 && y >= 3 && y <= 4;
    return x <= 7 && y <= 5 && !hole;
}

void put_mask(const std::string &volume_path, const std::string &path)
{
    volume v;
    volume_read(volume_path, v);
    std::vector<unsigned char> b(v.bytes.begin(), v.bytes.begin() + 352);
    b[70] = 2, b[71] = 0, b[72] = 8;
    for (int k = 0; k < v.size[2]; k++)
        for (int y = 0; y < v.size[1]; y++)
            for (int x = 0; x < v.size[0]; x++) b.push_back((unsigned char)label_at(x, y, k));
    std::ofstream(path, std::ios::binary).write((const char *)b.data(), (std::streamsize)b.size());
}

void make(const std::string &folder, std::function<void(recipe &)> f)
{
    recipe r;
    f(r);
    fs::create_directories(folder);
    recipe_write(r, folder);
}

words joined(words a, const words &b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

int label_errors(const std::string &path, bool shifted)
{
    volume v;
    if (!volume_read(path, v)) return -1;
    int wrong = 0;
    size_t at = 0;
    for (int k = 0; k < v.size[2]; k++)
        for (int y = 0; y < v.size[1]; y++)
            for (int x = 0; x < v.size[0]; x++) {
                const int column = x - 3 + k, row = y - 2 * k;
                const bool in = column >= 0 && column < 9 && row >= 0 && row < 7;
                wrong += v.value[at++] != (in || !shifted ? label_at(x, y, k) : 0);
            }
    return wrong;
}
