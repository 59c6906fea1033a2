/** Known ends of apt-get and dpkg, by a part of their words, and what to do. */
const KNOWN: readonly [RegExp, string][] = [
  [
    /No space left on device|You don't have enough free space in/,
    'the disk is full: free space (df -h, or df -i for inodes, shows where; apt-get clean removes fetched packages), then run again',
  ],
  [
    / is held by process|Unable to acquire the dpkg frontend lock/,
    'another package manager is at work: let it end, or give a longer lock_timeout',
  ],
  [/dpkg was interrupted, you must manually run/, 'run again: play finishes what the interrupted dpkg left'],
  [
    /NO_PUBKEY|is not signed|couldn't be verified because the public key is not available/,
    "the repository is signed with another key than the one trusted: compare key.fingerprint with the repository owner's",
  ],
  [
    /EXPKEYSIG|KEYEXPIRED/,
    "the repository's key has expired: remove its file from /etc/apt/keyrings and run again, which fetches it anew",
  ],
  [
    /Release file for \S+ is (expired|not valid yet)/,
    "the repository's index is out of date, or the host's clock is wrong (date)",
  ],
  [/does not have a Release file/, 'there is no such suite at that address: check uris and suites'],
  [
    /Temporary failure resolving|Could not resolve/,
    'the host cannot resolve the name: check its DNS (getent hosts NAME)',
  ],
  [
    /Connection refused|Could not connect|Unable to connect|Connection timed out/,
    'the host cannot reach the repository: check address, route and proxy',
  ],
  [/404\s+Not Found/, 'the package lists are older than the repository: add update_cache: true'],
  [
    /Unable to locate package|has no installation candidate/,
    'check the spelling, and that the host has the repository that holds it: an apt_repo task, or pgdg_repo_url for the playbooks of play; update_cache: true fetches its list',
  ],
  [/Version '[^'\n]*' for '[^'\n]*' was not found/, 'apt-cache madison PACKAGE lists the versions there are'],
  [/Held packages were changed/, 'a package is held: apt-mark unhold PACKAGE, or leave it out'],
  [
    /Packages were downgraded|without --allow-downgrades/,
    'say allow_downgrade: true if an older version is meant',
  ],
  [
    /have unmet dependencies|held broken packages/,
    'the packages asked for do not go together, or a repository is missing',
  ],
]

/** apt's own error lines, and what to do about them. */
export function explainApt(output: string): { lines: string[]; hint?: string } {
  const all = output.split('\n').map((line) => line.trimEnd())
  const errors = all.filter((line) =>
    /^(E|W|Err)[:\s]|^dpkg: error|^ {2}\S.*(404|NO_PUBKEY|expired)|Depends:/.test(line),
  )
  const lines = errors.length > 0 ? errors : all.filter((line) => line !== '').slice(-5)
  return { lines, hint: KNOWN.find(([words]) => words.test(output))?.[1] }
}

/** An index could not be fetched although apt-get said nothing with its exit code: apt before 2.1 knows no Error-Mode. */
export const fetchFailed = (output: string): boolean =>
  /^[WE]: (Failed to fetch|Some index files failed)/m.test(output)
