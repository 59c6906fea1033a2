/**
 * A plain word as YAML 1.1 has it, which is what PyYAML reads (yaml.org/type), where YAML 1.2 has something else: `yes` and `off`, 1_000,
 * 10:30, 0b1, and 1e3, which is text there. Numbers with a leading zero stay what was written in both, and so do dates.
 * @returns undefined where both have the same
 */
export function readAsFirstEdition(word: string): boolean | number | string | undefined {
  if (/^(yes|Yes|YES|on|On|ON)$/.test(word)) return true
  if (/^(no|No|NO|off|Off|OFF)$/.test(word)) return false
  if (word.includes('_') && /^[-+]?[1-9][0-9_]*$/.test(word)) return Number(word.replaceAll('_', ''))
  if (/^[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+$/.test(word)) return sixties(word)
  if (/^[-+]?0b[01_]+$/.test(word)) return Number.parseInt(word.replace(/0b|_/g, ''), 2)
  const isOnlyNew = /^[-+]?\d+[eE]/.test(word) || /^[-+]?\d*\.\d*[eE]\d/.test(word) || /^0o/.test(word)
  return isOnlyNew ? word : undefined
}

/** Whether a text may hold such a word. */
export const mayDiffer = (text: string): boolean => /\b(yes|no|on|off)\b|\d[_:eE]|0[ob]/i.test(text)

const sixties = (word: string): number => {
  const [sign, digits] = word.startsWith('-') ? [-1, word.slice(1)] : [1, word.replace('+', '')]
  return (
    sign *
    digits
      .replaceAll('_', '')
      .split(':')
      .reduce((sum, part) => sum * 60 + Number(part), 0)
  )
}
