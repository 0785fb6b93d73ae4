// Embind's JavaScript side, for src/bindings.cc: functions of numbers and nothing else. Emscripten's own (embind.js) is a
// table of types with their conversions, four times the code, and runs a loop over the arguments with every call.
mergeInto(LibraryManager.library, {
  _embind_register_function__deps: ['$getWasmTableEntry'],
  // No arrow: 3.1.6 would drop it.
  _embind_register_function: function (name, argCount, argTypes, signature, rawInvoker, rawFunction) {
    const invoke = getWasmTableEntry(rawInvoker);
    let text = '';
    while (HEAPU8[name]) text += String.fromCharCode(HEAPU8[name++]);
    Module[text] = (...values) => invoke(rawFunction, ...values);
  },
});
