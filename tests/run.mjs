// Runs every suite and counts its tests. The last line is `N passed, N failed`; the exit code agrees.
//   node tests/run.mjs                              everything, from build/
//   node tests/run.mjs --native asan[:suite,suite]  the native suites of build/asan only; may be repeated
//   node tests/run.mjs --fuzz SECONDS               every fuzz target of build/fuzz for so long
// A suite that is missing, crashes, hangs, skips a test or runs none counts as failed.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const suiteTimeoutMs = 20 * 60 * 1000;
const rooms = ['common', 'log', 'node', 'auth', 'dialect', 'hub', 'transport', 'observe', 'api'];
const fuzzTargets = ['fuzz_codec', 'fuzz_http', 'fuzz_routes', 'fuzz_tokens', 'fuzz_websocket', 'fuzz_client_session',
  'fuzz_engineio', 'fuzz_json', 'fuzz_native_session', 'fuzz_socketio', 'fuzz_socketio_session'];
// [folder, npm scripts that must succeed beside its Vitest suites]
const packages = [
  ['sdk-wasm', ['typecheck', 'size']], ['sdk-wasm/publisher', []], ['web-demo', ['typecheck']], ['tests/interop', []], ['tests/e2e', []],
];

// A suite's result: {name, passed, failed, problems: [text]}.
const failure = (name, problem) => ({ name, passed: 0, failed: 1, problems: [problem] });

function run(command, args, { cwd = root, env = {} } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), suiteTimeoutMs);
    const stop = () => process.kill(-child.pid, 'SIGKILL');
    const interrupted = () => { stop(); process.exit(130); };
    process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
    const finish = (code, signal) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      done(code === 0 ? '' : signal ? `ended by ${signal}` : `exit code ${code}`);
    };
    child.on('error', (error) => finish(error.message));
    child.on('exit', finish);
  });
}

function freshFile(...parts) {
  const file = join(root, 'build', 'test-results', ...parts);
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  return file;
}

const unescapeXml = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&').trim();

// What a failed test case says: the broken expressions with their values, and exceptions.
function describeFailures(testCase) {
  const places = testCase.matchAll(/<(Expression success="false"|Exception|Failure|FatalErrorCondition)[^>]*filename="([^"]*)" line="(\d+)"[^>]*>([^]*?)<\/(?:Expression|Exception|Failure|FatalErrorCondition)>/g);
  return [...places].map(([, , file, line, body]) => `\n    ${file}:${line}: ${unescapeXml(body.replaceAll(/<[^>]*>/g, ' ')).replaceAll(/\s+/g, ' ').slice(0, 1000)}`).join('');
}

// Catch2's XML report: the failed test cases by name, and the totals that it ends with (absent after a crash).
function readCatchReport(file) {
  const xml = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const totals = /<OverallResultsCases successes="(\d+)" failures="(\d+)"/.exec(xml);
  const problems = xml.split('<TestCase ').slice(1).filter((text) => !text.includes('<OverallResult success="true"'))
    .map((text) => unescapeXml(/name="([^"]*)"/.exec(text)?.[1] ?? '?') + describeFailures(text));
  const finished = (xml.match(/<OverallResult success="true"/g) ?? []).length;
  return { passed: totals ? Number(totals[1]) : finished, failed: totals ? Number(totals[2]) : 0, complete: totals !== null, problems };
}

async function catchSuite(buildDir, name) {
  const label = buildDir === 'build' ? name : `${buildDir.replace('build/', '')}/${name}`;
  const program = join(root, buildDir, 'tests', name);
  if (!existsSync(program)) return failure(label, `${buildDir}/tests/${name} was not built`);
  const report = freshFile(buildDir, `${name}.xml`);
  const env = { ...sanitizerOptions, ...(buildDir === 'build' ? {} : fewerStorms) };
  const ended = await run(program, ['-r', 'xml', '-o', report, '-d', 'yes'], { env });
  const { passed, failed, complete, problems } = readCatchReport(report);
  const result = { name: label, passed, failed, problems };
  if (!complete) return { ...result, failed: failed + 1, problems: [...problems, `crashed: ${ended}`] };
  if (passed + failed === 0) return failure(label, 'ran no test');
  if (ended && failed === 0) return { ...result, failed: 1, problems: [ended] };
  return result;
}

// A sanitizer makes a storm several times as long, and looks for another kind of fault than a thousand of them do.
const fewerStorms = { JOBWIRE_SIM_SEEDS: '100' };
const sanitizerOptions = {
  ASAN_OPTIONS: 'detect_leaks=1:strict_string_checks=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
  TSAN_OPTIONS: 'halt_on_error=0:second_deadlock_stack=1',
};

