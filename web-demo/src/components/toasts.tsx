import { useJobEnd, type Job } from '@jobwire/react';
import { CircleCheck, CircleSlash, CircleX, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { nameOf } from '../kinds.js';
import type { FileMetadata } from '../kinds.js';

const SHOWN_MS = 7_000;
const LOOKS = {
  completed: { Icon: CircleCheck, said: 'is done' },
  failed: { Icon: CircleX, said: 'has failed' },
  cancelled: { Icon: CircleSlash, said: 'was cancelled' },
} as const;

interface Toast {
  key: number;
  name: string;
  status: keyof typeof LOOKS;
}

/** One word per ending, also for one that came while the line was down. */
export function Toasts() {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const next = useRef(1);
  useJobEnd((job) => {
    const key = next.current++;
    setToasts((all) => [...all.slice(-3), { key, name: nameOf(job as Job<unknown, FileMetadata>), status: job.status as keyof typeof LOOKS }]);
  });
  const drop = (key: number) => setToasts((all) => all.filter((one) => one.key !== key));
  return (
    <div className="toasts" role="status" aria-live="polite" aria-label="Ended jobs">
      {toasts.map((toast) => (
        <ToastCard key={toast.key} toast={toast} onDrop={() => drop(toast.key)} />
      ))}
    </div>
  );
}

function ToastCard({ toast, onDrop }: { toast: Toast; onDrop(): void }) {
  const [held, setHeld] = useState(false);
  const drop = useRef(onDrop);
  useEffect(() => {
    drop.current = onDrop;
  });
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => drop.current(), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [held]);
  const { Icon, said } = LOOKS[toast.status];
  return (
    <div className="toast" data-status={toast.status} onMouseEnter={() => setHeld(true)} onMouseLeave={() => setHeld(false)}>
      <Icon size={17} aria-hidden="true" />
      <span>
        <b>{toast.name}</b> {said}
      </span>
      <button type="button" className="quiet small" aria-label={`Dismiss: ${toast.name} ${said}`} onClick={onDrop}>
        <X size={14} aria-hidden="true" />
      </button>
    </div>
  );
}
