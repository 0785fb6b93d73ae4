import { useConnection } from '@jobwire/react';
import { useEffect, useState, type ComponentType, type ReactNode } from 'react';
import { FleetingButton } from './fleeting_button.js';

/**
 * A part that is fetched when it is first looked at. The line may be down by then: it says so, can be asked for again, and asks
 * by itself when the line is back. React's own `lazy` would take the whole page with it.
 */
export function late<Props extends object>(fetchPart: () => Promise<ComponentType<Props>>, meanwhile: ReactNode): ComponentType<Props> {
  let fetched: ComponentType<Props> | undefined;
  return function Late(props: Props) {
    const [Part, setPart] = useState(() => fetched);
    const [isMissing, setMissing] = useState(false);
    const { isLive } = useConnection();
    useEffect(() => {
      if (Part || isMissing) return;
      let wanted = true;
      const take = (part: ComponentType<Props>) => {
        fetched = part;
        if (wanted) setPart(() => part);
      };
      fetchPart().then(take, () => wanted && setMissing(true));
      return () => {
        wanted = false;
      };
    }, [Part, isMissing]);
    useEffect(() => {
      if (isLive) setMissing(false);
    }, [isLive]);
    if (Part) return <Part {...props} />;
    if (!isMissing) return meanwhile;
    return (
      <div className="notice with-dismiss">
        <p role="alert">The server does not answer: this part of the page did not come.</p>
        <FleetingButton heir="article" className="quiet small" onClick={() => setMissing(false)}>
          Try again
        </FleetingButton>
      </div>
    );
  };
}
