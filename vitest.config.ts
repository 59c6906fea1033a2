import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Vitest would begin with the largest file, or with the one that took longest. */
class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId))
  }
}

/** One lab: its tests take turns, in the order of their names. */
const inTheLab = { fileParallelism: false, testTimeout: 300_000, hookTimeout: 300_000 }
/** What is not a part of continuous integration runs beside other things, on machines that may be slow. */
const atLeisure = { ...inTheLab, testTimeout: 1_200_000, hookTimeout: 1_200_000 }

/** Faults under clients that write: `npm run test:faults`. They are longer than continuous integration should take. */
const FAULTS = ['test/e2e/6[1-9]-*.test.ts']

/** Other fleets than the demonstration's, from bare hosts each: `npm run test:fleets`. */
const FLEETS = ['test/e2e/8[0-9]-*.test.ts']

/** They compare times: what runs beside them weighs on one side, so they have the machine for themselves, behind the others. */
const TIMED = ['test/runner/**/linear.test.ts']

/** Needs a fifth host, which `npm run test:chain` asks the lab for. */
const CHAIN = ['test/e2e/54-chain.test.ts']

export default defineConfig({
  test: {
    sequence: { sequencer: ByName },
    // Of the product; a file that no test loads counts too.
    coverage: {
      provider: 'v8',
      include: ['{contract,postgres,modules,runner}/**/*.ts'],
      reporter: ['json-summary'],
      // Where tests fail, the figure is told all the same.
      reportOnFailure: true,
    },
    projects: [
      {
        test: {
          name: 'unit',
          // Nothing here is timed: a busy machine is no fault.
          testTimeout: 120_000,
          // Most of the time is waiting for programs; loading zod and the like anew for each file was half of it.
          isolate: false,
          maxWorkers: 3,
          setupFiles: ['test/support/fresh.ts'],
          // What Ansible answered to times was recorded there.
          env: { TZ: 'UTC' },
          hookTimeout: 120_000,
          include: ['test/{accuracy,build,contract,modules,oracle,postgres,runner}/**/*.test.ts'],
          exclude: TIMED,
        },
      },
      {
        test: {
          name: 'timed',
          include: TIMED,
          testTimeout: 120_000,
          isolate: false,
          maxWorkers: 1,
          setupFiles: ['test/support/fresh.ts'],
          env: { TZ: 'UTC' },
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [...FAULTS, ...FLEETS, ...CHAIN],
          ...inTheLab,
        },
      },
      { test: { name: 'chain', include: CHAIN, ...atLeisure } },
      { test: { name: 'fleets', include: FLEETS, ...atLeisure } },
      { test: { name: 'faults', include: FAULTS, ...atLeisure } },
    ],
  },
})
