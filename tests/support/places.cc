#include "support/places.h"

namespace jobwire::test {

std::string source_folder() { return JOBWIRE_SOURCE_DIR; }
std::string build_folder() { return JOBWIRE_BUILD_DIR; }

}  // namespace jobwire::test
