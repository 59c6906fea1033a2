"""Patterns x texts x replacements, with what Python's re makes of them. Prints the answers that test/oracle/regex.json holds:

    python3 test/oracle/regex.py > test/oracle/regex.json
"""

import json
import random
import re
import sys
import warnings

warnings.simplefilter("ignore")
SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 16
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
rnd = random.Random(SEED)

ATOMS = [
    "a", "b", "c", "A", "é", "1", " ", "-", ".", "\\.", "\\w", "\\W", "\\d", "\\D", "\\s", "\\S", "[a-c]", "[^a-c]", "[\\w.-]",
    "[]a]", "[^]a]", "[a-]", "[\\d\\s]", "[A-Z]", "[à-ü]", "[\\x41-\\x43]", "\\n", "\\t", "\\x41", "\\u00e9", "\\101", "\\0",
    "ſ", "K", "ß", "[K-s]", "[^\\W\\d]", "😀", "[😀-😂]", "ab", "\\$", "\\\\", "/", "=", "_", "٣", "foo", "\\/", "\\-", "\\#",
]
PLACES = ["^", "$", "\\b", "\\B", "\\A", "\\Z"]
REPEATS = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{,2}", "{1,}", "{2,3}?", "*+", "++", "?+", "{1,2}+", "{", "{a}", "{}"]
WRONG = [
    "(", ")", "[", "a**", "*a", "(?P<1a>x)", "(?P<a>x)(?P<a>y)", "\\q", "\\2", "(a\\1)", "(?P=n)", "[b-a]", "[\\d-x]", "a{3,2}", "(?<=a*)b",
    "(?z)", "(?P", "(?", "\\", "[a", "(?i", "a(?i)b", "(?P<n", "\\x4", "\\u12", "\\400", "(?(1)a|b|c)(x)", "(?(2)a)(x)", "(?#x", "(?-i)a", "(?<a)",
    "x{99999999999}", "^*", "(?<=(a))b", "(?<=a|bc)d", "(?i-i:a)", "(?P>a)", "(?=a", "[\\B]", "(?au)a", "\\_", "\\-", "\\é", "(?a:\\w)é", "(?u)é",
    "(?iu)É", "(?x) a b # c", "(?x)[ a]", "(?x: a b )c d", "(?x)\\ a", "(?s).", "(?s:.).", "(?m)^b$", "(?i:A)b", "(?ims)A.b$", "(?-s:.)", "(?i)(?m)^A",
    "(?P<w>\\w)(?P=w)", "(\\w)\\1", "(?i)(\\w)\\1", "(a)?(?(1)b|c)", "(?P<x>a)?b(?(x)c)", "(?>a+)b", "(?>a|ab)c", "(?<!a)b", "(?<=a)b", "(?<=\\b)a", "(?<=^)a",
    "a(?=b)", "a(?!b)", "(?=(a))\\1", "(?!(a))b", "(?=(\\w+))\\1:", "((a)|b)*", "(a|)*", "(a*)*", "(a*)+", "(a|b)*?c", "(a??)*b", "(?:a|ab)(?:c|bcd)(d*)",
    "(a+)+$", "(a|a)*b", "(x*)*y", "(?:(a)|(b)|c)+", "(?:a?)*?b", "(?:a?){3}", "(a?){2,3}", "(a*?)*b", "$\\n", "a$", "a\\Z", "^", "$", "", "|", "a|", "|a", "()",
    "(?:)", "x*", "\\b", "\\B", "a.c", "[\\s\\S]*", "[^\\n]+", "(.*)(\\d+)", "(.*?)(\\d+)", "(\\d+)\\.(\\d+)", "^(?P<k>[^=]+)=(?P<v>.*)$", "(?i)ſ", "(?i)k", "(?i)[k]",
    "(?i)[^k]", "(?i)İ", "(?i)ı", "(?i)ß", "(?i)ΐ", "\\d+", "\\w+", "(?a)\\w+", "(?a)\\d", "\\s+", "(?a)\\s", "[[:alpha:]]", "[a&&b]", "[--a]", "[a-\\]]", "{1}", "a{1", "a{,}",
]
TEXTS = [
    "", "a", "ab", "abc", "aab", "b", "ABC", "foo bar", "foo=bar\nbaz=qux\n", "a\n", "a\nb", "\n", "aaaa", "abab", "abcabc", "a1b22c333", "1.2.3-4", "/etc/postgresql/15/main",
    "é É e", "ſs Kk", "ß ẞ", "😀😁a", "٣3", "  two  words ", "_x-y.z", "caab bcd", "İı", "ΐΐ", "x{99}", "a\x1cb\x85c", "A B C", "aXbXc", "-a-b-", "\\ $ . /",
    "a:b", "aa:aa", "\r\n", "a{1}", "[a]", "word_1 word-2",
]
REPLACEMENTS = ["", "x", "\\1", "<\\g<0>>", "\\g<1>-\\2", "\\\\1", "\\n", "$1", "\\g<k>", "\\.", "\\q", "\\", "\\0", "\\141", "é\\1", "\\g<w>", "\\g<", "\\g", "\\g<a b>", "\\18", "\\99"]


def pattern(depth):
    parts = []
    for _ in range(rnd.choice([1, 1, 2, 2, 3])):
        kind = rnd.random()
        if kind < 0.55 or depth == 0:
            part = rnd.choice(ATOMS)
        elif kind < 0.65:
            parts.append(rnd.choice(PLACES))
            continue
        elif kind < 0.93:
            inner = pattern(depth - 1)
            if rnd.random() < 0.4:
                inner += "|" + pattern(depth - 1)
            part = rnd.choice(["(", "(", "(", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:", "(?s:", "(?P<k>"]) + inner + ")"
        else:
            part = rnd.choice(["\\1", "\\2", "(?(1)a|b)", "(?P=k)"])
        if rnd.random() < 0.4:
            part += rnd.choice(REPEATS)
        parts.append(part)
    return "".join(parts)


def answer(work):
    try:
        return work()
    except (re.error, IndexError, OverflowError, RuntimeError):
        return "E"


def searched(made, text):
    found = made.search(text)
    return found and [found.group(0), *found.groups()]


def case(pattern, flags, text, replacement):
    bits = (re.I if "i" in flags else 0) | (re.M if "m" in flags else 0)
    try:
        made = re.compile(pattern, bits)
    except (re.error, IndexError, OverflowError, RecursionError):
        return [pattern, flags, text, replacement, "E"]
    return [
        pattern, flags, text, replacement,
        answer(lambda: searched(made, text)),
        answer(lambda: made.match(text) and made.match(text).group(0)),
        answer(lambda: made.fullmatch(text) is not None),
        answer(lambda: made.findall(text)),
        answer(lambda: made.subn(replacement, text)),
        answer(lambda: made.sub(replacement, text, count=1)),
    ]


cases = []
for one in WRONG:
    for text in rnd.sample(TEXTS, 4):
        cases.append(case(one, rnd.choice(["", "", "i", "m"]), text, rnd.choice(REPLACEMENTS[:12])))
for text in TEXTS:
    for replacement in REPLACEMENTS:
        cases.append(case(rnd.choice(["(a)", "(\\w)(\\W)?", "(?P<k>b)", "x*", "(?P<w>.)(.)"]), "", text, replacement))
while len(cases) < COUNT:
    one = pattern(2)
    cases.append(case(one, rnd.choice(["", "", "", "i", "m", "im"]), rnd.choice(TEXTS), rnd.choice(REPLACEMENTS[:8] if rnd.random() < 0.8 else REPLACEMENTS)))

print("[\n" + ",\n".join(json.dumps(one, separators=(",", ":"), ensure_ascii=True) for one in cases) + "\n]")
