#pragma once

#include "base/files.h"
#include "base/process.h"
#include "support/background_program.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace groklab::test {

// A private Slurm of two nodes (tests/slurm/cluster) in a folder. While it lives, programs that are
// started from here talk to it.
class SlurmCluster {
 public:
  explicit SlurmCluster(const std::filesystem::path& folder)
      : folder_(folder), program_({folder.string()}, source_dir() / "tests/slurm/cluster") {
    ::setenv("SLURM_CONF", (folder / "slurm.conf").c_str(), 1);
    const bool runs =
        program_.wait_until([&] { return std::filesystem::exists(folder_ / "ready"); });
    if (!runs) ADD_FAILURE() << "the cluster did not start" << logs();
  }

  ~SlurmCluster() {
    if (testing::Test::HasFailure()) std::fprintf(stderr, "%s\n", logs().c_str());
    ::unsetenv("SLURM_CONF");
    program_.send(SIGTERM);
    program_.wait();
  }

  // The program that is missing to start one, or "".
  static std::string missing() {
    for (const auto* name : {"munged", "slurmctld", "slurmd", "sbatch"}) {
      if (!run_program({"sh", "-c", "PATH=$PATH:/usr/sbin command -v " + std::string(name)})
               .succeeded()) {
        return name;
      }
    }
    return "";
  }

  // What a program of Slurm prints.
  static std::string ask(const std::vector<std::string>& command) {
    const auto result = run_program(command);
    EXPECT_TRUE(result.succeeded()) << command.front() << ": " << result.output;
    return result.output;
  }

  // Throws if it takes minutes.
  static void wait_until(const std::string& what, const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(3);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) throw std::runtime_error("waited for: " + what);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

 private:
  std::string logs() const {
    std::string text;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (entry.path().extension() != ".log") continue;
      text += "\n" + entry.path().string() + ":\n" + read_file(entry.path());
    }
    return text;
  }

  const std::filesystem::path folder_;
  BackgroundProgram program_;
};

}  // namespace groklab::test
