import * as z from 'zod'
import { type Prediction, predict } from '../../../contract/facts.ts'
import { defineModule } from '../../../contract/module.ts'
import { choice, duration, flag, param, text, texts } from '../../../contract/params.ts'
import type { Change, Plan, Step, StepOutput } from '../../../contract/plan.ts'
import { readScripts } from '../../../contract/read-commands.ts'
import { packageKey, plannedPackagesKey } from '../../../contract/shared-facts.ts'
import { textList } from '../../../contract/text-list.ts'
import { clusterKey } from '../../../postgres/cluster/key.ts'
import { explainApt, fetchFailed } from '../shared/explain.ts'
import { listsFetchedKey } from '../shared/predictions.ts'
import { APT_PREVIEW_SCRIPT } from '../shared/scripts.ts'
import { PACKAGE_WORD } from '../shared/simulate.ts'
import { aptSteps, repairSteps, updateSteps } from '../shared/steps.ts'
import { type InstallState, inspectInstall } from './inspect.ts'

export const installParams = z
  .strictObject({
    name: param(
      texts()
        .transform((list) => list.flatMap((one) => textList(one)).filter((one) => one !== ''))
        .superRefine((list, context) => {
          for (const word of list.filter((one) => !PACKAGE_WORD.test(one))) {
            context.addIssue({
              code: 'custom',
              message: `'${word}' is no package name; write name, name=version or name=1.2*`,
              input: word,
            })
          }
        })
        .optional(),
      'Packages: `name`, `name=version` with `*` for any end, `name:arch`, `name/suite`.',
      {
        aliases: ['pkg', 'package'],
        example: ['postgresql-15', 'postgresql-client-15'],
        unset: 'none: only what the others say',
      },
    ),
    state: param(
      choice('present', 'latest', 'absent').default('present'),
      '`present` in any version; `latest` in the newest the lists know; `absent`.',
    ),
    update_cache: param(
      flag().default(false),
      'Fetch the package lists first, when something is to be installed and they are older than `cache_valid_time`.',
    ),
    cache_valid_time: param(duration({ whole: true }).default(0), 'How long package lists count as fresh.'),
    upgrade: param(
      choice('no', 'safe', 'full', 'dist').default('no'),
      '`safe` upgrades all that can be without a removal; `full` and `dist` all.',
    ),
    install_recommends: param(flag().optional(), 'Whether recommended packages come too.', {
      unset: "the host's own setting",
    }),
    default_release: param(
      text({
        expected: 'the name of a release, such as bookworm-backports',
        fits: /^[A-Za-z0-9][A-Za-z0-9.+~=*_-]*$/,
      }).optional(),
      'The release whose versions come before those of the others (apt-get(8), --target-release).',
      { example: 'bookworm-backports', unset: "the host's own preferences" },
    ),
    allow_downgrade: param(
      flag().default(false),
      'Whether a version older than the installed one may be installed.',
    ),
    purge: param(flag().default(false), 'Remove configuration files with a package.'),
    autoremove: param(
      flag().default(false),
      'Remove packages that were installed for others and are needed no more.',
    ),
    lock_timeout: param(
      duration({ max: 86_400, whole: true }).default(120),
      'How long to wait while another package manager is at work.',
    ),
  })
  .refine(
    (value) => value.name !== undefined || value.upgrade !== 'no' || value.update_cache || value.autoremove,
    {
      error: "nothing to do: give 'name', 'upgrade', 'update_cache' or 'autoremove'",
      path: ['name'],
    },
  )
export type InstallParams = z.infer<typeof installParams>

/** Debian packages, each with the version it will have. Ansible's `apt`. */
export const aptInstallModule = defineModule<InstallParams, InstallState>({
  name: 'apt_install',
  summary: 'Install, upgrade or remove Debian packages',
  reads: [{ program: 'apt-get', first: ['-s'] }, readScripts(APT_PREVIEW_SCRIPT)],
  params: installParams,
  freeForm: 'name',
  inspect: inspectInstall,
  plan,
  result: ({ state, plan, outputs }) => ({
    packages: {
      ...state.installed,
      ...Object.fromEntries(state.packages.map(({ name, after }) => [name, after])),
    },
    cache_updated: plan.changes.some((change) => change.path === LISTS),
    ...(outputs ? judged(plan, outputs) : {}),
  }),
})

