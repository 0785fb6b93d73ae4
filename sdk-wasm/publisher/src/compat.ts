/**
 * The names of the systems that were here before, so that `import { emitToRoom, EVENTS } from '../services/websocket.service.js'`
 * needs another path and nothing else. The free functions speak for one publisher, made by `initializeWebSocket` or, where
 * nobody calls that, out of the environment when first used: JOBWIRE_URL, and JOBWIRE_KEY or JOBWIRE_SECRET.
 */
import { Gateway } from './gateway.js';
import { Jobwire, type JobwireOptions } from './jobwire.js';

export { Gateway } from './gateway.js';
export { type AnalysisEvent, EVENTS, type JobUpdate } from './old_words.js';

const isOptions = (value: unknown): value is Partial<JobwireOptions> =>
  typeof value === 'object' && value !== null && ['url', 'key', 'secret', 'log'].some((name) => name in value);

let gateway: Gateway | undefined;

function fromEnvironment(options: Partial<JobwireOptions> = {}): Jobwire {
  const { JOBWIRE_URL, JOBWIRE_KEY, JOBWIRE_SECRET } = process.env;
  return new Jobwire({ url: JOBWIRE_URL ?? 'http://localhost:7070', key: JOBWIRE_KEY, secret: JOBWIRE_SECRET, ...options });
}

const current = (): Gateway => (gateway ??= new Gateway(fromEnvironment()));

/**
 * `initializeWebSocket(httpServer)` as before, or with `{url, key}`; answers the gateway. Pages now connect to Jobwire, so
 * that the server is left as it is. Called again it answers the same gateway, until `shutdownWebSocket`.
 */
export function initializeWebSocket(httpServerOrOptions?: unknown, options?: Partial<JobwireOptions>): Gateway {
  return (gateway ??= new Gateway(fromEnvironment(options ?? (isOptions(httpServerOrOptions) ? httpServerOrOptions : {}))));
}

/** Delivers what is under way; true if all of it was. */
export async function shutdownWebSocket(options?: { timeoutMs?: number }): Promise<boolean> {
  const ending = gateway;
  gateway = undefined;
  return ending ? ending.shutdown(options) : true;
}

/** Without a key there is nobody to tell, and the job that reports is not to suffer from it. */
function speak<T>(say: (gateway: Gateway) => T, otherwise: T): T {
  try {
    return say(current());
  } catch (error) {
    console.warn(`Jobwire: ${(error as Error).message}`);
    return otherwise;
  }
}
const unsaid = Promise.resolve(false);

export const emitJobUpdate: Gateway['emitJobUpdate'] = (...said) => speak((to) => to.emitJobUpdate(...said), unsaid);
export const emitJobProgress: Gateway['emitJobProgress'] = (...said) => speak((to) => to.emitJobProgress(...said), unsaid);
export const emitJobCompleted: Gateway['emitJobCompleted'] = (...said) => speak((to) => to.emitJobCompleted(...said), unsaid);
export const emitJobError: Gateway['emitJobError'] = (...said) => speak((to) => to.emitJobError(...said), unsaid);
export const broadcastToAll: Gateway['broadcastToAll'] = (...said) => speak((to) => to.broadcastToAll(...said), false);
export const emitToUser: Gateway['emitToUser'] = (...said) => speak((to) => to.emitToUser(...said), false);
export const emitToRoom: Gateway['emitToRoom'] = (...said) => speak((to) => to.emitToRoom(...said), false);
export const getJobHistory: Gateway['getJobHistory'] = async (...asked) => current().getJobHistory(...asked);
export const getConnectionStats: Gateway['getConnectionStats'] = async () => current().getConnectionStats();
