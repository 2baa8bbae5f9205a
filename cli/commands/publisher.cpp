#include "cli/commands/publisher.h"

namespace owrd::cli {

CLI::Option* add_publisher_name(CLI::App& command, std::string& name) {
  return command
      .add_option("publisher", name, "A petname, or at least 12 digits of a publisher id")
      ->required()
      ->type_name("PUBLISHER");
}

void add_publisher(CommandLine& line) {
  CLI::App* group = add_group(
      line, {"publisher", kTrustGroup, "Who may publish to you, and who you are as a publisher",
             "owrd publisher add acme.owrp\nowrd publisher init acme --key acme-2026"});
  add_publisher_init(line, *group);
  add_publisher_sign(line, *group);
  add_publisher_submit(line, *group);
  add_publisher_rotate(line, *group);
  add_publisher_anchor(line, *group);
  add_publisher_export(line, *group);
  add_publisher_add(line, *group);
  add_publisher_ls(line, *group);
  add_publisher_show(line, *group);
  add_publisher_refresh(line, *group);
  add_publisher_evidence(line, *group);
  add_publisher_rm(line, *group);
}

}  // namespace owrd::cli
