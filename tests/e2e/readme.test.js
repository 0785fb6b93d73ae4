// The README's examples as pasted: a page in a Vite application of its own, and the reports that move it, from a shell.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../web-demo/backend/src/ports.js';
import { launch } from './browser.js';
import { build } from './stack.js';

const root = path.dirname(build);
const webDemo = path.join(root, 'web-demo');
let readme;
let dir;
let port;
let browser;
let shell;
let vite;
beforeAll(async () => {
  readme = await readFile(path.join(root, 'README.md'), 'utf8');
  await mkdir(path.join(build, 'e2e'), { recursive: true });
  dir = await mkdtemp(path.join(build, 'e2e/readme-'));
  port = await freePort();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await vite?.close();
  if (shell?.isRunning) process.kill(-shell.pid, 'SIGKILL');
  await rm(dir, { recursive: true, force: true });
});

/** The blocks of one language below a heading, with a port and a folder of this test's own. */
function blocks(heading, language) {
  const section = readme.split(/^## /m).find((part) => part.startsWith(heading));
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))]
    .map(([, text]) => text.replaceAll('7171', String(port)).replaceAll('/tmp/jobwire-dev', path.join(dir, 'data')));
}

/** An application as `npm install` leaves it: React and the two packages beside it. */
async function startApplication(source) {
  await symlink(path.join(webDemo, 'node_modules'), path.join(dir, 'node_modules'));
  await writeFile(path.join(dir, 'app.jsx'), source);
  await writeFile(path.join(dir, 'main.jsx'), "import { createRoot } from 'react-dom/client';\nimport App from './app.jsx';\ncreateRoot(document.getElementById('root')).render(<App />);\n");
  await writeFile(path.join(dir, 'index.html'), '<!doctype html><link rel="icon" href="data:,"><div id="root"></div><script type="module" src="/main.jsx"></script>');
  const require = createRequire(path.join(webDemo, 'package.json'));
  const [{ createServer }, { default: react }] = await Promise.all(['vite', '@vitejs/plugin-react'].map((name) => import(pathToFileURL(require.resolve(name)))));
  vite = await createServer({
    root: dir, configFile: false, logLevel: 'error', plugins: [react()], cacheDir: path.join(dir, '.vite'),
    resolve: { dedupe: ['react', 'react-dom'] }, server: { host: '127.0.0.1', port: await freePort(), fs: { strict: false } },
  });
  await vite.listen();
  return vite.resolvedUrls.local[0];
}

function openShell() {
  const child = spawn('bash', [], { cwd: root, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  shell = { pid: child.pid, isRunning: true, output: '' };
  const ended = new Promise((resolve) => { child.once('exit', (code) => { shell.isRunning = false; resolve(code); }); });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { shell.output += text; });
  return {
    paste: (text) => child.stdin.write(text),
    says: (pattern) => expect.poll(() => shell.output, { timeout: 30_000 }).toMatch(pattern),
    end: () => { child.stdin.end(); return ended; },
  };
}

test('a page follows what a shell and a Node program report', async () => {
  const [page] = blocks('In a page', 'jsx');
  const provider = new RegExp('`(<JobwireProvider url=[^`]*>)`').exec(readme)[1].replace('7171', String(port));
  const [reports, publisher] = blocks('In a back end', 'sh');
  const [begin, ...lines] = reports.split(/^(?=report ')/m);

  const bash = openShell();
  bash.paste(begin);
  await bash.says(/event=listening/);
  const tab = await browser.newPage();
  const problems = [];
  tab.on('pageerror', (error) => problems.push(String(error)));
  tab.setDefaultTimeout(30_000);
  await tab.goto(await startApplication(page.replace(/<JobwireProvider [^]*?>(?=<Job )/, provider)));
  await tab.getByText('…', { exact: true }).waitFor();
  bash.paste(lines[0]);
  await tab.getByRole('button', { name: 'Cancel' }).waitFor();
  bash.paste(lines[1]);
  await tab.getByText('page 10 of 24').waitFor();
  expect(await tab.getByRole('progressbar').getAttribute('value')).toBe('40');
  bash.paste(lines.slice(2).join(''));
  await tab.getByText('completed').waitFor();
  await bash.says(/"events":\[.*"result":\{"pages": ?24\}/);

  bash.paste(publisher);
  await bash.says(/job \S+ is done: \{ pages: 24 \}/);
  await bash.says(/event=stopped code=0/);
  await bash.end();
  expect(problems).toEqual([]);
});
