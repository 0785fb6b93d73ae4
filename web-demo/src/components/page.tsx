import { useJobEnd, useJobs } from '@jobwire/react';
import { useEffect, useMemo, useState } from 'react';
import type { PersonaId } from '../backend.js';
import { useDemo } from '../demo.js';
import type { FileMetadata, FileResult } from '../kinds.js';
import { useUploads } from '../uploads.js';
import { CurlPanel } from './curl_panel.js';
import { DropZone } from './drop_zone.js';
import { FaultPanel } from './fault_panel.js';
import { JobList } from './job_list.js';
import { LedgerPanel } from './ledger_panel.js';
import { MetricsPanel } from './metrics_panel.js';
import { QueuePanel } from './queue_panel.js';
import { Toasts } from './toasts.js';
import { TopBar } from './top_bar.js';

export function Page({ onPersona }: { onPersona(next: PersonaId): void }) {
  const { persona, ledger } = useDemo();
  const isAdmin = persona === 'admin';
  const { jobs, isPending, isStale, error } = useJobs<FileResult, FileMetadata>(isAdmin ? { all: true } : undefined);
  const known = useMemo(() => new Set(jobs.map((job) => job.id)), [jobs]);
  const { uploads, remove, send, sendSample } = useUploads(known);
  useEffect(() => ledger.saw(jobs), [ledger, jobs]);
  useJobEnd((job) => ledger.announced(job));
  const [isInboxOpen, setInboxOpen] = useState(false);

  return (
    <div className="page" data-stale={isStale || undefined}>
      <a className="skip" href="#jobs">
        Skip to the jobs
      </a>
      <TopBar persona={persona} onPersona={onPersona} pulse={jobs} isInboxOpen={isInboxOpen} onInbox={setInboxOpen} />
      <main className="columns">
        <div className="main-column">
          {isAdmin ? <MetricsPanel /> : <DropZone onFile={send} onSample={sendSample} />}
          <JobList jobs={jobs} uploads={uploads} onRemoveUpload={remove} isPending={isPending} error={error?.message} showOwner={isAdmin} />
        </div>
        <aside className="side-column" aria-label="Around the jobs">
          <QueuePanel />
          <FaultPanel />
          <LedgerPanel jobs={jobs} />
          <CurlPanel />
        </aside>
      </main>
      <footer className="foot">
        Every figure on this page was reported by a program that did the work. Nothing here moves by itself.
      </footer>
      <Toasts isInboxOpen={isInboxOpen} />
    </div>
  );
}
