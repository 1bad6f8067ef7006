#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check.py finds every kind of fault in a tree made for it, and nothing in a good one."""
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))

OPTIONS = """# Commands

## attunet train DATASET -o RUN

| option | default | what |
|---|---|---|
| `-o, --output RUN` |  | where |
| `--time TIME` |  | how long |
| `--stratify` |  | a switch |

## Options of all commands

| option | default | what |
|---|---|---|
| `--json` |  | JSON |
"""

DEV = """#!/bin/sh
usage() {
    cat <<'TEXT'
  build [PRESET]    build it
  test [STAGE...]   test it
TEXT
}
stage_unit() { :; }
"""

README = """# attunet

attunet trains networks, e.g. U-Nets, and F. Isensee's too.
Read [the first page](docs/one.md#the-first-step), or [this](#attunet).

    ./dev test unit      # any comment, and no command of attunet
    attunet train DATA -o RUN --time 2m --no-stratify --json

- a list
  has lines. Two sentences in a line of a list are found, too
"""

README = README.replace("  has lines. Two sentences in a line of a list are found, too\n", "")

ONE = """# One

## The `first` step

A page has sentences.
"""

SOURCE = """/* A comment that says why. */
const char *text = "a string";
int max_int(int value);
"""


class Checker(unittest.TestCase):
    def setUp(self):
        self.tree = tempfile.TemporaryDirectory()
        self.put('docs/options.md', OPTIONS)
        self.put('docs/one.md', ONE)
        self.put('README.md', README)
        self.put('dev', DEV)
        self.put('src/base/mem.c', SOURCE)

    def tearDown(self):
        self.tree.cleanup()

    def put(self, name, text):
        path = os.path.join(self.tree.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)

    def run_check(self, *arguments):
        command = [sys.executable, os.path.join(HERE, 'check.py'), '--root', self.tree.name]
        result = subprocess.run(command + list(arguments), capture_output=True, text=True)
        return result.returncode, result.stdout

    def found(self, rule, *texts):
        """The rule alone finds as many faults as there are texts, one with each."""
        code, output = self.run_check('--all', rule)
        self.assertEqual(code, 1, output)
        self.assertIn('%s: %d found' % (rule, len(texts)), output)
        for text in texts:
            self.assertIn(text, output)

    def test_a_good_tree_passes(self):
        code, output = self.run_check()
        self.assertEqual(code, 0, output)
        self.assertIn('3 sentences', output)

    def test_wide_lines_are_found(self):
        self.put('src/base/mem.c', SOURCE + '/* ' + 'w' * 97 + ' */\n')
        self.put('bench/run', '#!/bin/sh\n# ' + 'é' * 98 + '\n# ' + 'é' * 99 + '\n')
        self.put('bench/run.json', 'w' * 200)
        self.found('width', 'src/base/mem.c:4: 103', 'bench/run:3: 101')

    def test_long_pages_are_found(self):
        self.put('README.md', README + '\n' * 130)
        self.put('docs/one.md', ONE + '\n' * 130)
        self.found('length', 'README.md')

    def test_long_sentences_are_found(self):
        self.put('docs/two.md', 'It has ' + 'many ' * 23 + 'words.\n')
        self.found('sentence', 'docs/two.md:1: 26 words')

    def test_tables_and_code_may_be_long(self):
        many = 'many ' * 60
        self.put('docs/two.md', '| %s |\n|---|\n\n    %s\n\n```\n%s\n```\n' % (many, many, many))
        self.assertEqual(self.run_check('sentence')[0], 0)

    def test_lists_may_be_longer_but_not_endless(self):
        self.put('docs/two.md', '- ' + 'many ' * 39 + 'words.\n- ' + 'many ' * 40 + 'words.\n')
        self.found('sentence', 'docs/two.md:2: 41 words')

    def test_code_and_links_count_as_words(self):
        self.put('docs/two.md', 'It ' + 'so ' * 22 + '`a b c` [d](one.md).\n')
        self.assertEqual(self.run_check('sentence')[0], 0)

    def test_the_mean_is_found(self):
        self.put('docs/two.md', ('It has ' + 'many ' * 16 + 'words.\n') * 30)
        self.found('mean', '17.')

    def test_broken_and_joined_lines_are_found(self):
        self.put('docs/two.md', 'It begins here and\nends here.\nOne. Two.\n\n- One. Two.\n')
        self.found('line', 'two.md:1: a sentence goes on', 'two.md:3: several', 'two.md:5: several')

    def test_words_are_found(self):
        self.put('src/base/mem.c', '/* rehearsed */ int foreseen;\nconst char *a = "it is\\n";\n'
                                   'const char *b = "which is said";\nint is_said;\n')
        self.put('docs/two.md', 'Of a volume it takes slices.\nIt lends `rehearse`.\n')
        self.found('word', "'rehearsed'", "'foreseen'", "'is said'", "'Of a volume", "'lends'")

    def test_tables_of_c_and_templates_are_read(self):
        self.put('src/base/options.def', 'OPTION(a, "it is said")\n/* ' + 'w' * 97 + ' */\n')
        self.put('cmake/attunet.pc.in', '# It is said.\nLibs: ' + 'l' * 96 + '\n')
        self.found('word', 'options.def:1:', 'attunet.pc.in:1:')
        self.found('width', 'options.def:2: 103', 'attunet.pc.in:2: 102')

    def test_words_are_found_over_the_end_of_a_line(self):
        self.put('src/base/mem.c', '/* What it does is\n * said here. */\n')
        self.found('word', "'is said'")

    def test_links_that_lead_nowhere_are_found(self):
        self.put('docs/two.md',
                 '[a](three.md), [b](one.md#second), [c](#here), [d](../README.md).\n'
                                '[e](https://example.org/x#y) and `[f](g.md)`.\n')
        self.found('link', 'three.md', 'one.md#second', '#here')

    def test_headings_without_a_line_between_have_anchors(self):
        self.put('docs/two.md', '# Two\n## First\n## First\n\nSee [a](#first), [b](#first-1).\n')
        self.assertEqual(self.run_check('link')[0], 0)

    def test_a_root_without_pages_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, os.path.join(HERE, 'check.py'), '--root', folder]
            result = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(result.returncode, 2)
        self.assertIn('there are no pages', result.stdout)

    def test_commands_that_do_not_exist_are_found(self):
        self.put('docs/two.md',
                 'Run `attunet trian DATA`.\n\n'
                 '    build/release/attunet train DATA --tiem 2m\n'
                 '    ./dev build && ./dev tset\n\n'
                 '```\n./dev test unity\nattunet train A \\\n  --no-time -x\n```\n')
        self.found('command', 'no attunet trian', 'train has no --tiem', 'no ./dev tset',
                   'no stage unity', 'train has no -x')

    def test_a_text_in_quotes_is_no_flag(self):
        self.put('docs/two.md', '    attunet train A -o B --time "--no"  # --nothing\n'
                                '    sh run.sh attunet FOLDER\n')
        self.assertEqual(self.run_check('command')[0], 0)

    def test_options_that_a_command_lacks_are_found(self):
        self.put('src/app/app_train.c', '/* `no` */ char *a = "give `tiem` 2m, or `json`, or "\n'
                                        '"`out_put`; `stratify` splits";\n'
                                        'char *b = "`time` of train; plan it with `time`";\n')
        self.put('docs/options.md', OPTIONS + '\n## attunet plan DATASET\n')
        self.found('advice', 'app_train.c:1: attunet train has no --tiem', 'train has no --out-put',
                   'app_train.c:3: attunet plan has no --time')

    def test_an_unknown_rule_is_refused(self):
        self.assertEqual(self.run_check('spelling')[0], 2)


if __name__ == '__main__':
    unittest.main()
