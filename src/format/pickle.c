/* SPDX-License-Identifier: Apache-2.0 */
/* An interpreter of pickle opcodes (see Python's Lib/pickletools.py): a stack of values with marks,
 * and a memo. */
#include "format/pickle.h"

#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"

enum {
    MAX_VALUES = 1 << 20,
    MARK = -1,
    NONE = -1
}; /* values, items and memos of a checkpoint are some ten thousand */

struct machine {
    const unsigned char *at, *end, *begin;
    struct pickle *p;
    size_t values_room, items_room, stack_room, memo_room;
    int *stack, depth;
    int *memo, memos;
    bool no_memory, broken, too_large;
};

static bool pickle_reach(struct machine *m, void *list, size_t *room, int i, size_t size)
{
    if (i >= MAX_VALUES)
        m->broken = m->too_large = true;
    else if (mem_reach(list, room, (size_t)i + 1, size, NULL, NULL) != ATT_OK)
        m->no_memory = !m->broken;
    return (size_t)i < *room;
}

static int pickle_make(struct machine *m, enum pickle_kind kind)
{
    struct pickle *p = m->p;
    if (!pickle_reach(m, &p->values, &m->values_room, p->count, sizeof *p->values)) return 0;
    p->values[p->count] = (struct pickle_value){.kind = kind, .first = NONE, .last = NONE};
    return p->count++;
}

static void add_item(struct machine *m, int to, int key, int value)
{
    struct pickle *p = m->p;
    if (!pickle_reach(m, &p->items, &m->items_room, p->item_count, sizeof *p->items)) return;
    const int item = p->item_count++;
    struct pickle_value *v = &p->values[to];
    p->items[item] = (struct pickle_item){key, value, NONE};
    if (v->last == NONE)
        v->first = item;
    else
        p->items[v->last].next = item;
    v->last = item;
}

static void pickle_push(struct machine *m, int value)
{
    if (pickle_reach(m, &m->stack, &m->stack_room, m->depth, sizeof *m->stack))
        m->stack[m->depth++] = value;
}

static int pop(struct machine *m)
{
    if (m->depth > 0 && m->stack[m->depth - 1] != MARK) return m->stack[--m->depth];
    m->broken = true;
    return 0;
}

static int top(struct machine *m)
{
    const int value = pop(m);
    if (!m->broken) m->depth++;
    return value;
}

/* Index of the first value above the last mark. */
static int since_mark(struct machine *m)
{
    int at = m->depth;
    while (at > 0 && m->stack[at - 1] != MARK) at--;
    m->broken = m->broken || at == 0;
    return at;
}

static void drop_to_mark(struct machine *m, int from) { m->depth = from > 0 ? from - 1 : 0; }

static const unsigned char *pickle_take(struct machine *m, uint64_t count)
{
    const unsigned char *at = m->at;
    if (count > (uint64_t)(m->end - m->at)) {
        m->broken = true;
        return NULL;
    }
    m->at += count;
    return at;
}

static uint64_t take_number(struct machine *m, int bytes)
{
    const unsigned char *at = pickle_take(m, (uint64_t)bytes);
    return at ? bytes_number(at, bytes, false) : 0;
}

static void push_int(struct machine *m, int64_t number)
{
    const int v = pickle_make(m, PICKLE_INT);
    if (m->p->count) m->p->values[v].number = number;
    pickle_push(m, v);
}

/* Integers of more than 64 bits, which tensors do not have. */
static void push_long(struct machine *m, uint64_t bytes)
{
    const unsigned char *at = pickle_take(m, bytes);
    uint64_t n = 0;
    if (!at) return;
    for (uint64_t i = 0; i < 8; i++)
        n |= (uint64_t)(i < bytes ? at[i] : bytes && at[bytes - 1] >= 128 ? 255 : 0) << 8 * i;
    if (bytes > 8)
        pickle_push(m, pickle_make(m, PICKLE_OTHER));
    else
        push_int(m, (int64_t)n);
}

