import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

afterEach(cleanup);
// A part that is loaded when it is looked at takes its time on a busy machine. Within the time that a test may take (vite.config.ts).
configure({ asyncUtilTimeout: 15_000 });
// jsdom does not lay anything out.
Element.prototype.scrollIntoView = () => {};
