import { coreImports, type CoreModule } from './core_module.js';
import type { ConnectOptions } from './types.js';

export type WasmSource = NonNullable<ConnectOptions['wasm']>;

/** Makes an instance of the core. Rejects with what went wrong, in words for the developer who deploys it. */
export async function loadCore(source: WasmSource): Promise<CoreModule> {
  const { imports, begin } = coreImports();
  return begin(await instantiate(source, imports));
}

async function instantiate(source: WasmSource, imports: WebAssembly.Imports): Promise<WebAssembly.Instance> {
  if (source instanceof WebAssembly.Module) return WebAssembly.instantiate(source, imports);
  if (typeof source === 'string' || source instanceof URL) return instantiateFrom(source, imports);
  return (await WebAssembly.instantiate(source, imports)).instance;
}

async function instantiateFrom(url: string | URL, imports: WebAssembly.Imports): Promise<WebAssembly.Instance> {
  if (String(url).startsWith('file:')) {
    // Node, whose fetch reads no files. Asked for without an import, which a page's bundler would have to resolve.
    const { readFile } = globalThis.process.getBuiltinModule('fs/promises');
    return (await WebAssembly.instantiate(await readFile(new URL(url)), imports)).instance;
  }
  const response = await fetch(url);
  const type = response.headers.get('content-type') ?? '';
  if (!response.ok || type.startsWith('text/html')) {
    throw new Error(`Jobwire's core.wasm was not found at ${url} (${response.status} ${type})`);
  }
  // A server that does not know .wasm sends another type, with which streaming fails.
  const compiled = type.startsWith('application/wasm')
    ? await WebAssembly.instantiateStreaming(response, imports)
    : await WebAssembly.instantiate(await response.arrayBuffer(), imports);
  return compiled.instance;
}
