"""Where an older Ansible answers otherwise than the newest: one case in a line, with the older one's answer.

    test/oracle/run BOOKWORM functions > /tmp/older.json
    python3 test/oracle/older.py test/oracle/functions.json /tmp/older.json > test/oracle/functions-2.14.json
"""

import json
import sys

SETS = {"union", "intersect", "difference", "symmetric_difference"}


def compared(name, answer):
    if answer in ("E", {"$": "undefined"}):
        return "E"
    if name in SETS and isinstance(answer, list):  # the order is by chance
        return sorted(map(json.dumps, answer))
    return answer


def is_by_chance(name, args, named):
    return name in ("random", "shuffle") and not args and "seed" not in named


newer, older = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
answers = {json.dumps(row[:4]): row[4] for row in older}
rows = []
for name, value, args, named, answer in newer:
    old = answers.get(json.dumps([name, value, args, named]), answer)
    if is_by_chance(name, args, named) or "built-in method" in json.dumps(old):
        continue
    if compared(name, answer) != compared(name, old):
        rows.append(json.dumps([name, value, args, named, old], separators=(",", ":")))
print("[\n" + ",\n".join(rows) + "\n]")
