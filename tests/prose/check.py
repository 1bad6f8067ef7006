#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the prose of a tree: widths, sentences, words, links and commands. Fails on a finding.

usage: check.py [--all] [RULE...] [--root ROOT]

  width     code and comments end at column 100
  sentence  a sentence outside of lists, tables and code has at most 25 words, in a list 40
  mean      the sentences of README and docs have at most 15 words on average
  line      Markdown has one sentence a line
  word      no word that words.txt replaces
  link      links lead to files and headings that there are
  command   commands that documents show exist, and so do their flags
  advice    each command that prints a sentence of the code has the options that it names
  length    README.md has at most 130 lines, and ARCHITECTURE.md at most 119

Without a RULE all are checked. Of each rule the first findings are printed, with --all every one.
"""
import os
import re
import sys

WIDTH = 100
LONGEST = 25
LONGEST_IN_LIST = 40
MEAN = 15.0
SHOWN = 8
LINES = {'README.md': 130, 'ARCHITECTURE.md': 119}
RULES = ('width', 'sentence', 'mean', 'line', 'word', 'link', 'command', 'advice',
         'length')
OF_USERS = ('src/', 'include/', 'dicom/', 'serve/', 'mpi/')  # code with sentences for users
HERE = os.path.dirname(os.path.abspath(__file__))
CODE_FOLDERS = ('src', 'include', 'dicom', 'serve', 'mpi', 'containers', 'tests', 'tools', 'bench',
                'cmake', 'python')
OF_DATA = ('info', 'plan', 'train', 'pack')
SPEAKERS = (  # beginnings of the names of files, and the commands that print their sentences
    ('src/dataset/fix', ('info',)), ('src/dataset/', OF_DATA),
    ('src/app/info', ('info',)), ('src/app/app_info', ('info',)),
    ('src/app/app_predict', ('predict',)), ('src/app/app_evaluate', ('evaluate',)),
    ('src/app/evaluate_', ('evaluate',)), ('src/app/app_attend', ('attend',)),
    ('src/app/app_train', ('train',)), ('src/app/app_plan', ('plan',)),
    ('src/app/app_convert', ('convert',)), ('src/app/app_compare', ('compare',)))
HIDDEN_COMMANDS = {'generate'}  # it is not in the table of options
GENERATED = 'docs/options.md'   # by 'attunet generate markdown'


class Findings:
    def __init__(self):
        self.of = {rule: [] for rule in RULES}

    def add(self, rule, file, line, text):
        self.of[rule].append('%s:%d: %s' % (file, line, text))


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


# ---- files

def is_code(folder, name, path):
    endings = ('.c', '.h', '.cpp', '.cl', '.def', '.in', '.sh', '.py', '.cmake')
    if name.endswith(endings) or name == 'CMakeLists.txt':
        return True
    if '.' in name or folder != 'bench':
        return False
    with open(path, 'rb') as file:
        return file.read(2) == b'#!'


def code_files(root):
    found = [name for name in ('dev', 'CMakeLists.txt') if os.path.isfile(os.path.join(root, name))]
    for folder in CODE_FOLDERS:
        for place, folders, names in os.walk(os.path.join(root, folder)):
            folders[:] = sorted(f for f in folders if not f.startswith('.') and f != '__pycache__')
            for name in sorted(names):
                path = os.path.join(place, name)
                if is_code(folder, name, path):
                    found.append(os.path.relpath(path, root))
    return found


def pages(root):
    top = [name for name in sorted(os.listdir(root)) if name.endswith('.md')]
    docs = os.path.join(root, 'docs')
    below = sorted(os.listdir(docs)) if os.path.isdir(docs) else []
    return top + ['docs/' + name for name in below if name.endswith('.md')]


# ---- Markdown

class Block:
    """Lines of one kind: text, list, code, table, head or html, each a pair (number, text)."""

    def __init__(self, kind):
        self.kind = kind
        self.lines = []


ITEM = re.compile(r'\s*(?:[-*+]|\d+[.)])\s+')


def blocks(text):
    found = []
    block = None
    fence = None
    in_list = False
    for number, line in enumerate(text.split('\n'), 1):
        bare = line.strip()
        if fence:
            if bare.startswith(fence):
                fence, block = None, None
            else:
                block.lines.append((number, line))
            continue
        start = re.match(r'(```+|~~~+)', bare)
        if start:
            fence = start.group(1)
            block = Block('code')
            found.append(block)
            continue
        if not bare:
            block = None
            continue
        indent = len(line) - len(line.lstrip())
        if indent == 0 and not ITEM.match(line):
            in_list = in_list and block is not None  # a lazy line goes on with its item
        if bare.startswith('|'):
            kind = 'table'
        elif re.match(r'#{1,6} ', line):
            kind = 'head'
        elif bare.startswith('<!--'):
            kind = 'html'
        elif ITEM.match(line) and (indent < 4 or in_list):
            kind, in_list, block = 'list', True, None
        elif block is not None and block.kind in ('text', 'list', 'code') and (
                block.kind != 'code' or indent >= 4):
            kind = block.kind
        elif indent >= (6 if in_list else 4):
            kind = 'code'
        elif in_list and indent >= 2:
            kind = 'list'
        else:
            kind = 'text'
        if block is None or block.kind != kind:
            block = Block(kind)
            found.append(block)
        block.lines.append((number, line))
    return found


# Points that end no sentence.
ABBREVIATION = re.compile(
    r'(?:\b(?:e\.g|i\.e|vs|al|cf|Fig|fig|No|etc|approx|Dr|pp|p|vol|Proc)|\b[A-Z])\.$')
BOUNDARY = re.compile(r'[.!?][)"\'*_”’]*\s+(?=[A-Z0-9"\'(*_`“\[]|attunet|nnU-Net)')
END = re.compile(r'[.!?:][)"\'*_”’]*$')


def plain(text):
    """Without the marks of Markdown; code and a link's address count as a word or none."""
    text = re.sub(r'``.+?``|`[^`]*`', 'Code', text)
    text = re.sub(r'!?\[([^\]]*)\]\([^)]*\)', r'\1', text)
    text = re.sub(r'<[^>]*>', '', text)
    return text.replace('**', '')


