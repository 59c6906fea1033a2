import { readFileSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SqlTarget } from '../../../contract/plan.ts'
import { connect } from '../../../runner/hosts/connect.ts'
import { connectionSpec } from '../../../runner/hosts/spec.ts'
import { LET_IN } from '../../../runner/hosts/sql-silence.ts'
import type { Connection, SqlOptions } from '../../../runner/hosts/types.ts'
import { processes } from '../../support/processes.ts'
import { startPostgres, type TestPostgres, withoutPostgres } from './postgres.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

describe.skipIf(withoutPostgres)(
  `a server that takes connections and does not answer${withoutPostgres ? ` (skipped: ${withoutPostgres})` : ''}`,
  () => {
    let server: TestPostgres
    let host: Connection
    let on: SqlTarget
    let pid: number
    const seconds = { ...LET_IN }
    beforeAll(() => {
      server = startPostgres()
      on = server.target
      pid = Number.parseInt(readFileSync(join(on.socketDir!, `.s.PGSQL.${on.port}.lock`), 'utf8'), 10)
    })
    afterAll(() => {
      Object.assign(LET_IN, seconds)
      server?.remove()
    })
    beforeEach(async () => {
      Object.assign(LET_IN, { first: 5, again: 1 })
      host = await connect(connectionSpec('localhost', {}, {}))
    })
    afterEach(async () => {
      thaw()
      await host.close()
    })

    const ofServer = (): number[] => [pid, ...processes(({ parent }) => parent === pid)]
    const signal = (one: number, name: 'SIGCONT') => {
      try {
        process.kill(one, name)
      } catch {
        // A session of it that has ended.
      }
    }
    const freeze = () => process.kill(pid, 'SIGSTOP')
    const thaw = () => {
      for (const one of ofServer()) signal(one, 'SIGCONT')
    }
    const fails = async (options: SqlOptions, more: Partial<SqlTarget> = {}) => {
      const began = performance.now()
      const error = await host.sql({ ...on, ...more }, 'select 1', [], options).catch((thrown) => thrown)
      return { error, seconds: (performance.now() - began) / 1000 }
    }

    test('is given up after a time by whoever reads or writes, with its process and what helps; the next one sooner', async () => {
      freeze()
      const both = await Promise.all([fails({ readOnly: true }), fails({})])
      for (const { error, seconds } of both) {
        expect(error).toMatchObject({
          name: 'SqlError',
          code: '57014',
          message: `the server of cluster ${on.version}/test on localhost (process ${pid}, stopped by SIGSTOP) takes connections at ${on.socketDir}/.s.PGSQL.5999, and has not let this one in for 5 s`,
          hint: `kill -CONT ${pid} there lets it go on`,
        })
        expect(seconds).toBeGreaterThan(4.5)
      }
      expect((await fails({ readOnly: true })).seconds).toBeLessThan(4.5)
      thaw()
      expect(await host.sql(on, 'select 1 as one', [], { readOnly: true })).toMatchObject({
        rows: [{ one: 1 }],
      })
      freeze()
      expect((await fails({ readOnly: true }, { db: 'template1' })).seconds).toBeGreaterThan(4.5)
    })

    test('holds nobody beyond the deadline of the task, nor beyond the time of what only asks for an answer', async () => {
      freeze()
      const limits = () => ({ deadline: performance.now() + 500 })
      const [read, written, asked] = await Promise.all([
        fails({ readOnly: true, limits: limits() }),
        fails({ limits: limits() }),
        fails({ readOnly: true }, { answersWithin: 1 }),
      ])
      expect(read.error).toMatchObject({
        code: '57014',
        message: expect.stringContaining('has not let this one in'),
      })
      expect(written.error).toMatchObject({
        code: '57014',
        message: expect.stringContaining('has not let this one in'),
      })
      expect(asked.error).toMatchObject({ message: expect.stringMatching(/for [12] s$/) })
      expect(Math.max(read.seconds, written.seconds)).toBeLessThan(3)
      expect(asked.seconds).toBeLessThan(4.5)
    })

    test('and takes no more connections either keeps nothing else of the host waiting, and is told apart', async () => {
      freeze()
      const taken: Socket[] = []
      try {
        const isTaken = () =>
          new Promise<boolean>((resolve) => {
            const socket = createConnection(`${on.socketDir}/.s.PGSQL.${on.port}`)
            taken.push(socket)
            socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
          })
        while (await isTaken());
        const failure = fails({ readOnly: true })
        expect(await host.look('stat', '/etc')).toMatch(/^= /)
        expect((await failure).error.message).toContain('has let nobody in for')
      } finally {
        for (const socket of taken) socket.destroy()
      }
      Object.assign(LET_IN, { again: 30 })
      const late = host.sql({ ...on, db: 'template1' }, 'select 1 as one', [], { readOnly: true })
      await host.look('stat', '/etc')
      thaw()
      expect(await late).toMatchObject({ rows: [{ one: 1 }] })
    })

    test('is left at once where the run ends, and nothing of the run stays there', async () => {
      freeze()
      const failure = fails({ readOnly: true })
      await vi.waitUntil(() => residents().length > 0)
      await host.look('stat', '/etc')
      const began = performance.now()
      await host.close()
      expect(performance.now() - began).toBeLessThan(3000)
      expect((await failure).error).toBeInstanceOf(Error)
      expect(residents()).toEqual([])
    })

    test('in the middle of a read is given up too, and left at once; what was cut off ends when it goes on', async () => {
      await host.sql(on, 'select 1', [], { readOnly: true })
      for (const one of ofServer()) process.kill(one, 'SIGSTOP')
      const told: string[] = []
      const { error, seconds } = await fails({
        readOnly: true,
        limits: { onWait: (line) => told.push(line) },
      })
      expect(error).toMatchObject({
        code: '57014',
        message: expect.stringContaining('has not let this one in'),
      })
      expect(seconds).toBeLessThan(40)
      expect(told[0]).toMatch(/^its server has let no other session in for \d+ s$/)
      const began = performance.now()
      await host.close()
      expect(performance.now() - began).toBeLessThan(3000)
      thaw()
      await vi.waitUntil(() => residents().length === 0, { timeout: 10_000 })
    })
  },
)

const residents = (): number[] =>
  processes(({ parent, command }) => parent === process.pid && command.startsWith('play: reads'))
