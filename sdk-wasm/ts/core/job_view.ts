import type { PackedReader } from './packed.js';
import { SharedJson } from './shared_json.js';
import type { Job, JobEstimate, JobStage, JobStatus } from './types.js';

/** Groups of fields: `ChangedField` of common/include/jobwire/job_store.h. */
export const Changed = {
  lifecycle: 1,
  progress: 2,
  stage: 4,
  message: 8,
  identity: 16,
  result: 32,
  metadata: 64,
  ended: 128,
  removed: 256,
  isNew: 512,
  stale: 1024,
} as const;

const statuses: JobStatus[] = ['queued', 'active', 'completed', 'failed', 'cancelled'];
const noMetadata: Record<string, unknown> = Object.freeze({});
// The last view of a job that is new.
const toldWhole = {} as JobView;

/** A `Job`. Immutable to everybody but `JobTable` and `readJob`, which make the next one out of the last. */
export class JobView implements Job {
  readonly id: string;
  type: string | undefined;
  queue: string | undefined;
  userId: string | undefined;
  ref: string | undefined;
  parentId: string | undefined;
  status: JobStatus;
  statusText: string | undefined;
  progress: number;
  stage: string | undefined;
  message: string | undefined;
  stages: readonly JobStage[];
  attempt: number;
  priority: number;
  error: { message: string; code: string | undefined } | undefined;
  cancelRequestedAt: number | undefined;
  cancelReason: string | undefined;
  stalled: boolean;
  workerId: string | undefined;
  createdAt: number;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  lastReportAt: number | undefined;
  updatedAt: number;
  estimate: JobEstimate | undefined;
  /** @internal */
  resultJson: SharedJson | undefined;
  /** @internal */
  metadataJson: SharedJson | undefined;

  /** Field by field, for each changed job of each frame: Object.assign costs as much as all the rest of the record. */
  constructor(id: string, last = toldWhole) {
    this.id = id;
    this.type = last.type;
    this.queue = last.queue;
    this.userId = last.userId;
    this.ref = last.ref;
    this.parentId = last.parentId;
    this.status = last.status;
    this.statusText = last.statusText;
    this.progress = last.progress;
    this.stage = last.stage;
    this.message = last.message;
    this.stages = last.stages;
    this.attempt = last.attempt;
    this.priority = last.priority;
    this.error = last.error;
    this.cancelRequestedAt = last.cancelRequestedAt;
    this.cancelReason = last.cancelReason;
    this.stalled = last.stalled;
    this.workerId = last.workerId;
    this.createdAt = last.createdAt;
    this.startedAt = last.startedAt;
    this.finishedAt = last.finishedAt;
    this.lastReportAt = last.lastReportAt;
    this.updatedAt = last.updatedAt;
    this.estimate = last.estimate;
    this.resultJson = last.resultJson;
    this.metadataJson = last.metadataJson;
  }

  get result(): unknown {
    return this.resultJson?.value;
  }
  get metadata(): Record<string, unknown> {
    return (this.metadataJson?.value as Record<string, unknown> | undefined) ?? noMetadata;
  }
  get isFinished(): boolean {
    return this.status !== 'queued' && this.status !== 'active';
  }
  get isCancelling(): boolean {
    return this.cancelRequestedAt !== undefined && !this.isFinished;
  }
  toJSON(): Record<string, unknown> {
    const { resultJson, metadataJson, ...fields } = this;
    return { ...fields, result: resultJson?.value, metadata: this.metadata };
  }
}

/** Reads the groups that `fields` names, in the order in which src/records.cc wrote them. */
export function readJob(from: PackedReader, fields: number, last: JobView | undefined): JobView {
  const job = new JobView(fields & Changed.isNew ? from.text() : last!.id, last);
  if (fields & Changed.lifecycle) readLifecycle(from, job);
  if (fields & Changed.progress) readProgress(from, job);
  if (fields & Changed.stage) readStage(from, job);
  if (fields & Changed.message) job.message = from.textOr();
  if (fields & Changed.identity) readIdentity(from, job);
  if (fields & Changed.result) job.resultJson = readJson(from, job.resultJson);
  if (fields & Changed.metadata) job.metadataJson = readJson(from, job.metadataJson);
  return job;
}

function readLifecycle(from: PackedReader, job: JobView): void {
  job.status = statuses[from.number()]!;
  job.attempt = from.number();
  job.priority = from.number();
  job.stalled = from.flag();
  job.cancelRequestedAt = from.numberOr(0);
  job.createdAt = from.number();
  job.startedAt = from.numberOr(0);
  job.finishedAt = from.numberOr(0);
  job.statusText = from.textOr();
  job.cancelReason = from.textOr();
  job.error = from.flag() ? { message: from.text(), code: from.textOr() } : undefined;
  if (job.isFinished) job.estimate = undefined;
}

function readProgress(from: PackedReader, job: JobView): void {
  job.progress = from.number();
  job.lastReportAt = from.numberOr(0);
  job.updatedAt = from.number();
}

function readStage(from: PackedReader, job: JobView): void {
  job.stage = from.textOr();
  job.stages = readStages(from, job.stages);
}

// What has stayed the same stays the same object.
function readStages(from: PackedReader, known: readonly JobStage[] = []): readonly JobStage[] {
  const count = from.number();
  let same = count === known.length;
  const stages: JobStage[] = [];
  for (let at = 0; at < count; at++) {
    const startedAt = from.number();
    const name = from.text();
    const before = known[at];
    const unchanged = before?.startedAt === startedAt && before.name === name;
    same &&= unchanged;
    stages.push(unchanged ? before : { name, startedAt });
  }
  return same ? known : stages;
}

function readIdentity(from: PackedReader, job: JobView): void {
  job.type = from.textOr();
  job.queue = from.textOr();
  job.userId = from.textOr();
  job.ref = from.textOr();
  job.parentId = from.textOr();
  job.workerId = from.textOr();
}

function readJson(from: PackedReader, earlier: SharedJson | undefined): SharedJson | undefined {
  const text = from.text();
  return text ? new SharedJson(text, earlier) : undefined;
}