def sentences(text):
    text = plain(text)
    begun = 0
    for hit in BOUNDARY.finditer(text):
        head = text[begun:hit.end()].rstrip()
        if ABBREVIATION.search(head.rstrip(')"\'*_')):
            continue
        yield head
        begun = hit.end()
    rest = text[begun:].strip()
    if rest:
        yield rest


def sentences_of(pieces):
    """Of the lines of a block: a line that ends with a point ends its sentence."""
    held = ''
    for piece in pieces:
        held = held + ' ' + piece if held else piece
        if END.search(plain(piece)):
            yield from sentences(held)
            held = ''
    if held:
        yield from sentences(held)


def words(sentence):
    return sum(1 for word in sentence.split() if re.search(r'\w', word))


def body(line):
    return ITEM.sub('', line, count=1).strip()


def check_prose(file, text, findings, lengths):
    counted = file == 'README.md' or file.startswith('docs/')
    for block in blocks(text):
        if block.kind not in ('text', 'list'):
            continue
        first = block.lines[0][0]
        pieces = [(number, body(line)) for number, line in block.lines]
        for sentence in sentences_of(piece for _, piece in pieces):
            count = words(sentence)
            if block.kind == 'text' and counted and count:
                lengths.append(count)
            longest = LONGEST if block.kind == 'text' else LONGEST_IN_LIST
            if count > longest:
                findings.add('sentence', file, first, '%d words: %s' % (count, sentence[:90]))
        for place, (number, piece) in enumerate(pieces):
            if len(list(sentences(piece))) > 1:
                findings.add('line', file, number, 'several sentences: ' + piece[:80])
            elif place + 1 < len(pieces) and not END.search(plain(piece)):
                findings.add('line', file, number, 'a sentence goes on: ' + piece[-80:])


def slug(heading):
    heading = re.sub(r'!?\[([^\]]*)\]\([^)]*\)', r'\1', heading.strip())
    heading = re.sub(r'[^\w\- ]', '', heading.replace('`', '').lower())
    return heading.replace(' ', '-')


def anchors(text):
    found = set()
    for block in blocks(text):
        if block.kind != 'head':
            continue
        for _, line in block.lines:
            name = slug(line.lstrip('#'))
            one, count = name, 0
            while one in found:
                count += 1
                one = '%s-%d' % (name, count)
            found.add(one)
    return found


def check_links(root, file, text, findings):
    for block in blocks(text):
        if block.kind == 'code':
            continue
        for number, line in block.lines:
            line = re.sub(r'`[^`]*`', '', line)
            for target in re.findall(r'\]\(([^)\s]+)[^)]*\)', line):
                if re.match(r'[a-z]+:', target):
                    continue
                path, _, anchor = target.partition('#')
                folder = os.path.dirname(os.path.join(root, file))
                path = os.path.join(folder, path) if path else os.path.join(root, file)
                if not os.path.exists(path):
                    findings.add('link', file, number, 'there is no ' + target)
                elif anchor and path.endswith('.md') and anchor not in anchors(read(path)):
                    findings.add('link', file, number, 'no heading has the anchor ' + target)


# ---- commands

