import type { Connection } from '../hosts/types.ts'
import type { Vars } from '../load/types.ts'
import { clockFacts } from './facts/clock.ts'
import { Found } from './facts/found.ts'
import { hardwareFacts } from './facts/hardware.ts'
import { localFacts } from './facts/local.ts'
import { mountsOf } from './facts/mounts.ts'
import { networkFacts } from './facts/network.ts'
import { systemFacts } from './facts/system.ts'
import { virtualizationFacts } from './facts/virtualization.ts'
import { HostReads } from './host-reads.ts'

/** The facts of a host as `as` sees it, under Ansible's names: `ansible_facts.distribution`, `ansible_distribution`. */
export async function gatherFacts(connection: Connection, as: string | undefined): Promise<Vars> {
  const host = new HostReads(connection, as)
  // All of it is one round trip.
  const [{ machine }, packages, parts] = await Promise.all([
    host.self(),
    host.packages(['dpkg', 'python3']),
    host.facts(),
  ])
  return factsFrom({
    machine,
    debArch: packages.find(({ name }) => name === 'dpkg')?.architecture ?? '',
    python: packages.find(({ name }) => name === 'python3')?.version ?? '',
    parts,
  })
}

/** What facts are made of. */
interface Said {
  /** uname -m */
  machine: string
  debArch: string
  /** Version of the package python3, with Debian's part; empty where there is none. */
  python: string
  /** As facts-script.ts calls them. */
  parts: ReadonlyMap<string, Buffer>
}

/** What cannot be had is not among them; docs/language.md says which there are (facts/names.ts). */
export function factsFrom({ machine, debArch, python, parts }: Said): Vars {
  const found = new Found(parts)
  const facts: Vars = {
    // An interface may have any name: it is no other fact.
    ...networkFacts(found, machine),
    ...systemFacts(found, machine),
    ...hardwareFacts(found, machine),
    ...virtualizationFacts(found),
    ...clockFacts(found),
    ...localFacts(found),
    ...userFacts(found),
    mounts: mountsOf(found),
    env: Object.fromEntries(found.under('env')),
    deb_architecture: debArch,
    pkg_mgr: debArch === '' ? 'unknown' : 'apt',
    ...pythonFacts(python),
  }
  const prefixed = Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [`ansible_${name}`, value]),
  )
  return { ...prefixed, ansible_facts: facts }
}

/** Whose rights count, and that is whom a task's commands run as: its real and its effective ids are one. */
function userFacts(found: Found): Vars {
  const [name, uid, gid, gecos, home, shell, group] = found.text('user').split('\n')
  return {
    ...{ user_id: name, user_uid: Number(uid), user_gid: Number(gid), user_gecos: gecos },
    ...{ user_dir: home, user_shell: shell },
    ...{ real_user_id: Number(uid), effective_user_id: Number(uid) },
    ...{ real_group_id: Number(group), effective_group_id: Number(group) },
  }
}

/**
 * Of the Python that Ansible would run there, which roles ask for the names of packages. Debian has no other than 3: that is so
 * where none is installed, and then nothing else is said.
 */
function pythonFacts(installed: string): Vars {
  const [text, minor, micro] = /^3\.(\d+)\.(\d+)/.exec(installed) ?? []
  const version = { major: 3, ...(text ? { minor: Number(minor), micro: Number(micro) } : {}) }
  return {
    python: { version, executable: '/usr/bin/python3', type: 'cpython' },
    ...(text ? { python_version: text } : {}),
  }
}
