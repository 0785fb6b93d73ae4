// Who asks this back end: the tokens that pages get for Jobwire are good here too.
import { jwtVerify } from 'jose';

/**
 * @param {string} secret that Jobwire verifies tokens with
 * @returns {(header: string | undefined) => Promise<{user: string, role: string} | undefined>}
 */
export function createVerifier(secret) {
  const key = new TextEncoder().encode(secret);
  return async (header) => {
    const token = /^Bearer (.+)$/i.exec(header ?? '')?.[1];
    if (!token) return undefined;
    try {
      const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'] });
      return { user: payload.sub, role: payload.role ?? 'user' };
    } catch {
      return undefined;
    }
  };
}
