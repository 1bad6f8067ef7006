/* SPDX-License-Identifier: Apache-2.0 */
/* The words of file names. */
#include "dataset/pairing_words.h"

#include <string.h>

#include "base/text.h"
#include "dataset/names_tokens.h"

/* Words that say the same in every data set; what a word makes a second choice must look like one,
 * too (pairing_slots.c). A word of a name matches by its beginning ("seg*"), anywhere ("*mask*"),
 * or as a whole. */
static const char *const
    labels = "label* *label* *annot* anno *truth* gt* seg segs segm *segment* "
             "dseg semseg insseg lbl manual contour* outline* delineation* trimap* tracing* "
             "consensus gold target targets semantic* lesion lesions",
    *const masks = "*mask* msk roi rois fov",
    *const images = "image images img imgs raw rawdata original originals orig scan "
                    "scans input inputs photo photos volume volumes imaging "
                    "jpeg picture pictures",
    *const hands = "manual* corrected consensus gold expert* final* approved verified human* hand "
                   "fixed refined revised checked clean cleaned staple majority fused agreed",
    *const readers = "expert* reader* rater* annotator* observer* grader* radiolog*",
    *const truths = "*truth* gt",
    *const programs = "auto automat* machine* algorithm* computer* ai *unet* cnn",
    *const outlines = "contour* outline* edge edges boundar* border borders",
    *const versions = "v ver version* rev revision* new* updated*",
    *const seconds = "2nd 3rd second third",
    *const numbers = "instance* object* panoptic track* poly polygon*",
    *const colours = "color* colour* rgb vis palette",
    *const results = "overlay* predict* pred preds infer infers inferred inference* fake output "
                     "outputs result results preview* attention* gradcam* posteriors "
                     "thumb* superpixel* distance edge edges boundar* weight* "
                     "skeleton* scribble* visual* viz prob probab* heatmap* softmax "
                     "confidence saliency entropy uncertain* varianc* sdf sdm sdt edt pve",
    *const raws = "raw rawdata orig original* unprocessed",
    *const processed =
        "n3 n4 n4bfc n4itk bc bfc bias* unbias* norm normali* standardi* zscore* znorm whiten* "
        "denois* smooth* filtered clahe equal* histeq restore* enhanc* corrected preproc* "
        "processed brain bet stripped skullstrip* desc field derivative*",
    *const channels = "t1* t2* flair* pd dp gado* dwi adc b0 b1000 ct pet pt suv mr "
                      "mri swi dti cbf cbv tmax mtt c0 de lge cine dapi gfp "
                      "fitc cy3 cy5 tritc nir red green blue ir phase w1 w2",
    *const olds = "coarse old copy backup silver roi rois border borders "
                  "automat* approx* background void unstripped noisy unrefined uncorrected "
                  "dilat* erod* bbox* boxes",
    *const drafts = "draft* prelim* provisional wip contour* outline* trimap*",
    *const sides =
        "left right l r od os ou g d dx sx lt rt lh rh li re links rechts gauche droit droite "
        "izquierd* derech* izq der sinistr* destr* esquerd* direit* esq dir "
        "cc mlo",
    *const visits = "bl baseline up ant anterior posterior pre post preop postop before "
                    "after initial admission discharge "
                    "vorher nachher avant apres antes despues prima dopo "
                    "arterial venous portal* delay* art ven pv nc native ed es systol* diastol* "
                    "axial ax coronal cor sagittal sag", /* phases and planes, too */
        *const counted =
            "fu followup follow month months mo week weeks wk", /* visits with numbers */
            *const spans =
                "m mo month months w wk week weeks y yr year years h hr hrs hour hours day "
                "days ch deg x mm um nm kv", /* after a number */
                *const times =
                    "t d v w m day l c s z th", /* before a number; levels of a spine, too */
                    *const sessions = "visit visits ses session sessions tp timepoint exam besuch "
                                      "visita visite",
    *const copies = "aug* flip* hflip vflip rot rot90 rot180 rot270 rotat* mirror* crop* original "
                    "orig copy kopie copie copia noise noisy blur* bright* contrast* gamma "
                    "elastic* shear* jitter* dup* of",
    *const cuts = "slice slc sl section sec frame schicht schnitt coupe corte",
    *const slices = "s t z v", *const pictures = "im img image images scan roi",
    *const patients = "pat patient patients pt sub subj subject subjects case paciente pazient* "
                      "animal mouse rat donor specimen sample video vid clip "
                      "volume vol",
    *const places = "site center centre hospital clinic scanner vendor machine device class grade "
                    "type stage fold part set subset dataset batch category cate level",
    *const organs =
        "liver* hepat* spleen* splen* colon stomach* pancrea* kidney* renal lung* heart* "
        "prostat* uter* ovar* bladder* gallbladder* *esophag* duoden* rectum thyroid* "
        "breast* intestin* bowel* abdom* aorta* arter* vein* vesic* gland* retina*",
    *const conditions =
        "benign malignant normal abnormal *disease* *healthy sick control* ctrl "
        "*treated negative positive tumor* tumour* cancer* carcinoma* adenom* polyp* glioma* "
        "meningioma* pituitary nevus melanom* covid* pneumonia* bacteria* virus viral "
        "glaucom* drusen adipos* stroma* mucos* lymph* debris muscle epithel* necro* "
        "*crack* day night summer winter spring autumn cam* train* test*";

