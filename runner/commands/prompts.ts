import { PlayError, PlayErrors } from '../errors.ts'
import type { Play, Vars, VarsPrompt } from '../load/types.ts'
import type { Masker } from '../report/mask.ts'
import { ask } from './ask.ts'

/**
 * Asks for the variables of `vars_prompt`, play after play, before any host is reached. What -e gives is not asked for;
 * without a terminal a default counts.
 * @throws {PlayErrors} all that cannot be asked for
 */
export async function askPrompts(plays: readonly Play[], extraVars: Vars, masker: Masker): Promise<void> {
  const missing: PlayError[] = []
  for (const play of plays) {
    const prompted: Vars = {}
    for (const prompt of play.prompts) {
      if (Object.hasOwn(extraVars, prompt.name)) continue
      const answer = await answerTo(prompt)
      if (answer === undefined)
        missing.push(
          new PlayError('usage', `cannot ask for ${prompt.name}: there is no terminal`, {
            pos: prompt.pos,
            hint: `give it with -e ${prompt.name}=…`,
          }),
        )
      else prompted[prompt.name] = answer
      if (prompt.private && typeof answer === 'string') masker.add(answer)
    }
    play.prompted = prompted
  }
  if (missing.length > 0) throw new PlayErrors(missing)
}

async function answerTo({
  prompt,
  default: otherwise,
  private: hidden,
  confirm,
}: VarsPrompt): Promise<unknown> {
  const shown =
    otherwise === undefined ? `${prompt}: ` : `${prompt} [${hidden ? 'the default' : otherwise}]: `
  for (;;) {
    const typed = await ask(shown, !hidden)
    if (typed === null) return otherwise
    const answer = typed === '' ? otherwise : typed
    if (
      answer !== undefined &&
      (!confirm || typed === '' || (await ask(`confirm ${prompt}: `, !hidden)) === typed)
    )
      return answer
    process.stderr.write(
      answer === undefined ? '***** VALUE REQUIRED *****\n' : '***** VALUES ENTERED DO NOT MATCH *****\n',
    )
  }
}
