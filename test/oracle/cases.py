"""Values and arguments that filters and tests are asked with. Each is asked with VALUES as well, without arguments."""


class Undefined:
    pass


U = Undefined()


class Call:
    def __init__(self, *args, **named):
        self.args = args
        self.named = named


C = Call

# What would be asked with VALUES would never end, or be another answer each time: their values are its own.
ALONE = {"permutations", "password_hash", "vault"}

VALUES = [
    U, None, "", 0, 1, -7, 2.5, 3.0, True, False, "abc", "Hello World  foo", "42", "yes", "a,b,c", [], [3, 1, 2], ["b", "A", "a"], [1, "a", None],
    [[1, 2], [3]], {}, {"a": 1, "b": [2, 3]}, [{"name": "x", "n": 1}, {"name": "y", "n": 2}],
]

PEOPLE = [{"name": "ann", "age": 30, "tags": ["x", "y"], "at": {"city": "B"}}, {"name": "Bob", "age": 25, "tags": [], "at": {"city": "a"}},
          {"name": "cid", "age": 30, "tags": ["x"], "at": {"city": "c"}}]
PARTIAL = [{"name": "ann", "up": True}, {"name": "bob"}, {"name": "cid", "up": False}, {"name": None}]


def each(values, *calls):
    return [(value, call) for value in values for call in (calls or (C(),))]


TEXTS = ["", "abc", "one two  three", "a-b_c.d", "line 1\nline 2\n\nline 4", "Ünïcode ß", "<a href=\"x\">&'</a>", "/etc/postgresql/15/main.conf", "%d items", "x" * 90]
NUMBERS = [0, 1, -3, 2.5, -2.5, 3.0, 1e20, "12", "3.7", "0x1f", "abc", None, True, 10**20, 1024, 123456789]
LISTS = [[], [1], [3, 1, 2], ["b", "a", "C", "a"], [1, 2.0, 1, True], [[1], [2, [3, [4]]], None], [{"a": 1}, {"a": 2}, {"a": 1}], "cab"]
DICTS = [{}, {"b": 1, "a": 2}, {"B": 3, "a": 1, "c": 2}, {"x": {"y": 1}, "l": [1, 2]}, {1: "a", 2: "b"}]

