interface Mutants {
  file: string
  /** What must notice. */
  tests: readonly string[]
  faults: readonly (readonly [name: string, from: string, to: string])[]
}

export const MUTANTS: readonly Mutants[] = [
  {
    file: 'contract/world.ts',
    tests: ['test/contract/world.test.ts'],
    faults: [
      [
        'planned flag',
        'if (plan.steps.length > 0) this.planned = true',
        'if (plan.steps.length > 1) this.planned = true',
      ],
      [
        'remove below',
        'for (const below of this.#files.keys()) if (below.startsWith(`${path}/`)) this.#files.delete(below)',
        '',
      ],
      ['remove prefix', 'below.startsWith(`${path}/`)', 'below.startsWith(path)'],
      [
        'hidden opaque',
        'if (planned === null || planned?.opaque) return true',
        'if (planned === null) return true',
      ],
      [
        'hidden null',
        'if (planned === null || planned?.opaque) return true',
        'if (planned?.opaque) return true',
      ],
      ['guard', 'for (const inner of step.steps) this.#recordStep(inner)', ''],
      ['issue root', '        this.#issue(step.rootCert)\n', ''],
      ['issue cert', '        this.#issue(step.cert)\n', ''],
      ['parents', 'for (const parent of parentsOf(path)) this.#makeOnTheWay(parent)', ''],
      ['kept type', '(before.type ?? file.type) === file.type && ', ''],
      ['kept onTheWay', ' && !before.onTheWay', ''],
      ['opaque set', 'const opaque = this.showsThrough(path) ? {} : { opaque: true }', 'const opaque = {}'],
      ['makeAnew loop', 'for (const parent of parentsOf(path)) this.#makeAnew(parent)', ''],
      ['patch null', 'if (before !== null) this.#files', 'this.#files'],
      ['entries slash', "&& !path.slice(prefix.length).includes('/')", ''],
      ['names delete', 'there ? names.add(name) : names.delete(name)', 'names.add(name)'],
      [
        'onTheWay kept',
        'return planned.onTheWay && below ? below : merge(planned, below, size)',
        'return merge(planned, below, size)',
      ],
      ['merge kept', 'const kept = real?.type === type ? real : null', 'const kept = real'],
      ['uid', 'planned.owner === undefined ? (kept?.uid ?? 0) : -1', 'kept?.uid ?? 0'],
      ['gid', 'planned.group === undefined ? (kept?.gid ?? 0) : -1', 'kept?.gid ?? 0'],
      ['withdraw', 'else if (value === undefined) this.#facts.delete(key.text)\n', ''],
      [
        'link',
        "this.#set(step.path, { type: 'link', target: step.target })",
        "this.#set(step.path, { type: 'link' })",
      ],
      ['attributes', 'this.#patch(step.path, { owner: step.owner, group: step.group, mode: step.mode })', ''],
      ['list null', 'if (planned === null) return null\n    const entries', 'const entries'],
      [
        'defined',
        'const defined = <T extends object>(value: T): Partial<T> =>\n  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Partial<T>',
        'const defined = <T extends object>(value: T): Partial<T> => value',
      ],
      ['hidden file', 'return this.#isHidden(path) ? (own ?? null) : own', 'return own'],
      [
        'write content',
        "this.#set(path, { type: 'file', content, owner, group, mode })\n        break\n      }\n      case 'directory'",
        "this.#set(path, { type: 'file', owner, group, mode })\n        break\n      }\n      case 'directory'",
      ],
    ],
  },
  {
    file: 'contract/facts.ts',
    tests: ['test/contract/facts.test.ts', 'test/contract/world.test.ts'],
    faults: [
      ['a slash in a part', ".replaceAll('/', '%2F')", ''],
      ['what stands for a slash in a part', ".replaceAll('%', '%25')", ''],
      ['a kind twice', 'kinds.has(kind) || ', ''],
      ['a kind with a slash', " || kind.includes('/')", ''],
      ['a group of another kind', 'kind === group.kind && ', ''],
      ['a group of other parts', ' && group.parts.every((part, at) => part === parts[at])', ''],
    ],
  },
  {
    file: 'runner/load/playbook/keyword-table.ts',
    tests: ['test/runner/run/keywords.test.ts', 'test/runner/load/playbook.test.ts'],
    faults: [
      ['no become', '  become: flag(', '  x_become: flag('],
      ['no ignore_unreachable', '  ignore_unreachable: flag(', '  x_ignore_unreachable: flag('],
      ['no any_errors_fatal', '  any_errors_fatal: flag(', '  x_any_errors_fatal: flag('],
      ['no no_log', '  no_log: flag(', '  x_no_log: flag('],
      ['no run_once', '  run_once: flag(', '  x_run_once: flag('],
      ['no check_mode', '  check_mode: flag(', '  x_check_mode: flag('],
      ['no diff', '  diff: flag(', '  x_diff: flag('],
      ['nothing is inherited from the nearest', 'field && read ? [[name, field, read] as const] : []', '[]'],
      ['flags are read as text', 'fields.flag(name)', 'fields.text(name)'],
    ],
  },
  {
    file: 'runner/run/keyword-value.ts',
    tests: ['test/runner/run/keywords.test.ts'],
    faults: [
      ['serial as it is written', "if (typeof value !== 'object') return [value]", 'return [String(value)]'],
      [
        'any value is true or false',
        "asBoolean(found) ?? wrong(keyword, 'true or false', value, found)",
        'Boolean(found)',
      ],
      [
        'any number',
        'asNumber(found, least, whole) ?? wrong(keyword, numberWanted(least, whole), value, found)',
        'Number(found)',
      ],
    ],
  },
]
