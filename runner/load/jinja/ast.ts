/** Where a part of a template stands: offsets of its text. */
export interface Span {
  start: number
  end: number
}

/** What stands in the parentheses of a call, a filter or a test. */
export interface Arguments {
  args: Jinja[]
  named: ReadonlyMap<string, Jinja>
  /** `*rest` */
  rest?: Jinja
  /** `**more` */
  more?: Jinja
}

/** A Jinja expression, as Ansible users write it in {{ }} and after `when:`. */
export type Jinja = Span &
  (
    | { is: 'text'; value: string }
    | { is: 'number'; text: string; value: unknown }
    | { is: 'constant'; name: string; value: boolean | null }
    | { is: 'name'; name: string }
    | { is: 'list'; items: Jinja[] }
    | { is: 'tuple'; items: Jinja[] }
    | { is: 'dict'; items: { key: Jinja; value: Jinja }[] }
    | { is: 'attribute'; of: Jinja; name: string }
    | { is: 'item'; of: Jinja; key: Jinja }
    | { is: 'slice'; from?: Jinja; to?: Jinja; step?: Jinja }
    | ({ is: 'call'; of: Jinja } & Arguments)
    | ({ is: 'filter'; name: string; of: Jinja } & Arguments)
    | ({ is: 'test'; name: string; of: Jinja } & Arguments)
    | { is: 'not'; of: Jinja }
    | { is: 'sign'; op: '-' | '+'; of: Jinja }
    | { is: 'binary'; op: BinaryOperator; left: Jinja; right: Jinja }
    /** `a < b <= c` */
    | { is: 'compare'; left: Jinja; rest: { op: ComparisonOperator; right: Jinja }[] }
    /** Without `else` it is undefined otherwise. */
    | { is: 'choice'; condition: Jinja; yes: Jinja; no?: Jinja }
  )

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in'
export type BinaryOperator =
  | ComparisonOperator
  | 'and'
  | 'or'
  | '+'
  | '-'
  | '*'
  | '/'
  | '//'
  | '%'
  | '**'
  | '~'

export type Node<Kind extends Jinja['is']> = Extract<Jinja, { is: Kind }>

/** What an assignment may name: x, (x, y), ns.x */
export type Target =
  | (Span & { is: 'name'; name: string })
  | (Span & { is: 'member'; of: string; name: string })
  | (Span & { is: 'tuple'; items: Target[] })

export interface Parameter {
  name: string
  fallback?: Jinja
}

/** A filter without its value. */
export type FilterCall = Span & { name: string } & Arguments

export type Body = Statement[]

export type Statement = Span &
  (
    | { is: 'data'; text: string }
    | { is: 'print'; value: Jinja }
    | { is: 'if'; branches: { condition: Jinja; body: Body }[]; otherwise: Body }
    | {
        is: 'for'
        target: Target
        of: Jinja
        condition?: Jinja
        recursive: boolean
        body: Body
        otherwise: Body
      }
    | { is: 'set'; target: Target; value: Jinja }
    | { is: 'set_block'; target: Target; filters: FilterCall[]; body: Body }
    | { is: 'macro'; name: string; params: Parameter[]; body: Body }
    | { is: 'call_block'; params: Parameter[]; call: Node<'call'>; body: Body }
    | { is: 'filter_block'; filters: FilterCall[]; body: Body }
    | { is: 'with'; pairs: { target: Target; value: Jinja }[]; body: Body }
    | { is: 'scope'; body: Body }
    | { is: 'include'; template: Jinja; ignoreMissing: boolean; withContext: boolean }
    | { is: 'import'; template: Jinja; as: string; withContext: boolean }
    | { is: 'from'; template: Jinja; names: { name: string; as: string }[]; withContext: boolean }
    | { is: 'block'; name: string; scoped: boolean; required: boolean; body: Body }
    | { is: 'extends'; template: Jinja }
    | { is: 'do'; value: Jinja }
    | { is: 'break' }
    | { is: 'continue' }
  )
