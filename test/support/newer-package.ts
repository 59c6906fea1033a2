import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command, labState, network, root } from './play.ts'

const REPOSITORY = `http://${network}.1:8015`
const FOLDER = join(labState, 'public', 'newer')

/** Where the lab's server shows it. The lab's own repository stays as it is. */
export const newerUrl = `${REPOSITORY}/keys/newer`

/**
 * Makes a repository with a newer version of a package of the lab's: the same files under a higher version, unpacked
 * and packed again. dpkg replaces every file of it, as an upgrade does. @param step a higher one is newer still
 * @returns both versions
 */
export async function makeNewer(name: string, step = 1): Promise<{ old: string; newer: string }> {
  removeNewer()
  mkdirSync(FOLDER, { recursive: true })
  const architecture = (await done(['dpkg', '--print-architecture'])).trim()
  const index = await (
    await fetch(`${REPOSITORY}/pgdg/dists/bookworm-pgdg/main/binary-${architecture}/Packages`)
  ).text()
  const entry = index.split('\n\n').find((one) => one.includes(`Package: ${name}\n`))!
  const field = (key: string) => new RegExp(`^${key}: (.*)$`, 'm').exec(entry)![1]!
  const deb = join(FOLDER, `${name}.deb`)
  const file = await fetch(`${REPOSITORY}/pgdg/${field('Filename')}`)
  writeFileSync(deb, Buffer.from(await file.arrayBuffer()))
  const [old, newer] = [field('Version'), `${field('Version')}+newer${step}`]
  const tree = join(FOLDER, 'tree')
  await done(['dpkg-deb', '--raw-extract', deb, tree])
  await done(['sed', '-i', `s/^Version: .*/Version: ${newer}/`, join(tree, 'DEBIAN/control')])
  // What takes longest to unpack, and nobody needs.
  for (const path of ['usr/share/locale', 'usr/share/postgresql/15/man', 'usr/lib/postgresql/15/lib/bitcode'])
    rmSync(join(tree, path), { recursive: true, force: true })
  // Not compressed: it travels over a bridge.
  await done(['dpkg-deb', '--root-owner-group', '-Znone', '--build', tree, deb])
  rmSync(tree, { recursive: true })
  const key = join(root, 'lab/keys/pgdg.secret.asc')
  await done([join(root, 'lab/image/make-repository'), FOLDER, 'bookworm-pgdg', key])
  return { old, newer }
}

export const removeNewer = (): void => rmSync(FOLDER, { recursive: true, force: true })

async function done(argv: readonly string[]): Promise<string> {
  const ran = await command(argv)
  if (ran.code !== 0) throw new Error(`${argv.join(' ')}: exit ${ran.code}: ${ran.stderr}`)
  return ran.stdout
}
