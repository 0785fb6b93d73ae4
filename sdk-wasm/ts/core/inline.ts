import { connectWith } from './connect.js';
import wasm from 'jobwire-core-base64';
import type { ConnectOptions, JobwireClient } from './types.js';

export { defineJob } from './define_job.js';
export { JobError, JobwireError, type ErrorCode } from './errors.js';
export type * from './types.js';

/** As `connect` of the main entry, with the core inside the JavaScript: for bundlers that copy no .wasm files. */
export function connect(options: ConnectOptions = {}): JobwireClient {
  return connectWith(options, () => options.wasm ?? Uint8Array.from(atob(wasm), (char) => char.charCodeAt(0)));
}
