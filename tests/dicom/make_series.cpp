/* SPDX-License-Identifier: Apache-2.0 */
/* make_series FOLDER [KEY=NUMBER...]: a series for scripts; the folder must exist. */
#include <cstdio>
#include <cstdlib>

#include "recipe.h"

static bool syntax_of(const std::string &name, E_TransferSyntax &to)
{
    std::vector<named_syntax> all = recipe_syntaxes();
    all.push_back({"deflated", EXS_DeflatedLittleEndianExplicit});
    for (const auto &one : all)
        if (name == one.name) {
            to = one.syntax;
            return true;
        }
    return false;
}

int main(int argc, char **argv)
{
    recipe r;
    if (argc < 2) return 2;
    for (int i = 2; i < argc; i++) {
        const std::string word = argv[i], key = word.substr(0, word.find('='));
        const std::string value = word.substr(key.size() + 1);
        const int n = atoi(value.c_str());
        if (key == "slices")
            r.slices = n;
        else if (key == "rows")
            r.rows = n;
        else if (key == "columns")
            r.columns = n;
        else if (key == "series")
            r.series = value;
        else if (key == "modality")
            r.modality = value;
        else if (key == "patient")
            r.patient = value;
        else if (key == "reference")
            r.reference = value;
        else if (key == "tilt")
            r.shear[1] = atof(value.c_str());
        else if (key == "intercept")
            r.intercept = {value};
        else if (key == "tag")
            r.tag = value;
        else if (key == "value")
            r.value = value;
        else if (key == "flat")
            r.positions = false;
        else if (key == "syntax" && syntax_of(value, r.syntax))
            recipe_codecs();
        else if (key == "photometric")
            r.photometric = value, r.allocated = r.stored = 8, r.high = 7;
        else if (key == "enhanced")
            r.multi = recipe::ENHANCED;
        else if (key == "segments")
            r.segments = n;
        else if (key == "noise")
            r.noise = true;
        else if (key == "reversed")
            r.reversed = true;
        else if (key == "missing") { /* the slice behind the first n */
            for (int k = 0; k < r.slices; k++) r.at.push_back(2.5 * (k + (k >= n)));
        } else if (key == "uneven") { /* the last slice is n tenths of a mm too far */
            for (int k = 0; k < r.slices; k++) r.at.push_back(2.5 * k);
            r.at.back() += 0.1 * n;
        } else {
            fprintf(stderr, "make_series: what is %s?\n", word.c_str());
            return 2;
        }
    }
    if (r.series != "1") r.prefix = "S" + r.series + "_";
    return recipe_write(r, argv[1]) ? 0 : 1;
}
