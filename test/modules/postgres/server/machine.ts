import { type FactKey, predict } from '../../../../contract/facts.ts'
import type { Module } from '../../../../contract/module.ts'
import { canonical, parameters } from '../../../../contract/parse-params.ts'
import type { Plan, Step, StepOutput } from '../../../../contract/plan.ts'
import { World } from '../../../../contract/world.ts'
import { keyOfCluster } from '../../../../postgres/cluster/key.ts'
import { connect } from '../../../../runner/hosts/connect.ts'
import type { Connection, Reading } from '../../../../runner/hosts/types.ts'
import { applySteps } from '../../../../runner/run/apply.ts'
import { Reader } from '../../../../runner/run/reader.ts'
import { predictionOf } from '../../../support/facts.ts'
import type { Scratch } from './scratch.ts'

/** What they run counts as changed each time. */
const RUNS_AGAIN = ['sql', 'postgresql_query']

export interface Run {
  plan: Plan
  outputs: StepOutput[]
  /** What `register` would hold. */
  result: Record<string, unknown>
  /** By the texts of their keys: facts as predicted, and as they then were. */
  facts: Record<string, { predicted: any; real: any }>
}

/** This machine as a host with the scratch server as its only cluster, driven by the real runner's parts. */
export class Machine {
  /** How a server was asked that is only planned to run. */
  readonly peeked: Reading[] = []

  private constructor(
    readonly name: string,
    readonly scratch: Scratch,
    private readonly connection: Connection,
  ) {}

  static async of(name: string, scratch: Scratch): Promise<Machine> {
    const spec = { name, kind: 'local', address: 'localhost', port: 22, user: 'root' } as const
    const connection = await connect({
      ...spec,
      privateKeyFiles: [],
      knownHostsFiles: [],
      hostKeyChecking: 'yes',
      proxyJump: [],
      connectTimeout: 5000,
    })
    return new Machine(name, scratch, connection)
  }

  apply = (steps: readonly Step[]) => applySteps(steps, { connection: this.connection, as: 'root' })

  close = (): Promise<void> => this.connection.close()

  /**
   * inspect, plan; then, with the plan as a prediction, the second plan must be empty; apply; inspect and plan again:
   * empty too.
   */
  async converge(module: Module, args: Record<string, unknown>): Promise<Run> {
    const world = this.world()
    const first = await this.check(module, args, world)
    if ((first.plan.steps.length === 0) !== (first.plan.changes.length === 0))
      throw new Error('a plan has changes exactly when it has steps')
    world.record(first.plan)
    const predicted = await this.check(module, args, world)
    if (!RUNS_AGAIN.includes(module.name)) mustBeEmpty('on the prediction', predicted.plan)
    const outputs = await applySteps(first.plan.steps, { connection: this.connection, as: 'root' })
    const key = keyOfCluster(this.scratch.cluster)
    // What the machine is told of its cluster, as the plan has made it: a promoted standby is none any more.
    Object.assign(this.scratch.cluster, predictionOf(first.plan, key))
    const real = this.world()
    const second = await this.check(module, args, real)
    if (!RUNS_AGAIN.includes(module.name)) mustBeEmpty('after the run', second.plan)
    const facts = (first.plan.predicts ?? []).map(({ key, value }) => [
      key.text,
      { predicted: value, real: second.facts.get(key.text) },
    ])
    const ran = first.plan.steps.length > 0 ? outputs : null
    return {
      plan: first.plan,
      outputs,
      result: module.result?.({ ...first, outputs: ran }) ?? {},
      facts: Object.fromEntries(facts),
    }
  }

  /** What a check would say, on a world of its own. */
  async check(module: Module, args: Record<string, unknown>, world = this.world(), plannedAnywhere = false) {
    const { version, name, port } = this.scratch.cluster
    const known = parameters(module.params)
    const own = known.has('cluster') ? { version, cluster: name } : known.has('login_port') ? { port } : {}
    const params = module.params.parse(canonical({ ...own, ...args }, module.params))
    const reader = this.reader(world, plannedAnywhere)
    const facts = new Map<string, unknown>()
    const read = reader.fact.bind(reader)
    reader.fact = async <T>(key: FactKey<T>, ask: () => Promise<NoInfer<T>>): Promise<T> => {
      const value = await read(key, ask)
      facts.set(key.text, value)
      return value
    }
    const state = await module.inspect(reader, params)
    return { state, params, plan: module.plan(state, params), facts }
  }

  reader(world = this.world(), plannedAnywhere = false): Reader {
    return new Reader({
      name: this.name,
      connection: this.connection,
      as: 'root',
      world,
      cache: new Map(),
      onWait() {},
      plannedAnywhere: () => plannedAnywhere || world.planned,
      worldOf: () => undefined,
      othersWith: async () => [],
      controller: undefined as never,
      // Nothing is stopped here: it is the same server that answers.
      peek: async (on, text, values, how) => {
        this.peeked.push(how)
        return (await this.connection.sql(on, text, values, { readOnly: true, how })).rows
      },
    })
  }

  world(): World {
    const world = new World()
    const { cluster } = this.scratch
    world.record({
      changes: [],
      steps: [],
      predicts: [predict(keyOfCluster(cluster), cluster)],
    })
    return world
  }
}

function mustBeEmpty(when: string, plan: Plan): void {
  if (plan.steps.length > 0)
    throw new Error(`the second plan is not empty ${when}: ${JSON.stringify(plan.changes)}`)
}
