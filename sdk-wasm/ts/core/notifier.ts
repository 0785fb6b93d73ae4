/** A set of callbacks. One that throws does not keep the others from being called: its error is reported as uncaught. */
export class Notifier<Arguments extends unknown[] = []> {
  #callbacks = new Set<{ call: (...values: Arguments) => void }>();

  get isEmpty(): boolean {
    return this.#callbacks.size === 0;
  }

  /** The same function added twice is called twice. Removing twice is removing once. */
  add(call: (...values: Arguments) => void): () => void {
    const entry = { call };
    this.#callbacks.add(entry);
    return () => void this.#callbacks.delete(entry);
  }

  notify(...values: Arguments): void {
    for (const { call } of [...this.#callbacks]) {
      try {
        call(...values);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