static bool word_fits(const char *rule, size_t length, const char *word)
{
    const bool open = *rule == '*', more = rule[length - 1] == '*';
    const char *core = rule + open;
    const size_t size = length - open - more, word_size = strlen(word);
    if (size > word_size) return false;
    if (!open) return strncmp(word, core, size) == 0 && (more || size == word_size);
    for (size_t at = 0; at + size <= word_size; at++)
        if (strncmp(word + at, core, size) == 0) return true;
    return false;
}

static bool in_list(const char *list, const char *word)
{
    for (const char *at = list; *at; at += *at == ' ') {
        const char *rule = at;
        while (*at && *at != ' ') at++;
        if ((*rule == *word || *rule == '*') && word_fits(rule, (size_t)(at - rule), word))
            return true;
    }
    return false;
}

/* A year, or the digits of a date. */
static bool is_date(const char *word)
{
    enum { YEAR = 4, DAY = 6 };
    const size_t length = strspn(word, "0123456789");
    const bool century = strncmp(word, "19", 2) == 0 || strncmp(word, "20", 2) == 0;
    return !word[length] && (length >= DAY || (length == YEAR && century));
}

/* `whole`: between separators; `ids`: numbers of it follow. */
static void take_word(struct words *w, const char *word, bool whole, bool ids)
{
    const int split = in_list("tr train training *train", word)                   ? WORDS_TRAIN
        : in_list("ts test tests testing testset testdata holdout heldout", word) ? WORDS_TEST
        : in_list("val valid validation validate validating valset tuning", word) ? WORDS_VAL
                                                                                  : 0;
    if (split) w->split = w->split && w->split != split ? WORDS_SPLITS : split;
    const bool unlabelled = in_list("unlabel* unannotated", word);
    w->unlabelled |= unlabelled;
    w->label |= in_list(labels, word) && !unlabelled;
    w->mask |= in_list(masks, word) && strcmp(word, "masked") != 0; /* an image */
    w->image |= in_list(images, word);
    const bool people = (ids || strstr(word, "ids")) && in_list("human* hand", word);
    w->hand |= in_list(hands, word) && !people;
    w->reader |= in_list(readers, word);
    w->truth |= in_list(truths, word);
    w->second |= in_list(seconds, word);
    w->program |= in_list(programs, word);
    w->outline |= in_list(outlines, word);
    w->dated |= in_list(versions, word) || is_date(word);
    w->raw |= in_list(raws, word);
    w->channel |= in_list(channels, word);
    w->soft |= strcmp(word, "soft") == 0;
    w->hard |= strcmp(word, "hard") == 0;
    const int rank = in_list(results, word) ? WORDS_RESULT
        : in_list(colours, word)            ? 4
        : in_list(numbers, word)            ? 3
        : in_list(drafts, word)             ? 2
        : in_list(olds, word)               ? 1
                                            : 0;
    if (rank > w->rank && (whole || strlen(word) > 2)) w->rank = rank;
}

