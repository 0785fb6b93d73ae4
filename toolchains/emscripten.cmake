# Debian's Emscripten, whose libraries come built: EM_CACHE stays unset.
include(/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake)
# What ships is small; sdk-wasm/CMakeLists.txt overrides -Oz where speed counts.
set(CMAKE_CXX_FLAGS_RELEASE "-Oz -DNDEBUG -flto -fno-rtti" CACHE STRING "")
set(CMAKE_EXE_LINKER_FLAGS_RELEASE "-Oz -flto" CACHE STRING "")
