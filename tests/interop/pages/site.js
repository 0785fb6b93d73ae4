// A site of its own for the pages: another origin than Jobwire's, as they have in life.
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const written = /\b(https?|wss?):\/\/localhost:300[01]\b/g; // the address of the server in the pages' own code

/** A page's code for another server: changed in nothing but the URL. */
export const at = (code, url) => code.replaceAll(written, (_, scheme) => (scheme.startsWith('ws') ? url.replace(/^http/, 'ws') : url));

const observed = {
  name: 'observed',
  setup(bundling) {
    bundling.onResolve({ filter: /^socket\.io-client$/ }, ({ importer }) => (importer.endsWith('observed.js') ? undefined : { path: `${here}observed.js` }));
    bundling.onResolve({ filter: /^\.\.\/stores\/useWebSocketStore$/ }, () => ({ path: `${here}own/useWebSocketStore.ts` }));
  },
};

async function bundle(code) {
  const { outputFiles } = await build({
    stdin: { contents: code, loader: 'tsx', resolveDir: `${here}own` }, bundle: true, write: false, format: 'iife', target: 'es2022',
    jsx: 'automatic', define: { 'process.env.NODE_ENV': '"production"' }, plugins: [observed], logLevel: 'silent',
  });
  return outputFiles[0].text;
}

const html = (body, query) => `<!doctype html><meta charset="utf-8"><title>page</title>${body}<script src="script.js${query}"></script>`;

/** Serves `fronts` ({name, code, body}) at /name/?server=...&...; the query is for the page. */
export async function openSite(fronts) {
  const bundles = new Map(fronts.map((front) => [front.name, { ...front, script: undefined }]));
  const server = createServer(async (request, response) => {
    const { pathname, search, searchParams } = new URL(request.url, 'http://site');
    const [, name, file] = pathname.split('/');
    const front = bundles.get(name);
    if (!front) return response.writeHead(404).end();
    if (file === '') return response.setHeader('content-type', 'text/html').end(html(front.body, search));
    front.script ??= bundle(front.code);
    const script = await front.script.catch((error) => `throw new Error(${JSON.stringify(error.message)})`);
    return response.setHeader('content-type', 'text/javascript').end(at(script, searchParams.get('server')));
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); server.close(); } };
}
