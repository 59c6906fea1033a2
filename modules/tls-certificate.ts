import type * as z from 'zod'
import { inspect, type State } from './certificate/inspect.ts'
import { type Params, params } from './certificate/params.ts'
import { plan } from './certificate/plan.ts'
import { defineModule } from './contract.ts'

/** A server's key and certificate, so that clients can verify with whom they speak (PostgreSQL: 19.9, 34.19). */
export const tlsCertificateModule = defineModule<Params, State>({
  name: 'tls_certificate',
  summary: 'A private key and its certificate, issued by an authority on the controller or given by the user',
  params: params as z.ZodType<Params>,
  inspect,
  plan,
  result: ({ params: { cert, key, root_cert } }) => ({ cert, key, root_cert }),
})
