/** One inventory for all patterns. */
export const PATTERN_INVENTORY = {
  hosts: `h0
[web]
web1
web2
web3
[db]
db1
db2
[north]
web1
db1
[south:children]
rest
[rest]
web2
web3
db2
[backend:children]
db
[10net]
10.0.0.1
10.0.0.2
`,
  limit: 'web1\n# a comment\ndb2\n',
} as const

/** What play answers otherwise: null where it refuses. */
export const DIFFERENT: Readonly<Record<string, string[] | null>> = {
  // To Ansible no term means all.
  ',': [],
}

export const PATTERNS: readonly string[] = [
  ...['all', '*', 'web', 'web1', 'h0', 'ungrouped', 'south', 'backend', '10net', '10.0.0.1'],
  ...['web,db', 'web:db', 'web1,db1', 'db,web', 'web, db', 'web : db', 'db:web1:h0', 'web,web', ','],
  ...[
    'web:&north',
    'web,&north',
    '&north:web',
    'web:&north:&web1',
    'all:&db',
    '&web',
    '&web:&north',
    'north:&south',
  ],
  ...[
    'web:!web1',
    'web,!web1',
    '!web1:web',
    '!web',
    'all:!web:!db',
    'all:!all',
    'web:!*2',
    '!web1',
    'web:&north:!web1',
  ],
  ...['web:db:&north:!db1', 'all:&web:&south', 'all:!web:&db', '&south:!web2:web'],
  ...[
    'web*',
    '*1',
    'w?b1',
    'web[12]',
    'web[!1]',
    '*b*',
    'db?',
    '10.0.*',
    'h*',
    'nor*',
    '*outh',
    'web*:!web1',
    '*:!web*',
    'web[1-2]x',
  ],
  ...[
    '~web[12]',
    '~.*1$',
    '~(web|db)1',
    '~web.*:!web1',
    '~^h',
    '~south',
    '!~web',
    'web:!~.*[23]',
    '~web1|db1',
    '~[wd].*2',
  ],
  ...[
    'web[0]',
    'web[1]',
    'web[-1]',
    'web[-2]',
    'web[0:1]',
    'web[1:]',
    'web[0-1]',
    'web[1:2]',
    'web[0:0]',
    'all[0]',
    'all[-1]',
  ],
  ...[
    'south[0]',
    'south[1:]',
    'web*[0]',
    'web[0]:db[0]',
    'web:!web[0]',
    'web[0:1]:&south',
    'web[5]',
    'web[0:9]',
    'all[2:4]',
    'db[0],web[0]',
  ],
  ...[
    'none',
    'web:none',
    'none:web',
    'web:!none',
    'web:&none',
    'n*e',
    '~none',
    'web1:web1',
    'localhost',
    '127.0.0.1',
    'all:localhost',
  ],
]

/** Of --limit, with the pattern all. */
export const LIMITS: readonly string[] = [
  ...[
    'web',
    'web1,db1',
    '!web',
    '@limit',
    '@limit:!web1',
    'web:&@limit',
    'web[0]',
    '~db',
    'north:&web',
    'all',
  ],
]
