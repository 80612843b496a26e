// Headers made by hand, most of them by a liar.
#include "framework/store/safetensors_files.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

namespace groklab {
namespace {

using test::file_of;
using test::refuses;
using testing::ThrowsMessage;

TEST(SafetensorsHeader, IsRefusedIfItLies) {
  constexpr const char* kPlace = "does not lie where its header says";
  const std::string data(8, 'x');
  const auto one = [](const std::string& dtype, const std::string& shape,
                      const std::string& offsets) {
    return R"({"t":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" +
           offsets + "}}";
  };
  EXPECT_NO_THROW(from_safetensors(file_of(one("F32", "[2]", "[0,8]"), data)));
  EXPECT_TRUE(refuses(one("F32", "[3]", "[0,8]"), data, kPlace));  // size
  EXPECT_TRUE(refuses(one("F32", "[1]", "[0,8]"), data, kPlace));
  EXPECT_TRUE(refuses(one("F32", "[1]", "[4,8]"), data, kPlace));  // a hole before it
  EXPECT_TRUE(refuses(one("F32", "[1]", "[0,4]"), data, "has bytes after its last tensor"));
  EXPECT_TRUE(refuses(one("F32", "[4]", "[0,16]"), data, kPlace));  // past the end
  EXPECT_TRUE(refuses(one("F32", "[2]", "[8,0]"), data, kPlace));
  EXPECT_TRUE(refuses(one("F32", "[2]", "[-8,0]"), data, "has -8 where a size has to be"));
  EXPECT_TRUE(refuses(one("F32", "[2]", "[0]"), data, kPlace));
  EXPECT_TRUE(refuses(one("F32", "[2]", "[0,8,8]"), data, kPlace));
  EXPECT_TRUE(
      refuses(one("F4", "[4]", "[0,8]"), data, "dtype 'F4' is not one of F64, F32, F16, BF16, "));
  EXPECT_TRUE(
      refuses(one("F32", "[-2]", "[0,8]"), data, "tensor 't' has -2 where a size has to be"));
  EXPECT_TRUE(refuses(one("F32", "[4611686018427387904,4]", "[0,0]"), "", "impossible shape"));
  EXPECT_TRUE(refuses(one("F32", "\"2\"", "[0,8]"), data, "its header is damaged"));
  EXPECT_TRUE(refuses(one("F32", "[2]", "8"), data, "its header is damaged"));
  EXPECT_TRUE(refuses(R"({"t":{"dtype":"F32","shape":[2]}})", data, "its header is damaged"));
  EXPECT_TRUE(refuses(R"({"t":[]})", data, "its header is damaged"));
  EXPECT_TRUE(refuses(R"({"__metadata__":{"a":1}})", "", "its header is damaged"));
  EXPECT_TRUE(refuses(R"({"__metadata__":[]})", "", "its header is damaged"));
}

TEST(SafetensorsHeader, IsRefusedWithSizesThatAreNone) {
  const auto shape = [](const std::string& size) {
    return R"({"t":{"dtype":"F32","shape":[)" + size + R"(],"data_offsets":[0,8]}})";
  };
  const auto end = [](const std::string& size) {
    return R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,)" + size + "]}}";
  };
  const std::string data(8, 'x');
  EXPECT_NO_THROW(from_safetensors(file_of(shape("2"), data)));
  EXPECT_NO_THROW(from_safetensors(file_of(end("8"), data)));
  for (const auto* size : {"2.5", "2.0", "1e300", "true", "null", "\"2\"", "-0.0",
                           "9223372036854775808", "18446744073709551616", "-9223372036854775809"}) {
    EXPECT_TRUE(refuses(shape(size), data, "where a size has to be")) << size;
  }
  for (const auto* size : {"8.0", "1e300", "true", "null", "-1", "18446744073709551616"}) {
    EXPECT_TRUE(refuses(end(size), data, "where a size has to be")) << size;
  }
  EXPECT_TRUE(refuses(end("18446744073709551615"), data, "does not lie where its header says"));
}

TEST(SafetensorsHeader, IsRefusedWithAHashThatIsNone) {
  for (const auto* header :
       {R"({"__metadata__":{"sha256":"0"}})", R"({"__metadata__":{"sha256":""}})",
        R"({"__metadata__":{"sha256" : ""}})",
        R"({"__metadata__":{"sha256":"000000000000000000000000000000000000000000000000000)"
        R"(0000000000000"}})"}) {
    EXPECT_TRUE(refuses(header, "", "damaged: its bytes")) << header;
  }
}

