/** core.wasm, base64: the build gives this name to what CMake made. */
declare module 'jobwire-core-base64' {
  const wasm: string;
  export default wasm;
}
