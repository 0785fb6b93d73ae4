/** Where reports become parcels and answers become receipts; shared by all that one `Jobwire` hands out. */
import { type HttpAnswer, errorOf, isOk, isPassing, parse, readMessageAnswer, readVerdicts } from './answers.js';
import type { Clock } from './clock.js';
import { Courier } from './courier.js';
import { JobwireError } from './errors.js';
import type { Http } from './http.js';
import { Outbox, type OutboxOptions, type Settled, type Verdict } from './outbox.js';
import { asJson, parcelOf, withoutFault } from './reports.js';
import type { Teller } from './teller.js';
import type { JobEvent, Receipt } from './types.js';
import type { Displaced, Parcel, Rank } from './waiting.js';

/** What a reply says about a job: a report of its work was taken, or why nobody waits for it any longer. */
export type News = 'taken' | 'cancel-requested' | 'ended';

export interface DeskParts {
  readonly http: Http;
  readonly clock: Clock;
  readonly teller: Teller;
  readonly newId: () => string;
  readonly key: () => string | Promise<string>;
  readonly outbox: OutboxOptions;
}

interface Report extends Parcel {
  readonly event: JobEvent;
  readonly settle: (receipt: Receipt) => void;
}

interface Message extends Parcel {
  readonly path: string;
  readonly name: string;
  readonly settle: (receipt: Receipt) => void;
}

/** An application message, or a notification. */
export interface Letter {
  /** Who gets it, for a person to read. */
  readonly whom: string;
  readonly path: string;
  /** What it is called where something is told about it. */
  readonly name: string;
  readonly body: object;
  readonly rank: Rank;
}

/** Codes of refusals that the caller expects, and that are not told as errors. */
export type Expected = readonly string[];

const tries = 3;
const flushMs = 1_000;
const firstWaitMs = 250;
/** Who hears "conflict" to one of these works for a job that has ended. */
const ofRunning = new Set<JobEvent['type']>(['started', 'progress', 'log', 'updated']);

export class Desk {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly #parts: DeskParts;
  readonly #events: Courier<Report>;
  readonly #messages: Courier<Message>;
  readonly #underWay = new Set<Promise<Receipt>>();
  readonly #watchers = new Map<string, Set<(news: News) => void>>();
  #isClosed = false;
  #lanesAway = 0;

