// The golden vectors of tests/vectors: one JSON value a line.
#pragma once

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "support/places.h"

namespace jobwire::test {

inline std::vector<std::string> vector_lines(const std::string& file) {
  std::ifstream in(source_folder() + "/tests/vectors/" + file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  REQUIRE_FALSE(lines.empty());
  return lines;
}

}  // namespace jobwire::test
