import { connect, type Job } from '@jobwire/client';
import { connect as connectInline } from '@jobwire/client/inline';
import { WebSocket } from 'ws';

const client = connect({ url: 'http://localhost:7070', token: 'token', WebSocket, wasm: new Uint8Array() });
client.onEnd((job: Job) => console.log(job.id, job.status, job.result));
export const result: Promise<{ pages: number }> = client.job<{ pages: number }>('1').finished();
// @ts-expect-error no such option
connectInline({ uri: '' }).close();
