/** An inventory, as files and what -i names. */
export interface InventoryCase {
  name: string
  files: Readonly<Record<string, string>>
  /** Of -i, in the folder of the files; `hosts` where left out. */
  sources?: readonly string[]
  /** What else is said: --limit, --export, --host. */
  args?: readonly string[]
  /** play differs, for this reason: it refuses, or answers something else. */
  differs?: string
}

const ini = (name: string, hosts: string, more: Partial<InventoryCase> = {}): InventoryCase => ({
  name,
  files: { hosts },
  ...more,
})
const yaml = (name: string, text: string, more: Partial<InventoryCase> = {}): InventoryCase => ({
  name,
  files: { 'hosts.yaml': text },
  sources: ['hosts.yaml'],
  ...more,
})
const inFiles = (
  name: string,
  files: Record<string, string>,
  more: Partial<InventoryCase> = {},
): InventoryCase => ({
  name,
  files,
  ...more,
})

/** Groups that a plugin makes of these hosts. */
const constructed = (name: string, text: string, differs?: string): InventoryCase => ({
  name: `constructed: ${name}`,
  files: {
    hosts: CONSTRUCTED_FROM,
    'group_vars/web.yml': 'beside: group_vars\n',
    'made.yml': `plugin: constructed\n${text}`,
  },
  sources: ['hosts', 'made.yml'],
  differs,
})
const REFUSED = 'play refuses it; ansible-inventory leaves out the rest of the source, with a warning'
const CONSTRUCTED_FROM = `[web]
h1.example cpus=8 zone=a region=north made_of="{{ zone }}-{{ region }}"
h2 cpus=2 zone=b region=south made_of="{{ zone }}"
[db]
h1.example
h3 cpus=4 cpus_number=4 tags="{'env': 'prod', 'tier': 'front'}" roles_of="['primary', 'backup']"
h4 empty="" empties="['', 'x']" empty_tags="{'env': '', 'tier': 'x'}" disks="[{'size': 2}, {'size': 3}]"
`

const PRIORITIES = {
  hosts: '[a]\nh1\n[b]\nh1\n[c]\nh1\n',
  'group_vars/a.yml': 'ansible_group_priority: 10\nv: a\n',
  'group_vars/b.yml': 'v: b\nw: b\n',
  'group_vars/c.yml': 'v: c\nw: c\n',
}
const SCRIPT = `#!/bin/sh
case "$1" in
--list) cat <<'END'
{"web": {"hosts": ["h1", "h2"], "vars": {"p": 80, "l": [1, {"a": null}]}, "children": ["sub"]},
 "sub": ["h3"], "_meta": {"hostvars": {"h1": {"x": "1", "y": true}, "h3": {}}}}
END
;;
*) echo '{"never": "asked"}' ;;
esac
`
const SCRIPT_BY_HOST = `#!/bin/sh
case "$1" in
--list) echo '{"db": {"hosts": ["h1", "h2"]}, "all": {"vars": {"from": "script"}}}' ;;
--host) echo "{\\"name\\": \\"$2\\", \\"n\\": 1}" ;;
esac
`

