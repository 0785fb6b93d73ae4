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

/** `next`, with what deeply equals its counterpart in `earlier` replaced by that. Both came out of JSON. */
function share(earlier: any, next: any): unknown {
  if (Object(earlier) !== earlier || Object(next) !== next || Array.isArray(earlier) !== Array.isArray(next)) return next;
  const keys = Object.keys(next);
  let same = keys.length === Object.keys(earlier).length;
  for (const key of keys) {
    const value = share(Object.hasOwn(earlier, key) ? earlier[key] : undefined, next[key]);
    same &&= value === earlier[key];
    // `__proto__` may be a key of what JSON.parse made, and plain assignment would not set it.
    if (value !== next[key]) Object.defineProperty(next, key, { value });
  }
  return same ? earlier : next;
}
