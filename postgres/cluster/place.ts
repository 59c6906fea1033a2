import { posix } from 'node:path'
import type { Step } from '../../contract/plan.ts'
import { MARKER } from '../standby/data-dir.ts'
import { configDirOf } from './cluster.ts'

/** Where a new cluster grows, and where it goes. */
export interface Place {
  version: string
  name: string
  dataDir: string
  /** Ours, with our mark in it: beside the data directory, or in it where that is there, empty: it may be a mount point. */
  folder: string
}

/** What is in the folder while initdb works, and what the same is called once it is complete and on disk. */
export const GROWING = 'data'
export const MADE = 'made'

export const besideOf = (dataDir: string): string => `${dataDir}.play-new`
export const insideOf = (dataDir: string): string => `${dataDir}/play-new`

/** Debian's tools take it for /etc/postgresql (PG_CLUSTER_CONF_ROOT); no version has such a name. */
export const confRootOf = ({ version, name }: Pick<Place, 'version' | 'name'>): string =>
  `/etc/postgresql/.play-${version}-${name}`

const postgres = { owner: 'postgres', group: 'postgres' }
const LOCALE = { LC_ALL: 'C.UTF-8' }

export const markerFile = (folder: string, content: string): Step => ({
  do: 'write_file',
  path: `${folder}/${MARKER}`,
  content,
  ...postgres,
  mode: '0600',
})

/** A folder for the configuration in the making. Where an earlier run left one, that one goes first. */
export const confRootSteps = (place: Pick<Place, 'version' | 'name'>): Step[] => [
  removeMarked(confRootOf(place)),
  { do: 'directory', path: confRootOf(place), ...postgres, mode: '0755' },
  markerFile(confRootOf(place), 'The configuration of a cluster in the making. play removes this folder.\n'),
]

/** Only what has our mark, or nothing, in it. */
export const removeMarked = (path: string): Step => ({
  do: 'exec',
  title: `the removal of ${path}`,
  argv: [
    'sh',
    '-c',
    'if [ -e "$1/$2" ]; then rm -rf -- "$1"; elif [ -e "$1" ]; then rmdir -- "$1"; fi',
    'sh',
    path,
    MARKER,
  ],
})

/**
 * pg_createcluster with data and configuration in our folders: whatever ends it, no other tool sees half a cluster. Both belong to
 * the server's user, and it makes files there by name: it has his rights. What it would make as root besides is made before
 * (the sockets' folder) and after (`announce`).
 */
export const createIn = (
  { version, name }: Pick<Place, 'version' | 'name'>,
  data: string,
  options: readonly string[],
  title: string,
  initdb: readonly string[] = [],
): Step[] => [
  { do: 'directory', path: '/var/run/postgresql', ...postgres },
  {
    do: 'exec',
    title,
    argv: ['pg_createcluster', '--datadir', data, ...options, '--no-status', version, name, ...initdb],
    as: 'postgres',
    cwd: '/',
    // A locale that the login session brought along, but the host does not have, would end it at once.
    env: { ...LOCALE, PG_CLUSTER_CONF_ROOT: confRootOf({ version, name }) },
  },
]

/** initdb has synced what it made; the name that says so comes after, and is on disk before the configuration is. */
export const callMade = ({ folder }: Place): Step => ({
  do: 'exec',
  title: `the sync of ${folder}`,
  as: 'postgres',
  uncut: true,
  argv: [
    'sh',
    '-c',
    'sync -f -- "$1/$2" && mv -T -- "$1/$2" "$1/$3" && sync -- "$1"',
    'sh',
    folder,
    GROWING,
    MADE,
  ],
})

/** The configuration says where things will be, and is on disk. */
export const pointConf = ({ version, name, dataDir }: Omit<Place, 'folder'>): Step => {
  const script = `set -e
for setting in "data_directory $4" "hba_file $3/pg_hba.conf" "ident_file $3/pg_ident.conf"
do pg_conftool "$1" "$2" set "\${setting%% *}" "\${setting#* }"; done
sync -f -- "$PG_CLUSTER_CONF_ROOT"`
  return {
    do: 'exec',
    title: `the paths in the configuration of cluster ${version}/${name}`,
    argv: ['sh', '-c', script, 'sh', version, name, configDirOf(version, name), dataDir],
    as: 'postgres',
    cwd: '/',
    env: { ...LOCALE, PG_CLUSTER_CONF_ROOT: confRootOf({ version, name }) },
  }
}

/**
 * The configuration takes its place, by a rename: from then on there is a cluster. Into a folder that is there, with
 * files of the administrator for it in conf.d, it goes file by file, and the one that makes it a cluster goes last; our
 * mark in it says so meanwhile. That folder becomes the server's user's, as Debian's tools make it, and all is done as him:
 * what is moved, and from where, he could change at any time.
 */
