/** The functions of src/bindings.cc. Addresses and sizes are bytes in the core's memory; `now` is Unix ms. */
export interface CoreModule {
  /** All of the core's memory. Replaced when memory grows: never kept across a call. */
  memory(): ArrayBuffer;
  allocate(size: number): number;
  release(address: number): void;
  create(numbers: number, name: number, size: number, seed: number): number;
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
  textSize(bridge: number): number;
  wakeAt(bridge: number): number;
}

/**
 * What core.wasm needs, and what it offers once instantiated. Embind tells of each function of src/bindings.cc by its
 * name in memory and two places in the table: an invoker for functions of this shape, and the function.
 */
export function coreImports(): { imports: WebAssembly.Imports; begin(instance: WebAssembly.Instance): CoreModule } {
  let memory: WebAssembly.Memory;
  let table: WebAssembly.Table;
  const core: Record<string, unknown> = { memory: () => memory.buffer };
  return {
    imports: {
      env: {
        _embind_register_function(at: number, _count: number, _types: number, _signature: number, invoker: number, called: number) {
          const bytes = new Uint8Array(memory.buffer);
          let name = '';
          while (bytes[at]) name += String.fromCharCode(bytes[at++]!);
          core[name] = (table.get(invoker) as Function).bind(undefined, called);
        },
      },
      // Only ever called to give up.
      wasi_snapshot_preview1: {
        proc_exit() {
          throw new Error("Jobwire's core has ended");
        },
      },
    },
    begin({ exports }) {
      memory = exports['memory'] as WebAssembly.Memory;
      table = exports['__indirect_function_table'] as WebAssembly.Table;
      (exports['_initialize'] as () => void)();
      return core as unknown as CoreModule;
    },
  };
}
