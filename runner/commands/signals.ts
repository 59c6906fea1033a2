import type { Reporter } from '../report/events.ts'

/** Ansible's exit code for a run that the user stopped. */
const INTERRUPTED = 99

/** The first Ctrl-C lets running steps end and begins nothing new; the second leaves at once. */
export function listenToSignals(reporter: Reporter): {
  interrupted: () => boolean
  stopListening: () => void
} {
  let stopped = false
  const onSignal = () => {
    if (stopped) {
      void reporter.close()
      process.exit(INTERRUPTED)
    }
    stopped = true
    reporter.report({
      event: 'warning',
      message: 'stopping after the steps that run now; press Ctrl-C again to leave them',
    })
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  const stopListening = () => {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
  return { interrupted: () => stopped, stopListening }
}