export const placeConf = ({ version, name }: Pick<Place, 'version' | 'name'>): Step[] => {
  const script = `set -e
from=$1 to=$2 mark=$3
if [ -e "$to/postgresql.conf" ]; then echo "there is a configuration in $to already" >&2; exit 1; fi
if rmdir -- "$to" 2>/dev/null; then mv -T -- "$from" "$to"
else
  # Made anew: what somebody put there, a link for one, is not written through.
  rm -f -- "$to/$mark"; (set -C; : >"$to/$mark")
  for file in "$from"/*; do
    name=\${file##*/}
    [ "$name" = postgresql.conf ] || { [ -d "$file" ] && [ -d "$to/$name" ]; } || mv -fT -- "$file" "$to/$name"
  done
  sync -f -- "$to"
  mv -T -- "$from/postgresql.conf" "$to/postgresql.conf"
  rm -f -- "$to/$mark"
  sync -- "$to"
fi
sync -- "\${to%/*}"`
  const to = configDirOf(version, name)
  return [
    { do: 'directory', path: posix.dirname(to), ...postgres },
    { do: 'directory', path: to, ...postgres },
    {
      do: 'exec',
      title: `the configuration of cluster ${version}/${name}`,
      as: 'postgres',
      cwd: '/',
      uncut: true,
      argv: ['sh', '-c', script, 'sh', `${confRootOf({ version, name })}/${version}/${name}`, to, MARKER],
    },
  ]
}

/**
 * A rename that neither overwrites nor moves into: the target must not exist, or be an empty folder. Where the server's
 * user owns a folder on the way there, it is done with his rights: whatever link he puts there gives him nothing that he
 * has not got. What stands above the first such folder only root can change.
 */
export const move = (from: string, to: string): Step => {
  const script = `folder=$2
if [ "$(id -u)" = 0 ]; then
  while folder=\${folder%/*}; [ -n "$folder" ]; do
    [ "$(stat -c %U -- "$folder" 2>/dev/null)" != postgres ] ||
      exec setpriv --reuid=postgres --regid=postgres --init-groups -- mv -T -- "$1" "$2"
  done
fi
exec mv -T -- "$1" "$2"`
  return {
    do: 'exec',
    title: `the move of ${from} to ${to}`,
    argv: ['sh', '-c', script, 'sh', from, to],
    uncut: true,
  }
}

/**
 * The data take their place: by a rename, or, out of a folder in the data directory, one by one. Without PG_VERSION,
 * which comes last, no server starts on it.
 */
export function placeData({ dataDir, folder }: Place): Step[] {
  const made = `${folder}/${MADE}`
  if (folder !== insideOf(dataDir)) return [move(made, dataDir)]
  const script = `set -e
for file in "$1"/* "$1"/.[!.]*; do
  [ "\${file##*/}" = PG_VERSION ] || [ ! -e "$file" ] || mv -T -- "$file" "$2/\${file##*/}"
done
sync -- "$2"
mv -T -- "$1/PG_VERSION" "$2/PG_VERSION"
rmdir -- "$1"`
  return [
    { do: 'directory', path: dataDir, ...postgres, mode: '0700' },
    {
      do: 'exec',
      title: `the move of what is in ${made} to ${dataDir}`,
      argv: ['sh', '-c', script, 'sh', made, dataDir],
      as: 'postgres',
      uncut: true,
    },
  ]
}

/** What pg_createcluster does as root alone: the log is for the group adm, and systemd and apt are told. */
export const announce = ({ version, name }: Pick<Place, 'version' | 'name'>): Step => ({
  do: 'exec',
  title: 'systemd and apt are told of the cluster',
  argv: [
    'sh',
    '-c',
    `[ "$(id -u)" = 0 ] || exit 0
perl -e "$3" "$2"
[ ! -d /run/systemd/system ] || systemctl daemon-reload
[ ! -x "$1" ] || "$1"`,
    'sh',
    '/usr/share/postgresql-common/pg_updateaptconfig',
    `/var/log/postgresql/postgresql-${version}-${name}.log`,
    LOG_FOR_ADM,
  ],
})

/** The server's user may put another file there at any time: the group is set on what is open, and only of a file of his. */
const LOG_FOR_ADM = `use Fcntl;
my ($user, $group) = (scalar getpwnam("postgres"), scalar getgrnam("adm"));
sysopen my $log, $ARGV[0], O_RDONLY | O_NOFOLLOW | O_NONBLOCK or exit;
my @at = stat $log;
chown -1, $group, $log if -f _ && $at[3] == 1 && $at[4] == $user && defined $group;`
