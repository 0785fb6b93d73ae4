// make bench: every scenario on every server, in rounds that take turns, so that a noisy machine is noisy for all.
//   node tests/bench/run.mjs [only=text] [rounds=3] [servers=floor,jobwire]
// Prints tables and writes build/bench/latest.json. A missed target is told, and is no failure of the run.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { foldBench } from './fold/run.mjs';
import { printSummary, printTable, summarise, summariseFold } from './report.mjs';
import { scenarios } from './scenarios.mjs';
import { programs, root, servers } from './servers.mjs';

const runFile = promisify(execFile);
const options = Object.fromEntries(process.argv.slice(2).map((text) => text.split('=')));
const rounds = Number(options.rounds ?? 3);
const wanted = (name) => !options.servers || options.servers.split(',').includes(name);

async function measure(scenario, name) {
  const server = await servers[name]();
  try {
    const plan = typeof scenario.client === 'function' ? scenario.client(name) : scenario.client;
    const args = Object.entries(plan).map(([key, value]) => `${key}=${value}`);
    const { stdout } = await runFile(join(programs, 'bench_client'), [...args, `port=${server.port}`, `pid=${server.pid}`, ...server.clientArguments]);
    return { server: name, ...JSON.parse(stdout) };
  } finally {
    await server.stop();
  }
}

async function runScenario(scenario) {
  const results = [];
  for (let round = 0; round < rounds; ++round) {
    for (const name of scenario.servers.filter(wanted)) results.push(await measure(scenario, name));
  }
  const summary = summarise(scenario, results);
  printTable(summary);
  return { ...summary, results };
}

mkdirSync(join(root, 'build/bench'), { recursive: true });
const machine = { cpu: cpus()[0].model, cores: cpus().length, memory: totalmem(), kernel: release(), node: process.version };
console.log(`${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}; loopback; median of ${rounds} rounds; CPU is the server process's`);
const summaries = [];
for (const scenario of scenarios.filter((each) => !options.only || each.name.includes(options.only))) summaries.push(await runScenario(scenario));
if (!options.only || 'fold'.includes(options.only)) {
  for (const shape of await foldBench(rounds)) {
    const summary = summariseFold(shape);
    printTable(summary);
    summaries.push({ ...summary, results: shape.times });
  }
}
printSummary(summaries);
writeFileSync(join(root, 'build/bench/latest.json'), JSON.stringify({ machine, rounds, at: new Date().toISOString(), summaries }, null, 1));
