import base64 from 'jobwire-core-base64';

/** core.wasm, out of the JavaScript itself. */
export function inlineCore(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
