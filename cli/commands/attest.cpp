#include "cli/command.h"
#include "cli/records.h"
#include "cli/trust_records.h"
#include "daemon/core/units.h"

namespace owrd::cli {
namespace {

struct AttestOptions {
  std::vector<std::string> refs;
};

void add_flags(CLI::App& command, AttestOptions& options) {
  command.add_option("ref", options.refs, "Complete releases that are here")
      ->required()
      ->type_name("REF");
}

void print(Context& context, const std::string& ref, const v1::AttestationRecord& attestation) {
  auto& output = context.output();
  output.good("attested " + ref + ": all " + format_size(attestation.bytes()) +
              " were hashed; until " + format_time(attestation.expires()).substr(0, 10));
  if (context.json())
    output.record(attestation_record(attestation));
  else
    output.result(attestation.release_id());
}

Result<int> attest_one(Context& context, const std::string& ref) {
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  v1::AttestRequest request;
  request.set_ref(ref);
  Progress progress(context.output(), context.hashing_progress());
  std::optional<v1::AttestationRecord> attested;
  const SignalTrap trap;
  const auto end = (*daemon)->client.stream<v1::AttestEvent>(
      "Mirrors/Attest", request,
      [&](const v1::AttestEvent& event) {
        if (event.has_progress()) progress.hashing(event.progress());
        if (event.has_attested()) attested = event.attested();
        return true;
      },
      &trap);
  progress.end();
  if (!end) return end.error();
  if (*end == StreamEnd::Signalled) {
    context.output().note("stopped; nothing was attested");
    return 128 + trap.caught();
  }
  if (!attested)
    return Error{ErrorCode::Internal, "the daemon ended the attestation without a result"};
  print(context, ref, *attested);
  return 0;
}

Result<int> run_attest(Context& context, const AttestOptions& options) {
  return for_each(context, options.refs,
                  [&](const std::string& ref) { return attest_one(context, ref); });
}

}  // namespace

void add_attest(CommandLine& line) {
  add_command<AttestOptions>(
      line, line.root,
      {"attest", kTrustGroup, "Hash a release again and say, as a mirror, that it is whole here",
       "owrd attest acme/atlas:1.2.0\nowrd ls -q | xargs owrd attest"},
      add_flags, run_attest);
}

}  // namespace owrd::cli
