/** src/bindings.cc. Addresses and sizes are bytes in the core's memory; `now` is Unix ms. */
export interface CoreModule {
  /** All of the core's memory. Replaced when memory grows: never kept across a call. */
  memory(): ArrayBuffer;
  call(bridge: number, what: number, now: number, first: number, second: number, third: number, address: number, size: number): number;
}

/**
 * What core.wasm needs, and what it offers once instantiated. Embind tells of its one function by two places in the
 * table: an invoker for functions of this shape, and the function.
 */
export function coreImports(): { imports: WebAssembly.Imports; begin(instance: WebAssembly.Instance): CoreModule } {
  let places: [invoker: number, called: number];
  return {
    imports: {
      env: {
        _embind_register_function(_name: number, _count: number, _types: number, _signature: number, ...told: typeof places) {
          places = told;
        },
      },
    },
    begin({ exports }) {
      (exports['_initialize'] as () => void)();
      const [invoker, called] = places;
      const table = exports['__indirect_function_table'] as WebAssembly.Table;
      return {
        memory: () => (exports['memory'] as WebAssembly.Memory).buffer,
        call: (table.get(invoker) as Function).bind(undefined, called),
      };
    },
  };
}