static void push_text(struct machine *m, uint64_t bytes)
{
    const unsigned char *at = pickle_take(m, bytes);
    const int v = pickle_make(m, PICKLE_TEXT);
    if (!at || !m->p->count) return;
    m->p->values[v].text = (const char *)at;
    m->p->values[v].length = (size_t)bytes;
    pickle_push(m, v);
}

/* A name made of two texts, the last on the stack. */
static void push_name(struct machine *m)
{
    const int name = pop(m), module = pop(m), v = pickle_make(m, PICKLE_NAME);
    if (m->broken || m->no_memory) return;
    add_item(m, v, NONE, module);
    add_item(m, v, NONE, name);
    pickle_push(m, v);
}

/* A text up to the end of its line. */
static void push_line(struct machine *m)
{
    const unsigned char *end = memchr(m->at, '\n', (size_t)(m->end - m->at));
    if (end) push_text(m, (uint64_t)(end - m->at));
    if (!end) m->broken = true;
    pickle_take(m, 1);
}

static void push_lines_name(struct machine *m)
{
    push_line(m);
    if (!m->broken) push_line(m);
    if (!m->broken) push_name(m);
}

static void push_list(struct machine *m, int from)
{
    const int list = pickle_make(m, PICKLE_LIST);
    for (int i = from; i < m->depth; i++) add_item(m, list, NONE, m->stack[i]);
    m->depth = from;
    pickle_push(m, list);
}

static void pickle_append(struct machine *m, int list, int value)
{
    if (m->p->values[list].kind == PICKLE_LIST) add_item(m, list, NONE, value);
}

static void set_item(struct machine *m, int dict, int key, int value)
{
    if (m->p->values[dict].kind == PICKLE_DICT) add_item(m, dict, key, value);
}

static void appends(struct machine *m)
{
    const int from = since_mark(m), depth = m->depth;
    drop_to_mark(m, from);
    const int list = top(m);
    for (int i = from; i < depth && !m->broken; i++) pickle_append(m, list, m->stack[i]);
}

static void set_items(struct machine *m)
{
    const int from = since_mark(m), depth = m->depth;
    drop_to_mark(m, from);
    const int dict = top(m);
    m->broken = m->broken || (depth - from) % 2;
    for (int i = from; i < depth && !m->broken; i += 2)
        set_item(m, dict, m->stack[i], m->stack[i + 1]);
}

/* Make a value of another kind with the same items. */
static int same_items(struct machine *m, int of, enum pickle_kind kind)
{
    const int v = pickle_make(m, kind);
    if (m->p->count) {
        m->p->values[v].first = m->p->values[of].first;
        m->p->values[v].last = m->p->values[of].last;
    }
    return v;
}

static bool named(const struct machine *m, int value, const char *module, const char *name)
{
    const struct pickle_value *v = &m->p->values[value];
    return v->kind == PICKLE_NAME && pickle_is(pickle_at(m->p, v, 0), module) &&
        pickle_is(pickle_at(m->p, v, 1), name);
}

static void call(struct machine *m)
{
    const int arguments = pop(m), what = pop(m);
    if (m->broken) return;
    const struct pickle_value *first = pickle_at(m->p, &m->p->values[arguments], 0);
    if (named(m, what, "torch._utils", "_rebuild_tensor_v2"))
        pickle_push(m, same_items(m, arguments, PICKLE_TENSOR));
    else if (named(m, what, "torch._utils", "_rebuild_parameter") && first)
        pickle_push(m, (int)(first - m->p->values));
    else
        pickle_push(m,
            pickle_make(m,
                named(m, what, "collections", "OrderedDict") && !first ? PICKLE_DICT
                                                                       : PICKLE_OTHER));
}

static void persistent(struct machine *m)
{
    const int tuple = pop(m);
    if (!m->broken) pickle_push(m, same_items(m, tuple, PICKLE_STORAGE));
}