// A program that is one test: it passes by ending with 0.
async function checkSuite(name, command, args, options) {
  const ended = await run(command, args, options);
  return ended ? failure(name, ended) : { name, passed: 1, failed: 0, problems: [] };
}

/** What was expected, and where. */
const describeFailed = ({ fullName, failureMessages = [] }) => `${fullName}: ${failureMessages.join('\n').slice(0, 1500)}`;

function readVitestReport(file) {
  if (!existsSync(file)) return null;
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const skipped = (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0);
  const broken = report.testResults.filter((each) => each.status === 'failed' && !each.assertionResults.some((test) => test.status === 'failed'));
  const problems = [
    ...report.testResults.flatMap((each) => each.assertionResults).filter((test) => test.status === 'failed').map(describeFailed),
    ...broken.map((each) => `${each.name}: ${each.message}`),
    ...(skipped ? [`${skipped} skipped`] : []),
  ];
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length + skipped, problems };
}

async function vitestSuite(folder) {
  const name = `${folder} (vitest)`;
  if (!existsSync(join(root, folder, 'package.json'))) return failure(name, `${folder}/package.json is missing`);
  const report = freshFile(`${folder.replaceAll('/', '-')}.json`);
  const ended = await run('npx', ['--no-install', 'vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    { cwd: join(root, folder) });
  const result = readVitestReport(report);
  if (result === null) return failure(name, `no report: ${ended || 'ended early'}`);
  if (result.passed + result.failed === 0) return failure(name, 'ran no test');
  return { name, ...result, ...(ended && result.failed === 0 ? { failed: 1, problems: [ended] } : {}) };
}

async function fuzzSuite(name, seconds) {
  const program = join(root, 'build/fuzz/tests/fuzz', name);
  if (!existsSync(program)) return failure(name, `${program} was not built`);
  const found = join(root, 'build/fuzz/corpus', name);
  mkdirSync(found, { recursive: true });
  const seeds = join(root, 'tests/fuzz/corpus', name.replace('fuzz_', ''));
  return checkSuite(name, program, [found, seeds, `-max_total_time=${seconds}`, '-max_len=4096', '-timeout=10', '-rss_limit_mb=2048', '-print_final_stats=1',
    `-artifact_prefix=${join(root, 'build/fuzz')}/${name}-`], { env: sanitizerOptions });
}

function nativeSuites() {
  const found = readdirSync(join(root, 'tests/unit'), { withFileTypes: true }).filter((each) => each.isDirectory()).map((each) => each.name);
  return [...[...new Set([...rooms, ...found])].map((room) => `unit_${room}`), 'contract_tests', 'sim_tests', 'integration_tests'];
}

function planNative(argument) {
  const [preset, only] = argument.split(':');
  return (only ? only.split(',') : nativeSuites()).map((name) => () => catchSuite(`build/${preset}`, name));
}

function planEverything() {
  return [
    ...nativeSuites().map((name) => () => catchSuite('build', name)),
    ...fuzzTargets.map((name) => () => checkSuite(`${name} (corpus)`, join(root, 'build/tests/fuzz', name), [join(root, 'tests/fuzz/corpus', name.replace('fuzz_', ''))])),
    ...packages.flatMap(([folder, scripts]) => [
      () => vitestSuite(folder),
      ...scripts.map((script) => () => checkSuite(`${folder} (${script})`, 'npm', ['run', '--silent', script], { cwd: join(root, folder) })),
    ]),
  ];
}

function plan(args) {
  if (args[0] === '--fuzz') return fuzzTargets.map((name) => () => fuzzSuite(name, Number(args[1] ?? 30)));
  const native = args.filter((_, index) => args[index - 1] === '--native');
  return native.length > 0 ? native.flatMap(planNative) : planEverything();
}

const results = [];
for (const suite of plan(process.argv.slice(2))) {
  const started = Date.now();
  const result = await suite();
  results.push(result);
  console.log(`${result.failed ? 'FAILED' : 'ok    '} ${result.name}: ${result.passed} passed, ${result.failed} failed (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}
const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
for (const result of results.filter((each) => each.failed)) for (const problem of result.problems) console.log(`fault: ${result.name}: ${problem.replaceAll(/\s*\n\s*/g, ' | ')}`);
console.log(`${total('passed')} passed, ${total('failed')} failed`);
process.exitCode = total('failed') === 0 ? 0 : 1;