export const INVENTORIES: readonly InventoryCase[] = [
  ini('hosts alone', 'h1\nh2\nh3\n'),
  ini('nothing', ''),
  ini('comments and blank lines', '# c\n\n; c\nh1 # c\n  h2\n\n[web] # c\nh1 a=1 # c\n'),
  ini('a group and the ungrouped', 'h1\n[web]\nh2\nh3\n'),
  ini('hosts in several groups', '[a]\nh1\nh2\n[b]\nh2\nh3\n'),
  ini('a group that is begun twice', '[a]\nh1\n[b]\nh2\n[a]\nh3\n'),
  ini('an empty group', '[a]\n[b]\nh1\n'),
  ini('children', '[a]\nh1\n[b]\nh2\n[all_of:children]\na\nb\n'),
  ini('children before their groups', '[p:children]\nc\n[c]\nh1\n'),
  ini(
    'children of children, and a host at each depth',
    '[a]\nh1\n[b]\nh2\n[b:children]\na\n[c]\nh3\n[c:children]\nb\n',
  ),
  ini('a group below two', '[a]\nh1\n[x:children]\na\n[y:children]\na\n[x:vars]\nv=x\n[y:vars]\nv=y\n'),
  ini(
    'vars sections',
    'h1\n[web]\nh2\n[web:vars]\na=1\nb = two words \nc="quoted"\n[all:vars]\na=0\nd=all\n',
  ),
  ini(
    'vars of a child win over its parent, and of the host over both',
    '[c]\nh1 v=host\nh2\n[p:children]\nc\n[c:vars]\nv=child\n[p:vars]\nv=parent\nw=parent\n',
  ),
  ini(
    'types of values on a line',
    'h1 a=1 b=1.5 c=True d=None e=text f="1" g="two words" h=\'x\' i=[1,2] j={"a":1} k=yes l=0644 m=1e3 n=-5 o=0x10\n',
  ),
  ini(
    'types of values in a section',
    '[w]\nh1\n[w:vars]\na=1\nb=1.5\nc=True\nd=None\ne=text\nf="1"\ng="two words"\nh=\'x y\'\ni=[1, 2]\nj={"a": 1, \'b\': [True, None]}\nk=yes\nl=0644\nm=(1, 2)\nn=true\no=\nq=a=b\n',
  ),
  ini(
    'odd values',
    '[w]\nh1\n[w:vars]\na=1_000\nb=0b11\nc=[1,\nd="a" "b"\ne=1+1\nf={{ x }}\ng=$HOME\nh=a:b\ni={"a"\nj=\'it\'\n',
  ),
  ini('quoted words on a host line', 'h1 a="x y" b=\'p q\' c=x\\ y d="a\\"b" e=""\n'),
  ini('a hash inside quotes', 'h1 a="x#y" b=1 # a comment\n'),
  ini('ranges of numbers', 'web[1:3]\ndb[01:03]\nx[8:10]\ny[1:9:4].example.com\n'),
  ini('ranges of letters', 'db-[a:c]\nx[a:e:2]\n'),
  ini('two ranges in a name', 'r[1:2]s[a:b]\n'),
  ini('a range with variables', 'h[1:2] v=1\n[g]\nh[2:3] w=2\n'),
  ini('a range that begins with nothing', 'h[:3]\n'),
  ini('a port', 'h1:2222\nh2:22 a=1\n10.0.0.1:23\n'),
  ini('a range with a port', 'h[1:2]:2222\n'),
  ini('addresses', '10.0.0.1\n::1\nfe80::2\n[2001:db8::1]:2222\n'),
  ini('names with dots, dashes and underscores', 'a.b-c_d.example.com\nA1\n1a\n'),
  ini(
    'connection variables',
    'h1 ansible_host=10.0.0.1 ansible_port=2222 ansible_user=me ansible_connection=ssh\n',
  ),
  ini('a host again, with other variables', 'h1 a=1 b=1\nh1 b=2 c=2\n[g]\nh1 c=3\n'),
  ini(
    'ansible_group_priority in a section',
    '[a]\nh1\n[b]\nh1\n[a:vars]\nansible_group_priority=5\nv=a\n[b:vars]\nv=b\n',
  ),
  ini('a group named as a host', '[h1]\nh1\n'),
  ini('localhost', 'localhost\nh1\n'),
  ini('localhost with a connection', 'localhost ansible_connection=local a=1\n[g]\nlocalhost\n'),
  ini('carriage returns', 'h1 a=1\r\n[g]\r\nh2\r\n[g:vars]\r\nb=2\r\n'),
  ini('a vars section of a group that is only a child', '[p:children]\nc\n[c:vars]\nv=1\n[c]\nh1\n'),
  ini('a section of no group that is known', '[nowhere:vars]\na=1\n[g]\nh1\n', {
    differs: 'play refuses: the group is nowhere',
  }),
  ini('a child that is no group', '[p:children]\nnone\n[g]\nh1\n', {
    differs: 'play refuses: the group is nowhere',
  }),
  ini('a line that is no assignment', '[g]\nh1 a\n', { differs: 'play refuses' }),
  ini('groups in a circle', '[a:children]\nb\n[b:children]\na\n[b]\nh1\n', { differs: 'play refuses' }),
  ini('a hash in a word', 'h1 a=x#y\n', { differs: 'play refuses: Ansible cuts the value short' }),
  ini('a section that does not end', '[g\nh1\n', { differs: 'play refuses' }),
  ini('a group with a dash', '[web-servers]\nh1\n'),
  ini('a group with dots and digits', '[1.a]\nh1\n[b.2]\nh2\n'),

  yaml('hosts alone', 'all:\n  hosts:\n    h1:\n    h2:\n'),
  yaml('nothing', 'all:\n'),
  yaml('groups beside all', 'web:\n  hosts:\n    h1:\ndb:\n  hosts: { h2: { a: 1 } }\n'),
  yaml(
    'children, vars and hosts',
    'all:\n  vars: { a: 0, b: 0 }\n  hosts: { h0: }\n  children:\n    web:\n      vars: { a: 1 }\n      hosts:\n        h1: { c: 1 }\n      children:\n        sub: { hosts: { h2: } }\n',
  ),
  yaml(
    'a group at two places',
    'all:\n  children:\n    a: { hosts: { h1: } }\n    p: { children: { a: } }\n',
  ),
  yaml(
    'types',
    'all:\n  hosts:\n    h1:\n      i: 1\n      f: 1.5\n      t: true\n      n: null\n      s: "1"\n      l: [1, [2], { a: 3 }]\n      m: { a: { b: c } }\n      text: |\n        two\n        lines\n      empty: ""\n',
  ),
  yaml(
    'words of YAML 1.1',
    'all:\n  hosts:\n    h1: { a: yes, b: off, c: 0644, d: 1_000, e: 12:30, f: 2001-01-01, g: 0o17 }\n',
    { differs: 'play reads YAML 1.2' },
  ),
  yaml('ranges and a port', 'all:\n  hosts:\n    h[1:3]: { a: 1 }\n    x:2222:\n'),
  yaml('a name alone for hosts', 'all:\n  hosts: h1\n  children:\n    g: { hosts: h2 }\n'),
  yaml('anchors and merges', 'x: &x\n  vars: { a: 1 }\n  hosts: { h1: }\ny:\n  <<: *x\n'),
  yaml('an empty group', 'a:\nb: { hosts: { h1: } }\nc: { children: }\n'),
  yaml('ungrouped', 'ungrouped: { hosts: { h1: } }\nweb: { hosts: { h2: } }\n'),
  yaml('a host in ungrouped and in a group', 'ungrouped: { hosts: { h1: } }\nweb: { hosts: { h1: } }\n'),
  yaml('an unknown key of a group', 'all:\n  host: { h1: }\n', { differs: 'play refuses' }),
  yaml('a list of hosts', 'all:\n  hosts: [h1]\n', { differs: 'play refuses' }),
  yaml('JSON', '{"web": {"hosts": {"h1": {"a": 1}, "h2": null}, "vars": {"b": [1, null]}}}', {}),
  yaml(
    'a vault value',
    'all:\n  hosts:\n    h1:\n      a: !vault |\n        $ANSIBLE_VAULT;1.1;AES256\n        34393030333730666137623839663133613737373133363032386630353661363339643165346231\n        6131393865336136626639303731386433653035383035640a386161366432333136373435383935\n        31646138353138363339343131306139623339366662393937323639343139643564373230616164\n        3064633966336463350a346264613536643363323339626437333430313337326362633334663337\n        3035\n',
  ),

  inFiles('group_vars and host_vars', {
    hosts: '[web]\nh1 a=ini\nh2\n[web:vars]\nb=ini\n',
    'group_vars/all.yml': 'a: all\nb: all\nc: all\n',
    'group_vars/web.yaml': 'b: web\n',
    'host_vars/h1.json': '{"a": "host"}',
  }),
  inFiles('group_vars as folders', {
    hosts: '[web]\nh1\n',
    'group_vars/web/a.yml': 'x: a\ny: a\n',
    'group_vars/web/b.yml': 'y: b\n',
    'group_vars/all/z': 'z: 1\n',
    'group_vars/web/.hidden.yml': 'no: 1\n',
    'group_vars/web/deep/c.yml': 'd: c\n',
  }),
  inFiles('host_vars as folders, without an ending', {
    hosts: 'h1\nh2\n',
    'host_vars/h1/a': 'x: 1\n',
    'host_vars/h2': 'x: 2\n',
  }),
  inFiles('group_vars of ungrouped', { hosts: 'h1\n[g]\nh2\n', 'group_vars/ungrouped.yml': 'a: 1\n' }),
  inFiles('priorities in group_vars', PRIORITIES),
  inFiles('precedence over all levels', {
    hosts: '[c]\nh1 v=7\nh2\n[p:children]\nc\n[all:vars]\nv=1\n[p:vars]\nv=3\n[c:vars]\nv=4\n',
    'group_vars/all.yml': 'v: 2\n',
    'group_vars/p.yml': 'v: 5\n',
    'group_vars/c.yml': 'v: 6\n',
    'host_vars/h1.yml': 'v: 8\n',
  }),
  inFiles(
    'a folder of sources',
    {
      'inv/01-a': '[a]\nh1\n',
      'inv/02-b.yml': 'b: { hosts: { h2: , h1: } }\n',
      'inv/03-c.ini': '[a]\nh3\n',
      'inv/notes.md': 'no',
      'inv/x.cfg': 'no',
      'inv/.x': 'no',
      'inv/y~': 'no',
      'inv/group_vars/a.yml': 'v: a\n',
    },
    { sources: ['inv'] },
  ),
  inFiles('a folder in a folder', { 'inv/a': 'h1\n', 'inv/sub/b': 'h2\n' }, { sources: ['inv'] }),
  inFiles(
    'two sources, the later wins',
    { a: '[g]\nh1 v=1 w=1\n[g:vars]\nx=1\n', b: '[g]\nh1 v=2\nh2\n[g:vars]\nx=2\n' },
    { sources: ['a', 'b'] },
  ),
  inFiles(
    'group_vars beside two sources',
    {
      'one/hosts': '[g]\nh1\n',
      'one/group_vars/g.yml': 'v: 1\nw: 1\n',
      'two/hosts': '[g]\nh2\n',
      'two/group_vars/g.yml': 'v: 2\n',
    },
    { sources: ['one/hosts', 'two/hosts'] },
  ),
  inFiles('names with a comma', {}, { sources: ['h1,h2'] }),
  inFiles('one name with a comma', {}, { sources: ['h1,'] }),
  inFiles(
    'names with ranges, ports and blanks',
    {},
    {
      sources: ['h[1:3], x:2222 ,10.0.0.1'],
      differs: 'play expands ranges here too, as the plugin advanced_host_list does',
    },
  ),
  inFiles('a file and names', { hosts: '[g]\nh1\n' }, { sources: ['hosts', 'h9,'] }),
  inFiles(
    'group_vars beside a list of names',
    { 'group_vars/all.yml': 'a: 1\n' },
    { sources: ['h1,'], differs: 'play takes group_vars beside files alone, and the playbook' },
  ),
  inFiles('a program', { 'inv.sh': SCRIPT }, { sources: ['inv.sh'] }),
  inFiles('a program that is asked for each host', { 'inv.sh': SCRIPT_BY_HOST }, { sources: ['inv.sh'] }),
  inFiles(
    'a program in a folder',
    { 'inv/a': '[web]\nh0\n', 'inv/b.sh': SCRIPT, 'inv/group_vars/web.yml': 'g: 1\n' },
    { sources: ['inv'] },
  ),
  inFiles(
    'a program whose groups hold variables alone',
    { 'inv.sh': '#!/bin/sh\necho \'{"_meta": {"hostvars": {}}, "h1": {"a": 1}, "g": {"hosts": []}}\'\n' },
    { sources: ['inv.sh'] },
  ),
  inFiles(
    'a program that fails',
    { 'inv.sh': '#!/bin/sh\necho no >&2\nexit 1\n' },
    { sources: ['inv.sh'], differs: 'play refuses' },
  ),
  inFiles(
    'a program that says no JSON',
    { 'inv.sh': '#!/bin/sh\necho hello\n' },
    { sources: ['inv.sh'], differs: 'play refuses' },
  ),
  inFiles('an own group of all', { hosts: '[all]\nh1\n[web]\nh2\n' }),
  ini('limited', '[a]\nh1\nh2\n[b]\nh3\n', { args: ['--limit', 'a:!h2'] }),
  ini('exported', 'h0 v=0\n[a]\nh1 v=1\n[a:vars]\nw=2\n[all:vars]\nx=3\n[p:children]\na\n', {
    args: ['--export'],
  }),
  ini('one host', '[a]\nh1 v=1\nh2\n[a:vars]\nw=2\n', { args: ['--host', 'h1'] }),
  ini('one host without variables', 'h1\n', { args: ['--host', 'h1'] }),
  ini('a graph', 'h0\n[a]\nh1\n[b]\nh2\n[p:children]\na\nb\n[q:children]\np\n', { args: ['--graph'] }),
  ini('a graph of a group', 'h0\n[a]\nh1\n[p:children]\na\n', { args: ['--graph', 'p'] }),
  ini(
    'a graph with variables',
    'h0 x=1\n[a]\nh1 v="two words" l=[1,"a"] t=True\n[a:vars]\nw=2\n[all:vars]\nn=None\n',
    { args: ['--graph', '--vars'] },
  ),
  constructed(
    'compose and groups',
    `compose:
  url: "'http://' ~ inventory_hostname ~ ':' ~ port"
  size: cpus | int * 2
  first: group_names | first
  short: inventory_hostname_short
  gone: nothing.at.all
  deep: disks | map(attribute='size') | sum
groups:
  large: cpus | int > 4
  web_and_db: "'web' in group_names and 'db' in group_names"
  composed: size > 8
  none_of_it: nothing.at.all
  always: true
  my-own: cpus | int == 2
  9th: cpus | int == 2
`,
  ),
  constructed(
    'keyed groups',
    `keyed_groups:
  - { key: zone, prefix: zone }
  - { key: zone, prefix: z, separator: "" }
  - { key: tags, prefix: tag }
  - { key: roles_of }
  - { key: roles_of, prefix: role, parent_group: all_roles }
  - { key: nothing_of_it, prefix: never }
  - { key: zone, parent_group: "{{ region }}" }
`,
  ),
  constructed(
    'empty keys',
    `keyed_groups:
  - { key: empty, prefix: one }
  - { key: empty, prefix: two, default_value: nobody }
  - { key: empties, prefix: three, default_value: nobody }
  - { key: empty_tags, prefix: four, default_value: nobody }
  - { key: empty_tags, prefix: five, trailing_separator: false }
  - { key: empty_tags, prefix: six }
  - { key: empties, prefix: seven }
`,
  ),
  constructed(
    'without a leading separator',
    `leading_separator: false
keyed_groups:
  - { key: zone }
  - { key: zone, separator: "-", prefix: p }
  - { key: tags }
`,
  ),
  constructed(
    'strict',
    `strict: true
compose: { gone: nothing.at.all }
`,
    REFUSED,
  ),
  constructed(
    'strict, with an empty key',
    `strict: true
keyed_groups: [{ key: empty }]
`,
    REFUSED,
  ),
  constructed(
    'variables of group_vars',
    `use_vars_plugins: true
compose: { seen: beside | default('not seen') }
groups: { saw: beside is defined }
`,
  ),
  constructed(
    'not those of group_vars',
    `compose: { seen: beside | default('not seen') }
groups: { saw: beside is defined }
`,
  ),
  constructed(
    'a number for a key',
    `keyed_groups: [{ key: cpus_number }]
`,
    REFUSED,
  ),
  constructed(
    'what a variable is made of',
    `compose:
  made: made_of ~ '!'
  listed: "[zone, region]"
  ansible_port: 2200 + 22
keyed_groups: [{ key: made_of }]
`,
  ),
]
