import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIBRARY } from '../../../runner/load/functions/index.ts'
import { libraryOf } from '../../../runner/load/jinja/library.ts'
import { compileJinjaExpression } from '../../../runner/load/jinja/program.ts'
import { makeScope } from '../../../runner/load/scope.ts'
import { renderValue } from '../../../runner/load/template.ts'
import { Masker } from '../../../runner/report/mask.ts'
import { plainText } from '../../../runner/report/plain-text.ts'

const library = libraryOf(LIBRARY)
const nowhere = () => ({ file: 'x', line: 1, col: 1 })

/** Filters that write a text in another way: `v` is the secret, and whoever reads what is made of it can tell the secret. */
const WRITTEN_OTHERWISE: Readonly<Record<string, readonly string[]>> = {
  b64encode: [
    'v | b64encode',
    'v | b64encode(urlsafe=true)',
    "v | b64encode(encoding='utf-16-le')",
    "('user:' ~ v) | b64encode",
  ],
  b64decode: ['(v | b64encode) | b64decode'],
  capitalize: ['v | capitalize', 'v.capitalize()'],
  center: ['v | center(200)'],
  comment: ['v | comment', "v | comment('c')", "('x\\n' ~ v) | comment('xml')"],
  escape: ['v | e', 'v | e | e'],
  indent: ['v | indent(8)', 'v | indent(4, first=true)'],
  join: ["['a', v, 'b'] | join(', ')", "[v, v] | join('|')"],
  lower: ['v | lower'],
  pprint: ['v | pprint', '{"a": [v]} | pprint'],
  quote: ['v | quote', "('echo ' ~ (v | quote)) | quote"],
  regex_escape: ['v | regex_escape', "v | regex_escape('posix_basic')"],
  string: ['[v] | string', '{"a": v, "b": 1} | string', '(v, ) | string'],
  title: ['v | title', 'v.title()', 'v.swapcase()'],
  to_json: ['v | to_json', '{"a": v} | to_json | to_json', '[v] | to_json(ensure_ascii=false)'],
  to_nice_json: ['{"a": {"b": [v]}} | to_nice_json'],
  to_nice_yaml: ['{"a": {"b": [v]}} | to_nice_yaml', '{"a": v} | to_nice_yaml(width=20, indent=8)'],
  to_yaml: ['v | to_yaml', '{"a": v, "b": [v]} | to_yaml', "[v] | to_yaml(default_style='\"')"],
  tojson: ['v | tojson'],
  upper: ['v | upper'],
  urlencode: ['v | urlencode', '{"a": v} | urlencode', 'v | urlencode | urlencode'],
  wordwrap: ['v | wordwrap(10)', 'v | wordwrap(7) | to_json'],
}

/** Filters that hand values on as they are, or say nothing of them that a secret could be told by. */
const HANDED_ON = [
  'abs batch bool checksum combinations combine default dict2items dictsort difference expanduser expandvars extract',
  'filesizeformat flatten float format from_json from_yaml from_yaml_all groupby hash human_readable human_to_bytes int intersect',
  'ipaddr ipmath ipsubnet ipv4 ipv6 ipwrap items items2dict json_query length log mandatory map max md5 min network_in_network',
  'network_in_usable next_nth_usable nthhost password_hash path_join permutations pow previous_nth_usable product random realpath',
  'reduce_on_network reject rejectattr rekey_on_member root round safe select selectattr shuffle slice sort strftime subelements',
  'sum symmetric_difference ternary to_datetime to_uuid trim type_debug union unique unvault vault wordcount zip zip_longest',
].flatMap((line) => line.split(' '))

/** What docs/security.md says cannot be hidden: parts of a secret, or its characters in another order. */
const CANNOT = (
  'basename commonpath dirname first last list normpath regex_findall regex_replace regex_search relpath replace reverse ' +
  'split splitext striptags truncate urldecode urlsplit win_basename win_dirname win_splitdrive'
).split(' ')

it('each filter is either among these, or hands on what it is given, or is named as one that cannot be seen through', () => {
  const names = LIBRARY.filter(({ is }) => is === 'filter').map(({ names: [name] }) => name!)
  expect([...Object.keys(WRITTEN_OTHERWISE), ...HANDED_ON, ...CANNOT].sort()).toEqual(names.sort())
})

const odd = fc.string({
  unit: fc.constantFrom(
    ...`'"\\\`$%&<>{}[]()*+?.,:;#~^|=/@!- \n\t\r\0\x1b\x7f\x85\xa0üß€\u2028😀aaabbccxnNtu019AFZ`,
  ),
  minLength: 8,
  maxLength: 120,
})
/** Of which something is left that is long enough to be told. */
const secrets = odd.filter((text) => plainText(text).text.length >= 8 && !text.includes('*'))

/** The longest part of a secret that a text still says. */
function longestPart(secret: string, text: string): string {
  let longest = ''
  for (let from = 0; from < secret.length; from++)
    while (
      from + longest.length < secret.length &&
      text.includes(secret.slice(from, from + longest.length + 1))
    )
      longest = secret.slice(from, from + longest.length + 1)
  return longest
}

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return plainText(text.replaceAll('********', ' | ')).text.toLowerCase()
}

const told = (value: unknown, secret: string): string => {
  const masker = new Masker()
  masker.add(secret)
  return longestPart(plainText(secret).text.toLowerCase(), shown(masker.maskDeep(value)))
}

describe.each(Object.entries(WRITTEN_OTHERWISE))('%s', (_name, expressions) => {
  it.each(expressions)('%s shows no form of a secret', (source) => {
    const program = compileJinjaExpression(source, { library })
    const run = (v: string) => program.run(makeScope([{ vars: { v }, data: true }]), nowhere)
    fc.assert(
      fc.property(secrets, (secret) => {
        expect(told(run(secret), secret).length).toBeLessThan(6)
      }),
      { numRuns: 200 },
    )
  })
})

it.each(['{{json x}}', '{{json y 2}}', '{{concat "a" x}}', '{{join z ", "}}', '{{upper x}}', '{{lower x}}'])(
  'nor does %s of Handlebars',
  (template) => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const scope = makeScope([
          { vars: { x: secret, y: { a: [secret] }, z: [secret, secret] }, data: true },
        ])
        const text = renderValue(`before ${template} after`, scope, nowhere)
        expect(told(text, secret).length).toBeLessThan(6)
      }),
      { numRuns: 200 },
    )
  },
)
