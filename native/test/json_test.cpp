#include "json.h"

#include "test.h"

namespace optiproxy::test {

TEST(json_reads_every_kind_of_value) {
  const Json json = Json::parse(R"( {"a": [1, -2.5e-3, [3]], "b": {"c": true, "d": false},
                                   "e": null, "f": "x\"\n", "g": [], "h": {}} )");
  CHECK((json["a"].numbers() == std::vector<double>{1, -2.5e-3, 3}));
  CHECK_EQUAL(json["a"][size_t{0}].integer(), 1);
  CHECK(json["b"]["c"].boolean() && !json["b"]["d"].boolean());
  CHECK(json["e"].is_null());
  CHECK_EQUAL(json["f"].string(), std::string("x\"\n"));
  CHECK(json["g"].array().empty() && json["h"].object().empty());
}

TEST(json_refuses_what_is_not_json) {
  for (const char* bad :
       {"", "[1,]", "[1 2]", "{\"a\" 1}", "{1: 2}", "tru", "1x", "\"open", "[1] 2", "\"\\q\"", "--1"}) {
    CHECK_THROWS(Json::parse(bad), "JSON: expected");
  }
  const Json json = Json::parse("{\"a\": 1}");
  CHECK_THROWS(json["b"], "a member \"b\"");
  CHECK_THROWS(json["a"].string(), "a string");
  CHECK_THROWS(json.numbers(), "an array");
  CHECK_THROWS(Json::read("no/such/file.json"), "cannot read no/such/file.json");
}

}  // namespace optiproxy::test
