#include "app/summary_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace groklab {
namespace {

std::string step_text(std::optional<std::int64_t> step, std::optional<std::int64_t> sustained) {
  if (!step) return "never";
  const auto text = std::to_string(*step);
  if (sustained == step) return text;
  return text + (sustained ? fmt::format(" (sustained from {})", *sustained) : " (not sustained)");
}

// Characters of a text in UTF-8.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

}  // namespace

std::string columns_text(const std::vector<std::vector<std::string>>& rows, std::size_t left) {
  std::vector<std::size_t> widths(rows.empty() ? 0 : rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row.at(i)));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::string space(widths[i] - width_of(row[i]), ' ');
      text += "  " + (i < left ? row[i] + space : space + row[i]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

std::string two_columns(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::size_t width = 0;
  for (const auto& [name, value] : rows) width = std::max(width, name.size());
  std::string text;
  for (const auto& [name, value] : rows) text += fmt::format("  {:<{}}  {}\n", name, width, value);
  return text;
}

std::string summary_table(const Summary& summary) {
  return two_columns({
      {"steps", std::to_string(summary.steps)},
      {"train_accuracy", fmt::format("{:.4f}", summary.train_accuracy)},
      {"val_accuracy", fmt::format("{:.4f}", summary.val_accuracy)},
      {"best_val_accuracy", fmt::format("{:.4f}", summary.best_val_accuracy)},
      {"train_loss", fmt::format("{:.4g}", summary.train_loss)},
      {"val_loss", fmt::format("{:.4g}", summary.val_loss)},
      {"steps_to_memorize", step_text(summary.steps_to_memorize, summary.sustained_memorize)},
      {"steps_to_generalize", step_text(summary.steps_to_generalize, summary.sustained_generalize)},
  });
}

}  // namespace groklab
