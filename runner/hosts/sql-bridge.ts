import { Duplex } from 'node:stream'
import { SqlError } from '../../contract/errors.ts'
import type { SqlTarget } from '../../contract/plan.ts'
import { type Login, startAs } from './become.ts'
import { becomeError, lost } from './become-errors.ts'
import { type Channel, type Exit, listen, readAll } from './channel.ts'

/** The operating-system user of Debian's clusters, and by peer authentication their superuser. */
export const OWNER = 'postgres'

export const socketPath = ({ socketDir = '/var/run/postgresql', port }: SqlTarget): string =>
  `${socketDir}/.s.PGSQL.${port}`

/**
 * What `pg` takes for its socket: connecting starts a perl process as the cluster's owner on the host, which copies
 * both ways between its own streams and the server's Unix socket. Perl is Essential on Debian and Ubuntu.
 */
export class SqlBridge extends Duplex {
  private channel: Channel | undefined

  constructor(
    private readonly login: Login,
    private readonly target: SqlTarget,
  ) {
    super({ allowHalfOpen: false })
  }

  connect(): this {
    this.start().catch((error) => this.destroy(error))
    return this
  }
  // The rest of a socket's interface, which `pg` calls.
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }

  /** A process that is gone takes no more; its exit says why. */
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const { stdin } = this.channel!
    if (stdin.writable) stdin.write(chunk, () => done())
    else done()
  }
  /** The messages of one query (parse, bind, execute …) leave as one packet. */
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', done)
  }
  override _final(done: () => void): void {
    this.channel?.stdin.end()
    done()
  }
  override _read(): void {
    this.channel?.stdout.resume()
  }
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.channel?.stdin.end()
    done(error)
  }

  private async start(): Promise<void> {
    const path = socketPath(this.target)
    const channel = await startAs(this.login, OWNER, ['perl', '-e', COPY_BOTH_WAYS, path])
    this.channel = channel
    if (this.destroyed || this.writableEnded) {
      channel.destroy()
      this.destroy()
      return
    }
    const said = readAll(channel.stderr)
    channel.stdin.on('error', () => {})
    listen(channel.stdout, (part) => {
      if (!this.push(part)) channel.stdout.pause()
    })
    void channel.exit.then(async (exit) => {
      if (this.destroyed) return
      if (exit.code === 0 && !exit.lost) this.push(null)
      else this.destroy(this.reason(exit, (await said).toString()))
    })
    this.emit('connect')
  }

  private reason(exit: Exit, said: string): Error {
    const { spec } = this.login
    if (exit.lost) return lost(spec)
    const path = socketPath(this.target)
    const cluster = `${this.target.version}/${this.target.cluster}`
    const [, errno, text] = /^play-bridge (\d+) (.*)$/m.exec(said) ?? []
    if (Number(errno) === 2)
      return noConnection(`cluster ${cluster} is not running: there is no socket ${path}`)
    if (Number(errno) === 111)
      return noConnection(`cluster ${cluster} is not running: nobody listens on ${path}`)
    if (errno) return noConnection(`no connection to ${path}: ${text}`)
    if (/unknown user|does not exist/.test(said)) {
      return noConnection(`PostgreSQL is not installed: there is no operating-system user ${OWNER}`)
    }
    if (/perl: (not found|No such file)|failed to execute perl|perl: command not found/.test(said)) {
      return noConnection('perl is missing on the host (Debian package perl-base)')
    }
    if (this.login.user === OWNER)
      return noConnection(`the bridge to ${path} ended with code ${exit.code}: ${said.trim()}`)
    return becomeError(spec, OWNER, said, exit)
  }
}

export const noConnection = (text: string): SqlError => new SqlError(text, '08006')

/**
 * Two processes, one for each direction, so that neither can keep the other from reading. AF_UNIX and SOCK_STREAM are
 * Linux's numbers: loading the Socket module would take four times as long as all the rest of the start.
 *
 * When our end is gone, the server may be at work for us, and not see it: a commit that waits for a synchronous standby
 * looks at nothing. The first process tells the second the key with which the server lets statements be cancelled
 * (BackendKeyData, then CancelRequest of the protocol), and that one does so once a second until the session has ended.
 */
const COPY_BOTH_WAYS = `
$SIG{PIPE} = "IGNORE";
my $server = pack("SZ*", 1, $ARGV[0]);
unless (socket(S, 1, 1, 0) && connect(S, $server)) {
  printf STDERR "play-bridge %d %s\\n", $!, $!;
  exit 1;
}
sub put {
  my ($to, $data) = @_;
  for (my $at = 0; $at < length $data;) {
    my $n = syswrite($to, $data, length($data) - $at, $at);
    return unless defined $n;
    $at += $n;
  }
  return 1;
}
pipe(KEY, TELL) or die "pipe: $!";
defined(my $child = fork) or die "fork: $!";
if ($child) {
  my ($said, $open) = ("", 1);
  while (sysread(S, my $data, 65536)) {
    $open &&= put(*STDOUT, $data);
    next unless defined $said;
    $said .= $data;
    while (defined $said && length $said >= 5) {
      my ($type, $length) = unpack("aN", $said);
      last if length $said < 1 + $length;
      put(*TELL, substr($said, 5, 8)) if $type eq "K";
      $said = $type =~ /[KEZ]/ ? undef : substr($said, 1 + $length);
    }
  }
  kill "KILL", $child;
} else {
  close TELL;
  while (sysread(STDIN, my $data, 65536)) {
    put(*S, $data) or last;
  }
  shutdown(S, 1);
  exit unless sysread(KEY, my $key, 8) == 8;
  for (1 .. 600) {
    sleep 1;
    next unless socket(C, 1, 1, 0) && connect(C, $server);
    put(*C, pack("NN", 16, 80877102) . $key);
    sysread(C, my $end, 1);
    close C;
  }
}
`
