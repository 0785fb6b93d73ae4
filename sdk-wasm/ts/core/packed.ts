// A mark at the beginning is a character like any other: lengths are counted with it.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads what `Packed` wrote (src/packed.h): a run of numbers, in which a text is its length in one run of texts. */
export class PackedReader {
  #numbers: Float64Array;
  #texts: string;
  #next = 0;
  #at = 0;

  constructor(numbers: Float64Array, texts: Uint8Array) {
    this.#numbers = numbers;
    this.#texts = texts.length ? decoder.decode(texts) : '';
  }

  get done(): boolean {
    return this.#next >= this.#numbers.length;
  }

  number(): number {
    return this.#numbers[this.#next++]!;
  }

  flag(): boolean {
    return this.number() !== 0;
  }

  /** Undefined for the number that means "not there": 0 for times, -1 for durations and counts. */
  numberOr(absent: number): number | undefined {
    const value = this.number();
    return value === absent ? undefined : value;
  }

  text(): string {
    return this.#texts.slice(this.#at, (this.#at += this.number()));
  }

  textOr(): string | undefined {
    return this.text() || undefined;
  }
}
