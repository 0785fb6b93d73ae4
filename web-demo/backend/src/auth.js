// Tokens as any back end mints them: HS256 over a secret that it shares with Jobwire.
import { SignJWT, jwtVerify } from 'jose';

export const TOKEN_SECONDS = 10 * 60;

/** @param {string} secret */
export function createAuth(secret) {
  const key = new TextEncoder().encode(secret);
  const mint = (subject, role, seconds) =>
    new SignJWT(role === 'user' ? {} : { role })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(subject)
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
      .sign(key);
  return {
    mintUser: (persona) => mint(persona.user, persona.role, TOKEN_SECONDS),
    /** For the curl line only: lets its holder publish for an hour. */
    mintService: () => mint('terminal', 'service', 3600),
    /** @returns {Promise<{user: string, role: string} | undefined>} */
    async verify(header) {
      const token = /^Bearer (.+)$/i.exec(header ?? '')?.[1];
      if (!token) return undefined;
      try {
        const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'] });
        return { user: payload.sub, role: payload.role ?? 'user' };
      } catch {
        return undefined;
      }
    },
  };
}
