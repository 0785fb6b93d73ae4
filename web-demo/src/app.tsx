// The page's parts and what they share: who is signed in, the line to Jobwire, what was noted.
import { JobwireProvider } from '@jobwire/react';
import { useEffect, useState } from 'react';
import type { PersonaId } from './backend.js';
import { Page } from './components/page.js';
import type { Config } from './config.js';
import { DemoContext, personaFromPage, rememberPersona, useDemoParts } from './demo.js';

export function App({ config }: { config: Config }) {
  const [persona, setPersona] = useState<PersonaId>(personaFromPage);
  const [isChosen, setChosen] = useState(false);
  useEffect(() => rememberPersona(persona), [persona]);
  const choose = (next: PersonaId) => {
    setPersona(next);
    setChosen(true);
  };
  // Another persona is another person: nothing of the one before stays.
  return <Desk key={persona} config={config} persona={persona} isChosen={isChosen} onPersona={choose} />;
}

function Desk({ config, persona, isChosen, onPersona }: { config: Config; persona: PersonaId; isChosen: boolean; onPersona(next: PersonaId): void }) {
  const parts = useDemoParts(config, persona);
  if (!parts) return null;
  return (
    <DemoContext value={parts}>
      <JobwireProvider client={parts.client}>
        <Page isChosen={isChosen} onPersona={onPersona} />
      </JobwireProvider>
    </DemoContext>
  );
}
