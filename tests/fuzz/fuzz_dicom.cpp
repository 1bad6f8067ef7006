/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a file as a DICOM series of its own, and as labels of a small series: whatever it holds,
 * there is a volume or a refusal. */
#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>

#include "elements.h"
#include "labels.h"
#include "recipe.h"
#include "set.h"

/* A folder for what is written, and a series in it. */
struct fuzz_place {
    char folder[32] = "/tmp/attunet-fuzz-XXXXXX";
    std::string out;
    study s;
    grid g;
    fuzz_place()
    {
        begin_reading();
        recipe r;
        if (!mkdtemp(folder) || !recipe_write(r, folder) || !freopen("/dev/null", "w", stdout))
            abort();
        out = std::string(folder) + "/out.nii";
        s = read_study(folder);
        g = arrange(s, choose(s, {}), {false, false});
    }
    ~fuzz_place()
    {
        for (const file &f : s.files) remove(f.path.c_str());
        remove(out.c_str());
        rmdir(folder);
    }
};

static void as_series(const std::string &path, const fuzz_place &at)
{
    const study s = read_study(path);
    const std::vector<stack> all = group(s);
    for (const stack &k : all) describe(s, k, all);
    const grid g = arrange(s, choose(s, {"largest"}), {true, true});
    if (g.planes.size() * g.area() < 1 << 24) write_volume(s, g, at.out);
}

static void as_labels(const std::string &path, const fuzz_place &at)
{
    const std::vector<label_file> labels = find_labels({path});
    for (const label_file &l : labels) labels_fit(l, at.s, group(at.s)[0].frames);
    if (!labels.empty()) read_labels(labels, at.s, at.g, number_names(labels));
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const fuzz_place place;
    char path[32];
    const int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    for (auto use : {as_series, as_labels}) {
        try {
            use(path, place);
        } catch (const refusal &r) {
            if (!*r.what()) abort();
        } catch (const std::bad_alloc &) { /* which the program says */
        }
    }
    close(fd);
    return 0;
}
