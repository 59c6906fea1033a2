import { isIPv6 } from 'node:net'
import * as z from 'zod'
import { flag, hostPath, integer, list, param, text } from '../../../contract/params.ts'

const account = text({ expected: 'the name of a user or group of the host', fits: /^[a-z_][a-z0-9_-]*\$?$/ })

const name = text().refine(
  (text) =>
    (text.includes(':') && isIPv6(text)) ||
    (text.length <= 253 && /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(text)),
  'is a host name or an address',
)

/** A file on the controller: absolute, since what it holds must not depend on where a task file lies. */
const controllerPath = text({
  expected: 'an absolute path on this machine: begin with {{ inventory_dir }}',
  fits: /^\/.*[^/]$/,
})

export const params = z
  .strictObject({
    cert: param(hostPath(), 'The certificate on the host.', {
      example: '/etc/postgresql-common/tls/server.crt',
      aliases: ['path', 'dest'],
    }),
    key: param(hostPath(), 'Its private key, mode 0600. Made on the host, which it never leaves.', {
      example: '/etc/postgresql-common/tls/server.key',
    }),
    root_cert: param(hostPath(), 'The certificate of the authority, for `sslrootcert` of who connects.', {
      example: '/etc/postgresql-common/tls/root.crt',
    }),
    owner: param(account.default('postgres'), 'User that owns the files.', { example: 'postgres' }),
    group: param(account.optional(), 'Their group.', { unset: "the owner's name" }),
    names: param(
      list(name, { min: 1 }).transform((names) => [...new Set(names)]),
      'Host names and addresses by which others reach the host: what `sslmode=verify-full` compares.',
      { example: ['{{ inventory_hostname }}', '{{ ansible_host }}'] },
    ),
    authority: param(
      controllerPath.optional(),
      'Folder on the machine that play runs on with the certificate authority, ca.crt and ca.key (0600). Made when it is first needed. Keep it out of version control, and keep a copy.',
      { example: '{{ inventory_dir }}/ca', unset: '`given`' },
    ),
    new_authority: param(
      flag().default(false),
      'Whether an authority is made where the folder holds none although servers trust one already. All hosts then need new certificates.',
    ),
    given: param(
      z
        .strictObject({
          cert: controllerPath.meta({
            description: 'The certificate, in PEM, with those between it and the root behind it.',
          }),
          key: controllerPath.meta({ description: 'Its private key, in PEM, without a passphrase.' }),
          root_cert: controllerPath.meta({ description: 'The certificates to trust, in PEM.' }),
        })
        .nullish(),
      'Files on the machine that play runs on, instead of `authority`.',
      {
        example: {
          cert: '{{ inventory_dir }}/tls/{{ inventory_hostname }}.crt',
          key: '{{ inventory_dir }}/tls/{{ inventory_hostname }}.key',
          root_cert: '{{ inventory_dir }}/tls/root.crt',
        },
        unset: '`authority`',
      },
    ),
    days: param(integer(1, 7300).default(1095), 'How long a new certificate is good for.', { example: 1095 }),
    renew_days: param(
      integer(0, 7300).default(90),
      'A certificate that ends within so many days is issued anew.',
      { example: 90 },
    ),
  })
  .refine(({ authority, given }) => authority !== undefined || given, {
    error: "one of 'authority' and 'given' is needed",
    path: ['authority'],
  })
  .refine(({ days, renew_days }) => renew_days < days, {
    error: 'is not less than `days`: a new certificate would be issued every time',
    path: ['renew_days'],
  })
export type Params = z.output<typeof params>