def option_table(root):
    """From docs/options.md: command -> its flags, and the flags of all commands."""
    path = os.path.join(root, GENERATED)
    flags, every, now = {}, set(), None
    for line in read(path).split('\n') if os.path.isfile(path) else ():
        head = re.match(r'## (?:attunet ([a-z]+))?', line)
        if head:
            name = head.group(1)
            now = flags.setdefault(name, set()) if name else every
        row = re.match(r'\| `([^`]*)` \|', line)
        if row and now is not None:
            now.update(re.findall(r'(?<![\w-])--?[a-z][a-z-]*', row.group(1)))
    return flags, every


def dev_commands(root):
    """From dev: its commands, and the stages of its tests."""
    path = os.path.join(root, 'dev')
    text = read(path) if os.path.isfile(path) else ''
    stages = set(re.findall(r'^stage_(\w+)', text, re.M))
    return set(re.findall(r'^  ([a-z]+)\b', text, re.M)), stages


def shell_words(line):
    line = re.sub(r'"[^"]*"|\'[^\']*\'', 'quoted', line)
    line = re.sub(r'(^|\s)#.*', '', line)
    for part in re.split(r'&&|\|\||[;&]|(?<=\s)\|(?=\s)', line):
        yield part.replace('[', ' ').replace(']', ' ').split()


def check_command(found, line, tables):
    """Findings of one line of shell."""
    flags, every, commands, stages = tables
    for part in shell_words(line):
        for place, word in enumerate(part):
            rest = part[place + 1:]
            if re.match(r'(?:\S*/)?dev$', word) and rest and not rest[0].startswith(('-', '.')):
                if rest[0] not in commands and not rest[0].isupper():
                    found('there is no ./dev ' + rest[0])
                elif rest[0] == 'test':
                    for stage in rest[1:]:
                        if stage.islower() and stage not in stages:
                            found('./dev test has no stage ' + stage)
                break
            if not re.match(r'(?:\S*/)?attunet(?:-static)?$', word) or not rest:
                continue
            name = rest[0]
            if name in HIDDEN_COMMANDS or not re.fullmatch(r'[a-z]+', name):
                break  # --help, COMMAND, or attunet is an argument of a script
            if name not in flags:
                found('there is no attunet ' + name)
                break
            for one in rest[1:]:
                flag = re.match(r'\(?(--?[a-z][a-z-]*)', one)
                if not flag:
                    continue
                flag = flag.group(1)
                there = flags[name] | every
                if flag not in there and re.sub('^--no-', '--', flag) not in there:
                    found('attunet %s has no %s' % (name, flag))
            break


def logical_lines(lines):
    """Lines of shell, those joined that a backslash or an open quote joins."""
    held, begun = '', 0
    for number, line in lines:
        begun = begun if held else number
        held = held + ' ' + line.strip() if held else line.strip()
        if held.endswith('\\'):
            held = held[:-1]
        elif held.count('"') % 2 == 0:
            yield begun, held
            held = ''
    if held:
        yield begun, held


def check_commands(file, text, tables, findings):
    for block in blocks(text):
        if block.kind == 'code':
            lines = logical_lines(block.lines)
        elif block.kind in ('text', 'list', 'table'):
            lines = [(number, code.replace('\\|', ' '))
                     for number, line in block.lines
                     for code in re.findall(r'`((?:\./dev|attunet) [^`]*)`', line)]
        else:
            continue
        for number, line in lines:
            check_command(lambda what, n=number: findings.add('command', file, n, what),
                          line, tables)


# ---- options in sentences of the code

ADVICE = re.compile(r'(?P<before>[^`;,]*)`(?P<name>[a-z][a-z0-9_-]*)`(?: of (?P<after>[a-z]+))?')


def strings_of_c(text):
    """Pairs of line and string; strings with nothing between them are one."""
    held, begun, end = '', 0, None
    for token in TOKEN.finditer(text):
        if token.lastgroup != 'string':
            continue
        joined = end is not None and not text[end:token.start()].strip()
        if held and not joined:
            yield text.count('\n', 0, begun) + 1, held
        held, begun = (held, begun) if joined else ('', token.start())
        held += token.group()[1:-1]
        end = token.end()
    if held:
        yield text.count('\n', 0, begun) + 1, held


def check_advice(file, text, tables, findings):
    flags, every = tables[:2]
    speakers = next((who for begin, who in SPEAKERS if file.startswith(begin)), ())
    for line, string in strings_of_c(text) if speakers else ():
        for hit in ADVICE.finditer(string):
            option = '--' + hit.group('name').replace('_', '-')
            near = hit.group('before').split() + [hit.group('after')]
            named = [word for word in near if word in flags]  # as in "train without `fold`"
            for command in named[-1:] or speakers:
                if option not in flags.get(command, every) | every:
                    findings.add('advice', file, line, 'attunet %s has no %s' % (command, option))


