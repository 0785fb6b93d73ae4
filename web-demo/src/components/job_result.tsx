import { useJob } from '@jobwire/react';
import type { FileJob, FileMetadata, FileResult } from '../kinds.js';
import { Guard } from './guard.js';
import { late } from './late.js';

const drawing = <p className="empty">Drawing…</p>;
const PdfView = late(() => import('./result_pdf.js').then((part) => part.PdfView), drawing);
const VideoView = late(() => import('./result_video.js').then((part) => part.VideoView), drawing);
const TextView = late(() => import('./result_text.js').then((part) => part.TextView), drawing);
const UNKNOWN = 'What came out is nothing that this page knows how to draw.';

/** A list may come without results: the job itself is followed while its result is looked at. */
export function JobResult({ job: listed }: { job: FileJob }) {
  const { job, isPending, error } = useJob<FileResult, FileMetadata>(listed.result ? undefined : listed.id);
  const result = listed.result ?? job?.result;
  if (error) return <p className="notice">{error.message}</p>;
  if (!result) return <p className="empty">{isPending ? 'Fetching the result…' : 'It ended without a result.'}</p>;
  return <Guard words={UNKNOWN}>{drawn(listed.id, result)}</Guard>;
}

function drawn(jobId: string, result: FileResult) {
  switch (result.kind) {
    case 'pdf':
      return <PdfView jobId={jobId} result={result} />;
    case 'video':
      return <VideoView jobId={jobId} result={result} />;
    case 'text':
      return <TextView result={result} />;
    default:
      return <p className="empty">{UNKNOWN}</p>;
  }
}
