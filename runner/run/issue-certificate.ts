import { X509Certificate } from 'node:crypto'
import type { IssueCertificateStep } from '../../contract/plan.ts'
import { quoteWords } from '../../contract/quote.ts'
import type { Connection } from '../hosts/types.ts'
import { changeFiles } from './files/change.ts'
import { HostReads } from './host-reads.ts'
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
  await requireValid(new HostReads(connection, as), [certificate, rootCertificate])
  const files = [
    { do: 'write_file' as const, ...step.rootCert, content: rootCertificate },
    { do: 'write_file' as const, ...step.cert, content: certificate },
  ]
  await changeFiles(files, connection, as)
}

/** Signed by the clock of this machine, they must be valid by the host's. @throws {StepError} */
async function requireValid(host: HostReads, certificates: readonly string[]): Promise<void> {
  const there = (await host.now()) * 1000
  const late = certificates
    .map((text) => new X509Certificate(text))
    .find(({ validFrom }) => Date.parse(validFrom) > there)
  if (!late || !(there > 0)) return
  throw new StepError(
    `the certificate is valid from ${late.validFrom}, and on the host it is ${new Date(there).toUTCString()}`,
    {
      hint: 'Set the clocks of both machines (timedatectl). If that of this one was wrong when the authority was made: move its folder away, and run with -e new_certificate_authority=true.',
    },
  )
}
