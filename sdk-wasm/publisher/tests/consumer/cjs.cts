import publisher = require('@jobwire/publisher');
import type { Receipt } from '@jobwire/publisher';
const { Jobwire } = publisher;
import { emitToRoom, EVENTS, Gateway } from '@jobwire/publisher/compat';

const jobwire = new Jobwire({ url: 'http://localhost:7070', key: 'k' });
export const receipt: Promise<Receipt> = jobwire.job('42').progress(40, 'pages');
export const ran: Promise<number> = jobwire.job('42').run(async ({ signal }) => (signal.aborted ? 0 : 1));
export const isSent: boolean = emitToRoom('alice', EVENTS.ANALYSIS_STARTED, {});
export const gateway: Gateway = new Gateway(jobwire);
// @ts-expect-error a job has no such word
void jobwire.job('42').begun();
