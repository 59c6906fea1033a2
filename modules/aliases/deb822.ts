import * as z from 'zod'
import { choice, flag, hostPath, only, param, text } from '../../contract/params.ts'
import { textList } from '../../contract/text-list.ts'
import { aptRepoModule } from '../packages/apt-repo/index.ts'
import { defineAlias, given, ignored, refused, refusedSwitch } from './alias.ts'

const words = z.preprocess(
  (value) => (typeof value === 'string' ? textList(value, /[\s,]+/).filter(Boolean) : value),
  z.array(text()).optional(),
)
const OPTION = 'write the file with copy where it is needed'

export const deb822RepositoryModule = defineAlias({
  name: 'deb822_repository',
  summary: "Ansible's name for apt_repo in the deb822 form, with Ansible's arguments",
  of: aptRepoModule,
  names: { key: 'signed_by' },
  params: z.strictObject({
    name: param(text(), 'What its file is called.', { example: 'pgdg' }),
    state: param(choice('present', 'absent').default('present'), 'Whether it is to be there.'),
    types: param(words, '`deb`, `deb-src` or both.', { unset: 'deb' }),
    uris: param(words, 'Its address or addresses.', { unset: 'needed with `state: present`' }),
    suites: param(words, 'Its suite or suites.', { unset: 'needed with `state: present`' }),
    components: param(words, 'Its components.', { unset: '`main`; none for a suite that ends in `/`' }),
    architectures: param(words, 'Only these architectures.', { unset: "the host's" }),
    signed_by: param(
      hostPath().optional(),
      'The keyring on the host. A key of an address, or as a text, is taken by apt_repo, with its fingerprint: `key: { url: …, fingerprint: … }`.',
      { unset: 'what the host trusts anyway' },
    ),
    enabled: param(only(true, 'state: absent takes it out'), 'Only true.'),
    install_python_debian: ignored('nothing is needed on the host'),
    mode: ignored('the file is 0644'),
    check_valid_until: refused(OPTION),
    allow_insecure: refusedSwitch(
      false,
      'packages that nobody signed are not installed; add the key with apt_repo',
    ),
    trusted: refused('packages that nobody signed are not installed; add the key with apt_repo'),
    allow_weak: refusedSwitch(false, OPTION),
    allow_downgrade_to_insecure: refusedSwitch(false, OPTION),
    by_hash: refused(OPTION),
    check_date: refused(OPTION),
    date_max_future: refused(OPTION),
    inrelease_path: refused(OPTION),
    languages: refused(OPTION),
    pdiffs: refused(OPTION),
    targets: refused(OPTION),
    exclude: refused(OPTION),
    include: refused(OPTION),
    update: param(flag().default(false), 'Fetch its package lists.'),
  }),
  to: ({ name, state, types, uris, suites, components, architectures, signed_by, update }) =>
    state === 'absent'
      ? { name, state }
      : given({ name, types, uris, suites, components, architectures, signed_by, update }),
  result: ({ params, own }) => ({ repo: params.name, dest: own.path, key_filename: own.keyring }),
})
