#include "store/safetensors.h"

#include "base/files.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

#include <cstring>
#include <nlohmann/json.hpp>

namespace groklab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

// A file put together by hand: the length of the header in eight bytes, the header, the data.
std::string file_of(const std::string& header, const std::string& data) {
  std::string length(8, '\0');
  for (int i = 0; i < 8; ++i) {
    length[i] = static_cast<char>(static_cast<std::uint64_t>(header.size()) >> (8 * i));
  }
  return length + header + data;
}

auto refuses(const std::string& header, const std::string& data, const std::string& reason) {
  return testing::Matches(ThrowsMessage<Error>(HasSubstr(reason)))(
      std::function<void()>([=] { from_safetensors(file_of(header, data)); }));
}

std::string bytes_of(std::initializer_list<float> numbers) {
  std::string bytes(numbers.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), numbers.begin(), bytes.size());
  return bytes;
}

TensorFile example() {
  return {.tensors = {{"weights", "F32", {2, 2}, bytes_of({1, -2, 0.5, 1e-30F})},
                      {"step", "I64", {}, std::string("\x07\0\0\0\0\0\0\0", 8)},
                      {"empty", "F64", {0, 3}, ""},
                      {"mask", "BOOL", {3}, std::string("\1\0\1", 3)}},
          .metadata = {{"format", "1"}, {"a \"quoted\" key", "ä\n"}}};
}

TEST(Safetensors, RoundTripKeepsEveryTensorAndTheMetadata) {
  const auto before = example();
  const auto after = from_safetensors(to_safetensors(before));
  ASSERT_EQ(after.tensors.size(), before.tensors.size());
  for (std::size_t i = 0; i < before.tensors.size(); ++i) {
    EXPECT_EQ(after.tensors[i].name, before.tensors[i].name);
    EXPECT_EQ(after.tensors[i].dtype, before.tensors[i].dtype);
    EXPECT_EQ(after.tensors[i].shape, before.tensors[i].shape);
    EXPECT_EQ(after.tensors[i].bytes, before.tensors[i].bytes);
  }
  for (const auto& [key, value] : before.metadata) EXPECT_EQ(after.metadata.at(key), value);
}

TEST(Safetensors, FindsATensorByItsName) {
  const auto file = from_safetensors(to_safetensors(example()));
  EXPECT_EQ(file.at("step").dtype, "I64");
  EXPECT_THAT([&] { file.at("stop"); }, ThrowsMessage<Error>("there is no tensor 'stop'"));
}

TEST(Safetensors, WritesThePublishedFormat) {
  const auto bytes = to_safetensors(example());
  std::uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = length << 8 | static_cast<unsigned char>(bytes[i]);
  ASSERT_LE(length, bytes.size() - 8);
  EXPECT_EQ(length % 8, 0U);
  EXPECT_EQ(bytes[8], '{');
  const auto header = nlohmann::json::parse(bytes.substr(8, length));
  const auto data = bytes.substr(8 + length);
  const auto& weights = header.at("weights");
  EXPECT_EQ(weights,
            nlohmann::json::parse(R"({"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]})"));
  EXPECT_EQ(data.substr(0, 16), bytes_of({1, -2, 0.5, 1e-30F}));
  EXPECT_EQ(header.at("step").at("shape"), nlohmann::json::array());
  EXPECT_EQ(header.at("step").at("data_offsets"), nlohmann::json::parse("[16, 24]"));
  EXPECT_EQ(header.at("empty").at("data_offsets"), nlohmann::json::parse("[24, 24]"));
  EXPECT_EQ(header.at("mask").at("data_offsets"), nlohmann::json::parse("[24, 27]"));
  EXPECT_EQ(data.size(), 27U);
}

TEST(Safetensors, TheHashIsThatOfAllBytesWithZerosInItsPlace) {
  auto bytes = to_safetensors(example());
  const std::string key = "\"sha256\":\"";
  const auto start = bytes.find(key) + key.size();
  const auto hash = bytes.substr(start, 64);
  EXPECT_EQ(bytes[start + 64], '"');
  EXPECT_EQ(bytes.find(key, start), std::string::npos);
  EXPECT_EQ(from_safetensors(bytes).metadata.at("sha256"), hash);
  EXPECT_EQ(sha256(bytes.replace(start, 64, std::string(64, '0'))), hash);
}

// That of a file that was read, or one that looks like a place for it, does not count.
TEST(Safetensors, TheHashIsWrittenAnewIntoItsOwnPlace) {
  auto file = example();
  file.metadata = {{"a", "\"sha256\":\"" + std::string(64, '0') + "\""}, {"sha256", "of before"}};
  file.tensors.push_back({"sha256", "BOOL", {1}, "\1"});
  const auto bytes = to_safetensors(file);
  const auto read = from_safetensors(bytes);
  EXPECT_EQ(read.metadata.at("a"), file.metadata.at("a"));
  EXPECT_EQ(read.at("sha256").bytes, "\1");
  EXPECT_EQ(to_safetensors(read), bytes);
}

TEST(Safetensors, PadsTheHeaderToAMultipleOfEightWhateverItsLength) {
  for (std::size_t extra = 0; extra < 16; ++extra) {
    TensorFile file;
    file.metadata["key"] = std::string(extra, 'x');
    EXPECT_EQ(to_safetensors(file).size() % 8, 0U) << extra;
  }
}

