import '@fontsource-variable/bricolage-grotesque/index.css';
import '@fontsource-variable/geist/index.css';
import '@fontsource-variable/geist-mono/index.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/top.css';
import './styles/inbox.css';
import './styles/intake.css';
import './styles/jobs.css';
import './styles/card.css';
import './styles/progress.css';
import './styles/result.css';
import './styles/panels.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { loadConfig } from './config.js';

const config = await loadConfig();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App config={config} />
  </StrictMode>,
);
