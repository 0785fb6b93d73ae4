import { useLayoutEffect, useRef, type ButtonHTMLAttributes, type RefObject } from 'react';

/**
 * Where the focus goes when the element that has it is taken away: to the nearest one around it that `heir` selects. Without
 * this a keyboard would be sent back to the top of the page.
 */
export function useHeir(element: RefObject<HTMLElement | null>, heir: string): void {
  useLayoutEffect(() => {
    const leaving = element.current;
    return () => {
      if (leaving?.contains(document.activeElement)) leaving.parentElement?.closest<HTMLElement>(heir)?.focus({ preventScroll: true });
    };
  }, [element, heir]);
}

/** A button that is gone when it has done its work. */
export function FleetingButton({ heir, ...rest }: ButtonHTMLAttributes<HTMLButtonElement> & { heir: string }) {
  const button = useRef<HTMLButtonElement>(null);
  useHeir(button, heir);
  return <button type="button" ref={button} {...rest} />;
}
