/** JSON that is parsed when somebody looks, and then shares every part that equals the earlier value's. */
export class SharedJson {
  #text: string | undefined;
  #value: unknown;
  #earlier: SharedJson | undefined;

  constructor(text: string, earlier?: SharedJson) {
    this.#text = text;
    // Only a value that was looked at is worth sharing; the others' texts need not be kept.
    this.#earlier = earlier && earlier.#text !== undefined ? earlier.#earlier : earlier;
  }

  get value(): unknown {
    if (this.#text !== undefined) {
      this.#value = share(this.#earlier?.value, JSON.parse(this.#text));
      this.#text = this.#earlier = undefined;
    }
    return this.#value;
  }
}

/** `next`, with what deeply equals its counterpart in `earlier` replaced by that. */
function share(earlier: unknown, next: unknown): unknown {
  if (Object.is(earlier, next)) return earlier;
  if (typeof earlier !== 'object' || typeof next !== 'object' || !earlier || !next) return next;
  if (Array.isArray(earlier) !== Array.isArray(next)) return next;
  const before = earlier as Record<string, unknown>;
  const after = next as Record<string, unknown>;
  const keys = Object.keys(after);
  let same = keys.length === Object.keys(before).length;
  for (const key of keys) {
    // defineProperty: `__proto__` may be a key of what JSON.parse made, and plain assignment would not set it.
    if (!Object.hasOwn(before, key)) same = false;
    else {
      const value = share(before[key], after[key]);
      if (value !== after[key]) Object.defineProperty(after, key, { value, writable: true, enumerable: true, configurable: true });
      if (value !== before[key]) same = false;
    }
  }
  return same ? earlier : next;
}
