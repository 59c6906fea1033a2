import { lstatSync, mkdirSync, mkdtempSync, readlinkSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { FileStat, HostReader } from '../../../contract/host.ts'
import { placeOf } from '../../../contract/place.ts'
import { statFollowed } from '../../../modules/files/shared/inspect.ts'

/** What the files of this machine say, as a host answers it. */
const host = {
  name: 'here',
  async stat(path: string) {
    try {
      const found = lstatSync(path)
      const type = found.isSymbolicLink() ? 'link' : found.isDirectory() ? 'directory' : 'file'
      return {
        type,
        uid: 0,
        owner: 'root',
        ...(type === 'link' && { target: readlinkSync(path) }),
      } as FileStat
    } catch {
      return null
    }
  },
} as unknown as HostReader

const real = (path: string): string | null => {
  try {
    return realpathSync.native(path)
  } catch {
    return null
  }
}

const name = fc.constantFrom('a', 'b')
const step = fc.oneof(name, name, fc.constant('..'), fc.constant('.'))
const way = fc.array(step, { minLength: 1, maxLength: 3 })
const thing = fc.record({
  at: fc.array(name, { minLength: 1, maxLength: 3 }),
  link: fc.option(fc.record({ way, isWhole: fc.boolean() })),
})

it('what a path leads to is what it leads to for the kernel, whatever links lead up or across', async () => {
  let met = 0
  await fc.assert(
    fc.asyncProperty(fc.array(thing, { minLength: 3, maxLength: 8 }), way, async (things, asked) => {
      const root = realpathSync(mkdtempSync(join(tmpdir(), 'play-places-')))
      try {
        for (const { at, link } of things) {
          const path = join(root, ...at)
          try {
            if (!link) mkdirSync(path, { recursive: true })
            else {
              mkdirSync(dirname(path), { recursive: true })
              symlinkSync(`${link.isWhole ? `${root}/` : ''}${link.way.join('/')}`, path)
            }
          } catch {
            // Something else is there already, or in the way.
          }
        }
        const path = `${root}/${asked.join('/')}`
        const wanted = real(path)
        if (wanted === null) return
        met += 1
        const found = await statFollowed(host, path)
        expect(real(found.path)).toBe(wanted)
        expect(found.stat).toMatchObject({ type: 'directory' })
        const above = real(dirname(path))
        const last = asked.at(-1)!
        if (!['.', '..'].includes(last) && !asked.slice(0, -1).includes('..'))
          expect(await placeOf(host, path)).toBe(join(above!, last))
      } finally {
        rmSync(root, { recursive: true })
      }
    }),
    {
      numRuns: 300,
      // A link that leads up, in a folder that is itself a link.
      examples: [
        [
          [
            { at: ['b', 'a'], link: null },
            { at: ['a'], link: { way: ['b', 'a'], isWhole: false } },
            { at: ['b', 'b'], link: null },
            { at: ['b', 'a', 'b'], link: { way: ['..', 'b'], isWhole: false } },
          ],
          ['a', 'b'],
        ],
      ],
    },
  )
  expect(met).toBeGreaterThan(50)
})