static void remember(struct machine *m, uint64_t index)
{
    const int value = top(m);
    if (index >= MAX_VALUES) m->broken = m->too_large = true;
    if (m->broken) return;
    if (!pickle_reach(m, &m->memo, &m->memo_room, (int)index, sizeof *m->memo)) return;
    for (; m->memos <= (int)index; m->memos++) m->memo[m->memos] = NONE;
    m->memo[index] = value;
}

static void recall(struct machine *m, uint64_t index)
{
    if (index >= (uint64_t)m->memos || m->memo[index] == NONE)
        m->broken = true;
    else
        pickle_push(m, m->memo[index]);
}

/* Replace `count` values by an unknown one. */
static void pickle_replace(struct machine *m, int count)
{
    for (int i = 0; i < count; i++) pop(m);
    pickle_push(m, pickle_make(m, PICKLE_OTHER));
}

static void tuple_of(struct machine *m, int count)
{
    for (int i = 1; i <= count; i++)
        m->broken = m->broken || m->depth < i || m->stack[m->depth - i] == MARK;
    if (!m->broken) push_list(m, m->depth - count);
}

static void set_one(struct machine *m)
{
    const int value = pop(m), key = pop(m), dict = top(m);
    if (!m->broken) set_item(m, dict, key, value);
}

static void append_one(struct machine *m)
{
    const int value = pop(m), list = top(m);
    if (!m->broken) pickle_append(m, list, value);
}

/* Drop the mark and all above it. */
static void drop(struct machine *m) { drop_to_mark(m, since_mark(m)); }

static void replace_from_mark(struct machine *m)
{
    drop(m);
    pickle_push(m, pickle_make(m, PICKLE_OTHER));
}

static void tuple_from_mark(struct machine *m)
{
    const int from = since_mark(m);
    if (m->broken) return;
    push_list(m, from);
    if (m->broken || m->no_memory) return;
    m->stack[m->depth - 2] = m->stack[m->depth - 1]; /* over the mark */
    m->depth--;
}

static void push_bytes(struct machine *m, uint64_t count)
{
    if (pickle_take(m, count)) pickle_push(m, pickle_make(m, PICKLE_OTHER));
}

static bool step_of_numbers(struct machine *m, int op)
{
    switch (op) {
    case 'J':
        push_int(m, (int32_t)take_number(m, 4));
        return true;
    case 'K':
        push_int(m, (int64_t)take_number(m, 1));
        return true;
    case 'M':
        push_int(m, (int64_t)take_number(m, 2));
        return true;
    case 0x8a:
        push_long(m, take_number(m, 1));
        return true;
    case 0x8b:
        push_long(m, take_number(m, 4));
        return true;
    case 'G':
        push_bytes(m, 8);
        return true;
    case 'N':
    case 0x88:
    case 0x89:
        pickle_push(m, pickle_make(m, PICKLE_OTHER));
        return true; /* None, True, False */
    default:
        return false;
    }
}

static bool step_of_texts(struct machine *m, int op)
{
    switch (op) {
    case 'X':
        push_text(m, take_number(m, 4));
        return true;
    case 0x8c:
        push_text(m, take_number(m, 1));
        return true;
    case 0x8d:
        push_text(m, take_number(m, 8));
        return true;
    case 'U':
    case 'C':
        push_bytes(m, take_number(m, 1));
        return true;
    case 'T':
    case 'B':
        push_bytes(m, take_number(m, 4));
        return true;
    case 0x8e:
    case 0x96:
        push_bytes(m, take_number(m, 8));
        return true;
    case 'c':
        push_lines_name(m);
        return true;
    case 0x93:
        push_name(m);
        return true;
    default:
        return false;
    }
}

