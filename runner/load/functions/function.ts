/** What a function of the library is given beside its arguments. */
export interface FunctionCall {
  /** @throws the positioned error of whoever called */
  fail(message: string, hint?: string): never
  /** Counts work: steps of some 100 ns (budget.ts). */
  spend(steps: number): void
  /** For map, select, groupby …: a filter or a test of the same library by its name. @throws by fail where there is none */
  filter(
    name: string,
    value: unknown,
    args: readonly unknown[],
    named: Readonly<Record<string, unknown>>,
  ): unknown
  test(
    name: string,
    value: unknown,
    args: readonly unknown[],
    named: Readonly<Record<string, unknown>>,
  ): boolean
  /** Whether there is a filter or a test of that name. */
  has(is: 'filter' | 'test', name: string): boolean
  /** An attribute or an item, as Jinja's `x.name`: own data only; Undefined where there is none. */
  attribute(value: unknown, name: string | number): unknown
}

/** One implementation, one row of docs, three spellings: a Jinja filter or test, a Handlebars helper, a CEL function. */
export interface LibraryFunction {
  /** Jinja's names of it, the first being the one that docs use; `ansible.builtin.` before them is taken as well. */
  names: readonly string[]
  is: 'filter' | 'test'
  /**
   * Python's signature behind the value, as text: 'attribute=None, default=None, *rest, **named'. A parameter without a
   * default is required. Who calls binds by position and by name, and refuses what does not fit.
   */
  params: string
  summary: string
  usage: string
  /** It takes Undefined as its value (default, mandatory, defined); others never see one as value or argument. */
  takesUndefined?: boolean
  /** @param args the value, then the parameters in the signature's order, defaults filled in (None is null) */
  run(args: readonly unknown[], call: FunctionCall): unknown
}
