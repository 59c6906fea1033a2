import { type Command, Option } from 'commander'
import { PlayError } from '../errors.ts'

/** What `play inventory` is asked to show. */
export interface InventoryRequest {
  form: 'list' | 'graph' | 'host'
  /** The host of --host, or the group that a graph begins with. */
  of: string
  /** With the variables: of a graph. */
  vars: boolean
  /** Variables of groups stand with the groups, and not with each host. */
  export: boolean
  yaml: boolean
  /** Whose group_vars/ and host_vars/ count as those beside a playbook. */
  playbookDir?: string
}

export interface InventoryFlags {
  list?: boolean
  graph?: boolean
  host?: string
  vars?: boolean
  export?: boolean
  yaml?: boolean
  playbookDir?: string
}

/** With ansible-inventory's names. */
export const addInventoryOptions = (command: Command): Command =>
  command
    .configureHelp({ commandUsage: () => 'play inventory --list | --graph [GROUP] | --host HOST [options]' })
    .description('Shows what an inventory says, as ansible-inventory does; reaches no host.')
    .argument('[group]', 'of --graph: the group to begin with')
    .optionsGroup('What to show:')
    .option('--list', 'all groups, hosts and variables, as JSON')
    .option('--host <name>', 'the variables of a host, as JSON')
    .option('--graph', 'groups and hosts as a tree')
    .option('--vars', 'with --graph: their variables too')
    .option('--export', 'with --list: the variables of groups with the groups')
    .option('-y, --yaml', 'YAML instead of JSON')
    .addOption(
      new Option('--playbook-dir <folder>', "whose group_vars/ and host_vars/ count as a playbook's"),
    )

/** @throws {PlayError} code 'usage' */
export function inventoryRequest(group: string | undefined, flags: InventoryFlags): InventoryRequest {
  const forms = (['list', 'graph', 'host'] as const).filter((form) => flags[form] !== undefined)
  const [form] = forms
  if (form === undefined || forms.length > 1)
    throw new PlayError('usage', `play inventory takes one of --list, --graph and --host`, {
      hint: 'play inventory --list -i inventory',
    })
  if (group !== undefined && form !== 'graph')
    throw new PlayError('usage', `--${form} takes no group`, { hint: `play inventory --graph ${group}` })
  return {
    form,
    of: flags.host ?? group ?? 'all',
    vars: flags.vars ?? false,
    export: flags.export ?? false,
    yaml: flags.yaml ?? false,
    playbookDir: flags.playbookDir,
  }
}
