// Where the sources and what was built from them lie.
#pragma once

#include <string>

namespace jobwire::test {

std::string source_folder();
std::string build_folder();

}  // namespace jobwire::test
