import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const sdk = dirname(dirname(fileURLToPath(import.meta.url)));
/** Where CMake's preset `wasm` leaves what it builds. */
export const wasmBuild = join(dirname(sdk), 'build/wasm/sdk-wasm');
export const wasmFile = join(wasmBuild, 'jobwire_core.wasm');
export const wasmBase64 = () => readFileSync(wasmFile).toString('base64');
