"""Evaluates cases with the real Ansible: JSON on standard input, answers as JSON on standard output.

Input: {"contexts": [{...}], "cases": [[kind, text, [context index, ...]], ...], "files": {name: text}}, the kind being
"template" (a value of YAML), "file" (a template file) or "expression" (as `when` has it).
Output: for each case and context [value] or the name of the kind of error.
"""

import json
import math
import os
import sys
import tempfile

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible.errors import AnsibleUndefinedVariable
from ansible.plugins.loader import init_plugin_loader

# Filters of collections are not found without it.
init_plugin_loader()


class Left(Exception):
    pass


def plain(value):
    if value is None or isinstance(value, (bool, str)):
        return value if value is None or isinstance(value, bool) else str(value)
    if isinstance(value, int):
        return int(value) if abs(value) < 2**53 else {"$int": str(int(value))}
    if isinstance(value, float):
        return float(value) if math.isfinite(value) and str(value) != "-0.0" else {"$float": repr(float(value))}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return {"$type": type(value).__name__, "text": str(value)}


def evaluate(templar, kind, text):
    trusted = trust_as_template(text)
    if kind == "expression":
        return templar.evaluate_expression(trusted, escape_backslashes=False)
    return templar.template(trusted, escape_backslashes=kind == "template")


def kind_of(error):
    seen = error
    while seen is not None:
        if isinstance(seen, AnsibleUndefinedVariable):
            return "undefined"
        seen = seen.__cause__
    return "error"


def main():
    given = json.load(sys.stdin)
    answers = []
    with tempfile.TemporaryDirectory() as folder:
        for name, text in given.get("files", {}).items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        loader = DataLoader()
        loader.set_basedir(folder)
        for kind, text, contexts in given["cases"]:
            row = []
            for index in contexts:
                variables = json.loads(json.dumps(given["contexts"][index]))
                templar = Templar(loader=loader, variables=variables)
                if given.get("files"):
                    templar = templar.copy_with_new_env(searchpath=[folder], available_variables=variables)
                try:
                    row.append([plain(evaluate(templar, kind, text))])
                except Exception as error:
                    row.append(kind_of(error))
            answers.append(row)
    json.dump(answers, sys.stdout, ensure_ascii=True, separators=(",", ":"))


main()
