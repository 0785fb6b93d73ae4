export { connect } from './connect.js';
export { defineJob } from './define_job.js';
export { JobError, JobwireError, type ErrorCode } from './errors.js';
export type * from './types.js';
