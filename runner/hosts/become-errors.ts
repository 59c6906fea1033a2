import { PlayError } from '../errors.ts'
import type { Exit } from './channel.ts'
import type { ConnectionSpec } from './types.ts'

/** Why sudo, su or runuser did not start the program, from its own words. */
export function becomeError(spec: ConnectionSpec, as: string, said: string, exit: Exit): PlayError {
  if (exit.lost) return lost(spec)
  const details = said.split('\n').filter((line) => line.trim() !== '')
  const known = REASONS.find(([pattern]) => pattern.test(said))
  if (known) return known[1](spec, as, details)
  return become(spec, `cannot become ${as}: it ended with code ${exit.code}`, { details })
}

/** Nobody has that name on the host: an earlier task of the run may still make the user. */
export const isUnknownUser = (error: unknown): boolean =>
  error instanceof PlayError && error.code === 'become' && /: there is no user \S+$/.test(error.message)

export const lost = (spec: ConnectionSpec): PlayError =>
  new PlayError('unreachable', `${spec.name}: the connection to ${place(spec)} was lost`, {
    hint: 'check that the machine still runs, then run the playbook again',
  })

export const place = (spec: ConnectionSpec): string =>
  spec.kind === 'local' ? 'this machine' : `${spec.user}@${spec.address}:${spec.port}`

/** By sudo the login user's own password is asked for, by su that of the other one. */
const methodOf = ({ becomeMethod = 'sudo' }: ConnectionSpec) => becomeMethod
const whose = (spec: ConnectionSpec, as: string) => (methodOf(spec) === 'su' ? as : spec.user)

export const passwordNeeded = (spec: ConnectionSpec, as: string): PlayError =>
  become(spec, `${methodOf(spec)} asks ${spec.user} for a password to become ${as}, and there is none`, {
    hint: `use -K to be asked for it, or set ansible_become_password in a vaulted file${methodOf(spec) === 'su' ? '' : ', or let sudo do without: docs/sudoers'}`,
  })

export const wrongPassword = (spec: ConnectionSpec, as: string): PlayError =>
  become(spec, `${methodOf(spec)} did not take the password of ${whose(spec, as)} to become ${as}`, {
    hint: `check the password given with -K or in ansible_become_password: it is the one of ${methodOf(spec) === 'su' ? as : 'the login user'}`,
  })

export const unexpectedPrompt = (spec: ConnectionSpec, as: string, said: string): PlayError =>
  become(spec, `${methodOf(spec)} did not start a shell of ${as} and asked for no password`, {
    hint: `try it by hand: ssh ${spec.user}@${spec.address} ${methodOf(spec) === 'su' ? `su ${as} -c true` : `sudo -u ${as} true`}`,
    details: said.split('\n').filter((line) => line.trim() !== ''),
  })

type Describe = (spec: ConnectionSpec, as: string, details: string[]) => PlayError

const REASONS: [RegExp, Describe][] = [
  [/a password is required|no password was provided|no tty present and no askpass/, passwordNeeded],
  [/incorrect password attempt|Sorry, try again|su: Authentication failure/, wrongPassword],
  [
    /not in the sudoers file|is not allowed to (run sudo|execute)|may not run sudo/,
    (spec, as, details) =>
      become(spec, `${spec.user} is not allowed to become ${as} with sudo`, {
        hint: `give it the right in a file of /etc/sudoers.d (docs/sudoers): ${spec.user} ALL = (${as}) NOPASSWD: /bin/sh`,
        details,
      }),
  ],
  [
    /sudo['’]?: (not found|No such file)/,
    (spec, as) =>
      become(spec, `sudo is not installed, so ${spec.user} cannot become ${as}`, {
        hint: 'install sudo there, or log in as root (-u root)',
      }),
  ],
  [
    /must have a tty|must be run from a terminal/,
    (spec, as) =>
      methodOf(spec) === 'su'
        ? become(spec, `su there wants a terminal before ${spec.user} may become ${as}`, {
            hint: 'use become_method: sudo, or log in as root',
          })
        : become(spec, `sudo there wants a terminal (requiretty) before ${spec.user} may become ${as}`, {
            hint: `add to a file of /etc/sudoers.d: Defaults:${spec.user} !requiretty`,
          }),
  ],
  [
    /su: Permission denied/,
    (spec, as) =>
      become(spec, `${spec.user} is not allowed to become ${as} with su`, {
        hint: 'see /etc/pam.d/su there (pam_wheel names the group that may), use become_method: sudo, or log in as root',
      }),
  ],
  [
    /unknown user|user \S+ does not exist/,
    (spec, as) =>
      become(spec, `there is no user ${as}`, { hint: `create ${as} first, or correct become_user` }),
  ],
]

const become = (
  spec: ConnectionSpec,
  text: string,
  fields: { hint?: string; details?: string[] },
): PlayError => new PlayError('become', `${spec.name}: ${text}`, fields)
