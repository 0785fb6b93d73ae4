/** What Emscripten makes of src/bindings.cc; the build gives this name to build/wasm/sdk-wasm/jobwire_core.mjs. */
declare module 'jobwire-core' {
  /** Addresses and sizes are bytes in the core's memory; `now` is Unix ms. See src/bindings.cc. */
  export interface CoreModule {
    /** Replaced when memory grows: never kept across a call. */
    readonly HEAPU8: Uint8Array;
    readonly HEAPF64: Float64Array;
    allocate(size: number): number;
    release(address: number): void;
    create(numbers: number, count: number, name: number, size: number, seed: number): number;
    destroy(bridge: number): void;
    start(bridge: number, now: number): void;
    close(bridge: number, now: number): void;
    retry(bridge: number, now: number): void;
    follow(bridge: number, now: number, address: number, size: number): void;
    unfollow(bridge: number, now: number, address: number, size: number): void;
    isFollowed(bridge: number, address: number, size: number): number;
    cancel(bridge: number, now: number, address: number, idSize: number, size: number): number;
    setToken(bridge: number, now: number, address: number, size: number): void;
    tokenFailed(bridge: number, now: number, address: number, size: number): void;
    setOnline(bridge: number, now: number, online: number): void;
    setVisible(bridge: number, now: number, visible: number): void;
    tick(bridge: number, now: number): void;
    opened(bridge: number, now: number, socket: number): void;
    received(bridge: number, now: number, socket: number, address: number, size: number): void;
    closed(bridge: number, now: number, socket: number, code: number, address: number, size: number): void;
    polled(bridge: number, now: number, poll: number, status: number, retryAfter: number, address: number, size: number): void;
    requested(bridge: number, now: number, id: number, status: number, address: number, size: number): void;
    takeActions(bridge: number): number;
    takeChanges(bridge: number): number;
    numbers(bridge: number): number;
    texts(bridge: number): number;
    wakeAt(bridge: number): number;
  }

  export default function createCore(options: {
    instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void): object;
  }): Promise<CoreModule>;
}

/** core.wasm, base64. */
declare module 'jobwire-core-base64' {
  const wasm: string;
  export default wasm;
}
