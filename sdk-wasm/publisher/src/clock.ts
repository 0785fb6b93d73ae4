/** Time, as it is passed in. */
export interface Clock {
  /** Ms since the Unix epoch. */
  now(): number;
  /** Calls once, later; answers how to take that back. `idle`: does not keep the process alive. */
  after(ms: number, call: () => void, idle?: 'idle'): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, call, idle) {
    const timer = setTimeout(call, ms);
    if (idle) timer.unref();
    return () => clearTimeout(timer);
  },
};