static bool tokens_joined(const struct token *token, int i)
{
    return token[i].from == token[i - 1].from + token[i - 1].length;
}

/* "Ids" follows, as in "Human_ids", which number people. */
static bool before_ids(struct span s, int at)
{
    while (at < s.length && tokens_is_mark(s.text[at])) at++;
    return at < s.length &&
        (text_begins(s.text + at, "ids") || text_begins(s.text + at, "instance"));
}

/* Each token, and the letters and digits between separators as one word. */
static void take_text(struct words *w, struct span s)
{
    enum { LONGEST = 40 };
    struct token token[TOKENS];
    const int count = tokens_split(s, token);
    for (int i = 0; i < count; i++)
        for (int end = i; end < count && token[end].word && (end == i || tokens_joined(token, end));
             end++) {
            char word[LONGEST];
            const int from = token[i].from, length = token[end].from + token[end].length - from;
            if (length >= LONGEST) break;
            for (int k = 0; k < length; k++) word[k] = text_lower(s.text[from + k]);
            word[length] = 0;
            const bool whole = (i == 0 || !token[i - 1].word || !tokens_joined(token, i)) &&
                (end + 1 == count || !token[end + 1].word || !tokens_joined(token, end + 1));
            take_word(w, word, whole, before_ids(s, from + length));
            w->count += whole;
        }
}

struct words words_of_text(struct span s)
{
    struct words w = {.count = 0};
    take_text(&w, s);
    return w;
}

struct words words_of(const struct pattern *p)
{
    struct words w = {.count = 0};
    for (int i = 0; i < p->count; i++)
        if (p->piece[i].var < 0) take_text(&w, p->piece[i].text);
    return w;
}

static int digits_from(struct span s, int at)
{
    int end = at;
    while (end < s.length && text_is_digit(s.text[end])) end++;
    return end - at;
}

/* The number at a byte belongs to a version, as v1.2, or to a date that begins with its year. */
static bool is_dated(struct span s, int at)
{
    enum { LONGEST = 8 };
    int first = at, from;
    char word[LONGEST + 1] = "";
    for (int i = at; i > 0 && (text_is_digit(s.text[i - 1]) || strchr("_-. ", s.text[i - 1])); i--)
        if (text_is_digit(s.text[i - 1])) first = i - 1;
    const int length = digits_from(s, first);
    for (int i = 0; i < length && i < LONGEST; i++) word[i] = s.text[first + i];
    if (is_date(word)) return length <= LONGEST && (*word == '1' || *word == '2');
    while (first > 0 && strchr("_-. ", s.text[first - 1])) first--;
    for (from = first; from > 0 && first - from < LONGEST; from--)
        if (text_lower(s.text[from - 1]) < 'a' || text_lower(s.text[from - 1]) > 'z') break;
    for (int i = from; i < first; i++) word[i - from] = text_lower(s.text[i]);
    word[first - from] = 0;
    return in_list(versions, word);
}

int words_newer(struct span a, struct span b)
{
    int i = 0, k = 0;
    while (i < a.length && k < b.length) {
        const int m = digits_from(a, i), n = digits_from(b, k);
        if (!m != !n || (!m && a.text[i] != b.text[k])) return 0;
        const struct span x = {a.text + i, m}, y = {b.text + k, n};
        if (m && span_order(x, y)) {
            const bool longer = m > n || (m == n && span_order(x, y) > 0);
            return !is_dated(a, i) || !is_dated(b, k) ? 0 : longer ? 1 : -1;
        }
        i += m ? m : 1;
        k += n ? n : 1;
    }
    return 0;
}

bool words_is_year(struct span s)
{
    return s.length == 4 && span_is_digits(s) &&
        (strncmp(s.text, "19", 2) == 0 || strncmp(s.text, "20", 2) == 0);
}

enum { LONGEST = 16 };

/* "" for longer ones, which are in no list. */
static void small_letters(struct span s, char word[LONGEST + 1])
{
    const int length = s.length <= LONGEST ? s.length : 0;
    for (int i = 0; i < length; i++) word[i] = text_lower(s.text[i]);
    word[length] = 0;
}

