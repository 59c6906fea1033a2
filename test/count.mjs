/**
 * What a report of vitest (--reporter=json) says. Where all that the tests need has been installed (`everything`), a test
 * that was left out has proven nothing, and counts as a failure; but for one whose name says which machine it is for:
 * `(only with …)`.
 * @returns {{ passed: number, failed: number, leftOut: string[] }} how many, and the names of those left out
 */
export function count(report, everything) {
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults)
  const leftOut = tests
    .filter(({ status }) => ['skipped', 'pending', 'todo', 'disabled'].includes(status))
    .map(({ fullName }) => fullName)
    .filter((name) => !name.includes('(only with '))
  const failed = report.numFailedTests + (everything ? leftOut.length : 0)
  return { passed: report.numPassedTests, failed, leftOut }
}
