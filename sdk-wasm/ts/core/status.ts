// What the session tells of, beside jobs, in the order of src/records.cc.
import { JobwireError, type ErrorCode } from './errors.js';
import type { PackedReader } from './packed.js';
import type { ConnectionSnapshot, ConnectionState } from './types.js';

export function readError(from: PackedReader): JobwireError {
  return new JobwireError(from.text() as ErrorCode, from.text(), from.textOr());
}

// Of the session: idle, connecting, online, polling, offline, stopped.
const states: ConnectionState[] = ['closed', 'connecting', 'online', 'polling', 'offline', 'closed'];
const transports = [undefined, 'websocket', 'polling'] as const;

export function readStatus(from: PackedReader): ConnectionSnapshot {
  return {
    state: states[from.number()]!,
    transport: transports[from.number()],
    nextTryAt: from.numberOr(0),
    lastHeardAt: from.numberOr(0),
    latency: from.numberOr(-1),
    isLive: from.flag(),
    reason: from.text(),
    user: from.textOr(),
    role: from.textOr(),
    reasonCode: from.text(),
  };
}
