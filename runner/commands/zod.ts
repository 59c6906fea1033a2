import { config } from 'zod'

// A schema is used once or twice in a run. By default zod compiles each at its first use, which takes longer than what
// it then saves (docs/decisions/0004-start.md). Schemas read this when they are made: it has to be imported first.
config({ jitless: true })
