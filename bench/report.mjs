/** One job for the terminal: a line for each contestant, a line for each goal. */
export function asText({ number, title, contestants, goals, wires, starts, load }) {
  const [play] = Object.values(contestants)
  const lines = Object.entries(contestants).map(
    ([who, one]) =>
      `  ${who.padEnd(16)}${seconds(one.median).padStart(9)}  (${seconds(one.min)} to ${seconds(one.max)})  ` +
      `cpu ${seconds(one.cpu)}  ${one.megabytes.toFixed(0)} MB  ${one.processes ?? '?'} processes  play/${who} ${ratio(play, one)}`,
  )
  const judged = goals.map((goal) => `  goal ${goal.text}: ${verdict(goal)}`)
  const notes = [
    wires && `  delayed by ${wires}`,
    starts && `  ${starts}`,
    `  load before: ${load.toFixed(1)}`,
  ].filter(Boolean)
  return `\n${number} ${title}\n${[...lines, ...judged, ...notes].join('\n')}\n`
}

/** All jobs as the page bench/results/latest.md. */
export function asMarkdown(results) {
  // Of the peers where they were there: not every run installs them.
  const last = (name) => results.findLast(({ versions }) => versions[name] !== undefined)?.versions[name]
  return `# Benchmarks

Node.js ${last('node').slice(1)}, Ansible ${last('ansible')}, Mitogen ${last('mitogen')}.

Seconds, medians of the rounds that count, contestants in turn (A B C A B C …). \`cpu\` is what the contestant used on
this machine, \`MB\` the largest memory of any one process of it; Ansible and the scripts run many at once. \`processes\`
are those (and threads) that were started meanwhile here and in the guests, whoever did. Only ratios within one job compare, and
each says on what machine it was measured. Made by \`npm run bench\`; bench/README.md says what each contestant does.

${goalsTable(results)}

${results.map(section).join('\n\n')}
`
}

function goalsTable(results) {
  const rows = results.flatMap(({ number, title, goals }) =>
    goals.map(
      (goal) => `| ${number} | ${title} | ${goal.text} | ${goal.figure ?? ''} | ${verdict(goal, 'short')} |`,
    ),
  )
  return ['| | job | goal | measured | |', '|---|---|---|---|---|', ...rows].join('\n')
}

function section({ number, title, contestants, load, commit, when, machine, wires, starts }) {
  const [play] = Object.values(contestants)
  const rows = Object.entries(contestants).map(
    ([who, one]) =>
      `| ${who} | ${one.rounds} | ${seconds(one.median)} | ${seconds(one.min)}–${seconds(one.max)} | ` +
      `${seconds(one.cpu)} | ${one.megabytes.toFixed(0)} | ${one.processes ?? ''} | ${ratio(play, one)} |`,
  )
  const about = [`Commit ${commit}`, when.slice(0, 16).replace('T', ' '), `load before ${load.toFixed(1)}`]
  if (wires) about.push(`delayed by ${wires}`)
  if (starts) about.push(starts)
  about.push(`on ${machine}`)
  return `## ${number}. ${title}

| who | rounds | median | range | cpu | MB | processes | play / who |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}

${about.join(', ')}.`
}

function verdict({ figure, met }, short) {
  if (met === undefined) return 'not measured'
  const word = met ? 'met' : '**not met**'
  return short ? word : `${figure}, ${met ? 'met' : 'NOT MET'}`
}

const ratio = (play, other) => (play.median / other.median).toFixed(3)

const seconds = (number) => number.toFixed(number < 10 ? 3 : 1)
