import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Draft } from '../../../../runner/load/inventory/draft.ts'
import { groupNodes } from '../../../../runner/load/inventory/graph.ts'
import { readYamlGroups } from '../../../../runner/load/inventory/yaml-groups.ts'
import { parseYaml } from '../../../../runner/load/yaml.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f']

function draftOf(edges: [string, string][]): Draft {
  const draft = new Draft()
  for (const name of NAMES) draft.declare(name)
  edges.forEach(([parent, child], index) => {
    draft.declare(parent).children.set(child, () => ({ file: 'hosts', line: index + 1, col: 1 }))
  })
  return draft
}

/** Whether `to` is below `from`. */
function reaches(edges: [string, string][], from: string, to: string): boolean {
  const seen = new Set<string>()
  const open = [from]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const [parent, child] of edges) {
      if (parent !== at || seen.has(child)) continue
      seen.add(child)
      open.push(child)
    }
  }
  return seen.has(to)
}

const edges = fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...NAMES)), { maxLength: 10 })

test('ancestors are what leads to a group, deeper than each of them; else there is a cycle, which is told', () => {
  fc.assert(
    fc.property(edges, (all) => {
      const draft = draftOf(all)
      const nodes = groupNodes(draft)
      const inCycle = NAMES.filter((name) => reaches(all, name, name))
      expect(draft.diagnostics.errors.length > 0).toBe(inCycle.length > 0)
      for (const error of draft.diagnostics.errors) {
        const [first, ...rest] = error.message.replace(/^.*: /, '').split(' → ')
        expect(rest.at(-1)).toBe(first)
        expect(inCycle).toContain(first)
      }
      for (const node of nodes.values()) {
        const above = [...node.ancestors].map((each) => each.draft.name).sort()
        expect(above).toEqual(NAMES.filter((name) => reaches(all, name, node.draft.name)))
        for (const each of node.ancestors) expect(each.depth).toBeLessThan(node.depth)
      }
    }),
    { numRuns: 300 },
  )
})

test('no data makes the YAML reader throw, and every mistake has a place', () => {
  const key = fc.constantFrom(
    'all',
    'web',
    'hosts',
    'vars',
    'children',
    'h1',
    'h[1:2]',
    'h 1',
    '',
    'x:y',
    'plugin',
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom(null, 1, 'text', true),
      fc.array(tie('value'), { maxLength: 2 }),
      fc.dictionary(key, tie('value'), { maxKeys: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 3 }),
    ),
  }))
  fc.assert(
    fc.property(value, (data) => {
      const draft = new Draft()
      readYamlGroups(draft, parseYaml('hosts.json', JSON.stringify(data)), '.')
      groupNodes(draft)
      for (const error of draft.diagnostics.errors) expect(error.pos?.file).toBe('hosts.json')
    }),
    { numRuns: 300 },
  )
})
