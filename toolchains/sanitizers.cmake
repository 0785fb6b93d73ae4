# JOBWIRE_SANITIZE=address,undefined or thread: every target of the build, so that no library is left out.
if(JOBWIRE_SANITIZE)
  add_compile_options(-fsanitize=${JOBWIRE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${JOBWIRE_SANITIZE})
endif()
if(JOBWIRE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
