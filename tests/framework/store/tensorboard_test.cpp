#include "store/tensorboard.h"

#include "base/files.h"
#include "support/captured_log.h"
#include "support/failing_calls.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <stdexcept>

namespace groklab {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

// CRC-32C bit by bit from its definition: reflected polynomial 0x82F63B78.
std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78U : 0);
  }
  return ~crc;
}

std::uint32_t unmasked(std::uint32_t masked) { return std::rotl(masked - 0xa282ead8U, 15); }

TEST(MaskedCrc32c, GivesThePublishedValues) {
  // RFC 3720, B.4: 32 zero bytes, 32 one bytes, 0x00 … 0x1f.
  EXPECT_EQ(unmasked(masked_crc32c(std::string(32, '\0'))), 0x8a9136aaU);
  EXPECT_EQ(unmasked(masked_crc32c(std::string(32, '\xff'))), 0x62a8ab43U);
  std::string counting;
  for (char byte = 0; byte < 32; ++byte) counting += byte;
  EXPECT_EQ(unmasked(masked_crc32c(counting)), 0x46dd794eU);
  EXPECT_EQ(masked_crc32c("\x1a\x11"
                          "CRC test, one two"),
            0x5794d08aU);
}

// A reader of the record format and of protocol buffers, as small as they allow.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}
  bool empty() const { return rest_.empty(); }
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) throw std::runtime_error("the record ends too early");
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

 private:
  std::string_view rest_;
};

// A message's fields by number; numbers as the bits they were sent as.
struct Message {
  std::multimap<int, std::uint64_t> numbers;
  std::multimap<int, std::string> texts;

  explicit Message(std::string_view encoded) {
    for (Bytes bytes(encoded); !bytes.empty();) {
      const auto tag = bytes.varint();
      const int field = static_cast<int>(tag >> 3);
      switch (tag & 7) {
        case 0:
          numbers.emplace(field, bytes.varint());
          break;
        case 1:
          numbers.emplace(field, bytes.number<std::uint64_t>());
          break;
        case 2:
          texts.emplace(field, bytes.take(bytes.varint()));
          break;
        case 5:
          numbers.emplace(field, bytes.number<std::uint32_t>());
          break;
        default:
          throw std::runtime_error("unknown wire type");
      }
    }
  }
  std::uint64_t number(int field) const {
    return numbers.count(field) == 1 ? numbers.find(field)->second : ~0ULL;
  }
  std::string text(int field) const {
    return texts.count(field) == 1 ? texts.find(field)->second : "(none)";
  }
};

std::vector<Message> events_in(const std::string& file) {
  std::vector<Message> events;
  for (Bytes bytes(file); !bytes.empty();) {
    const auto length = bytes.take(8);
    std::uint64_t size = 0;
    std::memcpy(&size, length.data(), sizeof size);
    EXPECT_EQ(unmasked(bytes.number<std::uint32_t>()), crc32c(length));
    const auto data = bytes.take(size);
    EXPECT_EQ(unmasked(bytes.number<std::uint32_t>()), crc32c(data));
    events.emplace_back(data);
  }
  return events;
}

std::string only_file(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry);
  if (files.size() != 1) throw std::runtime_error("expected one file");
  EXPECT_THAT(files[0].filename().string(), testing::StartsWith("events.out.tfevents."));
  return read_file(files[0]);
}

// What the one value of a summary for the page HParams says.
Message hparams_data(const Message& event, const std::string& tag, int field) {
  const Message value(Message(event.text(5)).text(1));
  EXPECT_EQ(value.text(1), tag);
  EXPECT_EQ(value.text(8),
            std::string("\x08\x01\x12\x02\x12\x00", 6));  // TensorBoard's NULL_TENSOR
  const Message plugin(Message(value.text(9)).text(1));
  EXPECT_EQ(plugin.text(1), "hparams");
  return Message(Message(plugin.text(2)).text(field));
}

double seconds(const Message& message, int field) {
  return std::bit_cast<double>(message.number(field));
}

TEST(TensorBoard, StartsWithTheVersionOfTheFormat) {
  const test::TemporaryFolder folder;
  const TensorBoardWriter writer(folder.path(), 0, {});
  const auto events = events_in(only_file(folder.path()));
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(events[0].text(3), "brain.Event:2");
  EXPECT_THAT(events[0].numbers, SizeIs(1));  // wall_time
  const auto wall_time = std::bit_cast<double>(events[0].number(1));
  EXPECT_GT(wall_time, 1.6e9);  // seconds since 1970: after 2020
  EXPECT_LT(wall_time, 4e9);
}

TEST(TensorBoard, HoldsEveryValueWithItsTagAndStep) {
  const test::TemporaryFolder folder;
  {
    TensorBoardWriter writer(folder.path(), 0, {});
    writer.write({0, {{"train_loss", 4.5}}});
    writer.write({123'456'789, {{"train_accuracy", 0.1}, {"val_accuracy", 1.0}}});
    writer.write({5, {}});
  }
  const auto events = events_in(only_file(folder.path()));
  ASSERT_THAT(events, SizeIs(5));
  std::vector<std::pair<std::string, float>> values;
  for (const auto index : {2U, 3U}) {
    const Message summary(events[index].text(5));
    for (const auto& [field, encoded] : summary.texts) {
      EXPECT_EQ(field, 1);
      const Message value(encoded);
      values.emplace_back(value.text(1),
                          std::bit_cast<float>(static_cast<std::uint32_t>(value.number(2))));
    }
  }
  EXPECT_THAT(values, ElementsAre(Pair("train_loss", 4.5F), Pair("train_accuracy", 0.1F),
                                  Pair("val_accuracy", 1.0F)));
  EXPECT_EQ(events[2].number(2), 0U);
  EXPECT_EQ(events[3].number(2), 123'456'789U);
  EXPECT_EQ(events[4].number(2), 5U);
  EXPECT_EQ(events[4].text(5), "");
}

