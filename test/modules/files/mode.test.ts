import { describe, expect, it } from 'vitest'
import { mode } from '../../../contract/params.ts'
import { resolveMode } from '../../../modules/files/shared/mode.ts'

describe('resolveMode', () => {
  // Each checked against chmod of GNU coreutils 9.1.
  it.each([
    ['644', '0000', false, '0644'],
    ['u=rw,g=r,o=', '0777', false, '0640'],
    ['a+x', '0644', false, '0755'],
    ['go-rwx', '0755', false, '0700'],
    ['u=rwX,go=rX', '0644', false, '0644'],
    ['u=rwX,go=rX', '0744', false, '0755'],
    ['u=rwX,go=rX', '0600', true, '0755'],
    ['g+s', '0755', true, '2755'],
    ['u+s', '0755', false, '4755'],
    ['+t', '0777', true, '1777'],
    ['-t', '1777', true, '0777'],
    ['u=rwx', '4755', false, '0755'],
    ['ug=rw,o-r', '0644', false, '0660'],
  ])('%s of %s (folder: %s) gives %s', (wanted, current, directory, result) => {
    expect(resolveMode(wanted, current, directory)).toBe(result)
  })
})

describe('the mode parameter', () => {
  it.each([
    [420, "'0644'"],
    [493, "'0755'"],
    [644, "'0644'"],
    [1777, "'1777'"],
    [600, "'0600'"],
  ])('tells what to type instead of the number %i', (given, suggestion) => {
    expect(mode().safeParse(given).error?.issues[0]?.message).toContain(suggestion)
  })

  it.each(['0644', '755', '2755', '02775', 'u=rw,g=r', 'a+x', 'u+rwX,go-w'])('takes %s', (text) => {
    expect(mode().safeParse(text).success).toBe(true)
  })

  it.each(['', '0888', '64', 'rw-r--r--', 'u=rw;id'])("refuses '%s'", (text) => {
    expect(mode().safeParse(text).success).toBe(false)
  })
})