const LISTS = 'package lists'
const STAMP = '/var/lib/apt/periodic/update-success-stamp'

function plan(state: InstallState, params: InstallParams): Plan {
  const changes: Change[] = []
  const steps: Step[] = []
  const work = state.packages.length > 0
  if (state.interrupted) {
    changes.push({
      path: 'dpkg',
      before: 'interrupted',
      after: 'configured',
      reason: 'an earlier dpkg was stopped half-way',
    })
    steps.push(...repairSteps(params.lock_timeout))
  }
  // Lists are fetched for something: a task whose packages are all there leaves them as they are.
  const onlyLists = params.name === undefined && params.upgrade === 'no' && !params.autoremove
  if (state.stale && (work || onlyLists)) {
    changes.push({
      path: LISTS,
      before: state.age === undefined ? null : `${state.age} s old`,
      after: 'fetched',
    })
    steps.push(...updateSteps(params.lock_timeout), {
      do: 'exec',
      argv: ['touch', '--', STAMP],
      title: 'note when the lists were fetched',
    })
  }
  if (work) {
    changes.push(...state.packages.map(packageChange))
    steps.push(...state.transactions.flatMap((words) => aptSteps(params.lock_timeout, words)))
    judgeLast(steps)
  }
  return {
    changes,
    steps,
    predicts: changes.length > 0 ? predictions(state, changes) : undefined,
    notes: state.notes,
  }
}

const packageChange = ({ name, before, after }: InstallState['packages'][number]): Change => {
  if (after === null) return { path: `package ${name}`, before, after, destructive: true }
  // postgresql-common: the old package's prerm stops them, the new one's postinst starts those that start at boot.
  if (before !== null && /^postgresql-\d+$/.test(name))
    return {
      path: `package ${name}`,
      before,
      after,
      destructive: true,
      reason: 'the package restarts its clusters',
    }
  return { path: `package ${name}`, before, after }
}

function predictions(state: InstallState, changes: readonly Change[]): Prediction[] {
  const fetched = changes.some((change) => change.path === LISTS)
  const added = state.packages
    .filter((one) => one.before === null && one.after !== null)
    .map((one) => one.name)
  return [
    ...(fetched ? [predict(listsFetchedKey(), true)] : []),
    ...state.packages.map(({ name, after }) =>
      predict(packageKey(name), { version: after, status: after === null ? 'absent' : 'installed' }),
    ),
    ...state.newClusters.map((version) => predict(clusterKey(version, 'main'), { planned: 'package' })),
    ...(added.length > 0 ? [predict(plannedPackagesKey(), [...state.plannedPackages, ...added])] : []),
  ]
}

/** The last transaction never fails by itself, so that `result` can say in words what went wrong. */
function judgeLast(steps: Step[]): void {
  const last = steps.at(-1)
  if (last?.do === 'exec') steps[steps.length - 1] = { ...last, ok: 'any' }
}

function judged(plan: Plan, outputs: readonly StepOutput[]): Record<string, unknown> {
  const texts = outputs.map((one) => one.stdout + one.stderr)
  const last = outputs.at(-1)
  const unfetched = plan.steps.findIndex(
    (step, at) => step.title === 'apt-get update' && fetchFailed(texts[at] ?? ''),
  )
  const failed = last && last.code !== 0 ? outputs.length - 1 : unfetched
  if (failed < 0) return {}
  const { lines, hint } = explainApt(texts[failed]!)
  const { code: rc, stdout, stderr } = outputs[failed]!
  const title = plan.steps[failed]?.title ?? 'apt-get'
  return {
    failed: true,
    msg: [`${title} failed: ${lines.join('\n')}`, hint].filter(Boolean).join('\n'),
    cmd: title,
    rc,
    stdout,
    stderr,
  }
}
