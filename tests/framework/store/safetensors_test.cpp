#include "store/safetensors.h"

#include "base/files.h"
#include "framework/store/safetensors_files.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

#include <nlohmann/json.hpp>

namespace groklab {
namespace {

using test::bytes_of;
using test::file_of;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::ThrowsMessage;

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

TEST(Safetensors, RefusesToWriteATensorThatDoesNotFitItsShape) {
  EXPECT_THAT(
      [] {
        to_safetensors({.tensors = {{"t", "F32", {2}, "1234"}}, .metadata = {}});
      },
      ThrowsMessage<std::logic_error>("tensor 't' has another size than its shape"));
}

}  // namespace
}  // namespace groklab
