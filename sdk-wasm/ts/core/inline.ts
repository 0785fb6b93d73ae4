import { connectWith } from './connect.js';
import { inlineCore } from './inline_core.js';
import { loadCore } from './loader.js';
import type { ConnectOptions, JobwireClient } from './types.js';

export { defineJob } from './define_job.js';
export { JobError, JobwireError, type ErrorCode } from './errors.js';
export type * from './types.js';

/** As `connect` of the main entry, with the core inside the JavaScript: one file, and no second request. */
export function connect(options: ConnectOptions = {}): JobwireClient {
  return connectWith(options, () => loadCore(inlineCore()));
}
