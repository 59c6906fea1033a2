import { expect, test } from 'vitest'
import { isNoSecret, isSecretName } from '../../../runner/report/secret-names.ts'

test.each(
  (
    'password db_password dbPassword DB_PASSWORD pgpassword PGPASSWORD db_pwd db_pw user-pass api_key apikey apiKey ' +
    'API-KEY credentials aws_credentials creds github_token authtoken client_secret clientSecret passphrase ' +
    'ssl_passphrase private_key aws_secret_access_key ldapbindpasswd radiussecrets ansible_become_pass password2 ' +
    'password_old token_b64 password_hash encryption_key db.password tokens ssl_passphrase_command'
  ).split(' '),
)('%s names a secret', (name) => {
  expect(isSecretName(name)).toBe(true)
})

test.each(
  (
    'password_encryption passwords_file password_file token_bucket_size secret_name pass_count passed bypass compass ' +
    'max_tokens num_tokens has_password use_token no_password public_key primary_key pgdg_key_url key keys ' +
    'ansible_ssh_private_key_file oldpwd tokenizer pgpass passfile secretary token_url replication_user'
  ).split(' '),
)('%s names none', (name) => {
  expect(isSecretName(name)).toBe(false)
})

test('a path under a name of a key is no secret itself', () => {
  expect(isNoSecret('private_key', '/etc/ssl/server.key')).toBe(true)
  expect(isNoSecret('PWD', '/root')).toBe(true)
  expect(isNoSecret('db_password', '/etc/secret')).toBe(false)
  expect(isNoSecret('private_key', '-----BEGIN PRIVATE KEY-----\nMIIB')).toBe(false)
})
