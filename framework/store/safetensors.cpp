#include "store/safetensors.h"

#include "base/files.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>

namespace groklab {
namespace {

using Json = nlohmann::ordered_json;

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr std::uint64_t kMaxHeader = 100'000'000;  // the format's own limit

std::int64_t item_size(const std::string& dtype) {
  if (dtype == "F64" || dtype == "I64") return 8;
  if (dtype == "F32") return 4;
  if (dtype == "BOOL") return 1;
  throw Error(fmt::format("dtype '{}' is not one of F32, F64, I64, BOOL", dtype));
}

// Bytes that a tensor of this shape fills; refuses negative sizes and overflow.
std::uint64_t byte_count(const StoredTensor& tensor) {
  auto count = static_cast<std::uint64_t>(item_size(tensor.dtype));
  for (const auto size : tensor.shape) {
    if (size < 0 || __builtin_mul_overflow(count, static_cast<std::uint64_t>(size), &count)) {
      throw Error(fmt::format("tensor '{}' has an impossible shape", tensor.name));
    }
  }
  return count;
}

struct Placed {
  StoredTensor tensor;
  std::vector<std::uint64_t> offsets;  // where its bytes start and end
};

Json parse_header(std::string_view bytes, std::uint64_t& data_start) {
  std::uint64_t size = 0;
  if (bytes.size() < sizeof size) throw Error("shorter than its header");
  std::memcpy(&size, bytes.data(), sizeof size);
  if (size > kMaxHeader || size > bytes.size() - sizeof size) {
    throw Error("truncated: its header is longer than the file");
  }
  data_start = sizeof size + size;
  auto header = Json::parse(bytes.substr(sizeof size, size), nullptr, /*allow_exceptions=*/false);
  if (!header.is_object()) throw Error("its header is not a JSON object");
  return header;
}

}  // namespace

const StoredTensor& TensorFile::at(std::string_view name) const {
  for (const auto& tensor : tensors) {
    if (tensor.name == name) return tensor;
  }
  throw Error(fmt::format("there is no tensor '{}'", name));
}

std::string to_safetensors(const TensorFile& file) {
  Json entries = Json::object();
  std::string data;
  for (const auto& tensor : file.tensors) {
    if (tensor.bytes.size() != byte_count(tensor)) {
      throw std::logic_error("tensor '" + tensor.name + "' has another size than its shape");
    }
    const auto start = data.size();
    data += tensor.bytes;
    entries[tensor.name] = {
        {"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {start, data.size()}}};
  }
  auto metadata = file.metadata;
  metadata["sha256"] = sha256(data);
  Json header{{"__metadata__", metadata}};
  header.update(entries);
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that the tensors are aligned
  const std::uint64_t size = text.size();
  return std::string(reinterpret_cast<const char*>(&size), sizeof size) + text + data;
}

TensorFile from_safetensors(std::string_view bytes) {
  std::uint64_t start = 0;
  const Json header = parse_header(bytes, start);
  const auto data = bytes.substr(start);
  TensorFile file;
  std::vector<Placed> placed;
  try {
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        file.metadata = entry.get<std::map<std::string, std::string>>();
      } else {
        placed.push_back(
            {{name, entry.at("dtype"), entry.at("shape"), ""}, entry.at("data_offsets")});
      }
    }
  } catch (const nlohmann::json::exception& error) {
    throw Error(fmt::format("its header is damaged: {}", error.what()));
  }
  // The header may name the tensors in another order than that of their bytes.
  std::stable_sort(placed.begin(), placed.end(),
                   [](const Placed& a, const Placed& b) { return a.offsets < b.offsets; });
  std::uint64_t filled = 0;
  for (auto& [tensor, offsets] : placed) {
    const auto size = byte_count(tensor);
    if (offsets.size() != 2 || offsets[0] != filled || offsets[1] < offsets[0] ||
        offsets[1] - offsets[0] != size || offsets[1] > data.size()) {
      throw Error(fmt::format("tensor '{}' does not lie where its header says", tensor.name));
    }
    tensor.bytes = data.substr(offsets[0], size);
    filled = offsets[1];
    file.tensors.push_back(std::move(tensor));
  }
  if (filled != data.size()) throw Error("has bytes after its last tensor");
  const auto hash = file.metadata.find("sha256");
  if (hash != file.metadata.end() && hash->second != sha256(data)) {
    throw Error("damaged: its bytes do not have the hash it records");
  }
  return file;
}

}  // namespace groklab
