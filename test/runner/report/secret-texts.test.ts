import { describe, expect, test } from 'vitest'
import { hideSecretsIn, secretsIn } from '../../../runner/report/secret-texts.ts'

/** Each as it is, and what is left of it; S3cr:t stands for the secret. */
describe('texts that carry secrets', () => {
  test.each([
    ['postgres://app:S3cr3t@db/x', 'postgres://app:********@db/x'],
    [
      'deb https://u:S3c:r@3t@repo.example/apt bookworm main',
      'deb https://u:********@repo.example/apt bookworm main',
    ],
    ['host=db password=S3cr3t user=app', 'host=db password=******** user=app'],
    ["host=db password='S3 cr3t' user=app", "host=db password='********' user=app"],
    ["primary_conninfo = 'host=db password=S3cr3t'", "primary_conninfo = 'host=db password=********'"],
    [
      "primary_conninfo = 'host=db password=''S3 cr3t'' user=x'",
      "primary_conninfo = 'host=db password=''********'' user=x'",
    ],
    ["ssl_passphrase_command = 'echo S3cr3t'", "ssl_passphrase_command = '********'"],
    [
      'host all all all ldap ldapserver=x ldapbindpasswd=S3cr3t ldapbasedn="a"',
      'host all all all ldap ldapserver=x ldapbindpasswd=******** ldapbasedn="a"',
    ],
    ['ldapbindpasswd="S3 ""cr3t" x', 'ldapbindpasswd="********" x'],
    ['{a=b,"radiussecrets=\\"S3 cr3t\\",\\"S3cr3t\\""}', '{a=b,"radiussecrets=\\"********\\""}'],
    ['"ldapbindpasswd=S3 ""cr3t" x', '"ldapbindpasswd=********" x'],
    ['radiussecrets="""S3 cr3t"",""S3cr3t""" x', 'radiussecrets="********" x'],
    ['"ldapbindpasswd=S3 cr3t" x', '"ldapbindpasswd=********" x'],
    ['radiussecrets="S3,cr3t" radiusservers="a,b"', 'radiussecrets="********" radiusservers="a,b"'],
    [
      "CREATE ROLE app LOGIN PASSWORD 'S3''cr3t' SUPERUSER",
      "CREATE ROLE app LOGIN PASSWORD '********' SUPERUSER",
    ],
    ["alter role app password E'S3\\'cr3t';", "alter role app password E'********';"],
    ["alter role app password 'S3cr3t\\'", "alter role app password '********'"],
    ['alter role app password $x$S3cr3t$x$', 'alter role app password ********'],
    ["CREATE USER a IDENTIFIED BY 'S3cr3t'", "CREATE USER a IDENTIFIED BY '********'"],
    [
      "psql -c 'alter role app password '\\''S3cr3t'\\'''",
      "psql -c 'alter role app password '\\''********'\\'''",
    ],
    ['db1:5432:app:me:S3cr:3t\n*:*:*:*:S3cr3t', 'db1:5432:app:me:********\n*:*:*:*:********'],
    ['{"user":"app","password":"S3\\"cr3t"}', '{"user":"app","password":"********"}'],
    ['{\\"api_key\\": \\"S3cr3t\\"}', '{\\"api_key\\": \\"********\\"}'],
    ['{"pin":1,"password":123456}', '{"pin":1,"password":********}'],
    ['  password: S3cr3t', '  password: ********'],
    ['db: { user: app, password: S3cr3t }', 'db: { user: app, password: ******** }', true],
    ['passphrase: S3cr3t horse battery', 'passphrase: ********', true],
    ['machine repo.example login me password S3cr3t', 'machine repo.example login me password ********'],
    ['PGPASSWORD=S3cr3t psql', 'PGPASSWORD=******** psql'],
    ['tool --api-token S3cr3t --x', 'tool --api-token ******** --x'],
    ['GET /?password=S3cr3t&sslmode=require', 'GET /?password=********&sslmode=require'],
    ['Authorization: Bearer S3cr3t.x', 'Authorization: Bearer ********'],
    [
      '-----BEGIN PRIVATE KEY-----\nS3cr3t\n-----END PRIVATE KEY-----\n',
      '-----BEGIN PRIVATE KEY-----********-----END PRIVATE KEY-----\n',
    ],
  ] as [string, string, boolean?][])('%s', (text, left, file = false) => {
    expect(hideSecretsIn(text, { file })).toBe(left)
    expect(hideSecretsIn(left, { file })).toBe(left)
  })

  test.each([
    'password_encryption = scram-sha-256',
    'the password: it is not the stored one',
    'password authentication failed for user "app"',
    'ALTER ROLE app PASSWORD NULL',
    'password: "{{ vault_password }}"',
    'root:x:0:0:root:/root:/bin/bash',
    'aa:11:bb:cc:dd:ee',
    '2026-11-29T10:21:48: started',
    'see https://www.postgresql.org/docs/15/auth-password.html',
    'Use --become-password-file FILE, or --ask-become-pass to be asked',
    'primary_key = id',
    'name the right key with --private-key and the right user with -u',
    'if (token == other)',
    'ssh://git@github.com/x:y',
    'password: null',
    'private_key: /etc/ssl/server.key',
  ])('left as it is: %s', (text) => {
    expect(hideSecretsIn(text)).toBe(text)
  })

  test('their values can be had', () => {
    expect(secretsIn("host=x password='a b' user=y")).toEqual(['a b'])
    expect(secretsIn('postgres://app:p%40ss@db/x')).toEqual(['p%40ss'])
  })

  test.each([
    ['a long word', `password${'a'.repeat(2_000_000)}`],
    ['many dots and dashes', 'secret-a.'.repeat(200_000)],
    ['quotes without an end', "password '".repeat(50_000)],
    ['many beginnings of keys', '-----BEGIN PRIVATE KEY-----'.repeat(20_000)],
    ['colons', 'token:'.repeat(200_000)],
    ['blanks', `password${' '.repeat(1_000_000)}`],
    ['schemes', 'a://'.repeat(200_000)],
  ])('time grows with the length alone: %s', (_, text) => {
    const started = performance.now()
    hideSecretsIn(text, { file: true })
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
