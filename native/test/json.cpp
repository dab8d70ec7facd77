#include "json.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace optiproxy::test {

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  Json document() {
    Json value = this->value();
    skip_space();
    if (at_ != text_.size()) fail("nothing more");
    return value;
  }

 private:
  [[noreturn]] void fail(const std::string& expected) const {
    throw std::runtime_error("JSON: expected " + expected + " at byte " + std::to_string(at_));
  }

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }

  bool take(std::string_view word) {
    skip_space();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  void need(std::string_view word) {
    if (!take(word)) fail(std::string("'").append(word).append("'"));
  }

  Json value() {
    Json json;
    skip_space();
    if (at_ == text_.size()) fail("a value");
    if (take("null")) return json;
    if (take("true")) {
      json.value_ = true;
    } else if (take("false")) {
      json.value_ = false;
    } else if (take("[")) {
      json.value_ = array();
    } else if (take("{")) {
      json.value_ = object();
    } else if (text_[at_] == '"') {
      json.value_ = string();
    } else {
      json.value_ = number();
    }
    return json;
  }

  Json::Array array() {
    Json::Array items;
    if (take("]")) return items;
    do {
      items.push_back(value());
    } while (take(","));
    need("]");
    return items;
  }

  Json::Object object() {
    Json::Object members;
    if (take("}")) return members;
    do {
      skip_space();
      std::string key = string();
      need(":");
      members.emplace(std::move(key), value());
    } while (take(","));
    need("}");
    return members;
  }

  std::string string() {
    need("\"");
    std::string text;
    while (at_ < text_.size() && text_[at_] != '"') {
      char c = text_[at_++];
      if (c == '\\') {
        constexpr std::string_view kNames = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
        const size_t name = at_ < text_.size() ? kNames.find(text_[at_]) : std::string_view::npos;
        if (name == std::string_view::npos) fail("a simple escape");  // \u is in no golden file
        c = kMeant[name];
        ++at_;
      }
      text += c;
    }
    need("\"");
    return text;
  }

  double number() {
    const size_t end = std::min(text_.find_first_not_of("+-.0123456789eE", at_), text_.size());
    const std::string digits(text_.substr(at_, end - at_));
    char* stop = nullptr;
    const double number = std::strtod(digits.c_str(), &stop);
    if (digits.empty() || *stop != '\0') fail("a number");
    at_ = end;
    return number;
  }

  std::string_view text_;
  size_t at_ = 0;
};

namespace {

template <typename T, typename Value>
const T& held(const Value& value, const char* kind) {
  if (const T* found = std::get_if<T>(&value)) return *found;
  throw std::runtime_error(std::string("JSON: expected ") + kind);
}

}  // namespace

Json Json::parse(std::string_view text) { return JsonReader(text).document(); }

Json Json::read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return parse(text.str());
}

bool Json::boolean() const { return held<bool>(value_, "true or false"); }
double Json::number() const { return held<double>(value_, "a number"); }
int Json::integer() const { return static_cast<int>(number()); }
const std::string& Json::string() const { return held<std::string>(value_, "a string"); }
const Json::Array& Json::array() const { return held<Array>(value_, "an array"); }
const Json::Object& Json::object() const { return held<Object>(value_, "an object"); }

const Json& Json::operator[](const std::string& key) const {
  const auto found = object().find(key);
  if (found == object().end()) throw std::runtime_error("JSON: expected a member \"" + key + "\"");
  return found->second;
}

std::vector<double> Json::numbers() const {
  if (const double* one = std::get_if<double>(&value_)) return {*one};
  std::vector<double> all;
  for (const Json& item : array()) {
    const std::vector<double> part = item.numbers();
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace optiproxy::test
