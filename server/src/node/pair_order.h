// Maps by two strings that are looked up without copying either.
#pragma once

#include <string_view>
#include <utility>

namespace jobwire::node {

struct PairOrder {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    using View = std::pair<std::string_view, std::string_view>;
    return View(a.first, a.second) < View(b.first, b.second);
  }
};

}  // namespace jobwire::node
