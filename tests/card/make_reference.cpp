// Prints the page daemon/card/release_toml.md, or with --file a release.toml that says nothing.
#include <iostream>
#include <string_view>

#include "daemon/card/release_toml.h"

int main(int count, char** arguments) {
  const bool wants_file = count > 1 && std::string_view(arguments[1]) == "--file";
  std::cout << (wants_file ? owrd::card::write_release_toml({})
                           : owrd::card::release_toml_reference());
}
