import { expect, it } from 'vitest'
import { parseArguments } from '../../runner/options/arguments.ts'

const values = (...more: string[]) =>
  parseArguments(['site.yaml', '-i', 'h1,', ...more], { HOME: '/nowhere' }, '/nowhere').settings.values

it("Ansible's options for the way to a host are taken", () => {
  const given = values(
    ...['-c', 'ansible.builtin.local', '--become-method', 'su'],
    ...['--ssh-common-args', '-o ProxyJump=gate', '--ssh-extra-args=-4'],
  )
  expect(given).toMatchObject({ transport: 'local', become_method: 'su' })
  expect(given).toMatchObject({ ssh_common_args: '-o ProxyJump=gate', ssh_extra_args: '-4' })
  expect(values('-c', 'smart').transport).toBe('ssh')
})

it('a way that play does not go is told', () => {
  expect(() => values('-c', 'docker')).toThrow(/'docker' is invalid/)
  expect(() => values('--become-method', 'doas')).toThrow(/'doas' is invalid/)
})