# ---- words

def rules_of_words():
    found = []
    for line in read(os.path.join(HERE, 'words.txt')).split('\n'):
        if line and not line.startswith('#'):
            kind, pattern, instead = line.split('\t')
            found.append((kind, pattern, instead))
    return found


TOKEN = re.compile(
    r'(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<string>"(?:\\.|[^"\\\n])*")'
    r"|(?P<char>'(?:\\.|[^'\\\n])*')|(?P<name>[A-Za-z_]\w*)", re.S)


def check_words_of_c(file, text, rules, findings):
    text_rules = [(re.compile(p, re.I), i) for k, p, i in rules if k == 'text']
    name_rules = [(re.compile(p, re.I), i) for k, p, i in rules if k == 'name']
    for token in TOKEN.finditer(text):
        piece = token.group()
        if token.lastgroup == 'name':
            hits = [(p, i) for p, i in name_rules if p.fullmatch(piece)]
        elif token.lastgroup == 'char':
            continue
        else:
            piece = re.sub(r'\s*\n[\s*]*', ' ', piece)
            hits = [(p, i) for p, i in text_rules if p.search(piece)]
        for pattern, instead in hits:
            line = text.count('\n', 0, token.start()) + 1
            hit = pattern.search(piece).group()
            findings.add('word', file, line, "'%s': %s" % (hit, instead))


def check_words_of_template(file, text, rules, findings):
    for number, line in enumerate(text.split('\n'), 1):
        for kind, pattern, instead in rules:
            hit = re.search(pattern, line, re.I) if kind == 'text' else None
            if hit:
                findings.add('word', file, number, "'%s': %s" % (hit.group(), instead))


def check_words_of_page(file, text, rules, findings):
    text_rules = [(re.compile(p, re.I), i) for k, p, i in rules if k == 'text']
    head_rules = [(re.compile(p), i) for k, p, i in rules if k == 'head']
    for block in blocks(text):
        if block.kind == 'code':
            continue
        joined = ' '.join(body(line) for _, line in block.lines)
        for pattern, instead in text_rules:
            for hit in pattern.finditer(re.sub(r'`[^`]*`', '`', joined)):
                findings.add('word', file, block.lines[0][0], "'%s': %s" % (hit.group(), instead))
        if block.kind in ('text', 'list'):
            for sentence in sentences_of(body(line) for _, line in block.lines):
                for pattern, instead in head_rules:
                    if pattern.match(sentence):
                        findings.add('word', file, block.lines[0][0],
                                     "'%s': %s" % (sentence[:40], instead))


# ---- all of it

def check(root):
    findings = Findings()
    rules = rules_of_words()
    tables = option_table(root) + dev_commands(root)
    for file in code_files(root):
        text = read(os.path.join(root, file))
        for number, line in enumerate(text.split('\n'), 1):
            if len(line) > WIDTH:
                findings.add('width', file, number, '%d columns' % len(line))
        if file.endswith(('.c', '.h', '.cpp', '.def')) and file.startswith(OF_USERS):
            check_words_of_c(file, text, rules, findings)
            check_advice(file, text, tables, findings)
        if file.endswith('.in'):
            check_words_of_template(file, text, rules, findings)
    lengths = []
    for file in pages(root):
        text = read(os.path.join(root, file))
        count = text.count('\n')
        if count > LINES.get(file, count):
            findings.add('length', file, count, 'has %d lines of %d' % (count, LINES[file]))
        check_prose(file, text, findings, lengths)
        check_links(root, file, text, findings)
        check_commands(file, text, tables, findings)
        check_words_of_page(file, text, rules, findings)
    mean = sum(lengths) / len(lengths) if lengths else 0.0
    if mean > MEAN:
        findings.add('mean', 'README.md, docs', 0, 'sentences have %.1f words on average' % mean)
    return findings, mean, len(lengths)


def main(arguments):
    root = '.'
    if '--root' in arguments:
        place = arguments.index('--root')
        root = arguments[place + 1]
        del arguments[place:place + 2]
    shown = None if '--all' in arguments else SHOWN
    asked = [word for word in arguments if word != '--all'] or list(RULES)
    for rule in asked:
        if rule not in RULES:
            print('there is no rule %s: choose from %s' % (rule, ' '.join(RULES)))
            return 2
    if not pages(root):
        print('there are no pages in %s: name the top folder of the repository' % root)
        return 2
    findings, mean, count = check(root)
    bad = 0
    for rule in asked:
        found = findings.of[rule]
        bad += len(found)
        for line in found[:shown]:
            print(line)
        print('%s: %d found' % (rule, len(found)))
    print('%d sentences, %.1f words on average' % (count, mean))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
