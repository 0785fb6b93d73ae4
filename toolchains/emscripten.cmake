# Debian's Emscripten, whose libraries come built: EM_CACHE stays unset.
include(/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake)
# What ships is small; sdk-wasm/CMakeLists.txt overrides -Oz where speed counts.
# In every browser since 2021 (Chrome 75, Firefox 79, Safari 15). memory.copy alone is a sixth of the time of a fold.
set(wasm_features "-mbulk-memory -msign-ext -mnontrapping-fptoint")
# emcc switches inlining off, which makes the standard library larger (measured: by a tenth of the whole).
set(CMAKE_CXX_FLAGS_RELEASE "-Oz -DNDEBUG -flto -fno-rtti -finline-functions ${wasm_features}" CACHE STRING "")
set(CMAKE_EXE_LINKER_FLAGS_RELEASE "-Oz -flto ${wasm_features}" CACHE STRING "")
