/**
 * Answers how to ask for a callback, which runs once per animation frame however often it is asked for. Hidden pages have
 * no frames, and neither have Node and most Workers: there a timer stands in.
 */
export function onFrame(run: () => void): () => void {
  const { requestAnimationFrame, cancelAnimationFrame } = globalThis as Partial<typeof globalThis>;
  let frame: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const fire = () => {
    cancelAnimationFrame?.(frame!);
    clearTimeout(timer);
    timer = undefined;
    run();
  };
  return () => {
    if (timer) return;
    frame = requestAnimationFrame?.(fire);
    // With frames, the timer is for a page that is hidden before its next one.
    timer = setTimeout(fire, frame ? 250 : 16);
  };
}
