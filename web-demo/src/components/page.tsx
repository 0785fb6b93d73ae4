import { useJobEnd, useJobs } from '@jobwire/react';
import { useEffect, useMemo, useState } from 'react';
import type { PersonaId } from '../backend.js';
import { useDemo } from '../demo.js';
import { useDrops } from '../drops.js';
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

/** `isChosen`: the persona was switched here, so that the focus is on its switch. */
export function Page({ isChosen, onPersona }: { isChosen: boolean; onPersona(next: PersonaId): void }) {
  const { persona, ledger } = useDemo();
  const isAdmin = persona === 'admin';
  const { jobs, isPending, isStale, isTruncated, error } = useJobs<FileResult, FileMetadata>(isAdmin ? { all: true } : undefined);
  const known = useMemo(() => new Set(jobs.map((job) => job.id)), [jobs]);
  const { uploads, remove, refuse, send, sendSample } = useUploads(known);
  useEffect(() => ledger.saw(jobs), [ledger, jobs]);
  useJobEnd((job) => ledger.announced(job));
  const isOver = useDrops(({ file, isFolder }) => {
    if (isAdmin) refuse(file.name, 'An admin hands nothing in: sign in as Alice or Bob');
    else if (isFolder) refuse(file.name, 'This is a folder: drop the files that are in it');
    else send(file);
  });
  const [isInboxOpen, setInboxOpen] = useState(false);

  return (
    <div className="page" data-stale={isStale || undefined}>
      <a className="skip" href="#jobs">
        Skip to the jobs
      </a>
      <TopBar persona={persona} isChosen={isChosen} onPersona={onPersona} pulse={jobs} isInboxOpen={isInboxOpen} onInbox={setInboxOpen} />
      <main className="columns">
        <div className="main-column">
          {isAdmin ? <MetricsPanel /> : <DropZone isOver={isOver} onFile={send} onSample={sendSample} />}
          <JobList jobs={jobs} uploads={uploads} onRemoveUpload={remove} isPending={isPending} isTruncated={isTruncated} error={error?.message} showOwner={isAdmin} />
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
