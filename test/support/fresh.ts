import { beforeAll } from 'vitest'
import { beginLanguages } from '../../runner/load/language.ts'

// Files of tests share their modules: what stands nowhere would be in the language of whichever playbook was read last.
beforeAll(() => beginLanguages(undefined, undefined))
