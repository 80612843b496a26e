#include "store/tensorboard.h"

#include "base/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <bit>
#include <boost/crc.hpp>
#include <chrono>
#include <cstring>
#include <limits>

namespace groklab {
namespace {

// Fields of tensorflow/core/util/event.proto and of summary.proto, by number.
constexpr int kEventWallTime = 1, kEventStep = 2, kEventFileVersion = 3, kEventSummary = 5,
              kEventSessionLog = 7;
constexpr int kSummaryValue = 1, kValueTag = 1, kValueSimpleValue = 2, kValueTensor = 8,
              kValueMetadata = 9;
constexpr int kMetadataPluginData = 1, kPluginName = 1, kPluginContent = 2;
constexpr int kSessionLogStatus = 1, kSessionStart = 1;

// Of tensor.proto, types.proto and tensor_shape.proto.
constexpr int kTensorType = 1, kFloat = 1, kTensorShape = 2, kShapeDimension = 2;

// Of tensorboard/plugins/hparams/plugin_data.proto and api.proto, and of google/protobuf's Value in
// a map.
constexpr int kSessionStartInfo = 3, kStartHyperparameters = 1, kStartTime = 5;
constexpr int kSessionEndInfo = 4, kEndStatus = 1, kStatusSuccess = 1, kEndTime = 2;
constexpr int kMapKey = 1, kMapValue = 2, kNumberValue = 2, kStringValue = 3, kBoolValue = 4;

template <class T>
std::string little_endian(T value) {
  static_assert(std::endian::native == std::endian::little);
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

// The wire format of protocol buffers.
std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes += static_cast<char>(value);
}
std::string tag(int field, int wire_type) {
  return varint(static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(wire_type));
}
std::string varint_field(int field, std::uint64_t value) { return tag(field, 0) + varint(value); }
std::string double_field(int field, double value) { return tag(field, 1) + little_endian(value); }
std::string float_field(int field, float value) { return tag(field, 5) + little_endian(value); }
std::string bytes_field(int field, std::string_view bytes) {
  return tag(field, 2) + varint(bytes.size()) + std::string(bytes);
}

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string event_start(std::int64_t step) {
  return double_field(kEventWallTime, seconds_now()) +
         varint_field(kEventStep, static_cast<std::uint64_t>(step));
}

// As google.protobuf.Value, whose numbers are doubles: an integer that a double rounds is text.
std::string hyperparameter_value(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return varint_field(kBoolValue, *flag ? 1 : 0);
  if (const auto* text = std::get_if<std::string>(&value)) return bytes_field(kStringValue, *text);
  if (const auto* real = std::get_if<double>(&value)) return double_field(kNumberValue, *real);
  constexpr std::int64_t kExact = std::int64_t{1} << 53;
  const auto integer = std::get<std::int64_t>(value);
  return -kExact <= integer && integer <= kExact
             ? double_field(kNumberValue, static_cast<double>(integer))
             : bytes_field(kStringValue, std::to_string(integer));
}

// A summary for the page HParams, as tensorboard/plugins/hparams/summary_v2.py writes them: what it
// says is in the metadata, and the tensor is one of no numbers.
std::string hparams_event(std::string_view name, int field, std::string_view content) {
  const auto plugin = bytes_field(kPluginName, "hparams") +
                      bytes_field(kPluginContent, bytes_field(field, content));
  const auto nothing = varint_field(kTensorType, kFloat) +
                       bytes_field(kTensorShape, bytes_field(kShapeDimension, ""));
  const auto value = bytes_field(kValueTag, "_hparams_/" + std::string(name)) +
                     bytes_field(kValueMetadata, bytes_field(kMetadataPluginData, plugin)) +
                     bytes_field(kValueTensor, nothing);
  return event_start(0) + bytes_field(kEventSummary, bytes_field(kSummaryValue, value));
}

}  // namespace

std::uint32_t masked_crc32c(std::string_view bytes) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(bytes.data(), bytes.size());
  const std::uint32_t checksum = crc.checksum();
  return std::rotr(checksum, 15) + 0xA282EAD8U;
}

TensorBoardWriter::TensorBoardWriter(const std::filesystem::path& folder, std::int64_t resumed_step,
                                     const Hyperparameters& hyperparameters) {
  try {
    file_.emplace(folder / fmt::format("events.out.tfevents.{}.{}",
                                       static_cast<std::int64_t>(seconds_now()), ::getpid()));
  } catch (const Error& error) {
    go_on_without(error);
  }
  write_record(double_field(kEventWallTime, seconds_now()) +
               bytes_field(kEventFileVersion, "brain.Event:2"));
  if (resumed_step > 0) {
    write_record(event_start(resumed_step + 1) +
                 bytes_field(kEventSessionLog, varint_field(kSessionLogStatus, kSessionStart)));
  }
  std::string start;
  for (const auto& [path, value] : hyperparameters) {
    start +=
        bytes_field(kStartHyperparameters, bytes_field(kMapKey, path) +
                                               bytes_field(kMapValue, hyperparameter_value(value)));
  }
  start += double_field(kStartTime, seconds_now());
  write_record(hparams_event("session_start_info", kSessionStartInfo, start));
}

void TensorBoardWriter::write(const MetricsRow& row) {
  std::string summary;
  for (const auto& [name, value] : row.values) {
    summary +=
        bytes_field(kSummaryValue, bytes_field(kValueTag, name) +
                                       float_field(kValueSimpleValue, static_cast<float>(value)));
  }
  write_record(event_start(row.step) + bytes_field(kEventSummary, summary));
}

void TensorBoardWriter::write_end() {
  write_record(hparams_event(
      "session_end_info", kSessionEndInfo,
      varint_field(kEndStatus, kStatusSuccess) + double_field(kEndTime, seconds_now())));
}

void TensorBoardWriter::write_record(const std::string& event) {
  if (!file_) return;
  const auto length = little_endian<std::uint64_t>(event.size());
  try {
    file_->append(length + little_endian(masked_crc32c(length)) + event +
                  little_endian(masked_crc32c(event)));
  } catch (const Error& error) {
    go_on_without(error);
  }
}

// A record after one that was cut off could not be read anyway.
void TensorBoardWriter::go_on_without(const Error& error) {
  file_.reset();
  spdlog::warn("{}; TensorBoard lacks what follows until the run is resumed", error.what());
}

}  // namespace groklab