static bool step_of_containers(struct machine *m, int op)
{
    switch (op) {
    case '}':
        pickle_push(m, pickle_make(m, PICKLE_DICT));
        return true;
    case ']':
    case ')':
        pickle_push(m, pickle_make(m, PICKLE_LIST));
        return true;
    case 0x8f:
        pickle_push(m, pickle_make(m, PICKLE_OTHER));
        return true; /* a set */
    case 't':
        tuple_from_mark(m);
        return true;
    case 0x85:
    case 0x86:
    case 0x87:
        tuple_of(m, op - 0x84);
        return true;
    case 'a':
        append_one(m);
        return true;
    case 'e':
        appends(m);
        return true;
    case 's':
        set_one(m);
        return true;
    case 'u':
        set_items(m);
        return true;
    case 0x90:
        drop(m);
        return true; /* add to a set */
    case 0x91:
        replace_from_mark(m);
        return true; /* a frozen set */
    default:
        return false;
    }
}

static bool step_of_objects(struct machine *m, int op)
{
    switch (op) {
    case 'R':
        call(m);
        return true;
    case 'b':
        pop(m);
        return true; /* the state of an object */
    case 0x81:
        pickle_replace(m, 2);
        return true;
    case 0x92:
        pickle_replace(m, 3);
        return true;
    case 'Q':
        persistent(m);
        return true;
    case '(':
        pickle_push(m, MARK);
        return true;
    case '0':
        pop(m);
        return true;
    case '1':
        drop(m);
        return true;
    case '2':
        pickle_push(m, top(m));
        return true;
    case 'q':
        remember(m, take_number(m, 1));
        return true;
    case 'r':
        remember(m, take_number(m, 4));
        return true;
    case 0x94:
        remember(m, (uint64_t)m->memos);
        return true;
    case 'h':
        recall(m, take_number(m, 1));
        return true;
    case 'j':
        recall(m, take_number(m, 4));
        return true;
    case 0x80:
        pickle_take(m, 1);
        return true; /* the protocol */
    case 0x95:
        pickle_take(m, 8);
        return true; /* a frame */
    default:
        return false;
    }
}

static void pickle_run(struct machine *m)
{
    while (!m->broken && !m->no_memory) {
        const unsigned char *op = pickle_take(m, 1);
        if (!op) return;
        if (*op == '.') {
            m->p->root = pop(m);
            return;
        }
        if (!step_of_numbers(m, *op) && !step_of_texts(m, *op) && !step_of_containers(m, *op) &&
            !step_of_objects(m, *op))
            m->broken = true;
    }
}

att_status pickle_read(
    const char *path, const void *bytes, size_t size, struct pickle *p, struct err *e)
{
    struct machine m = {
        .at = bytes, .end = (const unsigned char *)bytes + size, .begin = bytes, .p = p};
    *p = (struct pickle){.root = NONE};
    pickle_run(&m);
    mem_free(m.stack);
    mem_free(m.memo);
    if (!m.broken && !m.no_memory) return ATT_OK;
    pickle_free(p);
    if (m.no_memory) return err_memory(e, size, "the contents of a checkpoint");
    if (m.too_large) return err_model(e, PICKLE_TOO_LARGE, path);
    return err_model(e,
        "%s: its list of tensors (data.pkl) is damaged at byte %zu, or torch.save did not write "
        "it; get a complete copy",
        path, (size_t)(m.at - m.begin));
}

void pickle_free(struct pickle *p)
{
    mem_free(p->values);
    mem_free(p->items);
    *p = (struct pickle){.root = NONE};
}

bool pickle_is(const struct pickle_value *v, const char *text)
{
    return v && v->kind == PICKLE_TEXT && v->length == strlen(text) &&
        !memcmp(v->text, text, v->length);
}

const struct pickle_value *pickle_at(
    const struct pickle *p, const struct pickle_value *v, int index)
{
    if (!v || v->kind == PICKLE_DICT) return NULL;
    int item = v->first;
    while (item != NONE && index-- > 0) item = p->items[item].next;
    return item == NONE ? NULL : &p->values[p->items[item].value];
}
