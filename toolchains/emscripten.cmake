# Debian's Emscripten, whose libraries come built: EM_CACHE stays unset.
include(/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake)