bool words_is_counted(struct span s)
{
    char word[LONGEST + 1];
    small_letters(s, word);
    return in_list(counted, word);
}

/* The letters before the number at the end of a word; "" for another one. */
static void letters_before(struct span s, char word[LONGEST + 1])
{
    small_letters(s, word);
    const size_t letters = strcspn(word, "0123456789");
    if (word[letters + strspn(word + letters, "0123456789")]) *word = 0;
    word[letters] = 0;
}

static bool letters_are_in(const char *list, struct span s)
{
    char word[LONGEST + 1];
    letters_before(s, word);
    return in_list(list, word);
}

bool words_name_organ(struct span s)
{
    struct token token[TOKENS];
    bool found = false;
    for (int i = tokens_split(s, token) - 1; i >= 0 && !found; i--) {
        char word[LONGEST + 1];
        small_letters((struct span){s.text + token[i].from, token[i].length}, word);
        found = token[i].word && in_list(organs, word);
    }
    return found;
}

bool words_is_condition(struct span s) { return letters_are_in(conditions, s); }

bool words_is_time(struct span s)
{
    return letters_are_in(times, s) && text_is_digit(s.text[s.length - 1]);
}

bool words_is_cut(struct span s) { return letters_are_in(cuts, s); }

bool words_is_long(struct span s)
{
    enum { LONG = 4 };
    char word[LONGEST + 1];
    letters_before(s, word);
    return strlen(word) >= LONG;
}

/* The kind of a word of letters; `alone`: without a number. */
static enum word_kind kind_of_letters(const char *word, bool alone)
{
    return in_list(patients, word)                                                ? WORD_PATIENT
        : in_list(places, word)                                                   ? WORD_PLACE
        : alone && in_list(sides, word)                                           ? WORD_SIDE
        : in_list(visits, word) || in_list(counted, word)                         ? WORD_VISIT
        : in_list(copies, word)                                                   ? WORD_COPY
        : in_list(sessions, word)                                                 ? WORD_SESSION
        : in_list(slices, word) || in_list(cuts, word) || in_list(pictures, word) ? WORD_SLICE
                                                                                  : WORD_OTHER;
}

bool words_is_lettered(struct span s)
{
    char word[LONGEST + 1];
    const char last = s.length > 1 ? s.text[s.length - 1] : 'a';
    if (last < 'A' || last > 'Z' || s.text[s.length - 2] != text_lower(s.text[s.length - 2]))
        return false;
    small_letters((struct span){s.text, s.length - 1}, word);
    return *word && in_list(patients, word);
}

enum word_kind words_kind(struct span s)
{
    enum { DAY = 8 };
    char word[LONGEST + 1];
    small_letters(s, word);
    const size_t before = strspn(word, "0123456789");
    if (!*word) return s.length && digits_from(s, 0) == s.length ? WORD_NUMBER : WORD_OTHER;
    if (words_is_year(s) ||
        (before == DAY && words_is_year((struct span){word, 4}) &&
            (!word[DAY] || word[DAY] == 't')))
        return WORD_SESSION;
    if (!word[before]) return WORD_NUMBER;
    if (before) return in_list(spans, word + before) ? WORD_VISIT : WORD_OTHER;
    const size_t letters = strcspn(word, "0123456789");
    const bool channel = in_list(channels, word), alone = !word[letters];
    if (channel && (alone || words_is_channel(s))) return WORD_CHANNEL;
    letters_before(s, word);
    if (alone && words_is_lettered(s)) return WORD_PATIENT;
    const enum word_kind kind = *word ? kind_of_letters(word, alone) : WORD_OTHER;
    return kind == WORD_OTHER && alone && words_of_text(s).split ? WORD_SPLIT : kind;
}

bool words_is_split(struct span s)
{
    char word[LONGEST + 1];
    small_letters(s, word);
    word[strcspn(word, "0123456789_- ")] = 0;
    return in_list("fold folds kfold", word) || words_of_text(s).split ||
        (s.length < 2 && !text_is_digit(*s.text));
}

bool words_is_channel(struct span s)
{
    enum { SHORT = 3 };
    char word[SHORT + 1] = "";
    for (int i = 0; i < s.length && s.length <= SHORT; i++) word[i] = text_lower(s.text[i]);
    const bool numbered = strspn(word + 1, "0123456789") > 1;
    return *word && !numbered && in_list(channels, word);
}

