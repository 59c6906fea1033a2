import { execFileSync, spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { quoteWord } from '../../../contract/quote.ts'
import { KEEPER_SCRIPT } from '../../../runner/hosts/keeper-script.ts'
import { heldBy } from '../../../runner/run/locks.ts'

/** A folder of memory in the place of /run, which nothing else on this machine sees. */
const canMount =
  process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'x', '/mnt']).status === 0

/** What a keeper says where games holds the lock, and has written this into the file. */
function answer(written: string): { words: string[]; pid: string } {
  const hold = `use Fcntl ":flock"; open my $lock, "+<", "/run/play/lock" or die; flock $lock, LOCK_EX or die; truncate $lock, 0;
syswrite $lock, $ARGV[0] =~ s/PID/$$/r; print "$$\\n"; close STDOUT; sleep 60`
  const story = `mount -t tmpfs x /run && mkdir /run/play && : >/run/play/lock && chmod 0666 /run/play/lock
coproc HOLD { exec setpriv --reuid games --clear-groups perl -e ${quoteWord(hold)} ${quoteWord(written)}; }
read -r pid <&"\${HOLD[0]}"
echo "$pid"
perl -e ${quoteWord(KEEPER_SCRIPT)} run2 15 1 7b7d </dev/null
kill "$pid"`
  const [pid = '', said = ''] = execFileSync(
    'unshare',
    ['-m', '--propagation', 'private', 'bash', '-c', story],
    {
      encoding: 'utf8',
    },
  ).split('\n')
  return { words: said.split(' '), pid }
}
const textOf = (hex = '') => Buffer.from(hex, 'hex').toString()

it.runIf(canMount)(
  'a lock that a process of another user holds is told with that process and user, whatever the file says',
  { timeout: 30_000 },
  () => {
    for (const written of ['x', 'run1 1\n{"user":"root"}\n\n']) {
      const { words, pid } = answer(written)
      expect(words[0]).toBe('busy')
      expect(textOf(words[3])).toMatch(new RegExp(`^${pid} of user games: perl -e `))
    }
    // One that keeps to the form is believed to be a keeper, as that of a run of this user is.
    expect(textOf(answer('run1 PID\n{"user":"games"}\n\n').words[3])).toBe('')
  },
)

it('and so is the run that it stops', () => {
  const others = ['4711 of user games: perl lock.pl']
  const busy = { state: 'busy', holder: null, ending: false, processes: [], others } as const
  const error = heldBy(new Map([['vm1', { ...busy, processes: [...busy.processes], others: [...others] }]]))
  expect(error.message).toBe(
    'vm1 is held by process 4711 of user games: perl lock.pl, which is no run of play',
  )
  expect(error.details).toEqual(['vm1: process 4711 of user games: perl lock.pl'])
  expect(error.hint).toContain('/run/play/lock')
})
