/**
 * Runs a callback once per animation frame, however often it is asked for. Hidden pages have no frames, and neither have
 * Node and most Workers: there a timer stands in.
 */
export class Frames {
  #run: () => void;
  #frame: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(run: () => void) {
    this.#run = run;
  }

  request(): void {
    if (this.#timer !== undefined) return;
    const hasFrames = typeof requestAnimationFrame === 'function' && !globalThis.document?.hidden;
    if (hasFrames) this.#frame = requestAnimationFrame(this.#fire);
    // With frames, the timer is for the page that is hidden before its next one.
    this.#timer = setTimeout(this.#fire, hasFrames ? 250 : 16);
  }

  cancel(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = this.#timer = undefined;
  }

  #fire = (): void => {
    this.cancel();
    this.#run();
  };
}
