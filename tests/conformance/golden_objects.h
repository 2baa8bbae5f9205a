#pragma once

#include <map>
#include <string>

/// Every kind of object that this version signs and writes, as files by name: kept under
/// tests/vectors/golden-v1 and verified by all later versions.
namespace owrd::conformance {

/// Made from fixed keys and times.
std::map<std::string, std::string> make_golden_objects();

/// What a reader makes of them, one line for each thing that must never change. An object that is
/// not believed has its error in its line.
std::string describe_golden_objects(const std::map<std::string, std::string>& files);

}  // namespace owrd::conformance
