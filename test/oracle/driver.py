# Runs ansible-inventory and `ansible PATTERN --list-hosts`, each case in a process of its own that has Ansible loaded.
# Standard input: a JSON list of {"kind": "inventory" | "hosts", "cwd": folder, "args": [words]}.
# Standard output: a JSON list of {"code": exit code, "out": standard output, "err": standard error}.
import json
import os
import sys
import tempfile

os.environ.setdefault('ANSIBLE_NOCOLOR', '1')
cases = json.load(sys.stdin)

import ansible.cli.adhoc
import ansible.cli.inventory
import ansible.inventory.manager
import ansible.parsing.dataloader
import ansible.plugins.loader
import ansible.vars.manager


def run(case, out, err):
    os.chdir(case['cwd'])
    os.environ['HOME'] = case['cwd']
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    kind = ansible.cli.inventory.InventoryCLI if case['kind'] == 'inventory' else ansible.cli.adhoc.AdHocCLI
    name = 'ansible-inventory' if case['kind'] == 'inventory' else 'ansible'
    code = 0
    try:
        code = kind([name] + case['args']).run() or 0
    except SystemExit as error:
        code = error.code or 0
    except BaseException as error:
        print('%s: %s' % (type(error).__name__, error), file=sys.stderr)
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


answers = []
for case in cases:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            run(case, out, err)
        _, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        answers.append({
            'code': os.waitstatus_to_exitcode(status),
            'out': out.read().decode(),
            'err': err.read().decode(),
        })
json.dump(answers, sys.stdout)
