// The folder that DATA_DIR names: there and ours, or an error that says what is wrong with it and what to do.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

const reasons = {
  EACCES: 'this user may not write there',
  EPERM: 'nobody may write there',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is over its quota',
  EFBIG: 'the disk is over its quota',
  ENOTDIR: 'it, or what it lies in, is no folder',
  EEXIST: 'it, or what it lies in, is no folder',
  EISDIR: 'a folder stands where a file should',
  ENOENT: 'no folder can be made there',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
};

/** `failure` as the person who chose the folder is told of it. */
export function unusable(dataDir, failure) {
  const why = failure.code in reasons ? `${reasons[failure.code]} (${failure.message})` : failure.message;
  return new Error(`DATA_DIR ${dataDir} cannot be used: ${why}. Choose another one: DATA_DIR=/tmp/jobwire make run`);
}

/** Makes the folder and those that it lies in. Node's `mkdir` with `recursive` never ends below /proc. */
export async function makeFolder(folder) {
  try {
    await mkdir(folder);
  } catch (failure) {
    if (failure.code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    const above = path.dirname(folder);
    if (failure.code !== 'ENOENT' || above === folder || existsSync(above)) throw failure;
    await makeFolder(above);
    await mkdir(folder);
  }
}

/** Whole or not at all. */
export async function writeWhole(file, text, options) {
  await writeFile(`${file}.new`, text, options);
  await rename(`${file}.new`, file);
}

/** What the JSON file says; undefined where there is none. */
export async function readJson(file) {
  const text = await readFile(file, 'utf8').catch((failure) => {
    if (failure.code === 'ENOENT') return undefined;
    throw failure;
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${file} is damaged: delete it to get a new one`);
  }
}