TEST(Safetensors, ReadsAFileMadeByHand) {
  const auto file =
      from_safetensors(file_of(R"({"b":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},)"
                               R"("a":{"shape":[],"data_offsets":[8,9],"dtype":"BOOL"}}   )",
                               bytes_of({3, 4}) + '\1'));
  ASSERT_EQ(file.tensors.size(), 2U);
  EXPECT_EQ(file.at("b").bytes, bytes_of({3, 4}));
  EXPECT_THAT(file.at("b").shape, ElementsAre(1, 2));
  EXPECT_THAT(file.at("a").shape, IsEmpty());
  EXPECT_EQ(file.at("a").bytes, "\1");
  EXPECT_THAT(file.metadata, IsEmpty());
  EXPECT_THAT(from_safetensors(file_of("{}", "")).tensors, IsEmpty());
}

TEST(Safetensors, ReadsAHeaderThatIsNotInTheOrderOfTheData) {
  const auto file =
      from_safetensors(file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},)"
                               R"("b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                               bytes_of({1, 2})));
  EXPECT_EQ(file.at("a").bytes, bytes_of({2}));
  EXPECT_EQ(file.at("b").bytes, bytes_of({1}));
}

TEST(Safetensors, RefusesAFileCutOffAnywhere) {
  const auto whole = to_safetensors(example());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(from_safetensors(std::string_view(whole).substr(0, size)), Error) << size;
  }
}

TEST(Safetensors, RefusesAnyOtherMetadataOrData) {
  const auto whole = to_safetensors(example());
  const auto format = whole.find("\"format\":\"1\"") + 10;
  for (auto place = whole.size() - 28; place < whole.size(); ++place) {
    auto damaged = whole;
    damaged[place == whole.size() - 28 ? format : place] ^= 1;
    EXPECT_THAT([&] { from_safetensors(damaged); },
                ThrowsMessage<Error>("damaged: its bytes do not have the hash it records"));
  }
}

TEST(Safetensors, SurvivesAnyDamagedByte) {
  const auto whole = to_safetensors(example());
  for (std::size_t place = 0; place < whole.size(); ++place) {
    for (const char byte : {'\0', '\xff', '9', '"', '{', '-'}) {
      auto damaged = whole;
      damaged[place] = byte;
      try {
        EXPECT_EQ(from_safetensors(damaged).tensors.size(), 4U);
      } catch (const Error&) {  // as good an answer
      }
    }
  }
}

TEST(Safetensors, RefusesHeadersThatLie) {
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
      refuses(one("F16", "[4]", "[0,8]"), data, "dtype 'F16' is not one of F32, F64, I64, BOOL"));
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

TEST(Safetensors, RefusesSizesThatAreNone) {
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

TEST(Safetensors, RefusesAHashThatIsNone) {
  for (const auto* header :
       {R"({"__metadata__":{"sha256":"0"}})", R"({"__metadata__":{"sha256":""}})",
        R"({"__metadata__":{"sha256" : ""}})",
        R"({"__metadata__":{"sha256":"000000000000000000000000000000000000000000000000000)"
        R"(0000000000000"}})"}) {
    EXPECT_TRUE(refuses(header, "", "damaged: its bytes")) << header;
  }
}

// The last one of two would be read here, and the first one elsewhere.
TEST(Safetensors, RefusesAKeyThatIsGivenTwice) {
  const std::string tensor = R"({"dtype":"BOOL","shape":[1],"data_offsets":[0,1]})";
  EXPECT_TRUE(refuses("{\"t\":" + tensor + ",\"t\":" + tensor + "}", "x",
                      "its header has the key 't' twice"));
  EXPECT_TRUE(refuses(R"({"t":{"dtype":"F64","dtype":"BOOL","shape":[1],"data_offsets":[0,1]}})",
                      "x", "its header has the key 'dtype' twice"));
  EXPECT_TRUE(refuses(R"({"__metadata__":{"step":"1","st\u0065p":"2"}})", "",
                      "its header has the key 'step' twice"));
  EXPECT_NO_THROW(from_safetensors(file_of(R"({"dtype":)" + tensor + "}", "x")));
}

TEST(Safetensors, RefusesNestingThatNoneNeeds) {
  constexpr const char* kDeep = "its header is nested too deeply";
  for (const std::string open : {"[", "{\"a\":"}) {
    std::string header = R"({"t":)";
    for (int i = 0; i < 1'000'000; ++i) header += open;
    EXPECT_TRUE(refuses(header, "", kDeep));
  }
  EXPECT_TRUE(refuses(R"({"t":{"dtype":"BOOL","shape":[[1]],"data_offsets":[0,1]}})", "x", kDeep));
}

TEST(Safetensors, ReadsNamesAsTheyAreAndRefusesTextThatIsNone) {
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
TEST(Safetensors, ReadsAHeaderOfManyNames) {
  std::string header = "{\"0\":{\"dtype\":\"BOOL\",\"shape\":[0],\"data_offsets\":[0,0]}";
  for (int i = 1; i < 30'000; ++i) {
    header += ",\"" + std::to_string(i) + R"(":{"dtype":"BOOL","shape":[0],"data_offsets":[0,0]})";
  }
  EXPECT_THAT(from_safetensors(file_of(header + "}", "")).tensors, testing::SizeIs(30'000));
}

TEST(Safetensors, RefusesTensorsThatOverlapOrLeaveAHole) {
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

TEST(Safetensors, RefusesHeadersThatAreNone) {
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

TEST(Safetensors, RefusesToWriteATensorThatDoesNotFitItsShape) {
  EXPECT_THAT(
      [] {
        to_safetensors({.tensors = {{"t", "F32", {2}, "1234"}}, .metadata = {}});
      },
      ThrowsMessage<std::logic_error>("tensor 't' has another size than its shape"));
}

}  // namespace
}  // namespace groklab
