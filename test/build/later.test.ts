import { resolve } from 'node:path'
import { expect, it } from 'vitest'
// @ts-expect-error: a script of the build, without types
import { FILES, namesIn, PACKAGES } from '../../build/later.mjs'

it.each(FILES as string[])('%s exports in the bundle what it exports', async (file) => {
  expect(namesIn(file).sort()).toEqual(Object.keys(await import(resolve(file))).sort())
})

const packages: [string, string[]][] = Object.entries(PACKAGES)

it.each(packages)('%s has what is taken from it', async (name, names) => {
  const whole = await import(name)
  for (const one of names) expect(name === 'handlebars' ? whole.default : whole).toHaveProperty(one)
})
