import { asBoolean } from '../load/yaml.ts'
import { pathOf } from './paths.ts'
import { type Base, type Setting, Unfit } from './setting.ts'
import { bytesOf, SIZE } from './size.ts'

type Row<T, D> = Omit<Setting<T, D>, 'takes' | 'read' | 'ini' | 'env' | 'given'> &
  Partial<Pick<Setting<T, D>, 'ini' | 'env' | 'given'>>

const make = <T, D>(takes: string, read: Setting<T, D>['read'], row: Row<T, D>): Setting<T, D> => ({
  ...{ ini: [], env: [], given: () => undefined, takes, read },
  ...row,
})

/** In all spellings of Ansible's (boolean of ansible/module_utils/parsing/convert_bool.py). */
export const readFlag = (raw: unknown): boolean => {
  const word = typeof raw === 'number' ? String(raw) : raw
  const found =
    asBoolean(word) ??
    (/^(1|y|t)$/i.test(String(word)) ? true : /^(0|n|f)$/i.test(String(word)) ? false : undefined)
  if (found === undefined) throw new Unfit('true or false')
  return found
}

const readText = (raw: unknown): string => {
  if (typeof raw === 'string' && raw !== '') return raw
  if (typeof raw === 'number' || typeof raw === 'bigint') return String(raw)
  throw new Unfit('text')
}

/** Of a list of YAML; undefined where it is one text. */
function textsOf(raw: unknown): string[] | undefined {
  if (Array.isArray(raw)) return raw.map(readText)
  if (typeof raw === 'object') throw new Unfit('text, or a list of texts')
  return undefined
}

/** A list, or one text that holds its parts. */
const readList = (raw: unknown, between: string): string[] => {
  const parts = textsOf(raw) ?? readText(raw).split(between)
  return parts.map((part) => unquoted(part.trim())).filter((part) => part !== '')
}

/** Quotes around a value of ansible.cfg are not part of it (unquote of ansible/parsing/quoting.py). */
export const unquoted = (text: string): string =>
  /^(["']).*\1$/s.test(text) && text.length > 1 && text.at(-2) !== '\\' ? text.slice(1, -1) : text

export const flag = <D extends boolean | undefined>(row: Row<boolean, D>): Setting<boolean, D> =>
  make('true or false', readFlag, row)

export const text = <D extends string | undefined>(row: Row<string, D>): Setting<string, D> =>
  make('text', readText, row)

export const path = <D extends string | undefined>(row: Row<string, D>): Setting<string, D> =>
  make('path', (raw, base) => pathOf(readText(raw), base), { ...row, paths: true })

export const count = <D extends number | undefined>(
  least: number,
  most: number,
  row: Row<number, D>,
): Setting<number, D> => {
  const takes = `whole number from ${least} to ${most}`
  const read = (raw: unknown): number => {
    const found = typeof raw === 'string' && /^[+-]?\d+(\.0*)?$/.test(raw) ? Number(raw) : raw
    if (typeof found === 'number' && Number.isInteger(found) && found >= least && found <= most) return found
    throw new Unfit(`a ${takes}`)
  }
  return make(takes, read, row)
}

export const choice = <const C extends string, D extends C | undefined>(
  choices: readonly C[],
  row: Row<C, D>,
  /** What other words mean. */
  also: Readonly<Record<string, C>> = {},
): Setting<C, D> => {
  const words = `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
  const read = (raw: unknown): C => {
    const word = String(raw).replace(/^ansible\.builtin\./, '')
    const found = choices.find((one) => one === word) ?? (Object.hasOwn(also, word) ? also[word] : undefined)
    if (found === undefined) throw new Unfit(words)
    return found
  }
  return make(words, read, row)
}

/** Words that commas separate. */
export const words = (row: Row<string[], string[]>): Setting<string[], string[]> =>
  make('list, with commas', (raw) => readList(raw, ','), row)

/** Folders that colons separate. */
export const folders = (row: Row<string[], string[]>): Setting<string[], string[]> =>
  make('list of folders, with colons', (raw, base) => readList(raw, ':').map((one) => pathOf(one, base)), {
    ...row,
    paths: true,
  })

/** LABEL@SOURCE. Ansible takes those of its configuration from the working folder, and not as it takes other paths. */
export const vaultIds = (row: Row<string[], string[]>): Setting<string[], string[]> =>
  make(
    'list of LABEL@FILE, with commas',
    (raw, base) => {
      const from = base.ansible ? { ...base, folder: base.cwd } : base
      return readList(raw, ',').map((id) => {
        const [, label = '', source = ''] = /^([^@]*@)?(.*)$/s.exec(id) ?? []
        return source === 'prompt' ? id : `${label}${pathOf(source, from)}`
      })
    },
    row,
  )

/** As -i. A text that ends in a comma names hosts; else commas separate paths, as in Ansible. */
export const sources = (row: Row<string[], undefined>): Setting<string[], undefined> =>
  make('list of paths, with commas, or "host1,host2,"', readSources, { ...row, paths: true })

function readSources(raw: unknown, base: Base): string[] {
  const listed = textsOf(raw)
  if (!listed && /,\s*$/.test(readText(raw))) return [readText(raw).trim()]
  const parts = listed ?? readList(raw, ',')
  return parts.map((part) => (part.includes(',') ? part : pathOf(part, base)))
}

export const size = <D extends number | undefined>(row: Row<number, D>): Setting<number, D> =>
  make(
    'size: 500K, 64M',
    (raw) => {
      const bytes = bytesOf(readText(raw))
      if (bytes === undefined) throw new Unfit(SIZE)
      return bytes
    },
    row,
  )
