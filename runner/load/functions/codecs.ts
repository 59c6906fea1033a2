import { createHash, getHashes } from 'node:crypto'
import { entries, isDict, isList, str, truthy, ValueFault } from '../jinja/value.ts'
import { filter, isOn, requireText, test, textOf } from './define.ts'
import type { FunctionCall, LibraryFunction } from './function.ts'

/** Python's shlex.quote. */
export const quoteForShell = (text: string): string =>
  text === '' ? "''" : /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`

const UTF16 = new Set(['utf16le', 'utf_16_le'])
const encodingOf = (name: unknown, call: FunctionCall): BufferEncoding => {
  const plain = requireText(name)
    .toLowerCase()
    .replace(/[-_\s]/g, '')
  if (plain === 'utf8') return 'utf8'
  if (UTF16.has(plain)) return 'utf16le'
  if (plain === 'latin1' || plain === 'iso88591') return 'latin1'
  if (plain === 'ascii' || plain === 'usascii') return 'ascii'
  return call.fail(`the encoding '${str(name)}' is not known`, 'expected utf-8, utf-16-le, latin-1 or ascii')
}

function encoded(text: string, encoding: BufferEncoding, call: FunctionCall): Buffer {
  const most = encoding === 'ascii' ? 0x7f : encoding === 'latin1' ? 0xff : 0xffff
  for (const unit of text)
    if (unit.codePointAt(0)! > most && most <= 0xff) call.fail('a character is not in this encoding')
  return Buffer.from(text, encoding)
}

function decodeBase64([value, encoding, urlsafe]: readonly unknown[], call: FunctionCall): string {
  const text = textOf(value)
  const standard = isOn(urlsafe) ? text.replaceAll('-', '+').replaceAll('_', '/') : text
  // As Python: what is no character of the alphabet is passed over, padding must be there.
  const digits = standard.replace(/[^A-Za-z0-9+/=]/g, '')
  const [body = ''] = /^[^=]*/.exec(digits)!
  const padding = digits.length - body.length
  if (body.length % 4 === 1 || (body.length % 4 > 0 && padding < 4 - (body.length % 4)))
    call.fail('this is no base64: it ends too early')
  const bytes = Buffer.from(body, 'base64')
  const as = encodingOf(encoding, call)
  if (as === 'utf8') {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      return call.fail('this is no text in utf-8', "say which: b64decode(encoding='latin-1')")
    }
  }
  if (as === 'utf16le' && bytes.length % 2 === 1) call.fail('this is no text in utf-16')
  return bytes.toString(as)
}

function hash(value: unknown, type: unknown, call: FunctionCall): string {
  const name = requireText(type)
    .toLowerCase()
    .replace(/^sha3-/, 'sha3_')
    .replace('_', '-')
  const known = getHashes().find((one) => one.toLowerCase() === name)
  if (known === undefined)
    return call.fail(`there is no hash '${str(type)}'`, 'for example sha1, sha256, sha512, md5')
  const text = textOf(value)
  call.spend(text.length >> 6)
  return createHash(known).update(text).digest('hex')
}

const ANSIBLE = '361e6d51-faec-444a-9079-341386da8e2e'

/** A UUID of version 5: the same for the same text. */
function uuid(text: string, namespace: string): string {
  const space = namespace
    .toLowerCase()
    .replace(/^urn:|uuid:/g, '')
    .replace(/[{}-]/g, '')
  if (!/^[0-9a-f]{32}$/.test(space)) throw new ValueFault(`'${namespace}' is no UUID`)
  const bytes = createHash('sha1').update(Buffer.from(space, 'hex')).update(text).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x50
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const quoteUrl = (text: string, safe: string): string =>
  [...Buffer.from(text)]
    .map((byte) => {
      const one = String.fromCharCode(byte)
      return /[A-Za-z0-9_.~-]/.test(one) || safe.includes(one)
        ? one
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')

const quoteQuery = (value: unknown): string => quoteUrl(textOf(value), '').replaceAll('%20', '+')

function urlEncode(value: unknown, call: FunctionCall): string {
  if (typeof value === 'string' || !(isDict(value) || isList(value))) return quoteUrl(textOf(value), '/')
  const pairs = isDict(value) ? entries(value) : value
  return pairs
    .map((pair) => {
      if (!isList(pair) || pair.length !== 2) return call.fail('pairs of a name and a value are needed')
      return `${quoteQuery(pair[0])}=${quoteQuery(pair[1])}`
    })
    .join('&')
}

function urlDecode(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
}

interface Url {
  scheme: string
  netloc: string
  path: string
  query: string
  fragment: string
}

/** As Python's urlsplit has it. */
export function splitUrl(text: string, call: FunctionCall): Url {
  let rest = text.replace(/^[\x00-\x20]+/, '').replace(/[\t\r\n]/g, '')
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(rest)
  if (scheme) rest = rest.slice(scheme[0].length)
  let netloc = ''
  if (rest.startsWith('//')) {
    netloc = /^\/\/([^/?#]*)/.exec(rest)![1]!
    rest = rest.slice(netloc.length + 2)
    if (netloc.includes('[') !== netloc.includes(']'))
      call.fail('this is no URL: the address in [ ] is wrong')
  }
  const [, before, fragment = ''] = /^([^#]*)(?:#([\s\S]*))?$/.exec(rest)!
  const [, path = '', query = ''] = /^([^?]*)(?:\?([\s\S]*))?$/.exec(before!)!
  return { scheme: scheme?.[1]?.toLowerCase() ?? '', netloc, path, query, fragment }
}

function urlParts(text: string, call: FunctionCall): Record<string, unknown> {
  const { scheme, netloc, path, query, fragment } = splitUrl(text, call)
  const at = netloc.lastIndexOf('@')
  const user = at < 0 ? null : netloc.slice(0, at)
  const host = netloc.slice(at + 1)
  const [, inside, plain = '', port] = /^(?:\[([^\]]*)\]|([^:]*))(?::([\s\S]*))?$/.exec(host) ?? []
  const hostname = inside ?? plain
  if (port && (!/^\d+$/.test(port) || Number(port) > 65535))
    call.fail('the port is no number from 0 to 65535')
  return {
    fragment,
    hostname: hostname === '' ? null : hostname.toLowerCase(),
    netloc,
    password: user?.includes(':') ? user.slice(user.indexOf(':') + 1) : null,
    path,
    port: port ? Number(port) : null,
    query,
    scheme,
    username: user === null ? null : user.split(':')[0],
  }
}

const isUri = (value: unknown, schemes: unknown, call: FunctionCall): boolean => {
  try {
    // What is nothing is an empty text to Python.
    const { scheme } = splitUrl(truthy(value) ? requireText(value) : '', call)
    return schemes === null || (isList(schemes) && (schemes.length === 0 || schemes.includes(scheme)))
  } catch {
    return false
  }
}

export const CODECS: readonly LibraryFunction[] = [
  filter('quote()', 'name | quote', 'as one word of a shell', ([value]) =>
    quoteForShell(value === null ? '' : textOf(value)),
  ),
  filter(
    'b64encode(encoding="utf-8", urlsafe=False)',
    "'x' | b64encode",
    'in base64',
    ([value, encoding, urlsafe], call) => {
      const made = encoded(textOf(value), encodingOf(encoding, call), call).toString('base64')
      return isOn(urlsafe) ? made.replaceAll('+', '-').replaceAll('/', '_') : made
    },
  ),
  filter(
    'b64decode(encoding="utf-8", urlsafe=False)',
    "'eA==' | b64decode",
    'the text that is in base64',
    decodeBase64,
  ),
  filter(
    'hash(hashtype="sha1")',
    "text | hash('sha256')",
    'the digest of a text, in hexadecimal',
    ([value, type], call) => hash(value, type, call),
  ),
  filter('checksum sha1()', 'text | checksum', 'the SHA-1 of a text', ([value], call) =>
    hash(value, 'sha1', call),
  ),
  filter('md5()', 'text | md5', 'the MD5 of a text', ([value], call) => hash(value, 'md5', call)),
  filter(
    `to_uuid(namespace="${ANSIBLE}")`,
    'name | to_uuid',
    'a UUID that is always the same for a text',
    ([value, namespace]) => uuid(textOf(value), requireText(namespace)),
  ),
  filter(
    'urlencode()',
    "'a b' | urlencode",
    'as it may stand in a URL; a dict as its query',
    ([value], call) => urlEncode(value, call),
  ),
  filter('urldecode()', "'a%20b' | urldecode", 'what a part of a URL says', ([value]) =>
    urlDecode(requireText(value)),
  ),
  filter(
    'urlsplit(query="")',
    "url | urlsplit('hostname')",
    'the parts of a URL, or one of them',
    ([value, query], call) => {
      const parts = urlParts(value === null ? '' : requireText(value), call)
      if (query === '' || query === null) return parts
      return Object.hasOwn(parts, str(query))
        ? parts[str(query)]
        : call.fail(`a URL has no '${str(query)}'`, `it has ${Object.keys(parts).join(', ')}`)
    },
  ),
  test(
    'uri(schemes=None)',
    "x is uri(['http', 'https'])",
    'a URI, of one of these schemes',
    ([value, schemes], call) => isUri(value, schemes, call),
  ),
  test('url(schemes=None)', 'x is url', 'a URL', ([value, schemes], call) => {
    if (!truthy(value) || !isUri(value, schemes, call)) return false
    const { netloc, scheme } = splitUrl(requireText(value), call)
    return netloc !== '' || scheme === 'file'
  }),
  test('urn()', 'x is urn', 'a URN', ([value], call) => isUri(value, ['urn'], call)),
]
