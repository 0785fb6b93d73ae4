/**
 * Answers how to ask for a callback, which runs once per animation frame however often it is asked for. Hidden pages have
 * no frames, and neither have Node and most Workers: there a timer stands in.
 */
export function onFrame(run: () => void): () => void {
  let frame: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const fire = () => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = timer = undefined;
    run();
  };
  return () => {
    if (timer !== undefined) return;
    const hasFrames = typeof requestAnimationFrame === 'function' && !globalThis.document?.hidden;
    if (hasFrames) frame = requestAnimationFrame(fire);
    // With frames, the timer is for the page that is hidden before its next one.
    timer = setTimeout(fire, hasFrames ? 250 : 16);
  };
}
