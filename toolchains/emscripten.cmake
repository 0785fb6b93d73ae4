# Debian's Emscripten, whose libraries come built: EM_CACHE stays unset.
include(/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake)
# What ships is small; sdk-wasm/CMakeLists.txt overrides -Oz where speed counts.
# emcc switches inlining off, which makes the standard library larger (measured: by a tenth of the whole).
set(CMAKE_CXX_FLAGS_RELEASE "-Oz -DNDEBUG -flto -fno-rtti -finline-functions" CACHE STRING "")
set(CMAKE_EXE_LINKER_FLAGS_RELEASE "-Oz -flto" CACHE STRING "")
