import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PatternFault, PythonRegex } from '../../contract/regex/index.ts'
import { Diagnostics, PlayError, PlayErrors } from '../../runner/errors.ts'
import { resolvePattern } from '../../runner/load/host-pattern.ts'
import { Draft } from '../../runner/load/inventory/draft.ts'
import { readIni } from '../../runner/load/inventory/ini.ts'
import { loadInventory } from '../../runner/load/inventory.ts'
import { IN_FILES, IN_YAML } from '../../runner/load/jinja/options.ts'
import { parseExpression, parseTemplate } from '../../runner/load/jinja/parse.ts'
import { readKeyValues } from '../../runner/load/playbook/key-values.ts'
import { Fault } from '../../runner/load/template/fault.ts'
import { parseEnvelope } from '../../runner/load/vault/envelope.ts'
import { parseIni } from '../../runner/settings/ini.ts'
import { coreCases } from '../oracle/cases.ts'

/** What reads a text, and texts to begin with. `read` throws what a user would be told, or answers what is wrong. */
export interface Reader {
  seeds: readonly string[]
  read(text: string): string | undefined
}

const POS = { file: 'x', line: 1, col: 1 }

function inventory() {
  const folder = mkdtempSync(join(tmpdir(), 'play-fuzz-'))
  try {
    const path = join(folder, 'hosts.ini')
    writeFileSync(path, '[web]\nweb[1:4]\n[db]\ndb1.x\ndb2.x\n[top:children]\ndb\n')
    return loadInventory([path])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const LINES = [
  'creates=/a b="c d" e={{ f }}',
  'make target=x',
  "a='it\\'s' {{ x | y('z') }}",
  'chdir=/tmp {% if x %}a{% endif %}',
]
const PATTERNS = [
  '^(?P<n>a+)(?:b|c)*?[^\\d-z]{2,3}$',
  '(?i)x(?=y)(?!z)(?<=a)(?<!b)\\1',
  '[[:alpha:]]\\w\\s\\bu+|(a|b)+c',
  '(?x) a # c\n b \\Z',
]
const INI = [
  '[web]\nweb[01:10:2].x ansible_host=10.0.0.1 a="b c"\n[web:vars]\nx={"a": [1, 2]}\n',
  "[a:children]\nweb\n; c\ndb1 x='y # z' # d\n",
  'h ansible_port=22 y=[1,"a"]\n[x:y]\n',
]
const CONFIG = [
  '[defaults]\ninventory = a, b ; c\nroles_path=~/roles:./x\n# c\n[privilege_escalation]\nbecome=yes\n',
  '; c\n[ssh_connection]\nssh_args = -o A=b\n   -o C=d\npipelining: True\n[a]\n[a]\nx\n',
]
const VAULT = [
  '$ANSIBLE_VAULT;1.1;AES256\n36323832376139\n',
  '$ANSIBLE_VAULT;1.2;AES256;dev\n3632\n3832\n',
  '$ANSIBLE_VAULT;1.0;AES\nzz',
]

/** A fault with its place in the text. */
function inside(error: unknown, text: string): string | undefined {
  if (!(error instanceof Fault)) throw error
  const { start, length } = error
  return start >= 0 && length >= 0 && start + length <= text.length + 2
    ? undefined
    : `outside: ${start} ${length}`
}

function parsed(read: (text: string) => unknown): Reader['read'] {
  return (text) => {
    try {
      read(text)
    } catch (error) {
      return inside(error, text)
    }
    return undefined
  }
}

export function readers(): Readonly<Record<string, Reader>> {
  const hosts = inventory()
  const texts = [...new Set(coreCases().map(({ text }) => text))]
  const expressions = texts
    .filter((text) => !text.includes('{%'))
    .map((text) => text.replace(/^\{\{ | \}\}$/g, ''))
  return {
    'Jinja: expressions': { seeds: expressions, read: parsed(parseExpression) },
    'Jinja: templates': {
      seeds: texts,
      read: parsed((text) => parseTemplate(text, text.length % 2 ? IN_FILES : IN_YAML)),
    },
    "Python's re": {
      seeds: PATTERNS,
      read(text) {
        try {
          let steps = 0
          PythonRegex.compile(text).search('ab1 xyzzy', (more) => {
            steps += more
            if (steps > 100_000) throw new PatternFault('more steps', 0)
          })
        } catch (error) {
          if (!(error instanceof PatternFault)) throw error
          return error.at >= 0 && error.at <= [...text].length ? undefined : `outside: ${error.at}`
        }
        return undefined
      },
    },
    'words k=v': {
      seeds: LINES,
      read(text) {
        const { pairs, words } = readKeyValues(text)
        const isOutside = [...pairs, ...words].some(({ start }) => start < 0 || start > text.length)
        return isOutside ? 'a word outside of the text' : undefined
      },
    },
    'an INI inventory': {
      seeds: INI,
      read(text) {
        const draft = new Draft()
        readIni(draft, 'x', text)
        const lost = draft.diagnostics.errors.find(({ pos }) => !pos)
        return lost ? `without a place: ${lost.message}` : undefined
      },
    },
    'an ansible.cfg': {
      seeds: CONFIG,
      read(text) {
        const diagnostics = new Diagnostics()
        parseIni('x', text, diagnostics)
        const lost = diagnostics.errors.find(({ pos }) => !pos)
        return lost ? `without a place: ${lost.message}` : undefined
      },
    },
    'patterns of hosts': {
      seeds: ['web:&db:!db1.x', 'all', '~web[12]', 'web[0:2],*.x', 'top[-1]:!web*'],
      read: (text) => told(() => resolvePattern(hosts, text, POS)),
    },
    'a text of ansible-vault': { seeds: VAULT, read: (text) => told(() => parseEnvelope(text, POS)) },
  }
}

/** Refused with a place, or taken. */
function told(read: () => unknown): string | undefined {
  try {
    read()
  } catch (error) {
    const errors = error instanceof PlayErrors ? error.errors : [error]
    for (const one of errors) {
      if (!(one instanceof PlayError)) throw one
      if (!one.pos) return `without a place: ${one.message}`
    }
  }
  return undefined
}