static const struct {
    const char *name, *words;
} modalities[WORDS_MODALITIES] = {
    {"CT", "ct cect ncct cbct ldct"},
    {"MR", "mr mri flair dwi adc"},
    {"ultrasound", "us ultrasound* sonogra* echocardio*"},
    {"PET", "pet"},
    {"X-ray", "xray* cxr radiograph* mammogra*"},
    {"fundus photos", "fundus"},
    {"OCT", "oct octa"},
    {"endoscopy", "*endoscop* colonoscop* gastroscop* laparoscop*"},
};

unsigned words_modalities(struct span name)
{
    struct token token[TOKENS];
    unsigned found = 0;
    for (int i = tokens_split(name, token) - 1; i >= 0; i--) {
        char word[LONGEST + 1];
        small_letters((struct span){name.text + token[i].from, token[i].length}, word);
        for (int k = 0; k < WORDS_MODALITIES && token[i].word; k++)
            if (in_list(modalities[k].words, word)) found |= 1U << k;
    }
    return found;
}

const char *words_modality_name(int bit) { return modalities[bit].name; }

/* The next word of letters in the literals, from piece *i and byte *at on. */
static bool next_word(const struct pattern *p, int *i, int *at, struct span *word)
{
    for (; *i < p->count; ++*i, *at = 0) {
        struct token token[TOKENS];
        const struct span *s = &p->piece[*i].text;
        const int count = p->piece[*i].var < 0 ? tokens_split(*s, token) : 0;
        for (int k = 0; k < count; k++) {
            const char c = s->text[token[k].from];
            if (token[k].from < *at || !token[k].word || text_is_digit(c)) continue;
            *at = token[k].from + token[k].length;
            *word = (struct span){s->text + token[k].from, token[k].length};
            return true;
        }
    }
    return false;
}

/* "mask" and "Masks" are the same. */
static bool same_letters(struct span a, struct span b)
{
    const struct span *longer = a.length > b.length ? &a : &b;
    const int length = a.length + b.length - longer->length;
    if (longer->length > length + 1) return false;
    if (longer->length > length && (length < 3 || text_lower(longer->text[length]) != 's'))
        return false;
    for (int i = 0; i < length; i++)
        if (text_lower(a.text[i]) != text_lower(b.text[i])) return false;
    return true;
}

static bool literals_have(const struct pattern *p, struct span word)
{
    struct span own;
    for (int i = 0, at = 0; next_word(p, &i, &at, &own);)
        if (same_letters(own, word)) return true;
    return false;
}

/* Some word of a, of so many letters or more, is in b, or is not. */
static bool some_word(const struct pattern *a, const struct pattern *b, bool there, int letters)
{
    struct span word;
    for (int i = 0, at = 0; next_word(a, &i, &at, &word);)
        if (word.length >= letters && literals_have(b, word) == there) return true;
    return false;
}

bool words_shared(const struct pattern *a, const struct pattern *b)
{
    return some_word(a, b, true, 2);
}

bool words_missing(const struct pattern *a, const struct pattern *b)
{
    return some_word(a, b, false, 1);
}

static bool equal_from(struct span a, int i, struct span b, int k)
{
    return span_order((struct span){a.text + i, a.length - i},
               (struct span){b.text + k, b.length - k}) == 0;
}

/* At the first byte that differs, they have folders A and B. */
static bool have_a_and_b(struct span a, struct span b, int at)
{
    if (at + 1 >= a.length || at + 1 >= b.length || (at > 0 && !tokens_is_mark(a.text[at - 1])))
        return false;
    const char x = a.text[at], y = b.text[at];
    return ((x == 'A' && y == 'B') || (x == 'B' && y == 'A')) && a.text[at + 1] == '/' &&
        equal_from(a, at + 1, b, at + 1);
}

