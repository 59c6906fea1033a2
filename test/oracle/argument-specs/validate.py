# Reads cases from standard input as JSON, [[spec, values], ...]; prints whether ansible-core's validator takes each.
import copy, json, sys
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

def taken(spec, values):
    try:
        return not ArgumentSpecValidator(spec).validate(copy.deepcopy(values)).error_messages
    except Exception:
        return False

json.dump([taken(spec, values) for spec, values in json.load(sys.stdin)], sys.stdout)
