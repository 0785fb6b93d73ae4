#include "json_values.h"

#include <algorithm>
#include <vector>

namespace jobwire::json {
namespace {

// A JSON number as mantissa * 10^exponent, cut to 17 digits.
struct Decimal {
  bool negative = false;
  std::int64_t mantissa = 0;
  int exponent = 0;
};

Decimal parse_decimal(std::string_view text) {
  constexpr std::int64_t kFull = 10'000'000'000'000'000;
  Decimal decimal;
  std::size_t i = 0;
  if (text[i] == '-') decimal.negative = true, ++i;
  bool fraction = false;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    if (text[i] == '.') {
      fraction = true;
    } else if (decimal.mantissa < kFull) {
      decimal.mantissa = decimal.mantissa * 10 + (text[i] - '0');
      if (fraction) --decimal.exponent;
    } else if (!fraction) {
      ++decimal.exponent;
    }
  }
  if (i < text.size()) {
    constexpr int kMostExponent = 10'000'000;
    int exponent = 0;
    const bool minus = text[i + 1] == '-';
    for (i += minus || text[i + 1] == '+' ? 2 : 1; i < text.size(); ++i) {
      exponent = std::min(exponent * 10 + (text[i] - '0'), kMostExponent);
    }
    decimal.exponent += minus ? -exponent : exponent;
  }
  return decimal;
}

// Hundredths, rounded half up; -1 for what is below 0 or above 100.
std::int32_t to_hundredths(Decimal decimal) {
  constexpr std::int64_t kWholeThousandths = kWhole.hundredths * 10;
  if (decimal.mantissa == 0) return 0;
  if (decimal.negative) return -1;
  decimal.exponent += 3;
  for (; decimal.exponent > 0 && decimal.mantissa <= kWholeThousandths; --decimal.exponent) decimal.mantissa *= 10;
  bool more = decimal.exponent > 0;  // than the mantissa says
  for (; decimal.exponent < 0 && decimal.mantissa > 0; ++decimal.exponent) {
    more = more || decimal.mantissa % 10 != 0;
    decimal.mantissa /= 10;
  }
  if (decimal.mantissa > kWholeThousandths || (decimal.mantissa == kWholeThousandths && more)) return -1;
  return static_cast<std::int32_t>((decimal.mantissa + 5) / 10);
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  if (digits.empty() || digits.size() > 16) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return negative ? -number : number;
}

std::int32_t hundredths_of(std::string_view number) { return to_hundredths(parse_decimal(number)); }

bool is_beyond_double(std::string_view number) {
  constexpr std::int64_t kGreatest = 17'976'931'348'623'157;  // times 10^292
  constexpr int kGreatestExponent = 292;
  const bool is_short = number.size() < 300 && number.find_first_of("eE") == std::string_view::npos;
  if (is_short) return false;
  Decimal decimal = parse_decimal(number);
  if (decimal.mantissa == 0) return false;
  for (; decimal.mantissa < kGreatest / 10; --decimal.exponent) decimal.mantissa *= 10;
  return decimal.exponent > kGreatestExponent ||
         (decimal.exponent == kGreatestExponent && decimal.mantissa > kGreatest);
}

Metadata metadata_of(Value value) {
  std::vector<Value> keys;
  for (auto [key, end] = value.children(); key != end; key = key.value().next()) keys.push_back(key);
  // By key, then by place. A heap: a fraction of the code of std::stable_sort, of which every page downloads a copy.
  const auto before = [](const Value& a, const Value& b) {
    const int order = a.text().compare(b.text());
    return order != 0 ? order < 0 : a.raw().data() < b.raw().data();
  };
  std::make_heap(keys.begin(), keys.end(), before);
  std::sort_heap(keys.begin(), keys.end(), before);
  // Of a repeated key the last one counts, as in JSON.parse.
  Metadata unique;
  for (const Value& key : keys) {
    if (unique.empty() || unique.back().first != key.text()) unique.emplace_back(key.text(), RawJson{});
    unique.back().second.text = key.value().raw();
  }
  return unique;
}

}  // namespace jobwire::json
