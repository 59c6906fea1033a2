import type { IssueCertificateStep } from '../../contract/plan.ts'
import { quoteWords } from '../../contract/quote.ts'
import type { Connection } from '../hosts/types.ts'
import { changeFiles } from './files/change.ts'
import { StepError } from './step-error.ts'

/**
 * Only the request and the certificates travel: the key stays on the host. The authority's own certificate is written
 * first, so that nothing is ever presented that its own host would not trust.
 */
export async function issueCertificate(
  step: IssueCertificateStep,
  connection: Connection,
  as: string | undefined,
): Promise<void> {
  const output = await connection.exec(step.request, { as })
  if (output.code !== 0)
    throw new StepError(`${step.title ?? 'the certificate'}: no request could be made on the host`, {
      command: { argv: quoteWords(step.request), ...output },
      hint:
        output.code === 127 ? 'Install openssl on the host: `apt_install: { name: openssl }`.' : undefined,
    })
  // Loaded where something is to be signed, and not at every start.
  const { issue } = await import('./certificate-authority.ts')
  const { certificate, rootCertificate } = await issue(step.authority, output.stdout, step)
  const files = [
    { do: 'write_file' as const, ...step.rootCert, content: rootCertificate },
    { do: 'write_file' as const, ...step.cert, content: certificate },
  ]
  await changeFiles(files, connection, as)
}
