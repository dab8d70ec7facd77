// Reads the golden files: JSON as a tree of values.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace optiproxy::test {

class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::map<std::string, Json>;

  /// Throws std::runtime_error, saying at which byte, unless `text` is exactly one JSON value.
  static Json parse(std::string_view text);
  static Json read(const std::string& path);

  // Each throws std::runtime_error if the value is of another kind.
  bool boolean() const;
  double number() const;
  int integer() const;
  const std::string& string() const;
  const Array& array() const;
  const Object& object() const;
  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  /// A member of an object; throws if it is missing.
  const Json& operator[](const std::string& key) const;
  const Json& operator[](size_t index) const { return array().at(index); }
  /// All numbers of nested arrays, in order.
  std::vector<double> numbers() const;

 private:
  friend class JsonReader;
  std::variant<std::nullptr_t, bool, double, std::string, Array, Object> value_;
};

}  // namespace optiproxy::test
