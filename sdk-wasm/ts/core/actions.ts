import { JobwireError, type ErrorCode } from './errors.js';
import type { PackedReader } from './packed.js';
import type { ConnectionSnapshot, ConnectionState } from './types.js';

/** What the session asks of the platform: `ActionSink` of common/include/jobwire/client_action.h. */
export type Action =
  | { kind: 'openSocket'; socket: number }
  | { kind: 'send'; socket: number; text: string }
  | { kind: 'closeSocket'; socket: number; code: number }
  | { kind: 'poll'; poll: number; body: string }
  | { kind: 'abortPoll'; poll: number }
  | { kind: 'request'; id: number; jobId: string; reason: string }
  | { kind: 'needToken'; reason: string }
  | { kind: 'status'; status: ConnectionSnapshot }
  | { kind: 'commandDone'; id: number; error: JobwireError | undefined }
  | { kind: 'pushed'; event: string; json: string }
  | { kind: 'refused'; channel: string; error: JobwireError };

// In the order of ActionKind (src/records.cc).
const readers: ((from: PackedReader) => Action)[] = [
  (from) => ({ kind: 'openSocket', socket: from.number() }),
  (from) => ({ kind: 'send', socket: from.number(), text: from.text() }),
  (from) => ({ kind: 'closeSocket', socket: from.number(), code: from.number() }),
  (from) => ({ kind: 'poll', poll: from.number(), body: from.text() }),
  (from) => ({ kind: 'abortPoll', poll: from.number() }),
  (from) => ({ kind: 'request', id: from.number(), jobId: from.text(), reason: from.text() }),
  (from) => ({ kind: 'needToken', reason: from.text() }),
  (from) => ({ kind: 'status', status: readStatus(from) }),
  (from) => ({ kind: 'commandDone', id: from.number(), error: from.flag() ? readError(from) : undefined }),
  (from) => ({ kind: 'pushed', event: from.text(), json: from.text() }),
  (from) => ({ kind: 'refused', channel: from.text(), error: readError(from) }),
];

export function readAction(from: PackedReader): Action {
  return readers[from.number()]!(from);
}

function readError(from: PackedReader): JobwireError {
  return new JobwireError(from.text() as ErrorCode, from.text(), from.textOr());
}

// idle, connecting, online, polling, offline, stopped
const states: ConnectionState[] = ['closed', 'connecting', 'online', 'polling', 'offline', 'closed'];

function readStatus(from: PackedReader): ConnectionSnapshot {
  const state = states[from.number()]!;
  const transport = ([undefined, 'websocket', 'polling'] as const)[from.number()];
  const nextTryAt = from.numberOr(0);
  const lastHeardAt = from.numberOr(0);
  const latency = from.numberOr(-1);
  const synced = from.flag();
  return {
    state,
    transport,
    reason: from.text(),
    reasonCode: from.text(),
    nextTryAt,
    lastHeardAt,
    latency,
    user: from.textOr(),
    role: from.textOr(),
    isLive: synced && (state === 'online' || state === 'polling'),
  };
}
