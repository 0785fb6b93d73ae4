// Medians of the rounds as a table, and each target with what was reached.
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}
const digits = (value) => (value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value < 10 ? 2 : 1));
const times = (value) => `${value.toFixed(2)} x`;

// results: [{server, ...what the client printed}] of one scenario, all rounds.
export function summarise(scenario, results) {
  const rows = scenario.servers.filter((server) => results.some((result) => result.server === server)).map((server) => {
    const own = results.filter((result) => result.server === server);
    const figures = own.map(scenario.figure);
    return {
      server, figure: median(figures), spread: [Math.min(...figures), Math.max(...figures)],
      writesPerCount: median(own.map((result) => result.writes / result.count)),
      messagesPerCount: median(own.map((result) => result.messages / result.count)),
      bytesPerCount: median(own.map((result) => result.bytes / result.count)), seconds: median(own.map((result) => result.seconds)),
    };
  });
  return { name: scenario.name, unit: scenario.unit, rows, targets: (scenario.targets ?? []).flatMap((target) => judge(target, rows)) };
}

// times: {sdk: [ns/event], javascript: [...]} of one shape of batch.
export function summariseFold({ jobs, size, times, browser }) {
  // Tenths of a nanosecond: what the page's clock adds in the places behind them is no figure.
  const row = (server, figures) => ({ server, figure: Math.round(10 * median(figures)) / 10, spread: [Math.min(...figures), Math.max(...figures)] });
  const rows = [row('JSON.parse+reducer', times.javascript), row('SDK', times.sdk)];
  const reached = rows[1].figure / rows[0].figure;
  return {
    name: `fold in Chromium ${browser}: ${size} events of 200 bytes a message, on ${jobs} jobs`, unit: 'ns/event', rows,
    targets: [{ server: 'SDK', against: 'JSON.parse+reducer', bound: 1, kind: 'most', reached, met: reached <= 1 }],
  };
}

function judge(target, rows) {
  const figure = (server) => rows.find((row) => row.server === server)?.figure;
  const judged = target.server ? [target.server] : rows.map((row) => row.server).filter((server) => server.startsWith('jobwire'));
  return judged.filter((server) => figure(server) !== undefined && (!target.against || figure(target.against) !== undefined)).map((server) => {
    const reached = target.against ? figure(server) / figure(target.against) : figure(server);
    const bound = target.most ?? target.least;
    return {
      server, against: target.against ?? null, bound, kind: target.most === undefined ? 'least' : 'most', reached,
      met: target.most === undefined ? reached >= bound : reached <= bound,
    };
  });
}

export function printTable({ name, unit, rows, targets }) {
  const floor = rows.find((row) => row.server === 'floor')?.figure;
  console.log(`\n${name}`);
  const line = (...cells) => console.log('  ' + cells.map((cell, i) => (i === 0 ? cell.padEnd(19) : cell.padStart([0, 18, 15, 24, 13, 15, 12][i]))).join(''));
  line('', unit, floor ? 'against floor' : '', 'min - max', ...(floor ? ['writes/each', 'messages/each', 'bytes/each'] : []));
  for (const row of rows) {
    line(row.server, digits(row.figure), floor ? times(row.figure / floor) : '', row.spread.map(digits).join(' - '),
      ...(floor ? [row.writesPerCount.toFixed(3), row.messagesPerCount.toFixed(3), row.bytesPerCount.toFixed(0)] : []));
  }
  targets.forEach((target) => printTarget(name, unit, target));
}

export function printTarget(name, unit, { server, against, bound, kind, reached, met }) {
  const value = against ? times(reached) : `${digits(reached)} ${unit}`;
  const goal = against ? `${times(bound)} of ${against}` : `${digits(bound)} ${unit}`;
  console.log(`  ${met ? 'reached' : 'MISSED '} ${server}: ${value}, target at ${kind} ${goal}`);
}

export function printSummary(summaries) {
  const targets = summaries.flatMap((summary) => summary.targets.map((target) => ({ ...target, summary })));
  console.log('\nTargets');
  for (const { summary, ...target } of targets) {
    console.log(`  ${summary.name}`);
    printTarget(summary.name, summary.unit, target);
  }
  const missed = targets.filter((target) => !target.met).length;
  console.log(`\n${targets.length - missed} targets reached, ${missed} missed`);
}
