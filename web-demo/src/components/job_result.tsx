import { useJob } from '@jobwire/react';
import { lazy, Suspense } from 'react';
import type { FileJob, FileMetadata, FileResult } from '../kinds.js';

const PdfView = lazy(() => import('./result_pdf.js'));
const VideoView = lazy(() => import('./result_video.js'));
const TextView = lazy(() => import('./result_text.js'));

/** A list may come without results: the job itself is followed while its result is looked at. */
export function JobResult({ job: listed }: { job: FileJob }) {
  const { job, error } = useJob<FileResult, FileMetadata>(listed.result ? undefined : listed.id);
  const result = listed.result ?? job?.result;
  if (error) return <p className="notice">{error.message}</p>;
  if (!result) return <p className="empty">Fetching the result…</p>;
  return (
    <Suspense fallback={<p className="empty">Drawing…</p>}>
      {result.kind === 'pdf' ? <PdfView jobId={listed.id} result={result} /> : null}
      {result.kind === 'video' ? <VideoView jobId={listed.id} result={result} /> : null}
      {result.kind === 'text' ? <TextView result={result} /> : null}
    </Suspense>
  );
}
