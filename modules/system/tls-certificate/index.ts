import { defineModule } from '../../../contract/module.ts'
import { inspect, type State } from './inspect.ts'
import { type Params, params } from './params.ts'
import { plan } from './plan.ts'

/** A server's key and certificate, so that clients can verify with whom they speak (PostgreSQL: 19.9, 34.19). */
export const tlsCertificateModule = defineModule<Params, State>({
  name: 'tls_certificate',
  summary: 'A private key and its certificate, issued by an authority on the controller or given by the user',
  reads: [
    // Which public key belongs to a private one, which is not printed.
    { program: 'openssl', first: ['pkey'], needs: ['-pubout'], never: /^(?!(pkey|-in|-pubout|\/.*)$)/ },
  ],
  params,
  inspect,
  plan,
  result: ({ params: { cert, key, root_cert } }) => ({ cert, key, root_cert }),
})
