const decoder = new TextDecoder();

/** Reads what `Packed` wrote (src/packed.h): a run of numbers, in which a text is its length in a run of UTF-8. */
export class PackedReader {
  #numbers: Float64Array;
  #bytes: Uint8Array;
  #next = 0;
  #text: number;

  /** The views are the memory itself: read everything before the next call into the core. */
  constructor(numbers: Float64Array, bytes: Uint8Array, textAddress: number) {
    this.#numbers = numbers;
    this.#bytes = bytes;
    this.#text = textAddress;
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
    const length = this.number();
    const from = this.#text;
    this.#text += length;
    if (length > 32) return decoder.decode(this.#bytes.subarray(from, this.#text));
    // A call of TextDecoder costs more than the loop for what is short, and nearly always ASCII.
    let text = '';
    for (let at = from; at < this.#text; at++) {
      const byte = this.#bytes[at]!;
      if (byte > 127) return decoder.decode(this.#bytes.subarray(from, this.#text));
      text += String.fromCharCode(byte);
    }
    return text;
  }

  textOr(): string | undefined {
    return this.text() || undefined;
  }

}
