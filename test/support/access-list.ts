import { execFileSync } from 'node:child_process'

const READ = 4
/** Tags of an access list (linux/posix_acl.h). */
const [OWNER, USER, GROUP, MASK, OTHER] = [0x01, 0x02, 0x04, 0x10, 0x20] as const
const NOBODY = 0xff_ff_ff_ff

/** The kernel's own form of `user:UID:r--`, with a mask of r-- and nothing for others. */
function listFor(uid: number): Buffer {
  const entries: [tag: number, rights: number, id: number][] = [
    [OWNER, 6, NOBODY],
    [USER, READ, uid],
    [GROUP, 0, NOBODY],
    [MASK, READ, NOBODY],
    [OTHER, 0, NOBODY],
  ]
  const bytes = Buffer.alloc(4 + entries.length * 8)
  bytes.writeUInt32LE(2, 0)
  for (const [at, [tag, rights, id]] of entries.entries()) {
    bytes.writeUInt16LE(tag, 4 + at * 8)
    bytes.writeUInt16LE(rights, 6 + at * 8)
    bytes.writeUInt32LE(id, 8 + at * 8)
  }
  return bytes
}

const SET = `
  my ($path, $name, $value) = @ARGV;
  require Config;
  my $number = { x86_64 => 188, aarch64 => 5 }->{(split /-/, $Config::Config{archname})[0]};
  my $bytes = pack "H*", $value;
  syscall($number, $path, $name, $bytes, length $bytes, 0) == 0 or die "$!";
`

const GET = `
  require Config;
  my ($get, $list) = @{{ x86_64 => [191, 194], aarch64 => [8, 11] }->{(split /-/, $Config::Config{archname})[0]}};
  my $names = "\\0" x 4096;
  my $n = syscall($list, $ARGV[0], $names, length $names);
  for my $name (sort split /\\0/, substr $names, 0, $n) {
    my $value = "\\0" x 4096;
    my $m = syscall($get, $ARGV[0], $name, $value, length $value);
    print "$name=", unpack("H*", substr $value, 0, $m), "\\n";
  }
`

/** Lines of `name=value in hexadecimal`. */
export const attributesOf = (path: string): string =>
  execFileSync('perl', ['-e', GET, path], { encoding: 'utf8' }).trim()

/** Sets an extended attribute, without setfattr(1), which need not be there. */
export const setAttribute = (path: string, name: string, value: Buffer): void =>
  void execFileSync('perl', ['-e', SET, path, name, value.toString('hex')])

/** `setfacl -m u:UID:r PATH`, or `-d -m` for what a folder hands down. */
export const letRead = (path: string, uid: number, handedDown = false): void =>
  setAttribute(path, `system.posix_acl_${handedDown ? 'default' : 'access'}`, listFor(uid))

/** Whether a user can read a file, by trying. */
export function canRead(path: string, uid: number): boolean {
  try {
    execFileSync('setpriv', ['--reuid', String(uid), '--regid', String(uid), '--clear-groups', 'cat', path], {
      stdio: 'ignore',
    })
    return true
  } catch {
    return false
  }
}
