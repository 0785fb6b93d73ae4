import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeFolder, readJson, unusable, writeWhole } from '../src/data_dir.js';

let place;
beforeEach(async () => { place = await mkdtemp(path.join(tmpdir(), 'data dir-')); });
afterEach(() => rm(place, { recursive: true, force: true }));

test('a folder is made with those that it lies in, and is left as it is where it is there', async () => {
  const deep = path.join(place, 'a b', 'ü', "c'd");
  await makeFolder(deep);
  await writeFile(path.join(deep, 'kept'), 'yes');
  await makeFolder(deep);
  expect(await readFile(path.join(deep, 'kept'), 'utf8')).toBe('yes');
});

// Run as a person does, by the program that `make run` starts. The time that a test may take tells whether it ends.
const program = fileURLToPath(new URL('../run.mjs', import.meta.url));
const start = (dataDir, prefix = []) => new Promise((resolve) => {
  const [command, ...args] = [...prefix, process.execPath, program];
  execFile(command, args, { env: { ...process.env, PORT: '31999', DATA_DIR: dataDir } }, (error, stdout, stderr) => {
    resolve({ code: error?.code ?? 0, stdout, stderr });
  });
});

describe('what cannot hold data ends the program at once, and is told with the reason', () => {
  test.each([
    ['below /proc', async () => '/proc/jobwire', /no folder can be made there/],
    ['deep below /proc', async () => '/proc/self/a/b', /no folder can be made there/],
    ['a file', async () => { await writeFile(path.join(place, 'file'), ''); return path.join(place, 'file'); }, /is no folder/],
    ['below a file', async () => { await writeFile(path.join(place, 'file'), ''); return path.join(place, 'file/x/y'); }, /is no folder/],
    ['a device', async () => '/dev/null', /is no folder/],
    ['a link to nothing', async () => { await symlink(path.join(place, 'gone'), path.join(place, 'link')); return path.join(place, 'link/x'); }, /no folder can be made there/],
    ['links in a circle', async () => { await symlink('circle', path.join(place, 'circle')); return path.join(place, 'circle/x'); }, /lead in a circle/],
    ['a name that is too long', async () => path.join(place, 'x'.repeat(300)), /too long/],
    ['a damaged file of its own', async () => { await writeFile(path.join(place, 'secrets.json'), '{"jwt'); return place; }, /secrets\.json is damaged/],
    ["somebody's folder", async () => { await mkdir(path.join(place, 'page')); return place; }, /somebody's folder 'page'/],
  ])('%s', async (_, make, reason) => {
    const dataDir = await make();
    const { code, stdout, stderr } = await start(dataDir);
    expect(stderr).toMatch(reason);
    expect(stderr).toContain(`make run: DATA_DIR ${dataDir} cannot be used: `);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  test('a disk that takes nothing more leaves no half of a file behind', async () => {
    const { code, stderr } = await start(place, ['prlimit', '--fsize=0']);
    expect(stderr).toMatch(/cannot be used: the disk is over its quota/);
    expect(code).toBe(1);
    expect(await readdir(place)).not.toContain('secrets.json');
  });
});

test.each([['EACCES', /this user may not write there/], ['EROFS', /read-only/], ['ENOSPC', /the disk is full/]])('%s is told in words', (code, words) => {
  expect(unusable('/x', Object.assign(new Error('as the system says it'), { code })).message).toMatch(words);
});

test('what is written whole is read again, for the owner only, and what is not there is nothing', async () => {
  const file = path.join(place, 'a.json');
  expect(await readJson(file)).toBeUndefined();
  await writeWhole(file, '{"a":1}', { mode: 0o600 });
  expect(await readJson(file)).toEqual({ a: 1 });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});
