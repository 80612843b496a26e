#include "store/safetensors.h"

#include "base/files.h"
#include "store/number_types.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace groklab {
namespace {

using Json = nlohmann::ordered_json;

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr std::uint64_t kMaxHeader = 100'000'000;  // the format's own limit
constexpr std::size_t kMaxDepth = 3;               // an object of objects that hold lists

constexpr std::string_view kHashKey = R"("sha256":")";  // before a hash, in a header's text
const std::string kNoDigits(64, '0');

// Bytes that a tensor of this shape fills; refuses negative sizes and overflow.
std::uint64_t byte_count(const StoredTensor& tensor) {
  auto count = static_cast<std::uint64_t>(number_type(tensor.dtype).size);
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

// Refuses what other readers may read otherwise, a key given twice, and nesting that none needs.
class HeaderCheck final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(std::int64_t) override { return true; }
  bool number_unsigned(std::uint64_t) override { return true; }
  bool number_float(double, const std::string&) override { return true; }
  bool string(std::string&) override { return true; }
  bool binary(nlohmann::json::binary_t&) override { return true; }
  bool start_object(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool key(std::string& name) override {
    if (keys_.back().insert(name).second) return true;
    throw Error(fmt::format("its header has the key '{}' twice", name));
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

 private:
  bool open() {
    if (keys_.size() == kMaxDepth) throw Error("its header is nested too deeply");
    keys_.emplace_back();
    return true;
  }
  bool close() {
    keys_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> keys_;  // of what is around the place
};

nlohmann::json parse(std::string_view text) {
  HeaderCheck check;
  const bool is_json = nlohmann::json::sax_parse(text, &check);
  auto header = is_json ? nlohmann::json::parse(text) : nlohmann::json();
  if (!header.is_object()) throw Error("its header is not a JSON object");
  return header;
}

std::string_view header_text(std::string_view bytes) {
  std::uint64_t size = 0;
  if (bytes.size() < sizeof size) throw Error("shorter than its header");
  std::memcpy(&size, bytes.data(), sizeof size);
  if (size > kMaxHeader || size > bytes.size() - sizeof size) {
    throw Error("truncated: its header is longer than the file");
  }
  return bytes.substr(sizeof size, size);
}

// Counts of elements or bytes: whole and not negative, or what says so is an exception.
template <class Number>
std::vector<Number> whole_numbers(const nlohmann::json& list, const std::string& tensor) {
  std::vector<Number> numbers;
  for (const auto& number : list.get_ref<const nlohmann::json::array_t&>()) {
    if (!number.is_number_unsigned() || !std::in_range<Number>(number.get<std::uint64_t>())) {
      throw Error(fmt::format("tensor '{}' has {} where a size has to be", tensor, number.dump()));
    }
    numbers.push_back(number.get<Number>());
  }
  return numbers;
}

// Whether `hash`, which the header records, is that of the file with zeros in its place.
bool is_hash_of(std::string_view bytes, std::string_view header, const std::string& hash) {
  const auto place = header.find(std::string(kHashKey) + hash + '"');
  if (place == std::string_view::npos || hash.size() != kNoDigits.size()) return false;
  const auto start = header.data() + place + kHashKey.size() - bytes.data();
  return sha256({bytes.substr(0, start), kNoDigits, bytes.substr(start + hash.size())}) == hash;
}

std::vector<Placed> tensors_of(const nlohmann::json& header) {
  std::vector<Placed> placed;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    placed.push_back({{name, entry.at("dtype").get<std::string>(),
                       whole_numbers<std::int64_t>(entry.at("shape"), name), ""},
                      whole_numbers<std::uint64_t>(entry.at("data_offsets"), name)});
  }
  // The header may name the tensors in another order than that of their bytes.
  std::stable_sort(placed.begin(), placed.end(),
                   [](const Placed& a, const Placed& b) { return a.offsets < b.offsets; });
  return placed;
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
  metadata["sha256"] = kNoDigits;
  Json header{{"__metadata__", metadata}};
  header.update(entries);
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that the tensors are aligned
  const std::uint64_t size = text.size();
  const std::string length(reinterpret_cast<const char*>(&size), sizeof size);
  // Only as a key is it followed by this text: quotes inside of a string are escaped.
  text.replace(text.find(std::string(kHashKey) + kNoDigits) + kHashKey.size(), kNoDigits.size(),
               sha256({length, text, data}));
  return length + text + data;
}

TensorFile from_safetensors(std::string_view bytes) {
  const auto text = header_text(bytes);
  const auto header = parse(text);
  const auto data = bytes.substr(sizeof(std::uint64_t) + text.size());
  TensorFile file;
  std::vector<Placed> placed;
  try {
    placed = tensors_of(header);
    if (header.contains("__metadata__")) header.at("__metadata__").get_to(file.metadata);
  } catch (const nlohmann::json::exception& error) {
    throw Error(fmt::format("its header is damaged: {}", error.what()));
  }
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
  if (hash != file.metadata.end() && !is_hash_of(bytes, text, hash->second)) {
    throw Error("damaged: its bytes do not have the hash it records");
  }
  return file;
}

}  // namespace groklab
