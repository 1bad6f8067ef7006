# SPDX-License-Identifier: Apache-2.0
"""Writes the pages of the site: the repository's Markdown at its own places, so that links
hold, and a reference of C from attunet.h and of Python from the docstrings.

usage: make.py FOLDER    (needs the package attunet; FOLDER gets pages/)"""
import inspect
import pathlib
import re
import shutil
import sys

import attunet

TOP = pathlib.Path(__file__).resolve().parents[2]
HEADS = 'README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'
ITEM = re.compile(r'\s*(?:[-*]|\d+\.) ')
LINK = re.compile(r'(\]\()([^)#\s]+)((?:#[^)]*)?\))')


def blocks_apart(text):
    """CommonMark lets a list follow a paragraph at once; this Markdown wants an empty line."""
    lines, code, last = [], False, ''
    for line in text.split('\n'):
        if line.lstrip().startswith('```'):
            code = not code
        if not code and ITEM.match(line) and last.strip() and not ITEM.match(last) and \
                not last.startswith(' '):
            lines.append('')
        # Two spaces go on with an item there, four here.
        more = re.match(r'( {2,3})(?=\S)', line)
        if not code and more and ITEM.match(line):
            line = '    ' + line.lstrip()
        lines.append(line)
        last = line
    return '\n'.join(lines)


def copied(path, pages):
    """One page; files that it links to come along, and links to folders become plain text."""
    def link(match):
        target = match[2]
        if re.match(r'[a-z]+:', target):
            return match[0]
        place = (path.parent / target).resolve()
        if not place.exists():
            raise SystemExit('%s links to %s, which is not there' % (path, target))
        if place.is_dir():
            return '](#)'
        own = place.relative_to(TOP)
        if place.suffix != '.md':
            (pages / own).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(place, pages / own)
        return match[0]

    text = LINK.sub(link, path.read_text(encoding='utf-8'))
    text = re.sub(r'\[([^\]]*)\]\(#\)', r'\1', text)
    to = pages / path.relative_to(TOP)
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(blocks_apart(text), encoding='utf-8')


def prose(comment):
    """A comment of C as text."""
    text = re.sub(r'^/\*|\*/$', '', comment.strip())
    lines = [re.sub(r'^\s*\*? ?', '', line, count=1) if i else line.strip()
             for i, line in enumerate(text.split('\n'))]
    out, code = [], False
    for line in lines:
        own = line.startswith('    ')
        if own and not code and out and out[-1]:
            out.append('')
        code = own
        out.append(line if own else line.strip().replace('<', '&lt;').replace('*', '\\*'))
    return '\n'.join(out)


def c_reference():
    """The header: a heading for each section, type and function, its comment, its declaration."""
    text = (TOP / 'include' / 'attunet.h').read_text(encoding='utf-8')
    text = text[text.index('/* attunet:'):]
    comment = r'/\*.*?\*/'
    thing = (r'(?:typedef (?:struct|enum) \w+ \{.*?\n\} \w+;(?: *%s)?|'
             r'typedef struct [^{;]*;(?: *%s)?|enum \w+ \{.*?\};|'
             r'ATT_API [^;]*;(?: *%s)?)' % (comment, comment, comment))
    out, pending = ['# C: attunet.h', ''], []
    for match in re.finditer(r'^(%s|%s)' % (comment, thing), text, re.S | re.M):
        piece = match[1]
        if piece.startswith('/* ----'):
            title, _, rest = prose(piece).strip('- \n').partition('\n')
            out += ['## %s' % title.strip()[:1].upper() + title.strip()[1:], '', rest.strip(), '']
        elif piece.startswith('/*'):
            pending.append(prose(piece))
        else:
            name = re.search(r'(?:\}\s*(\w+);|(att_\w+)\(|typedef struct \w+ (\w+);)', piece)
            name = next(x for x in name.groups() if x)
            out += ['### %s' % name, '', *pending, '', '```c', piece, '```', '']
            pending = []
        if len(out) == 2:
            out += [*pending, '', '## Status', '']
            pending = []
    return '\n'.join(out)


def described(text):
    """A docstring as Markdown: code stays code, and `name : meaning` becomes a list."""
    out, item = [], False
    for block in re.split(r'\n{2,}', text.strip('\n')):
        lines = block.split('\n')
        if all(line.startswith('    ') for line in lines):
            out += ['```python', inspect.cleandoc('\n' + block), '```', '']
            continue
        for line in lines:
            entry = re.match(r'(\w[\w, ]*) : (.*)', line)
            if entry:
                names = ', '.join('`%s`' % name for name in entry[1].split(', '))
                out.append('- %s: %s' % (names, entry[2].replace('<', '&lt;')))
            else:
                line = re.sub(r'<(?=[A-Za-z])', '&lt;', line)
                out.append('  ' + line.strip() if item and line.startswith(' ') else line)
            item = bool(entry) or (item and line.startswith(' '))
        out.append('')
    return '\n'.join(out)


def signature(name, value):
    try:
        text = str(inspect.signature(value))
    except (TypeError, ValueError):
        return None
    text = re.sub(r"(: |-> )'([^']*)'", r'\1\2', text)  # annotations
    text = re.sub(r"\b(?:_\w+|o)\.", '', text)
    parts = text[1:text.rindex(')')]
    return '%s(%s)' % (name, parts) if len(name) + len(parts) < 70 else '%s(\n    %s)' % (
        name, re.sub(r', (?=\*?\*?\w+(?:[:=]|$)|\*,)', ',\n    ', parts))


def python_reference():
    out = ['# Python: attunet', '', described(attunet.__doc__ or '')]
    kinds = ('Functions', inspect.isfunction), ('Classes', inspect.isclass)
    for title, wanted in kinds:
        out += ['## ' + title, '']
        for name in attunet.__all__:
            value = getattr(attunet, name)
            if not wanted(value):
                continue
            call = signature('attunet.' + name, value)
            out += ['### %s' % name, '']
            if call and not issubclass(value if inspect.isclass(value) else int, Exception):
                out += ['```python', call, '```', '']
            out.append(described(inspect.cleandoc(value.__doc__ or '')))
            for method, function in vars(value).items() if inspect.isclass(value) else ():
                if not method.startswith('_') and inspect.isfunction(function) and function.__doc__:
                    out += ['#### %s.%s' % (name, method), '', '```python',
                            signature(method, function) or '', '```', '',
                            described(inspect.cleandoc(function.__doc__))]
    return '\n'.join(out)


def main():
    folder = pathlib.Path(sys.argv[1])
    pages = folder / 'pages'
    shutil.rmtree(pages, ignore_errors=True)
    (pages / 'api').mkdir(parents=True)
    for path in [TOP / name for name in HEADS] + sorted((TOP / 'docs').glob('*.md')):
        copied(path, pages)
    (pages / 'api' / 'c.md').write_text(c_reference(), encoding='utf-8')
    (pages / 'api' / 'python.md').write_text(python_reference(), encoding='utf-8')
    here = pathlib.Path(__file__).parent
    shutil.copyfile(here / 'mkdocs.yml', folder / 'mkdocs.yml')
    shutil.copyfile(here / 'site.css', pages / 'site.css')


main()