TEST(TensorBoard, SaysWithWhatSettingsTheRunStarted) {
  const test::TemporaryFolder folder;
  constexpr std::int64_t kExact = std::int64_t{1} << 53;  // and the next integer is no double
  TensorBoardWriter(folder.path(), 0,
                    {{"a", std::string("divide")},
                     {"b", 1e-3},
                     {"c", std::int64_t{-97}},
                     {"d", kExact},
                     {"e", kExact + 1},
                     {"f", true},
                     {"g", false}});
  const auto events = events_in(only_file(folder.path()));
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(events[1].number(2), 0U);
  const auto start = hparams_data(events[1], "_hparams_/session_start_info", 3);
  EXPECT_NEAR(seconds(start, 5), seconds(events[1], 1), 60);  // start_time_secs

  std::map<std::string, Message> values;  // google.protobuf.Value
  for (const auto& [field, entry] : start.texts) {
    EXPECT_EQ(field, 1);
    values.emplace(Message(entry).text(1), Message(Message(entry).text(2)));
  }
  ASSERT_THAT(values, SizeIs(7));
  const auto number = [&](const char* name) {
    return std::bit_cast<double>(values.at(name).number(2));
  };
  EXPECT_EQ(values.at("a").text(3), "divide");
  EXPECT_EQ(number("b"), 1e-3);
  EXPECT_EQ(number("c"), -97);
  EXPECT_EQ(number("d"), 9007199254740992.0);
  EXPECT_EQ(values.at("e").text(3), "9007199254740993");
  EXPECT_EQ(values.at("f").number(4), 1U);
  EXPECT_EQ(values.at("g").number(4), 0U);
}

TEST(TensorBoard, SaysThatTheRunHasItsResult) {
  const test::TemporaryFolder folder;
  TensorBoardWriter(folder.path(), 0, {}).write_end();
  const auto events = events_in(only_file(folder.path()));
  ASSERT_THAT(events, SizeIs(3));
  const auto end = hparams_data(events[2], "_hparams_/session_end_info", 4);
  EXPECT_EQ(end.number(1), 1U);                             // STATUS_SUCCESS
  EXPECT_NEAR(seconds(end, 2), seconds(events[2], 1), 60);  // end_time_secs
}

TEST(TensorBoard, KeepsWhatIsNotFinite) {
  const test::TemporaryFolder folder;
  TensorBoardWriter writer(folder.path(), 0, {});
  writer.write({1, {{"a", std::numeric_limits<double>::quiet_NaN()}, {"b", 1e300}}});
  const auto events = events_in(only_file(folder.path()));
  ASSERT_THAT(events, SizeIs(3));
  const Message summary(events[2].text(5));
  std::vector<float> values;
  for (const auto& [field, encoded] : summary.texts) {
    values.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(Message(encoded).number(2))));
  }
  ASSERT_THAT(values, SizeIs(2));
  EXPECT_TRUE(std::isnan(values[0]));
  EXPECT_TRUE(std::isinf(values[1]));
}

TEST(TensorBoard, AResumedRunTellsToForgetWhatCameAfter) {
  const test::TemporaryFolder folder;
  TensorBoardWriter(folder.path(), 40, {});
  const auto events = events_in(only_file(folder.path()));
  ASSERT_THAT(events, SizeIs(3));
  EXPECT_EQ(events[1].number(2), 41U);
  const Message session(events[1].text(7));
  EXPECT_EQ(session.number(1), 1U);  // SessionLog.START
  EXPECT_THAT(session.texts, IsEmpty());
}

TEST(TensorBoard, WhatCannotBeWrittenIsOneWarningAndNothingFollowsHalfAnEvent) {
  const test::TemporaryFolder folder;
  const test::CapturedLog log;
  TensorBoardWriter writer(folder.path(), 0, {});
  const auto file = std::filesystem::directory_iterator(folder.path())->path();
  const auto event_start = read_file(file).size();
  writer.write({1, {{"a", 1}}});
  const auto whole = read_file(file);
  const auto event_size = whole.size() - event_start;
  {
    const test::FailingCalls full(folder.path(), {{test::SystemCall::write}, ENOSPC, true}, 1);
    writer.write({2, {{"a", 2}}});
  }
  writer.write({3, {{"a", 3}}});
  EXPECT_EQ(log.text(), "warning cannot append to " + file.string() +
                            ": No space left on device; TensorBoard lacks what follows until the "
                            "run is resumed\n");
  EXPECT_EQ(read_file(file).substr(0, whole.size()), whole);
  const auto half = read_file(file).size() - whole.size();
  EXPECT_GT(half, 0U);
  EXPECT_LT(half, event_size);
}

TEST(TensorBoard, AFileThatCannotBeMadeIsOneWarning) {
  const test::TemporaryFolder folder;
  const test::CapturedLog log;
  const test::FailingCalls none(folder.path(), {{test::SystemCall::open_to_write}, EROFS}, 1);
  TensorBoardWriter writer(folder.path(), 40, {});
  writer.write({41, {{"a", 1}}});
  EXPECT_THAT(log.text(), testing::MatchesRegex("warning cannot write [^\n]*: Read-only file "
                                                "system; TensorBoard lacks [^\n]*\n"));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace groklab
