"""What lineinfile, replace and blockinfile of ansible-core make of small files. Prints what test/oracle/edits.json holds:

    test/oracle/run ROOT edits > test/oracle/edits.json
"""
import contextlib
import importlib
import io
import json
import os
import random
import sys
import tempfile

if len(sys.argv) > 1:
    sys.path.insert(0, sys.argv[1])  # where ansible is, outside of a chroot
from ansible.module_utils import basic  # noqa: E402

random.seed(11)
LINES = ['a', 'b', 'ab', '#a = 1', 'a = 1', 'b = 2', '', '  a', '[x]', 'end', 'Host a']
PATTERNS = ['^a', 'a$', '^#?a = .*$', 'b', 'x', '^\\[x\\]', '^(#?)(a) = (\\d)$', '^$', '^\\s*a']
# Now and then as Windows has them.
ENDS = ['\n'] * 30 + ['\r\n']
BLOCK = '# BEGIN ANSIBLE MANAGED BLOCK\n%s# END ANSIBLE MANAGED BLOCK\n'


def text():
    count = random.randint(0, 6)
    made = ''.join(random.choice(LINES) + random.choice(ENDS) for _ in range(count))
    return made.removesuffix('\n').removesuffix('\r') if random.random() < 0.3 else made


def maybe(args, name, values, chance):
    if random.random() < chance:
        args[name] = random.choice(values)


def place(args, before, after):
    which = random.random()
    if which < 0.3:
        args['insertafter'] = random.choice(PATTERNS + after)
    elif which < 0.5:
        args['insertbefore'] = random.choice(PATTERNS + before)


def lineinfile():
    args = {'line': random.choice(LINES)}
    maybe(args, 'state', ['present', 'absent'], 0.5)
    which = random.random()
    if which < 0.5:
        args['regexp'] = random.choice(PATTERNS)
    elif which < 0.65:
        args['search_string'] = random.choice(LINES[:5] + ['= '])
    place(args, ['BOF', 'EOF'], ['EOF', 'BOF'])
    maybe(args, 'firstmatch', [True, False], 0.4)
    if 'regexp' in args and random.random() < 0.3:
        args['backrefs'] = True
        if '(' in args['regexp']:
            args['line'] = random.choice(['\\2 = 9', 'x\\1y\\3', '\\g<2>'])
    maybe(args, 'create', [True], 0.3)
    return args, text() if random.random() < 0.95 else None


def replace():
    args = {'regexp': random.choice(PATTERNS + ['a\\n', '\\Aa']), 'replace': random.choice(['', 'Z', '<\\g<0>>'])}
    if args['regexp'].startswith('^('):
        args['replace'] = '\\3-\\2'
    maybe(args, 'after', PATTERNS, 0.3)
    maybe(args, 'before', PATTERNS, 0.3)
    return args, text() if random.random() < 0.97 else None


def blockinfile():
    args = {}
    maybe(args, 'block', ['one\ntwo', 'one\ntwo\n', 'x', '\nx\n'], 0.9)
    place(args, ['BOF', 'EOF'], ['EOF'])
    maybe(args, 'create', [True], 0.4)
    maybe(args, 'prepend_newline', [True], 0.3)
    maybe(args, 'append_newline', [True], 0.3)
    found = text()
    if random.random() < 0.5:
        found += '' if found == '' or found.endswith('\n') else '\n'
        found += random.choice([BLOCK % 'one\ntwo\n', BLOCK % 'old\n', BLOCK % ''])
        found = found[:-1] if random.random() < 0.2 else found + text()
        maybe(args, 'state', ['absent'], 0.3)
    elif random.random() < 0.1:
        found = None
    return args, found


def answer(name, args, found):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'file')
        if found is not None:
            with open(path, 'w', newline='') as file:
                file.write(found)
        basic._PARSED_MODULE_ARGS = None
        basic._ANSIBLE_PROFILE = 'legacy'
        basic._ANSIBLE_ARGS = json.dumps({'ANSIBLE_MODULE_ARGS': dict(args, path=path)}).encode()
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
            importlib.import_module('ansible.modules.' + name).main()
        result = json.loads(said.getvalue().strip().splitlines()[-1])
        if result.get('failed'):
            return {'failed': True}
        there = os.path.exists(path)
        return {'changed': result['changed'], 'text': open(path, newline='').read() if there else None}


cases = []
for make, count in ((lineinfile, 400), (replace, 200), (blockinfile, 500)):
    for _ in range(count):
        args, found = make()
        cases.append([make.__name__, args, found, answer(make.__name__, args, found)])
print('[\n' + ',\n'.join(json.dumps(case) for case in cases) + '\n]')
