/** The functions of src/bindings.cc. Addresses and sizes are bytes in the core's memory; `now` is Unix ms. */
export interface CoreModule {
  /** All of the core's memory. Replaced when memory grows: never kept across a call. */
  memory(): ArrayBuffer;
  allocate(size: number): number;
  release(address: number): void;
  create(options: number, size: number, seed: number): number;
  call(bridge: number, what: number, now: number, first: number, second: number, third: number, address: number, size: number): number;
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
    },
    begin({ exports }) {
      memory = exports['memory'] as WebAssembly.Memory;
      table = exports['__indirect_function_table'] as WebAssembly.Table;
      (exports['_initialize'] as () => void)();
      return core as unknown as CoreModule;
    },
  };
}