  constructor(parts: DeskParts) {
    const { clock, newId, outbox } = parts;
    this.#parts = parts;
    this.clock = clock;
    this.newId = newId;
    const told = { clock, onAway: (reason: string) => this.#away(reason), onBack: (ms: number) => this.#back(ms) };
    this.#events = new Courier<Report>({
      ...told,
      outbox: new Outbox(outbox),
      send: async (reports) => {
        const body = `[${reports.map(({ text }) => text).join()}]`;
        return readVerdicts(await this.#request('POST', '/events', body), reports.length, clock.now());
      },
      onSettled: (settled) => this.#settleReport(settled),
      onDisplaced: (displaced) => this.#displace(displaced, displaced.parcel.event.type),
    });
    this.#messages = new Courier<Message>({
      ...told,
      outbox: new Outbox({ ...outbox, batch: { ...outbox.batch, parcels: 1 } }),
      send: async ([message]) => readMessageAnswer(await this.#request('POST', message!.path, message!.text), clock.now()),
      onSettled: ({ parcel, verdict }) => this.#settle(parcel.settle, verdict.error && about(verdict.error, parcel.group, parcel.name), false),
      onDisplaced: (displaced) => this.#displace(displaced, displaced.parcel.name),
    });
  }

  /** Never throws, never rejects. */
  report(event: JobEvent, expected: Expected = []): Promise<Receipt> {
    return this.#open(event.jobId, event.type, () => this.#report(event, expected));
  }

  /** What goes to people rather than to jobs. Never throws, never rejects. */
  post(letter: Letter): Promise<Receipt> {
    return this.#open(letter.whom, letter.name, () => this.#post(letter));
  }

  /**
   * A question that wants its answer now: tried a few times, then it rejects with a `JobwireError`. The answer knows what was
   * reported before, unless that takes long.
   */
  async ask(path: string): Promise<unknown> {
    await this.flush(flushMs);
    for (let attempt = 1; ; attempt += 1) {
      if (this.#isClosed) throw new JobwireError('closed', 'the publisher was closed');
      const answer = await this.#request('GET', path);
      const body = isOk(answer) && 'body' in answer ? parse(answer.body) : undefined;
      if (body !== undefined) return body;
      if (attempt === tries || !isPassing(answer)) throw errorOf(answer);
      await new Promise<void>((resolve) => void this.clock.after(firstWaitMs * 2 ** (attempt - 1), resolve));
    }
  }

  /** Is told what the replies to a job's reports say. */
  watch(jobId: string, call: (news: News) => void): () => void {
    const calls = this.#watchers.get(jobId) ?? new Set();
    this.#watchers.set(jobId, calls.add(call));
    return () => {
      calls.delete(call);
      if (calls.size === 0 && this.#watchers.get(jobId) === calls) this.#watchers.delete(jobId);
    };
  }

  /** True once all that has been reported so far is settled; false where that takes longer than `timeoutMs`. */
  flush(timeoutMs: number | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = timeoutMs === undefined ? undefined : this.clock.after(timeoutMs, () => resolve(false));
      void Promise.all(this.#underWay).then(() => {
        cancel?.();
        resolve(true);
      });
    });
  }

  /** From now on everything is dropped; what is under way has until `timeoutMs`. */
  async close(timeoutMs: number): Promise<boolean> {
    const isFirst = !this.#isClosed;
    this.#isClosed = true;
    const isDelivered = await this.flush(timeoutMs);
    if (isFirst) {
      this.#events.close();
      this.#messages.close();
      this.#parts.http.close();
    }
    return isDelivered;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  #open(whom: string, type: string, begin: () => Promise<Receipt>): Promise<Receipt> {
    if (this.#isClosed) {
      this.#parts.teller.dropped({ about: whom, type, reason: 'closed' });
      return Promise.resolve({ status: 'dropped', cancelRequested: false });
    }
    const receipt = begin();
    this.#underWay.add(receipt);
    void receipt.then(() => this.#underWay.delete(receipt));
    return receipt;
  }

  async #report(event: JobEvent, expected: Expected): Promise<Receipt> {
    const eventId = event.eventId ?? this.newId();
    // The creation of a job is the same whenever it is told.
    const whole = event.type === 'queued' ? { ...event, eventId } : { reportedAt: this.clock.now(), ...event, eventId };
    const parcel = parcelOf(whole);
    const receipt =
      parcel instanceof JobwireError
        ? refused(parcel)
        : await this.#push(this.#events, (settle) => ({ ...parcel, event: whole, settle }));
    const { error } = receipt;
    if (error && !expected.includes(error.code)) this.#parts.teller.error(about(error, event.jobId, event.type));
    const rest = error && withoutFault(event, error);
    // What is told again comes late: the job may have ended meanwhile.
    return rest ? this.#report(rest, [...expected, 'conflict']) : receipt;
  }

  async #post({ whom, path, name, body, rank }: Letter): Promise<Receipt> {
    const text = asJson(body);
    const receipt =
      text === undefined
        ? refused(new JobwireError('bad_json', 'data cannot be written as JSON (a cycle, or a BigInt)', { field: 'data', type: name }))
        : await this.#push(this.#messages, (settle) => ({ path, name, text, bytes: Buffer.byteLength(text), group: whom, rank, settle }));
    if (receipt.error) this.#parts.teller.error(receipt.error);
    return receipt;
  }

  #push<P extends Parcel>(courier: Courier<P>, parcel: (settle: (receipt: Receipt) => void) => P): Promise<Receipt> {
    return new Promise((settle) => courier.push(parcel(settle)));
  }

  #away(reason: string): void {
    this.#lanesAway += 1;
    if (this.#lanesAway === 1) this.#parts.teller.away(reason);
  }

  #back(awayMs: number): void {
    this.#lanesAway -= 1;
    if (this.#lanesAway === 0) this.#parts.teller.back(awayMs);
  }

  async #request(method: 'GET' | 'POST', path: string, body?: string): Promise<HttpAnswer> {
    try {
      return await this.#parts.http.send({ method, path, body, key: await this.#parts.key() });
    } catch (error) {
      return { status: 0, reason: `no key: ${String(error)}` };
    }
  }

  #settleReport({ parcel, verdict }: Settled<Report>): void {
    const { jobId, type } = parcel.event;
    const { error, cancelRequested } = verdict;
    const news = newsOf(verdict, type);
    if (news) for (const call of [...(this.#watchers.get(jobId) ?? [])]) call(news);
    this.#settle(parcel.settle, error, cancelRequested);
  }

  #settle(settle: (receipt: Receipt) => void, error: JobwireError | undefined, cancelRequested: boolean): void {
    settle(error ? { status: 'refused', cancelRequested, error } : { status: 'accepted', cancelRequested });
  }

  #displace({ parcel, how }: Displaced<Report | Message>, type: string): void {
    if (how === 'dropped') this.#parts.teller.dropped({ about: parcel.group, type, reason: this.#isClosed ? 'closed' : 'full' });
    parcel.settle({ status: how, cancelRequested: false });
  }
}

function newsOf({ error, cancelRequested }: Verdict, type: JobEvent['type']): News | undefined {
  if (cancelRequested) return 'cancel-requested';
  if (!ofRunning.has(type)) return undefined;
  if (!error) return 'taken';
  const isIdentity = error.field?.startsWith('job.') === true;
  return error.code === 'gone' || (error.code === 'conflict' && !isIdentity) ? 'ended' : undefined;
}

function refused(error: JobwireError): Receipt {
  return { status: 'refused', cancelRequested: false, error };
}

function about({ code, message, field, status }: JobwireError, jobId: string, type: string): JobwireError {
  return new JobwireError(code, message, { field, status, jobId, type });
}
