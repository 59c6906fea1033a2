import { move, type Subject } from './subject.ts'

const UNIT = '/etc/systemd/system/tuple.service'
/** Where packages put theirs: one in /etc cannot be masked. */
const PACKAGED = '/usr/lib/systemd/system/tuple-mask.service'
const unit = (more: string): string =>
  `[Service]\\nExecStart=/bin/sleep infinity\\n${more}[Install]\\nWantedBy=multi-user.target\\n`
const write = (more = ''): string => `printf '${unit(more)}' > ${UNIT}`
const DIR = '/srv/tuple'

export const machine: readonly Subject[] = [
  {
    name: 'unit',
    clean: `systemctl stop tuple; systemctl disable tuple; systemctl unmask tuple; rm -f ${UNIT}; systemctl daemon-reload`,
    starts: [
      ':',
      write(),
      `${write()}; systemctl enable --now tuple`,
      `${write()}; systemctl enable --now tuple; ${write('# changed\\n')}`,
      `${write()}; systemctl start tuple`,
    ],
    moves: [
      move(`copy: { dest: ${UNIT}, content: "${unit('')}" }`, { file: 'plain' }),
      move(`copy: { dest: ${UNIT}, content: "${unit('ExecReload=/bin/true\\n')}" }`, { file: 'reloads' }),
      move('service: { name: tuple, state: started }', { state: 'started' }),
      move('service: { name: tuple, state: stopped }', { state: 'stopped' }),
      move('service: { name: tuple, enabled: true }', { enabled: 'yes' }),
      move('service: { name: tuple, enabled: false }', { enabled: 'no' }),
      move('service: { name: tuple, daemon_reload: true }', {}, true),
      move(
        'service: { name: tuple, state: started, enabled: true, daemon_reload: true }',
        { state: 'started', enabled: 'yes' },
        true,
      ),
      move('service: { name: tuple, state: reloaded, daemon_reload: true }', {}, true),
    ],
  },
  {
    name: 'mask',
    clean: `systemctl unmask tuple-mask; systemctl disable --now tuple-mask; rm -f ${PACKAGED}; systemctl daemon-reload`,
    starts: ['', ' systemctl enable --now tuple-mask', ' systemctl mask tuple-mask'].map(
      (more) => `printf '${unit('')}' > ${PACKAGED};${more}`,
    ),
    moves: [
      move('service: { name: tuple-mask, masked: true }', { masked: 'yes' }),
      move('service: { name: tuple-mask, masked: false }', { masked: 'no' }),
      move('service: { name: tuple-mask, enabled: true }', { enabled: 'yes' }),
      move('service: { name: tuple-mask, enabled: false }', { enabled: 'no' }),
      move('service: { name: tuple-mask, state: started }', { state: 'started' }),
      move('service: { name: tuple-mask, state: stopped }', { state: 'stopped' }),
    ],
  },
  {
    name: 'package',
    clean: 'dpkg --purge rsync tree less libpopt0 >/dev/null 2>&1',
    starts: [':', 'apt-get -qq -y install tree >/dev/null', 'apt-get -qq -y install rsync less >/dev/null'],
    moves: [
      move('apt_install: { name: rsync }', { rsync: 'yes' }),
      move('apt_install: { name: [tree, rsync] }', { rsync: 'yes', tree: 'yes' }),
      move('apt_install: { name: [tree, less], state: absent }', { tree: 'no', less: 'no' }),
      move('apt_install: { name: libpopt0 }', { popt: 'yes' }),
      move('apt_install: { name: rsync, state: absent }', { rsync: 'no' }),
      move('service: { name: rsync, enabled: true }', { enabled: 'yes' }),
      move('stat: { path: /usr/bin/rsync }'),
    ],
  },
  {
    name: 'file',
    clean: `rm -rf ${DIR}`,
    starts: [
      ':',
      `mkdir ${DIR}`,
      `mkdir -p ${DIR}/a; echo old > ${DIR}/b`,
      `mkdir -p ${DIR}/real; ln -s real ${DIR}/a; echo x > ${DIR}/real/b`,
    ],
    moves: [
      move(`file: { path: ${DIR}/a, state: directory, mode: '0751' }`, { a: 'folder', mode: '0751' }),
      move(`file: { path: ${DIR}/a, mode: '0700' }`, { mode: '0700' }),
      move(`copy: { dest: ${DIR}/b, content: "new\\n" }`, { b: 'new' }),
      move(`copy: { dest: ${DIR}/a/b, content: "new\\n" }`, { ab: 'new' }),
      move(`file: { path: ${DIR}/b, src: ${DIR}/a, state: link, force: true }`, { b: 'link' }),
      move(`file: { path: ${DIR}/a, state: absent }`, { a: 'absent' }),
      move(`file: { path: ${DIR}/b, mode: '0600', owner: postgres }`, { bmode: '0600' }),
      move(`stat: { path: ${DIR}/b }`),
    ],
  },
]
