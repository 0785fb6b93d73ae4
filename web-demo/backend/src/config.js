// Everything that the environment decides, read once.
import path from 'node:path';

const MiB = 1024 * 1024;

/** @param {NodeJS.ProcessEnv} env */
export function readConfig(env) {
  const missing = ['JOBWIRE_URL', 'JOBWIRE_API_KEY', 'JWT_SECRET', 'DATA_DIR'].filter((name) => !env[name]);
  if (missing.length) throw new Error(`set ${missing.join(', ')}: see web-demo/backend/run.mjs, which does`);
  return {
    jobwireUrl: env.JOBWIRE_URL.replace(/\/$/, ''),
    apiKey: env.JOBWIRE_API_KEY,
    jwtSecret: env.JWT_SECRET,
    dataDir: path.resolve(env.DATA_DIR),
    samplesDir: path.resolve(env.SAMPLES_DIR ?? new URL('../../samples/out', import.meta.url).pathname),
    /** `localhost`: both loopbacks, and then only for who asks for a loopback by name. */
    host: env.HOST ?? 'localhost',
    port: Number(env.PORT ?? 7071),
    /** Origins of pages that may call this back end, comma-separated. */
    pageOrigins: (env.PAGE_ORIGINS ?? '').split(',').filter(Boolean),
    maxUploadBytes: Number(env.MAX_UPLOAD_MB ?? 512) * MiB,
    largeBytes: Number(env.LARGE_MB ?? 8) * MiB,
    keepMs: Number(env.KEEP_HOURS ?? 24) * 3_600_000,
    keepBytes: Number(env.KEEP_MB ?? 2048) * MiB,
    lanes: { premium: 2, normal: 1, large: 1 },
  };
}

/** Who can sign in to the demo. `plan` decides the queue. */
export const personas = {
  alice: { user: 'alice', name: 'Alice', role: 'user', plan: 'free' },
  bob: { user: 'bob', name: 'Bob', role: 'user', plan: 'premium' },
  admin: { user: 'admin', name: 'Admin', role: 'admin', plan: 'free' },
};

/** Big files must not hold up small ones; who pays, waits in a shorter queue. */
export function queueFor({ plan, size }, largeBytes) {
  if (size >= largeBytes) return 'large';
  return plan === 'premium' ? 'premium' : 'normal';
}