bool words_count_channels(struct span a, struct span b)
{
    int from = 0, word, i, k;
    while (from < a.length && from < b.length && a.text[from] == b.text[from]) from++;
    if (have_a_and_b(a, b, from)) return true;
    while (from > 0 && text_is_digit(a.text[from - 1])) from--;
    for (i = from; i < a.length && text_is_digit(a.text[i]);) i++;
    for (k = from; k < b.length && text_is_digit(b.text[k]);) k++;
    for (word = from; word > 0 && text_is_letter(a.text[word - 1]);) word--;
    char letters[LONGEST + 1];
    letters_before((struct span){a.text + word, i - word}, letters);
    return i > from && k > from && (word == 0 || tokens_is_mark(a.text[word - 1])) &&
        in_list("c ch chan channel", letters) && !equal_from(a, from, b, from) &&
        equal_from(a, i, b, k);
}

/* The words of a that b lacks name formats; *some: there are such; *named: each in a part of the
 * path that names labels. */
static bool lack_formats(const struct pattern *a, const struct pattern *b, bool *some, bool *named)
{
    struct span own;
    for (int i = 0, at = 0; next_word(a, &i, &at, &own);) {
        const struct span all = a->piece[i].text;
        struct span part = own;
        char word[LONGEST + 1];
        small_letters(own, word);
        if (literals_have(b, own)) continue;
        if (!in_list("jpeg jpg png tif tiff bmp gif webp nii nifti nrrd mha npy ppm", word))
            return false;
        for (; part.text > all.text && part.text[-1] != '/'; part.length++) part.text--;
        while (part.text + part.length < all.text + all.length && part.text[part.length] != '/')
            part.length++;
        const struct words w = words_of_text(part);
        *named &= w.label || w.mask;
        *some = true;
    }
    return true;
}

bool words_are_formats(const struct pattern *a, const struct pattern *b, bool *named)
{
    bool some = false;
    *named = true;
    return lack_formats(a, b, &some, named) && lack_formats(b, a, &some, named) && some;
}

bool words_are_plainer(struct span a, struct span b)
{
    struct token x[TOKENS], y[TOKENS];
    const int m = tokens_split(a, x), n = tokens_split(b, y);
    int i = 0, more = 0;
    for (int k = 0; k < n; k++) {
        const bool same = i < m && x[i].hash == y[k].hash;
        i += same;
        more += !same && y[k].word;
    }
    return i == m && more > 0;
}

/* The next word between marks from *at on that says nothing of processing; *more: how many before
 * it do. Empty: none is left. */
static struct span next_plain(struct span s, int *at, int *more)
{
    for (;; ++*more) {
        char word[LONGEST + 1];
        int from = *at;
        while (from < s.length && tokens_is_mark(s.text[from])) from++;
        for (*at = from; *at < s.length && !tokens_is_mark(s.text[*at]);) ++*at;
        const struct span own = {s.text + from, *at - from};
        small_letters(own, word);
        if (!in_list(processed, word) && !in_list(raws, word)) return own;
    }
}

bool words_are_versions(struct span a, struct span b, int *more)
{
    struct span x, y;
    int i = 0, k = 0, fewer = 0;
    *more = 0;
    do {
        x = next_plain(a, &i, &fewer);
        y = next_plain(b, &k, more);
    } while (x.length && span_same_letters(x, y));
    *more -= fewer;
    return !x.length && !y.length;
}

bool words_have_same_letters(struct span a, struct span b)
{
    static const char other[] = "0123456789_-. ()#";
    int i = 0, k = 0;
    for (;; i++, k++) {
        while (i < a.length && strchr(other, a.text[i])) i++;
        while (k < b.length && strchr(other, b.text[k])) k++;
        if (i == a.length || k == b.length) return i == a.length && k == b.length;
        if (a.text[i] != b.text[k]) return false;
    }
}

bool words_are_twins(struct span a, struct span b)
{
    struct token x[TOKENS], y[TOKENS];
    const int count = tokens_split(a, x);
    bool twins = tokens_split(b, y) == count;
    for (int i = 0; i < count && twins; i++) {
        const char *s = a.text + x[i].from, *t = b.text + y[i].from;
        const bool letters = x[i].word && x[i].length == 1 && y[i].word && y[i].length == 1;
        twins = x[i].hash == y[i].hash || letters || (text_is_digit(*s) && text_is_digit(*t));
    }
    return twins;
}
