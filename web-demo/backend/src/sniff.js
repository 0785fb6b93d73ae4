// What a file is, by its bytes: names and declared types are not asked.
import { open } from 'node:fs/promises';
import { fileTypeFromBuffer } from 'file-type';

const HEAD = 64 * 1024;

/** @returns {Promise<'pdf' | 'video' | 'text' | undefined>} */
export async function sniff(file) {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return await kindOf(buffer.subarray(0, bytesRead), bytesRead === HEAD);
  } finally {
    await handle.close();
  }
}

async function kindOf(head, cut) {
  if (head.length === 0) return undefined;
  const type = await fileTypeFromBuffer(head);
  if (type?.mime === 'application/pdf') return 'pdf';
  if (type?.mime.startsWith('video/')) return 'video';
  if (type) return undefined;
  return isText(head, cut) ? 'text' : undefined;
}

function isText(head, cut) {
  if (head.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: cut });
    return true;
  } catch {
    return false;
  }
}
