#pragma once

#include <cstdint>
#include <filesystem>

namespace groklab {

// Serves the report of a result folder to this user's browsers on this machine, until asked to stop
// (Ctrl-C). Prints the address, http://127.0.0.1:PORT/TOKEN/:
//   /TOKEN/                     the page
//   /TOKEN/data?since=VERSION   the page's data, with its version in the header ETag, or nothing
//                               (204) if that is VERSION
// The token is random and new each time, so that no other user of this machine reads the results.
// Only 127.0.0.1 is listened on, and only requests by that name or "localhost" are answered, so
// that no page of another site reads results by way of a browser here. Port 0: a free one. Returns
// an ExitCode. Throws Error if the folder holds no results, or the port cannot be had.
int serve_report(const std::filesystem::path& folder, std::uint16_t port);

}  // namespace groklab