// The last one of two would be read here, and the first one elsewhere.
TEST(SafetensorsHeader, IsRefusedWithAKeyGivenTwice) {
  const std::string tensor = R"({"dtype":"BOOL","shape":[1],"data_offsets":[0,1]})";
  EXPECT_TRUE(refuses("{\"t\":" + tensor + ",\"t\":" + tensor + "}", "x",
                      "its header has the key 't' twice"));
  EXPECT_TRUE(refuses(R"({"t":{"dtype":"F64","dtype":"BOOL","shape":[1],"data_offsets":[0,1]}})",
                      "x", "its header has the key 'dtype' twice"));
  EXPECT_TRUE(refuses(R"({"__metadata__":{"step":"1","st\u0065p":"2"}})", "",
                      "its header has the key 'step' twice"));
  EXPECT_NO_THROW(from_safetensors(file_of(R"({"dtype":)" + tensor + "}", "x")));
}

TEST(SafetensorsHeader, IsRefusedWithNestingThatNoneNeeds) {
  constexpr const char* kDeep = "its header is nested too deeply";
  for (const std::string open : {"[", "{\"a\":"}) {
    std::string header = R"({"t":)";
    for (int i = 0; i < 1'000'000; ++i) header += open;
    EXPECT_TRUE(refuses(header, "", kDeep));
  }
  EXPECT_TRUE(refuses(R"({"t":{"dtype":"BOOL","shape":[[1]],"data_offsets":[0,1]}})", "x", kDeep));
}

TEST(SafetensorsHeader, GivesNamesAsTheyAreAndIsRefusedWithTextThatIsNone) {
  const auto named = [](const std::string& name) {
    return "{\"" + name + R"(":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}})";
  };
  const auto with_nul = from_safetensors(file_of(named("a\\u0000b"), "x"));
  EXPECT_EQ(with_nul.tensors.front().name, std::string("a\0b", 3));
  EXPECT_EQ(from_safetensors(file_of(named(""), "x")).tensors.front().name, "");
  for (const std::string& name : {std::string("a\0b", 3), std::string("\xff"), std::string("\xc3"),
                                  std::string("\xed\xa0\x80"), std::string("\\ud800")}) {
    EXPECT_TRUE(refuses(named(name), "x", "its header is not a JSON object"));
  }
}

// Reading takes time in proportion to the header's length.
TEST(SafetensorsHeader, MayHaveManyNames) {
  std::string header = "{\"0\":{\"dtype\":\"BOOL\",\"shape\":[0],\"data_offsets\":[0,0]}";
  for (int i = 1; i < 30'000; ++i) {
    header += ",\"" + std::to_string(i) + R"(":{"dtype":"BOOL","shape":[0],"data_offsets":[0,0]})";
  }
  EXPECT_THAT(from_safetensors(file_of(header + "}", "")).tensors, testing::SizeIs(30'000));
}

TEST(SafetensorsHeader, IsRefusedIfTensorsOverlapOrLeaveAHole) {
  const auto two = [](const std::string& first, const std::string& second) {
    return R"({"a":{"dtype":"F32","shape":[1],"data_offsets":)" + first +
           R"(},"b":{"dtype":"F32","shape":[1],"data_offsets":)" + second + "}}";
  };
  constexpr const char* kPlace = "does not lie where its header says";
  EXPECT_NO_THROW(from_safetensors(file_of(two("[0,4]", "[4,8]"), std::string(8, 'x'))));
  EXPECT_TRUE(refuses(two("[0,4]", "[0,4]"), std::string(4, 'x'), kPlace));
  EXPECT_TRUE(refuses(two("[0,4]", "[2,6]"), std::string(6, 'x'), kPlace));
  EXPECT_TRUE(refuses(two("[0,4]", "[8,12]"), std::string(12, 'x'), kPlace));
}

TEST(SafetensorsHeader, IsRefusedIfItIsNone) {
  for (const auto* header : {"", "[]", "null", "{", "{}}", "{\"a\":}", "text"}) {
    EXPECT_TRUE(refuses(header, "", "its header is not a JSON object")) << header;
  }
  EXPECT_THAT([] { from_safetensors("1234567"); }, ThrowsMessage<Error>("shorter than its header"));
  for (const std::string& length : {std::string(8, '\xff'), std::string("\1\0\0\0\0\0\0\0", 8),
                                    std::string("\0\0\0\0\0\0\0\x80", 8)}) {
    EXPECT_THAT([&] { from_safetensors(length); },
                ThrowsMessage<Error>("truncated: its header is longer than the file"));
  }
}

}  // namespace
}  // namespace groklab
