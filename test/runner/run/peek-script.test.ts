import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { quoteWord } from '../../../contract/quote.ts'
import { startScript } from '../../../runner/run/peek-script.ts'

const VERSION = (() => {
  try {
    return readdirSync('/usr/lib/postgresql').find((name) => /^\d+$/.test(name))
  } catch {
    return undefined
  }
})()

/** A mount namespace of its own can be made, with what the view of a data directory needs. */
const canMount =
  process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'x', '/mnt']).status === 0

/**
 * A stopped cluster, in folders of memory that nothing else on this machine sees. `foe`: what the server's user does
 * meanwhile, in perl. Prints what SQL answers through the throw-away server, and what became of the victim.
 */
const story = (foe: string, prepare: string): string => `
set -e
for folder in /etc/postgresql /run /var/lib/postgresql; do mkdir -p $folder; mount -t tmpfs -o mode=0755 x $folder; done
bin=/usr/lib/postgresql/${VERSION}/bin
chown postgres: /var/lib/postgresql
as() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }
mkdir /var/lib/postgresql/roots && chmod 0700 /var/lib/postgresql/roots && cd /var/lib/postgresql/roots
echo root-only > victim; chmod 0600 victim; echo pid > postmaster.pid
cd /
as "$bin/initdb" -D /var/lib/postgresql/data -A peer >/dev/null
install -d -o postgres -g postgres /etc/postgresql/${VERSION} /etc/postgresql/${VERSION}/lab
conf=/etc/postgresql/${VERSION}/lab/postgresql.conf
echo "data_directory = '/var/lib/postgresql/data'" > $conf; chown postgres: $conf
echo stale > /var/lib/postgresql/data/postmaster.pid
${prepare}
setpriv --reuid=postgres --regid=postgres --init-groups perl -e ${quoteWord(`my $end = time + 60; while (time < $end) { for my $top (glob "/run/play-peek.*") { ${foe} } }`)} &
foe=$!
sh -c ${quoteWord(`${startScript({ version: VERSION!, cluster: 'lab', port: 5433 })}
$as_server psql -XAt -h "$top/socket" -p 5433 -d postgres -c "select current_setting('data_directory')"
kill $!; wait $!`)} 2>&1 || echo "code $?"
kill $foe 2>/dev/null || :
stat -c 'victim %U %a' /var/lib/postgresql/roots/victim; cat /var/lib/postgresql/roots/victim /var/lib/postgresql/roots/postmaster.pid
cat /var/lib/postgresql/data/postmaster.pid /var/lib/postgresql/was/postmaster.pid 2>/dev/null || :
`
const play = (foe: string, prepare = ''): string =>
  execFileSync('unshare', ['-m', '--propagation', 'private', 'bash', '-c', story(foe, prepare)], {
    encoding: 'utf8',
  })

const UNTOUCHED = /victim root 600\nroot-only\npid\n(pid\n)?stale\n$/

describe.runIf(VERSION && canMount)('the throw-away server of a check', { timeout: 120_000 }, () => {
  it('answers, and leaves the data directory as it is', () => {
    const said = play('exit')
    expect(said).toContain('/var/lib/postgresql/data\n')
    expect(said).toMatch(UNTOUCHED)
  })

  it("wins its user nothing: no file of root's is written through what he puts there", () => {
    const victim = '/var/lib/postgresql/roots/victim'
    const foe = `for my $name ("log", "err", "hba", "mem") { unlink "$top/$name"; rename "$top/$name", "$top/was"; symlink "${victim}", "$top/$name" }`
    for (let round = 0; round < 3; round += 1) expect(play(foe)).toMatch(UNTOUCHED)
  })

  it('is not shown a folder of root by a data directory that is a link to one', () => {
    const said = play('exit', 'cd /var/lib/postgresql; as mv data was; as ln -s roots data; cd /')
    expect(said).toContain('the data directory /var/lib/postgresql/data belongs to root')
    expect(said).toMatch(UNTOUCHED)
  })
})