CASES = {
    "default": each([U, None, "", 0, False, "x", []], C("d"), C("d", True), C("d", False), C(U), C(default_value="k"), C("d", boolean=True)),
    "d": each([U, None, "", "x"], C("d"), C("d", True), C(5)),
    "bool": each(["yes", "no", "on", "off", "TRUE", "False", "1", "0", "t", "maybe", 2, 1.0, " yes"]),
    "length": each(LISTS + DICTS + TEXTS),
    "count": each(LISTS + DICTS),
    "int": each(NUMBERS, C(), C(5), C(-1), C(0, 16), C(base=8), C(default=9)) + each(["ff", "0b11", "0o17", "1_000", " 12 ", "1e3"], C(), C(0, 16), C(0, 2), C(0, 0)),
    "float": each(NUMBERS + ["inf", "nan", "1e3", " 2.5 ", "1_0.5"], C(), C(1.5)),
    "list": each(LISTS + DICTS),
    "string": each(NUMBERS + LISTS + DICTS),
    "lower": each(TEXTS + NUMBERS),
    "upper": each(TEXTS + NUMBERS),
    "capitalize": each(TEXTS + NUMBERS),
    "title": each(TEXTS + ["foo-bar baz's (x) [y] {z} <w>", "ALL CAPS"]),
    "trim": each(TEXTS + ["  x  ", "xxaxx", "\n\ta\n"], C(), C("x"), C(chars="ab")),
    "first": each(LISTS + DICTS), "last": each(LISTS + DICTS),
    "min": each(LISTS, C(), C(case_sensitive=True)) + each([PEOPLE], C(attribute="age"), C(attribute="name"), C(attribute="nope"), C(attribute="at.city")),
    "max": each(LISTS, C(), C(True)) + each([PEOPLE], C(attribute="age"), C(False, "name"), C(attribute="at.city")),
    "sum": each(LISTS + [[1.5, 2], [[1], [2]]], C(), C(start=10)) + each([PEOPLE], C("age"), C(attribute="age", start=1), C(attribute="tags", start=[])),
    "sort": each(LISTS, C(), C(True), C(case_sensitive=True), C(reverse=True)) + each([PEOPLE], C(attribute="age"), C(attribute="name"), C(attribute="name", case_sensitive=True), C(attribute="age,name"), C(attribute="at.city"), C(attribute="nope"), C(attribute="age", reverse=True)),
    "unique": each(LISTS, C(), C(True), C(case_sensitive=False)) + each([PEOPLE], C(attribute="age"), C(attribute="at.city")),
    "reverse": each(LISTS + TEXTS),
    "map": each([PEOPLE], C(attribute="name"), C(attribute="at.city"), C(attribute="nope", default="?"), C(attribute="nope"), C("length"), C("nope"), C(), C("combine", {"z": 1}), C(attribute="tags.0", default=None), C("extract", {}), C("default"))
        + each([["1", "2"], [], ["a b", "c"], "ab", {"a": "x"}, ["10.0.0.1", "x"]], C("int"), C("upper"), C("split"), C("regex_replace", "^", "x"), C("default", "d"), C("int", base=16), C("replace", "a", "b"), C("ansible.builtin.upper")),
    "select": each([[1, 2, 3, 0, None], ["a", "b1", ""], {"a": 1}], C(), C("odd"), C("divisibleby", 2), C("match", "b"), C("in", [1, 2]), C("equalto", 2), C("nope"), C("defined"), C("string"), C("gt", 1), C(">", 1)),
    "reject": each([[1, 2, 3, 0, None], ["a", "b1", ""]], C(), C("odd"), C("divisibleby", 2), C("match", "b"), C("in", [1, 2]), C("eq", 2), C("none")),
    "selectattr": each([PEOPLE, PARTIAL, []], C("name"), C("up"), C("up", "defined"), C("name", "equalto", "ann"), C("age", "gt", 26), C("at.city", "eq", "B"), C("name", "match", "a"), C("tags", "contains", "x"), C("name", "in", ["ann", "Bob"]), C("nope", "undefined"), C("nope"), C("nope", "eq", 1), C()),
    "rejectattr": each([PEOPLE, PARTIAL, []], C("name"), C("up"), C("up", "defined"), C("name", "equalto", "ann"), C("age", "==", 30), C("at.city", "eq", "B"), C("nope", "defined")),
    "groupby": each([PEOPLE, PARTIAL], C("age"), C("name"), C("at.city"), C("nope", default="-"), C("up", default=False), C("name", case_sensitive=True), C(attribute="age")),
    "batch": each(LISTS, C(2), C(2, "-"), C(3, fill_with=0), C(0)),
    "slice": each(LISTS, C(2), C(2, "-"), C(3), C(slices=2, fill_with=0)),
    "join": each(LISTS + DICTS, C(), C(", "), C(d="-"), C("-", attribute="a")) + each([PEOPLE], C(",", "name"), C(",", attribute="age")),
    "replace": each(TEXTS + [123], C("a", "b"), C("", "-"), C("e", "", 1), C("a")),
    "abs": each(NUMBERS),
    "round": each([2.5, 3.5, 2.675, -2.5, 1.005, 1234.567, 0, 7, "x", 2.4, -0.5, 1e20], C(), C(1), C(2), C(0, "floor"), C(1, "ceil"), C(method="ceil"), C(-2), C(0, "other"), C(2, method="floor")),
    "indent": each(TEXTS + ["a\n\n  b\n"], C(), C(2), C(2, True), C("> "), C(width=3, first=True, blank=True), C(4, False, True), C(indentfirst=True)),
    "wordwrap": each(TEXTS + ["the quick brown fox jumps-over the lazy dog", "averyveryverylongword x"], C(), C(10), C(10, False), C(5, True, "|"), C(12, break_on_hyphens=False), C(0)),
    "truncate": each(TEXTS + ["the quick brown fox jumps over"], C(), C(10), C(10, True), C(10, False, "…"), C(9, True, "", 0), C(8, leeway=3), C(2), C(10, end="", leeway=0)),
    "center": each(TEXTS, C(), C(10), C(11), C(width=5)),
    "wordcount": each(TEXTS), "striptags": each(TEXTS + ["<b>x</b>  y <!-- c -->"]), "escape": each(TEXTS), "e": each(TEXTS), "safe": each(TEXTS), "forceescape": each(TEXTS),
    "urlencode": each(TEXTS + ["a b/c?d=e&f", "~-_.!*'()"]) + each([{"a": 1, "b c": "d&e"}, [["a", "b"], ["c", "d e"]]]),
    "urldecode": each(["a%20b+c", "%C3%A9", "%zz", "%"] + TEXTS),
    "format": each(["%s", "%d", "%s-%s", "%05.2f", "%x", "%%", "%(a)s", "plain", "%r", "%10s|", "%-10s|", "%+d", "%e", "%c", "%i", "%o", "%s %"], C(), C(1), C("a", "b"), C(3.14159), C(a=1), C("z")),
    "tojson": each(LISTS + DICTS + TEXTS + [1.0, None, "<&>'"], C(), C(2)),
    "pprint": each(LISTS[:5]), "xmlattr": each([{"a": "x", "b": None, "c": 1, "d": "<>"}, {}], C(), C(False)), "filesizeformat": each([0, 1, 999, 1000, 1500, 10**6, 1.5e9, "1024", 10**25], C(), C(True)),
    "items": each(DICTS), "attr": each([{"a": 1}, "x"], C("a"), C("upper")),
    "dictsort": each(DICTS, C(), C(True), C(False, "value"), C(by="value"), C(reverse=True), C(by="x")),
    # Ansible's
    "ternary": each([True, False, None, "", "x", 0], C("y", "n"), C("y", "n", "none"), C(1, U), C("y"), C(true_val=1, false_val=2)),
    "combine": each([{"a": 1, "b": {"c": [1], "d": 2}}], C(), C({"b": {"c": [2]}}), C({"b": {"c": [2], "e": 3}}, recursive=True), C({"a": 5}, {"z": 9}), C([{"a": 5}, {"a": 6}]),
        *[C({"b": {"c": [1, 2]}}, recursive=True, list_merge=how) for how in ["replace", "keep", "append", "prepend", "append_rp", "prepend_rp", "other"]], C({"x": 1}, list_merge="append"), C("x"), C(None), C({"b": 1}, recursive=True), C({"a": 1}, nope=1))
        + each([[{"a": 1}, {"b": 2}], [], {"l": [1]}, "x"], C(), C({"l": [2]}, list_merge="append"), C({"l": [1, 2]}, list_merge="append_rp")),
    "flatten": each(LISTS + [[1, [2, [3, [4]]], None, "None"], [None, [None]]], C(), C(levels=1), C(1), C(skip_nulls=False), C(levels=0), C(2)),
    "from_json": each(["{}", "[1, 2.0, null, true]", "{\"a\": {\"b\": \"é\"}}", "x", "", "NaN", "1e3", "\"t\"", "[1,]", "{'a': 1}", " 1 ", "{\"a\": 1, \"a\": 2}", "12345678901234567890", "-0", "1.50"]),
    "to_json": each(LISTS + DICTS + TEXTS + [1.0, 1e20, None, True], C(), C(sort_keys=True), C(indent=2), C(ensure_ascii=False), C(separators=[",", ":"])),
    "to_nice_json": each(LISTS + DICTS + TEXTS[:5] + [1.0], C(), C(indent=2), C(sort_keys=False), C(2)),
    "to_yaml": each(LISTS + DICTS + TEXTS + [1.0, None, True, "yes", "1", "null", "a: b", "- x", "2020-01-01", "~", "#c", "a #b", " lead", "trail ", "multi\nline", "it's", "\"q\"", "@x", "é", "\t", "1.5", "0x1f", "1_000", "1:30", "=", "<<", "x\ny\n", "*a", "&b", "!t", "%x", "|", "?", ":", "a:", "{a}", "[a]", "a,b", "`", "1e3", "no", ".5", "\\", "a\\b", "\x07", "😀"], C(), C(indent=2), C(default_flow_style=False), C(width=20)),
    "to_nice_yaml": each(LISTS + DICTS + TEXTS + [PEOPLE, {"a": {"b": ["x", {"c": None, "d": [], "e": {}}]}, "t": "l1\nl2\n"}, [[1, [2]], [[3]]], {"k": "the quick brown fox jumps over the lazy dog and then it goes on and on for some time until it wraps"}, {"yes": "no", "on": 1, "": "x", "a b": "c: d"}, {"m": "a\nb", "n": "a\n\nb\n", "o": "  x\ny"}],
        C(), C(indent=2), C(sort_keys=False), C(width=30), C(2), C(explicit_start=True), C(default_flow_style=True)),
    "from_yaml": each(["a: 1\nb: [x, y]", "- 1\n- yes\n- 2020-01-01\n- 1.5\n- ~", "", "x", "a: b: c", "1", "{a: 1, b: {c: d}}", "'q'", "0o17", "017", "0x1f", "1_000", "a: |\n  x\n  y\n", "off", "1:30", "[a, b", "k: &x 1\nl: *x", "a: 1\na: 2"]),
    "from_yaml_all": each(["a: 1\n---\nb: 2", "", "1", "---\n- a\n---\n- b\n...\n", "x: [", None]),
    "dict2items": each(DICTS, C(), C("k", "v"), C(key_name="file", value_name="path"), C(value_name="w")),
    "items2dict": each([[{"key": "a", "value": 1}, {"key": "b", "value": 2}], [{"k": "a", "v": 1}], [], [{"key": "a"}], {}, "x", [1], [{"key": 1, "value": 2}]], C(), C("k", "v"), C(key_name="k", value_name="v")),
    "subelements": each([PEOPLE, {"a": {"l": [1, 2]}, "b": {"l": []}}, PARTIAL, "x"], C("tags"), C("l"), C("at.city"), C("tags", True), C("nope", skip_missing=True), C(["tags"]), C("name")),
    "zip": each([[1, 2, 3], [], "ab"], C(), C(["a", "b"]), C(["a", "b", "c"], [True]), C([]), C("xy"), C(1)),
    "zip_longest": each([[1, 2, 3], []], C(), C(["a"]), C(["a"], fillvalue="-"), C([], [1, 2, 3, 4])),
    "product": each([[1, 2], [], "ab", {"k": 1}], C(), C(["a", "b"]), C([1], [2, 3]), C(repeat=2), C([])),
    "permutations": [(U, C(2)), *each([[1, 2, 3], "ab", []], C(), C(2), C(0), C(9))], "combinations": each([[1, 2, 3], "abc", []], C(2), C(0), C(9), C(1)),
    "union": each([[1, 2, 2], [], ["a"], [{"a": 1}]], C([2, 3]), C([]), C([{"a": 1}, {"b": 2}]), C("ab"), C(None)),
    "intersect": each([[1, 2, 2], [], ["a"], [{"a": 1}]], C([2, 3]), C([]), C([{"a": 1}, {"b": 2}]), C("ab"), C(None)),
    "difference": each([[1, 2, 2], [], ["a"], [{"a": 1}]], C([2, 3]), C([]), C([{"a": 1}, {"b": 2}]), C("ab"), C(None)),
    "symmetric_difference": each([[1, 2, 2], [], ["a"], [{"a": 1}]], C([2, 3]), C([]), C([{"a": 1}, {"b": 2}]), C("ab"), C(None)),
    "human_readable": each([0, 1, 1023, 1024, 1536, 10**9, 10**15, 1.5, -1, "x", "10"], C(), C(True), C(unit="M"), C(False, "G"), C(unit="x")),
    "human_to_bytes": each(["1", "1K", "2 MB", "1.5G", "10M", "1Mb", "1kb", "x", "", 10, "1 kilobyte", "3T", "1b", "1B", "0.1K", "5 MEGABYTE", "1.K"], C(), C("M"), C(default_unit="K"), C(isbits=True)),
    "hash": each(TEXTS + [1, None], C(), C("md5"), C("sha256"), C("sha512"), C("nope"), C(hashtype="sha384")),
    "checksum": each(TEXTS), "md5": each(TEXTS), "sha1": each(TEXTS),
    "b64encode": each(TEXTS + [123], C(), C("utf-16-le"), C(encoding="latin-1"), C(urlsafe=True)), "b64decode": each(["aGVsbG8=", "", "w6k=", "!!!", "YQ", "YWI", "_-8=", "aGVsbG8=\n", "/+8=", "6Q=="], C(), C("latin-1"), C(urlsafe=True), C(encoding="utf-16-le")),
    "urlsplit": each(["http://user:pw@www.acme.com:9000/dir/index.html?query=term#frag", "postgresql://h/db", "", "/a/b?c", "//h/x", "http://[::1]:80/", "mailto:a@b", "http://h:x/", "a:b:c", "HTTP://Host/"], C(), C("hostname"), C("port"), C("query"), C("nope"), C("netloc"), C(query="path"), C("username")),
    "quote": each(TEXTS + ["it's", "$HOME", "a'b'c", "~", "a=b", "@x", "%+,-./:=", 12, "é"]),
    "comment": each(TEXTS, C(), C("c"), C("cblock"), C("xml"), C("erlang"), C("plain", prefix="#######\n#", postfix="#\n#######\n   ###\n    #"), C(decoration="! "), C("nope"), C("plain", prefix="", postfix=""), C("plain", prefix_count=2, newline="\n"), C(beginning="B", end="E"), C("c", postfix_count=0)),
    "to_uuid": each(TEXTS + [1], C(), C("11111111-2222-3333-4444-555555555555"), C("x"), C(namespace="00000000-0000-0000-0000-000000000000")),
    "to_datetime": each(["2024-02-29 10:11:12", "2023-02-29 00:00:00", "x", "29/02/2024", "2024-03-01T00:00:00Z", "Mar 5 2024"], C(), C("%d/%m/%Y"), C("%Y-%m-%dT%H:%M:%SZ"), C(format="%b %d %Y"), C("%Q")),
    "strftime": each(["%Y-%m-%d", "%H:%M:%S", "%a %A %b %B %d %j %U %W %w %y %%", "%s", "%c|%x|%X|%p|%I|%Z|%z", "%e %k %l %F %T %D %R %u %G %V %g %C %h %n", "plain"], C(0), C(1700000000), C("86400.9"), C(1700000000, True), C("x"), C(second=1e9), C(-1)),
    "regex_replace": each(["foobar", "localhost:80", "a1b2", "ABC", "l1\nl2", "", 123, None], C("o", "0"), C("^(\\w+):(\\d+)$", "\\1 \\2"), C("(?P<x>b)", "<\\g<x>>"), C("b", "X", True), C("^l", "L", False, True), C("[a-z]", "", count=1), C("a", "b", ignorecase=True, multiline=True), C("(", "x"), C("a", "\\1"), C(), C("o", "0", mandatory_count=2), C("\\d"), C(pattern="o", replacement="\\\\")),
    "regex_search": each(["foobar", "server1/db42", "ABC", "l1\nl2", 123], C("o+"), C("server(\\d+)/db(\\d+)", "\\1", "\\2"), C("(?P<n>\\d+)", "\\g<n>"), C("nope"), C("b", ignorecase=True), C("^l2", multiline=True), C("(", "\\1"), C("o", "x"), C("o", "\\9"), C("(z)?o", "\\1"), C()),
    "regex_findall": each(["foobar", "a1b22", "ABC", "l1\nl2", 123], C("o"), C("([a-z])(\\d+)"), C("[a-z]", ignorecase=True), C("^l", True), C("("), C("(\\d)"), C("b", False, True)),
    "regex_escape": each(TEXTS + ["^a.b$", "[x]*", "(a|b)", "{1}", "a-b #c~&", "é"], C(), C("posix_basic"), C("posix_extended"), C(re_type="python")),
    "split": each(TEXTS + ["a,b,,c"], C(), C(","), C(" "), C(None, 1), C(",", 1), C(""), C(sep="-", maxsplit=1)),
    "basename": each(TEXTS + ["/a/b/", "/", "a", "//x"]), "dirname": each(TEXTS + ["/a/b/", "/", "a", "//x", "a//b"]),
    "splitext": each(TEXTS + ["a.tar.gz", ".bashrc", "a.b/c", "..x", "a."]), "path_join": each([["a", "b"], ["/a", "b", "/c"], ["a/", "b"], [""], [], "x", ["a", ""], ["", "b"], [1], "ab"]),
    "realpath": each(["/usr/../etc/./x", "/", "//a//b/", "/nope/../y"]), "relpath": each(["/a/b/c", "/a", "/", ""], C("/a"), C("/a/x/y"), C(start="/")), "normpath": each(["/a/../b", "a/./b//c/..", "", "..", "/..", "//a", "///a", "a/../.."]),
    "expanduser": each(["a", "/~", "~nosuchuser/x"]), "expandvars": each(["$NOPE_X", "a$", "${NOPE_X}y"]), "commonpath": each([["/a/b", "/a/c"], ["a"], [], ["/a", "b"], ["/a/b", "/a/b/c"]]),
    "win_basename": each(["C:\\a\\b.txt", "a/b", "C:x", ""]), "win_dirname": each(["C:\\a\\b.txt", "a/b", "C:x", "C:\\", ""]), "win_splitdrive": each(["C:\\a", "a", "\\\\h\\s\\x", ""]),
    "type_debug": each(LISTS + DICTS + NUMBERS), "mandatory": each([U, None, "x"], C(), C("msg"), C(msg="m")),
    "extract": each([0, "a", "nope", 9, -1], C([1, 2]), C({"a": {"b": [5, 6]}}), C({"a": {"b": [5, 6]}}, "b"), C({"a": {"b": [5, 6]}}, ["b", 1]), C({"a": 1}, morekeys="x"), C("text"), C(None)),
    "log": each([1, 10, 8, 0, -1, "x", 100, 2.5], C(), C(10), C(2), C(base=10)), "pow": each([2, 2.5, "x", 0, -8], C(2), C(0.5), C(-1), C("y")), "root": each([4, 27, 2, -1, "x", 0], C(), C(3), C(base=2), C(0)),
    "random": each([10, [1, 2, 3], "abcdef", 1, 0, 100, {"a": 1}, []], C(seed="x"), C(seed="host1"), C(1, seed="a"), C(start=5, step=5, seed="b"), C(seed=42), C(seed=0), C(5, 2, "s"), C(seed=12345678901), C(seed=None, start="x"), C(seed=1.5)),
    "shuffle": each([[1, 2, 3, 4, 5], ["a", "b"], "abcdef", list(range(30))], C(seed="x"), C(seed="host1"), C(seed=42), C("web")),
    "rekey_on_member": each([[{"n": "a", "v": 1}, {"n": "b"}], {"x": {"n": "q"}}, [{"n": "a"}, {"n": "a"}], [1], "x"], C("n"), C("v"), C("n", duplicates="overwrite"), C("n", "other")),
    "password_hash": each(["secret"], C("sha512", "saltsalt"), C("sha256", "saltsalt")) + each(["secret", "é", "", 12, "x" * 90, "a" * 72, "a" * 73], C("sha512", "saltsalt", rounds=5000), C("sha512", "mysalt", rounds=10000), C("sha256", salt="ab", rounds=1000), C("nope", "x"), C("sha512", "bad salt!"), C(hashtype="sha512", salt="0123456789abcdef", rounds=1234), C("sha512", "0123456789abcdefgh", rounds=2000), C("blowfish", "1234567890123456789012", rounds=5), C("bcrypt", "1234567890123456789012", rounds=4), C("bcrypt", "abcdefghijklmnopqrstuv", rounds=4, ident="2a"), C("blowfish", "short", rounds=4), C("sha512", "s", rounds=10), C("sha512_crypt", "saltsalt", rounds=5000)),
    "vault": each(["text", "", "é\n", 5, None], C("pw", "0123456789abcdef0123456789abcdef"), C("pw", salt="ab", vault_id="x"), C("", "ab"), C(5, "ab"), C("pw", "ab", "default")),
    "unvault": each(["plain", "", 5, "$ANSIBLE_VAULT;1.1;AES256\n00", "$ANSIBLE_VAULT;1.2;AES256;x\n6162303132330a3632383137613936383831663662623131366438"], C("pw"), C("other"), C(5), C("pw", "x")),
    "community.general.json_query": each([{"a": [{"b": 1, "n": "x"}, {"b": 2, "n": "y"}], "c": {"d": "e"}}, [], None, [3, 1.5, 2], "text"],
        *[C(query) for query in ["a[*].b", "a[?b==`2`].n", "c.d", "a[?n=='x'] | [0].b", "keys(@)", "nope", "[", "length(a)", "a[0]", "a[*].{q: b, w: n}", "sort_by(a, &b)[-1].n", "constructor", "__proto__", "join(',', a[].n)", "max_by(a, &b).n", "a[-1].b", "a[::-1].b", "c.*", "not_null(x, c.d)", "to_string(c)", "contains(a[].n, 'x')", "a[?b > `1` && n != 'z']", "nofunc(a)",
            "a[].[b, n]", "a[*].b | sum(@)", "avg(a[*].b)", "values(c)", "type(@)", "a[?starts_with(n, 'x')]", "reverse(@)", "reverse(a[*].n)", "sort(@)", "max(@)", "min(@)", "to_number('12')", "to_number('x')", "to_array(c)", "merge(c, {x: `1`})", "map(&b, a)", "a[?!(b == `1`)]", "a[?b == `1` || n == 'y'].n", "'raw \\'q'", "`{\"a\": [1]}`", "`\"x\"`", "\"a\"[0].\"b\"", "@", "*", "[*]", "[]", "[0]", "[-5]", "a[5]", "a[0:1]", "a[::0]", "a[?b]", "abs(`-1`)", "ceil(`1.5`)", "floor(`1.5`)", "ends_with('ab', 'b')", "min_by(a, &n).b", "a[*].n.length(@)", "length(c)", "length(`1`)", "a[?c].b", "a | [?b > `1`]", "{x: a, y: c}.y.d", "[a, c]", "c || a", "x || c.d", "x && c", "!x", "!c", "a.b", "c[0]", "``", "", "a[", "a]", "a b", "a..b", "`1` + `2`", "$", "items(c)", "let $x = a in $x", "upper('x')", "hasOwnProperty", "toString", "c.toString", "a.length", "\"\\u00e9\"", "to_string(@)", "to_string('x')", "`1.0`", "a[?b==`1.0`]", "a[?b=='1']", "sort_by(a, &nope)", "sort_by(a, &c)", "join('-', a[].b)", "a[?n < 'y']", "`true` && `0`", "`[]` || `1`", "'' || 'x'", "`0` || `1`"]]),
    "json_query": each([{"a": [1, 2]}, None], C("a[0]"), C("nope"), C("[")),
    "ansible.utils.ipaddr": each(["192.0.2.1/24", "192.0.2.1", "2001:db8::1/64", "fe80::1", "10.0.0.0/8", "x", "", "192.168.1.0/30", "8.8.8.8", "300.1.1.1", "192.0.2.1/255.255.255.0", "127.0.0.1", 5],
        *[C(query) for query in ["address", "network", "netmask", "prefix", "broadcast", "host", "subnet", "size", "version", "first_usable", "last_usable", "revdns", "public", "private", "bool", "1", "-1", 0, 1, "ipv4", "ipv6", "net", "wrap", "hostmask", "network/prefix", "host/prefix", "range_usable", "loopback", "int", "type", "nope", "192.0.2.0/24", "ip/prefix", "ip_netmask", "network_netmask", "address/prefix", "unicast", "multicast", "cidr", "gateway", "size_usable", "next_usable", "previous_usable", "peer", "link-local", "network_id", "ip", "addr", "is_private" ]])
        + each([["192.0.2.1/24", "x", "::1"]], C(), C("address"), C("ipv4"), C("net")),
    "ansible.utils.ipwrap": each(["192.0.2.1", "::1", "2001:db8::/32", "host.example", "fe80::1/64", ["::1", "1.2.3.4", "x"], "", "::ffff:1.2.3.4", "42540766412265424405338506004571095040/64"]),
    "ansible.utils.ipv4": each(["192.0.2.1/24", "::1", "x", ["1.2.3.4", "::1"], "::ffff:1.2.3.4", "192.0.2.0/24", 16909060], C(), C("address"), C("network"), C("ipv6"), C("net"), C("host")),
    "ansible.utils.ipv6": each(["192.0.2.1/24", "::1", "x", ["1.2.3.4", "::1"], "::ffff:1.2.3.4", "2001:db8::5/64", 16909060], C(), C("address"), C("network"), C("ipv4"), C("net"), C("prefix")),
    "ansible.utils.ipsubnet": each(["192.168.144.5", "192.168.0.0/16", "192.168.144.5/24", "2001:db8::/32", "x", "", "10.0.0.0/31"], C(), C(20), C(20, 0), C(20, -1), C(24, 5), C(48, 1), C(33), C(8), C("192.168.0.0/16"), C("192.168.144.0/24"), C("nope"), C(20, 100), C("20", 0), C(18, index=-1)),
    "ansible.utils.nthhost": each(["10.0.0.0/8", "10.0.0.5/24", "10.0.0.5", "2001:db8::/64", "x", ""], C(305), C(-1), C(1), C(0), C("7"), C("x"), C(256), C()),
    "ansible.utils.network_in_usable": each(["192.168.0.0/24", "192.168.0.5", "2001:db8::/64", "10.0.0.0/31", "x"], C("192.168.0.1"), C("192.168.0.0"), C("192.168.0.255"), C("192.168.0.0/25"), C("192.168.0.4/30"), C("192.168.0.5"), C("2001:db8::1"), C("x"), C("10.0.0.1")),
    "ansible.utils.network_in_network": each(["192.168.0.0/24", "192.168.0.5", "2001:db8::/64", "10.0.0.0/31", "x"], C("192.168.0.1"), C("192.168.0.0"), C("192.168.0.255"), C("192.168.0.0/25"), C("192.168.0.0/16"), C("192.168.0.5"), C("2001:db8::1"), C("x"), C("10.0.0.1")),
    "ansible.utils.ipmath": each(["192.168.1.5", "192.168.1.5/24", "2001:db8::1", "x", "255.255.255.255", "0.0.0.0"], C(1), C(-1), C(300), C("x"), C(), C(0)),
    "ansible.utils.next_nth_usable": each(["192.168.122.1/24", "192.168.122.0/24", "192.168.122.254/24", "10.0.0.0/31", "10.0.0.1", "2001:db8::1/64", "x"], C(1), C(2), C(0), C("x"), C(253)),
    "ansible.utils.previous_nth_usable": each(["192.168.122.10/24", "192.168.122.1/24", "10.0.0.1/31", "10.0.0.1", "2001:db8::9/64", "x"], C(1), C(2), C(0), C("x")),
    "ansible.utils.reduce_on_network": each([["192.168.0.34", "10.3.0.3", "192.168.2.34", "x"], [], ["2001:db8::1", "192.168.0.0/25"]], C("192.168.0.0/24"), C("2001:db8::/64"), C("192.168.0.34"), C("x")),
    # tests
    "is defined": each([U, None, "x"]), "is undefined": each([U, None, "x"]),
    "is version": each(["1.2.3", "1.10", "2", "1.0.0-rc1", "1.0b2", "15.4 (Debian 15.4-1)", "10", 15, 1.5, "", "1.2.3+b"], *[C(other, op) for other in ["1.2", "1.10.0", "2.0", 12] for op in ["<", ">=", "eq", "!="]], C("1.2.3"), C("1.2.3", "gt", strict=True), C("1.2.3", "lt", version_type="semver"), C("1.2.3", ">=", version_type="loose"), C("1.0a1", ">", version_type="pep440"), C("1.0", "~"), C("", "eq"), C("1.2", "<", version_type="nope"), C("1.2", "<", version_type="strict"), C("1.0.0-rc.2", ">", version_type="semver"), C("1.0.post1", "<=", version_type="pep440")),
    "is version_compare": each(["1.2.3", "9.6"], C("1.2", ">"), C("9.6", "=="), C("10", "lt"), C("9.6.1", "<>")),
    "is changed": each([{"changed": True}, {"changed": False}, {"results": [{"changed": True}]}, {"results": []}, {"results": [1]}, {"changed": None}]),
    "is change": each([{"changed": True}]), "is failed": each([{"failed": True}, {"failed": False}, {"failed": "x"}]), "is failure": each([{"failed": True}]),
    "is succeeded": each([{"failed": True}, {"rc": 1}]), "is success": each([{"failed": True}, {"rc": 0}]), "is successful": each([{"failed": True}]),
    "is skipped": each([{"skipped": True}, {"skipped": False}]), "is skip": each([{"skipped": True}]), "is reachable": each([{"unreachable": True}]), "is unreachable": each([{"unreachable": True}]),
    "is timedout": each([{"timedout": {"period": 5}}, {"timedout": {"period": 0}}, {"timedout": False}]), "is finished": each([{"finished": 1}, {"finished": 0}]), "is started": each([{"started": 1}, {"started": 0}]),
    "is truthy": each(["yes", "no", "false", "0", 0, "off", "x"], C(), C(True), C(convert_bool=True)), "is falsy": each(["yes", "no", "false", "0", 0, "off", "x"], C(), C(convert_bool=True)),
    "is match": each(["foobar", "ABC", "l1\nl2", 12], C("foo"), C("bar"), C("abc", True), C("b", ignorecase=True), C("("), C(), C(".*bar$"), C("^l2", multiline=True)),
    "is search": each(["foobar", "ABC", "l1\nl2", 12], C("foo"), C("bar"), C("abc", True), C("b", ignorecase=True), C("("), C(), C("^l2", multiline=True), C("^l2")),
    "is regex": each(["foobar", "ABC", "l1\nl2"], C("foo"), C("oba"), C("abc", True), C("foo", match_type="fullmatch"), C("foo", match_type="match"), C("bar", match_type="match"), C("x", match_type="nope")),
    "is subset": each([[1], [1, 2], [], "ab"], C([1, 2, 3]), C([]), C("abc"), C(None)), "is superset": each([[1], [1, 2], [], "ab"], C([1]), C([]), C("a"), C(None)), "is issubset": each([[1]], C([1])), "is issuperset": each([[1]], C([1])),
    "is contains": each([[1, "a"], "abc", {"k": 1}, 5], C("a"), C(1), C("k"), C(None)), "is in": each([1, "a", "k", None, []], C([1, "a"]), C("abc"), C({"k": 1}), C(5), C(None)),
    "is any": each([[True, False], [0, ""], [], "a"]), "is all": each([[True, False], [1, "x"], [], "a"]),
    "is none": [], "is string": [], "is number": [], "is integer": [], "is float": [], "is boolean": [], "is mapping": [], "is sequence": [], "is iterable": [], "is callable": [], "is true": [], "is false": [], "is lower": each(["abc", "aB", "1", "ß"]), "is upper": each(["ABC", "aB", "1", "A1"]),
    "is empty": [], "is escaped": [], "is nan": each([float("nan")]), "is isnan": [], "is odd": each(NUMBERS), "is even": each(NUMBERS), "is divisibleby": each([6, 7, 0, "6", 2.0], C(3), C(0), C("x"), C(2)),
    "is eq": each([1, "1", 1.0, True, [1]], C(1), C("1"), C([1])), "is equalto": each([1, "1"], C(1)), "is ==": [], "is ne": each([1, "1"], C(1), C("1")), "is gt": each([1, 2, "a", None], C(1), C("b")), "is ge": each([1, 2, "a"], C(1), C("b")), "is lt": each([1, 0, "a"], C(1), C("b")), "is le": each([1, 2, "a"], C(1), C("b")),
    "is greaterthan": each([1, 2], C(1)), "is lessthan": each([1, 0], C(1)), "is sameas": each([None, True, False, 1, "a"], C(None), C(True), C(1), C("a")), "is filter": each(["upper", "nope", "bool", "ansible.builtin.bool"]), "is test": each(["odd", "nope"]),
    "is file": each(["/etc/passwd", "/etc", "/nope"]), "is is_file": each(["/etc/passwd"]), "is directory": each(["/etc/passwd", "/etc", "/nope"]), "is dir": [], "is is_dir": [], "is exists": each(["/etc/passwd", "/etc", "/nope"]), "is link": each(["/etc/passwd", "/bin", "/nope"]), "is link_exists": each(["/bin", "/nope"]), "is abs": each(["/a", "a", "", "~"]), "is is_abs": each(["/a"]), "is same_file": each(["/etc/passwd", "/etc"], C("/etc/../etc/passwd"), C("/nope")), "is mount": each(["/", "/etc"]),
    "is uri": each(["http://a", "x", "urn:isbn:1", "file:///a"], C(), C(["http"])), "is url": each(["http://a", "x", "file:///a"], C(), C(["http"])), "is urn": each(["urn:isbn:1", "x"]), "is vault_encrypted": each(["$ANSIBLE_VAULT;1.1;AES256\n00"]),
}
