// What surrounds every page here: what its address says, and where it is shown.
import { type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';

export const said = (name: string) => new URLSearchParams(location.search).get(name) ?? undefined;
export const show = (page: ReactNode) => createRoot(document.getElementById('root')!).render(page);
