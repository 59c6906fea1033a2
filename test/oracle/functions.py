"""What Ansible's filters and tests make of values, in one case a line: [name, values, answer]. The answers are recorded:

    python3 test/oracle/functions.py > test/oracle/functions.json

A value is JSON, or {"$": kind, …} for what JSON has not. A test's name begins with "is ". The answer "E" is an error.
"""

import datetime
import itertools
import json
import os
import sys
import warnings

warnings.simplefilter("ignore")
os.environ["TZ"] = "UTC"

from ansible.parsing.dataloader import DataLoader  # noqa: E402
from ansible.template import Templar  # noqa: E402

try:
    from ansible.template import accept_args_markers, trust_as_template
except ImportError:  # before 2.19
    def trust_as_template(text):
        return text

    def accept_args_markers(function):
        return function

try:
    # Filters of collections are not found without it.
    from ansible.plugins.loader import init_plugin_loader

    init_plugin_loader()
except ImportError:  # before 2.15
    pass

from cases import ALONE, CASES, U, VALUES, Call  # noqa: E402


def encoded(value, depth=0):
    if isinstance(value, str):
        # The folder in which this runs.
        return "$CWD" + value[len(CWD):] if value.startswith(CWD) else str(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) <= 2**53 - 1 else {"$": "int", "is": str(value)}
    if isinstance(value, float):
        return {"$": "float", "is": repr(float(value))} if value != value or value in (float("inf"), float("-inf")) or value == int(value) else float(value)
    if isinstance(value, (datetime.datetime, datetime.date, datetime.timedelta)):
        kind = next(one for one in (datetime.datetime, datetime.date, datetime.timedelta) if isinstance(value, one))
        return {"$": kind.__name__, "is": str(value)}
    if isinstance(value, tuple):
        return {"$": "tuple", "is": [encoded(one) for one in value]}
    if isinstance(value, (set, frozenset)):
        return {"$": "set", "is": [encoded(one) for one in value]}
    if isinstance(value, dict):
        if all(isinstance(key, str) and not key.isdecimal() and key != "$" for key in value):
            return {str(key): encoded(one) for key, one in value.items()}
        return {"$": "dict", "is": [[encoded(key), encoded(one)] for key, one in value.items()]}
    if type(value).__name__ in ("UndefinedMarker", "AnsibleUndefined"):
        return {"$": "undefined"}
    if hasattr(value, "__iter__") and not isinstance(value, str):
        return [encoded(one) for one in value]
    return {"$": type(value).__name__, "is": str(value)}


CWD = os.getcwd()
seen = []
templar = Templar(DataLoader(), {})
environment = getattr(templar, "environment", None) or templar._engine.environment

@accept_args_markers
def see(value):
    seen.append(encoded(value))
    return "seen"


environment.filters["see__"] = see


def evaluate(name, value, call):
    variables = {}

    def put(key, one):
        if one is not U:
            variables[key] = one
        return key

    words = [put(f"a{index}", one) for index, one in enumerate(call.args)]
    words += [f"{key}={put('n' + key, one)}" for key, one in call.named.items()]
    arguments = f"({', '.join(words)})" if words else ""
    put("v", value)
    is_test = name.startswith("is ")
    expression = f"(v {name}{arguments}) | see__" if is_test else f"v | {name}{arguments} | see__"
    seen.clear()
    try:
        templar.available_variables = variables
        templar.template(trust_as_template("{{ " + expression + " }}"))
        return seen[-1] if seen else "E"
    except Exception:
        return "E"


def line(name, value, call):
    given = {"$": "undefined"} if value is U else encoded(value)
    args = [{"$": "undefined"} if one is U else encoded(one) for one in call.args]
    named = {key: encoded(one) for key, one in call.named.items()}
    return [name, given, args, named, evaluate(name, value, call)]


wanted = set(sys.argv[1:])
lines = set()
for name, cases in CASES.items():
    if wanted and name not in wanted:
        continue
    for value, call in itertools.chain(((value, Call()) for value in VALUES if name not in ALONE), cases):
        text = json.dumps(line(name, value, call), separators=(",", ":"), ensure_ascii=True)
        if text not in lines:
            print(",\n" if lines else "[\n", text, sep="", end="", flush=True)
        lines.add(text)
print("\n]")
