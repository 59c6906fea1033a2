import * as z from 'zod'
import { text } from '../../contract/params.ts'

const keyword = (description: string, unset = "libpq's own default") =>
  text().optional().meta({ description, unset })

/** Further keywords that libpq knows (34.1.2), besides those described one by one. */
const OTHER_KEYWORDS = new Set(
  `hostaddr channel_binding client_encoding options fallback_application_name keepalives keepalives_idle
  keepalives_interval keepalives_count tcp_user_timeout gssencmode sslcompression sslcrl sslcrldir sslpassword sslsni
  sslnegotiation sslcertmode require_auth requirepeer ssl_min_protocol_version ssl_max_protocol_version krbsrvname gsslib
  gssdelegation service target_session_attrs load_balance_hosts min_protocol_version max_protocol_version`.split(
    /\s+/,
  ),
)

const connectionShape = {
  host: keyword('Host name or address.'),
  port: keyword('TCP port.'),
  dbname: keyword('Database.', 'the same name as here'),
  user: keyword('Role to log in as, which needs REPLICATION.'),
  passfile: keyword('File on this host that holds the password (pg_passfile).'),
  sslmode: keyword('How TLS is used.'),
  sslrootcert: keyword('Certificates that the server’s must descend from.'),
  sslcert: keyword('Client certificate.'),
  sslkey: keyword('Its key.'),
  connect_timeout: keyword('Seconds.'),
  application_name: keyword('Name shown in pg_stat_replication.'),
}

const NO_PASSWORD =
  'a password here would be stored in clear in the catalogue, in its backups and on its standbys: put it into a passfile with pg_passfile, and say `passfile` here'

/** How one server reaches another: keywords of libpq (34.1.2), without a password, which a passfile holds. */
export const connectionParam = z
  .object(connectionShape)
  .catchall(text())
  .superRefine((given, context) => {
    for (const key of Object.keys(given)) {
      if (key in connectionShape || OTHER_KEYWORDS.has(key)) continue
      const message = key === 'password' ? NO_PASSWORD : 'libpq knows no such connection keyword'
      context.addIssue({ code: 'custom', message, path: [key] })
    }
  })
