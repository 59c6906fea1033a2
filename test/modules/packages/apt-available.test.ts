import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../contract/errors.ts'
import { type Prediction, predict } from '../../../contract/facts.ts'
import { packageKey } from '../../../contract/shared-facts.ts'
import { aptAvailableModule, parsePolicy } from '../../../modules/packages/apt-available.ts'
import { listsFetchedKey } from '../../../modules/packages/shared/predictions.ts'
import { fakeHost } from '../../support/fake-host.ts'

/** Recorded from apt 2.6.1. */
const POLICY = `postgresql-15:
  Installed: 15.18-0+deb12u1
  Candidate: 15.20-0+deb12u1
  Version table:
     15.20-0+deb12u1 500
        500 http://deb.example/debian-security bookworm-security/main amd64 Packages
        500 http://lab.example/pgdg bookworm-pgdg/main amd64 Packages
 *** 15.18-0+deb12u1 500
        500 http://deb.example/debian bookworm/main amd64 Packages
        100 /var/lib/dpkg/status
gone:
  Installed: (none)
  Candidate: (none)
  Version table:
     1.0 -1
        100 /var/lib/dpkg/status
`
const SOURCES = `Package files:
 100 /var/lib/dpkg/status
     release a=now
 500 http://lab.example/pgdg bookworm-pgdg/main amd64 Packages
     release o=lab,a=bookworm-pgdg,n=bookworm-pgdg,l=lab,c=main,b=amd64
     origin lab.example
Pinned packages:
`
const reads = {
  'apt-cache policy': SOURCES,
  'apt-cache policy *': POLICY,
  'apt-cache search --names-only ^postgresql-[0-9]+$':
    'postgresql-15 - The server\npostgresql-14 - The server\n',
}
const look = (args: object, facts?: readonly Prediction[]) =>
  aptAvailableModule.inspect(fakeHost({ name: 'vm1', reads, facts }), aptAvailableModule.params.parse(args))

describe('apt_available', () => {
  it('says in which version and from where a package would come', async () => {
    expect(parsePolicy(POLICY)).toEqual({
      'postgresql-15': {
        version: '15.20-0+deb12u1',
        sources: [
          'http://deb.example/debian-security bookworm-security/main',
          'http://lab.example/pgdg bookworm-pgdg/main',
        ],
      },
    })
    expect(await look({ name: 'postgresql-15' })).toMatchObject({
      offers: { 'postgresql-15': { version: '15.20-0+deb12u1' } },
    })
  })

  it('fails where there is none, with what it looked for, where, and what there is instead', async () => {
    const error = await look({
      name: ['postgresql-15', 'postgresql-16', 'gone'],
      similar: '^postgresql-[0-9]+$',
    }).catch((found) => found)
    expect(error).toBeInstanceOf(Refusal)
    expect(error.message).toBe('no package source of vm1 offers postgresql-16, gone')
    expect(error.details).toEqual([
      'looked in: http://lab.example/pgdg bookworm-pgdg/main',
      'offered there: postgresql-14',
      'offered there: postgresql-15',
    ])
    expect(error.hint).toContain('apt_repo')
  })

  it('counts a package that an earlier task plans to install', async () => {
    const facts = [predict(packageKey('postgresql-16'), { version: '16.4', status: 'installed' })]
    expect(await look({ name: 'postgresql-16' }, facts)).toMatchObject({
      offers: { 'postgresql-16': { version: '16.4' } },
    })
  })

  it('cannot tell where lists are only planned to be fetched', async () => {
    await expect(look({ name: 'postgresql-16' }, [predict(listsFetchedKey(), true)])).rejects.toThrow(
      'only planned to be fetched',
    )
  })
})
