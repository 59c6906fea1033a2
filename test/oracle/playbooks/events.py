import json, os
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: events
type: stdout
short_description: lines that say what happened
"""

class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'stdout'
    CALLBACK_NAME = "events"

    def say(self, *words):
        self._display.display('@' + json.dumps(words))

    def _r(self, status, result, item=None, ignored=False):
        host = getattr(result, 'host', None) or result._host
        task = getattr(result, 'task', None) or result._task
        words = ['result', host.get_name(), task.get_name().strip(), status, item, bool(ignored)]
        if os.environ.get('EVENTS_SAY') and task.action.split('.')[-1] == 'debug':
            words.append(self._data(result).get('msg'))
        self.say(*words)

    def v2_playbook_on_play_start(self, play):
        self.say('play', play.get_name().strip())
    def v2_playbook_on_task_start(self, task, is_conditional):
        self.say('task', task.get_name().strip())
    def v2_playbook_on_handler_task_start(self, task):
        self.say('handler', task.get_name().strip())
    def _data(self, result):
        return getattr(result, 'result', None) or result._result
    def v2_runner_on_ok(self, result):
        self._r('changed' if self._data(result).get('changed') else 'ok', result)
    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._r('failed', result, ignored=ignore_errors)
    def v2_runner_on_skipped(self, result):
        self._r('skipped', result)
    def v2_runner_on_unreachable(self, result):
        self._r('unreachable', result)
    def _item(self, status, result):
        d = self._data(result)
        self._r(status, result, item=json.dumps(d.get('_ansible_item_label', d.get('item')), default=str))
    def v2_runner_item_on_ok(self, result):
        self._item('changed' if self._data(result).get('changed') else 'ok', result)
    def v2_runner_item_on_failed(self, result):
        self._item('failed', result)
    def v2_runner_item_on_skipped(self, result):
        self._item('skipped', result)
    def v2_playbook_on_stats(self, stats):
        hosts = sorted(stats.processed.keys())
        self.say('recap', {h: stats.summarize(h) for h in hosts})
