// Front-end code as it stands in other systems' own write-ups, where these are at hand: Markdown files with code fences.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = process.env.JOBWIRE_FRONT_ENDS ?? fileURLToPath(new URL('../../../../shared/seeds', import.meta.url));

// A write-up that was itself once a string has its backticks and dollars escaped.
const unescaped = (text) => (text.includes('\\`\\`\\`') ? text.replaceAll(/\\([`$])/g, '$1') : text);

function fences(text) {
  return [...unescaped(text).matchAll(/^([ \t]*)```(\w*)\n([^]*?)^\1```/gm)].map(([, indent, language, code]) => ({
    language, code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

const blocks = existsSync(folder)
  ? readdirSync(folder).filter((name) => name.endsWith('.txt')).sort().flatMap((name) => fences(readFileSync(`${folder}/${name}`, 'utf8')))
  : [];

/** Whether there are any; where there are, each that is asked for must be among them. */
export const atHand = blocks.length > 0;

export function block(...marks) {
  const found = blocks.filter(({ code }) => marks.every((mark) => code.includes(mark)));
  if (found.length !== 1) throw new Error(`${found.length} blocks have ${marks.join(' and ')}`);
  return found[0].code;
}
