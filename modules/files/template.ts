import * as z from 'zod'
import { defineModule } from '../../contract/module.ts'
import { flag, hostPath, nonEmpty, ownership, param } from '../../contract/params.ts'
import {
  fileName,
  inspectTarget,
  planTarget,
  type Target,
  validateParam,
  validateWords,
} from './shared/target.ts'

const params = z.strictObject({
  src: param(nonEmpty(), 'Template beside the playbook or in its `templates/`.', {
    from: 'template',
    example: 'motd.hbs',
  }),
  dest: param(
    hostPath(),
    'Where the rendered text goes: a file, or a folder when it ends in `/` or is one.',
    {
      aliases: ['path', 'name'],
      example: '/etc/motd',
    },
  ),
  ...ownership,
  backup: param(flag().default(false), 'Keep the old file beside, with the time in its name.'),
  force: param(flag().default(true), 'False: a file that is there stays as it is, whatever it holds.'),
  validate: validateParam,
})
type Params = z.infer<typeof params>

/** A template rendered with the host's variables, written on the host. Ansible's `template`. */
export const templateModule = defineModule<Params, Target>({
  name: 'template',
  summary: 'Render a template and write the result on the host',
  params,
  async inspect(host, params) {
    const { content, secret } = await host.controller.template(params.src, params.dest)
    const name = fileName(params.src).replace(/\.(hbs|handlebars)$/, '')
    return inspectTarget(host, params.dest, { content: Buffer.from(content), secret }, name, params)
  },
  plan: (state, params) => planTarget(state, { ...params, validate: validateWords(params.validate) }),
  result: ({ state, params }) => ({ dest: state.path, src: params.src }),
})
