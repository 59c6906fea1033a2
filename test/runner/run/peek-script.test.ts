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
const story = (foe: string, prepare: string, query: string): string => `
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
sum() { find /var/lib/postgresql/{data,wal,space} -type f 2>/dev/null | sort | xargs -d '\\n' sha256sum | sha256sum; }
before=$(sum)
setpriv --reuid=postgres --regid=postgres --init-groups perl -e ${quoteWord(`my $end = time + 60; while (time < $end) { for my $top (glob "/run/play-peek.*") { ${foe} } }`)} &
foe=$!
sh -c ${quoteWord(`${startScript({ version: VERSION!, cluster: 'lab', port: 5433 })}
until $as_server psql -XAtq -h "$top/socket" -p 5433 -d postgres -c 'select' 2>/dev/null; do sleep 0.1; done
$as_server psql -XAt -h "$top/socket" -p 5433 -d postgres -c "${query}"
kill $!; wait $!`)} 2>&1 || echo "code $?"
kill $foe 2>/dev/null || :
[ "$(sum)" = "$before" ] && echo 'the same bytes' || echo 'other bytes'
stat -c 'victim %U %a' /var/lib/postgresql/roots/victim; cat /var/lib/postgresql/roots/victim /var/lib/postgresql/roots/postmaster.pid
cat /var/lib/postgresql/data/postmaster.pid /var/lib/postgresql/was/postmaster.pid 2>/dev/null || :
`
const play = (foe: string, prepare = '', query = "select current_setting('data_directory')"): string =>
  execFileSync('unshare', ['-m', '--propagation', 'private', 'bash', '-c', story(foe, prepare, query)], {
    encoding: 'utf8',
  })

const UNTOUCHED = /victim root 600\nroot-only\npid\n(pid\n)?stale\n$/

describe.runIf(VERSION && canMount)('the throw-away server of a check', { timeout: 120_000 }, () => {
  it('answers, and leaves the data directory as it is', () => {
    const said = play('exit')
    expect(said).toContain('/var/lib/postgresql/data\n')
    expect(said).toMatch(UNTOUCHED)
    expect(said).toContain('the same bytes')
  })

  // It recovers from a crash, and makes a checkpoint, which would take WAL away that the server itself needs.
  it.each(['ln -s ../wal data/pg_wal', 'mkdir -m 0700 data/pg_wal'])(
    'leaves WAL and tablespaces that are elsewhere as they are: %s',
    (place) => {
      const said = play(
        'exit',
        `cd /var/lib/postgresql; as mkdir -m 0700 space wal; rm data/postmaster.pid
as $bin/pg_ctl -D data -s -w -l /dev/null -o "-c listen_addresses= -c unix_socket_directories=/var/lib/postgresql -c port=5499" start
as psql -qX -h /var/lib/postgresql -p 5499 -d postgres -c "create tablespace space location '/var/lib/postgresql/space'" \\
  -c "create table far tablespace space as select generate_series(1, 50000) a" -c checkpoint -c "update far set a = a + 1"
as $bin/pg_ctl -D data -s -m immediate stop; as mv data/pg_wal was; as cp -a was/. wal; as rm -r was; as ${place}
[ -L data/pg_wal ] || mount --bind wal data/pg_wal
echo stale > data/postmaster.pid; cd /`,
        'select count(*), min(a) from far',
      )
      expect(said).toContain('50000|2\n')
      expect(said).toContain('the same bytes')
    },
  )

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
