import { command, quote } from './play.ts'

/** On a host as root, also when its network is gone. @throws with what it said */
export async function onGuest(host: string, text: string): Promise<string> {
  const { code, stdout, stderr } = await command(['lab/lab', 'exec', host, 'sh', '-c', text])
  if (code !== 0) throw new Error(`on ${host}: ${text}: exit ${code}: ${stderr}${stdout}`)
  return stdout.trim()
}

/** A statement, unaligned; also when the host's network is gone. @throws with what it said */
export const sqlOnGuest = (host: string, text: string): Promise<string> =>
  onGuest(host, `cd / && runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -c ${quote(text)}`)

/** The columns of one row; the error, where there is none. */
export const ask = (host: string, text: string): Promise<string[]> =>
  sqlOnGuest(host, text).then(
    (row) => row.split('|'),
    (error) => [String(error)],
  )

/** A command of the lab. @throws with what it said */
export async function lab(...words: string[]): Promise<void> {
  const { code, stdout, stderr } = await command(['lab/lab', ...words])
  if (code !== 0) throw new Error(`lab/lab ${words.join(' ')}: exit ${code}: ${stderr}${stdout}`)
}

/**
 * Ends a standby's receiver: what its primary's kernel still holds for it never arrives. It is no backend that
 * pg_terminate_backend() would know before PostgreSQL 16.
 */
export const endReceiver = (host: string): Promise<string> =>
  onGuest(host, "pkill -TERM -f '^postgres: [^ ]+ walreceiver' || [ $? = 1 ]")
