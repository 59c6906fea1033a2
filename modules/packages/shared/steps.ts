import type { ExecStep } from '../../../contract/plan.ts'
import { APT_LOCK_SCRIPT } from './scripts.ts'

/**
 * No question from debconf, a restart of services left to needrestart's list mode, no pager from apt-listchanges.
 * The locale stays the host's: a package that makes a cluster makes it in that.
 */
const ENV = {
  DEBIAN_FRONTEND: 'noninteractive',
  NEEDRESTART_MODE: 'l',
  APT_LISTCHANGES_FRONTEND: 'none',
} as const

const LISTS_LOCK = '/var/lib/apt/lists/lock'
const DPKG_LOCKS = ['/var/lib/dpkg/lock-frontend', '/var/lib/dpkg/lock', '/var/cache/apt/archives/lock']

/** Configuration files that the administrator changed stay as they are; new ones come as the package has them. */
const KEEP_CONFFILES = ['-o', 'Dpkg::Options::=--force-confdef', '-o', 'Dpkg::Options::=--force-confold']

/** A name that no package has is an error, instead of a regular expression that picks others. */
export const NO_PATTERNS = ['-o', 'APT::Cmd::Pattern-Only=true']

/** apt's status lines, among those of its output: how far fetching and installing are (apt's README.progress-reporting). */
const STATUS = ['-o', 'APT::Status-Fd=1']
const STATUS_LINE = /^(?:dl|pm)status:[^:]*:(?<percent>[\d.]+):(?<what>.*)$/

/** Waits for locks, then fetches package lists. @param sourceFile only those of this file; all when left out */
export function updateSteps(lockTimeout: number, sourceFile?: string): ExecStep[] {
  const only =
    sourceFile === undefined
      ? []
      : [
          '-o',
          `Dir::Etc::sourcelist=${sourceFile}`,
          '-o',
          'Dir::Etc::sourceparts=/dev/null',
          '-o',
          'APT::Get::List-Cleanup=0',
        ]
  return [
    lockStep(lockTimeout, [LISTS_LOCK]),
    {
      do: 'exec',
      // Without the mode, an index that cannot be fetched is a warning and exit code 0.
      argv: ['apt-get', 'update', '-q', '-o', 'APT::Update::Error-Mode=any', ...only],
      env: ENV,
      title: 'apt-get update',
    },
  ]
}

/** Waits for locks, then runs apt-get with these words. `result` judges how it ended. */
export function aptSteps(lockTimeout: number, words: readonly string[]): ExecStep[] {
  const wait = ['-o', `DPkg::Lock::Timeout=${lockTimeout}`]
  return [
    lockStep(lockTimeout, DPKG_LOCKS),
    {
      do: 'exec',
      argv: ['apt-get', '-y', '-q', ...STATUS, ...KEEP_CONFFILES, ...NO_PATTERNS, ...wait, ...words],
      env: ENV,
      uncut: true,
      progress: STATUS_LINE,
      title: `apt-get ${words.join(' ')}`,
    },
  ]
}

/** Finishes what an interrupted dpkg left half done. */
export function repairSteps(lockTimeout: number): ExecStep[] {
  return [
    lockStep(lockTimeout, DPKG_LOCKS),
    {
      do: 'exec',
      argv: ['dpkg', '--configure', '-a', '--force-confdef', '--force-confold'],
      env: ENV,
      uncut: true,
      title: 'dpkg --configure -a',
    },
  ]
}

const lockStep = (seconds: number, locks: readonly string[]): ExecStep => ({
  do: 'exec',
  argv: ['perl', '-e', APT_LOCK_SCRIPT, String(seconds), ...locks],
  title: 'wait for the package manager to be free',
})
