#include "daemon/weights/audit.h"

#include <algorithm>
#include <string>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/audit_archive.h"
#include "daemon/weights/audit_code.h"
#include "daemon/weights/audit_pickle.h"
#include "daemon/weights/audit_template.h"
#include "daemon/weights/audit_text.h"
#include "daemon/weights/inside_path.h"
#include "daemon/weights/inspect.h"
#include "daemon/weights/keras.h"
#include "daemon/weights/npy.h"
#include "daemon/weights/onnx.h"
#include "daemon/weights/torch.h"
#include "daemon/weights/zip_records.h"

namespace owrd::weights {
namespace {

constexpr std::uint64_t kHeadLimitBytes = 4096;
constexpr std::uint64_t kTextLimitBytes = 16 << 20;

void append(Findings& to, Findings from) {
  for (auto& finding : from) to.push_back(std::move(finding));
}

std::string_view file_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](auto end) { return name.ends_with(end); });
}

/// "safetensors.invalid" and the like.
std::string invalid_rule(Format format) {
  switch (format) {
    case Format::Safetensors:
      return "safetensors.invalid";
    case Format::Gguf:
      return "gguf.invalid";
    case Format::TorchZip:
    case Format::Pickle:
      return "torch.invalid";
    case Format::Numpy:
      return "numpy.invalid";
    case Format::Onnx:
      return "onnx.invalid";
    case Format::Hdf5:
      return "hdf5.invalid";
    case Format::KerasZip:
      return "keras.invalid";
    case Format::LegacyGgml:
      return "ggml.invalid";
    case Format::LfsPointer:
    case Format::NotWeights:
      break;
  }
  return "weights.invalid";
}

/// What an inventory's reader says: that the file is as its format wants, with warnings, or not.
Findings findings_of(Format format, const Result<Inventory>& inventory) {
  const auto what = std::string(to_string(format));
  if (!inventory)
    return {{invalid_rule(format), Severity::Fail, "is no valid " + what + " file",
             inventory.error().message}};
  Findings findings{{"weights.readable", Severity::Pass, "is a valid " + what + " file"}};
  for (const auto& [rule, message] : inventory->warnings)
    findings.push_back({rule, Severity::Warn, message});
  return findings;
}

Findings audit_gguf(ByteSource& source, std::string_view name) {
  const auto inventory = inspect(name, source);
  auto findings = findings_of(Format::Gguf, inventory);
  if (!inventory) return findings;
  for (const auto& [key, text] : inventory->metadata)
    if (key.starts_with("tokenizer.chat_template")) append(findings, audit_template(text));
  return findings;
}

bool has_torchscript(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.rule == "code.python"; });
}

/// The pickles are among the members.
Findings audit_torch_zip(ByteSource& source, std::string_view name, AuditBudget& budget) {
  auto findings = findings_of(Format::TorchZip, inspect(name, source));
  auto members = audit_archive(Format::TorchZip, source, budget);
  if (has_torchscript(members))
    findings.push_back({"torch.script", Severity::Fail,
                        "holds TorchScript, which is code that runs when the model does"});
  append(findings, std::move(members));
  return findings;
}

Findings audit_pickle(ByteSource& source) {
  if (!is_torch_legacy(source)) return {finding_of(scan_pickles(source))};
  const auto file = read_torch_legacy(source);
  // What does not hold together as PyTorch's may still be what another reader unpickles.
  auto findings = findings_of(
      Format::Pickle, file ? Result<Inventory>(file->inventory) : Result<Inventory>(file.error()));
  findings.push_back(finding_of(file ? file->scan : scan_pickles(source)));
  return findings;
}

/// An array of objects is a pickle behind the header.
Findings audit_npy(ByteSource& source) {
  Findings findings;
  const auto inventory = read_npy(source);
  const auto head = source.read(0, std::min(source.size(), kNpyHeadBytes));
  if (!inventory || !head) return findings_of(Format::Numpy, inventory);
  const auto header = read_npy_header(*head, source.size());
  if (!header || !header->holds_objects) return findings_of(Format::Numpy, inventory);
  findings.push_back({"numpy.objects", Severity::Fail,
                      "is an array of objects, which is a pickle; NumPy reads it when told to"});
  SubSource pickle(source, header->data_begin, source.size() - header->data_begin);
  findings.push_back(finding_of(scan_pickles(pickle)));
  return findings;
}

Findings audit_numpy(ByteSource& source, ByteView head, AuditBudget& budget) {
  if (!as_text(head).starts_with("PK")) return audit_npy(source);
  auto findings = findings_of(Format::Numpy, read_npz(source));
  append(findings, audit_archive(Format::Numpy, source, budget));
  return findings;
}

Findings audit_onnx(ByteSource& source) {
  const auto model = read_onnx(source);
  if (!model) return findings_of(Format::Onnx, model.error());
  auto findings = findings_of(Format::Onnx, model->inventory);
  for (const auto& [tensor, location] : model->external) {
    if (!is_inside_path(location)) {
      findings.push_back({"onnx.outside", Severity::Fail,
                          "keeps tensor " + quoted(tensor) + " outside of the model's folder",
                          quoted(location)});
    }
  }
  if (!model->external.empty())
    findings.push_back(
        {"onnx.external", Severity::Warn,
         "keeps " + std::to_string(model->external.size()) + " tensors in other files",
         quoted(model->external[0].location)});
  for (const auto& domain : model->domains)
    if (!domain.empty() && !domain.starts_with("ai.onnx") && !domain.starts_with("com.microsoft"))
      findings.push_back({"onnx.domain", Severity::Warn, "needs operators that are not ONNX's own",
                          quoted(domain)});
  return findings;
}

Findings audit_hdf5(ByteSource& source) {
  auto findings = findings_of(Format::Hdf5, read_hdf5(source));
  const auto lambda = has_keras_lambda(source);
  if (!lambda || *lambda)
    findings.push_back({"keras.code", Severity::Fail, "has a Lambda layer, which runs code"});
  return findings;
}

Findings audit_keras(ByteSource& source, AuditBudget& budget) {
  auto findings = findings_of(Format::KerasZip, read_keras_zip(source));
  append(findings, audit_archive(Format::KerasZip, source, budget));
  return findings;
}

bool looks_like_text(std::string_view text) { return text.substr(0, 8192).find('\0') == text.npos; }

Findings audit_text(std::string_view path, std::string_view text) {
  const auto name = ascii_lower(file_name(path));
  Findings findings;
  if (name == "preset.ini")
    findings.push_back({"llama.preset", Severity::Warn,
                        "sets options of llama.cpp's server when it is loaded by name"});
  if (name.ends_with(".json")) append(findings, audit_json(name, text));
  const bool is_template = ends_with_any(name, {".jinja", ".jinja2"}) || name == "modelfile";
  if (is_template) append(findings, audit_template(text));
  append(findings, audit_secrets(text));
  return findings;
}

bool has_pickle_name(std::string_view lower) {
  return ends_with_any(lower,
                       {".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt", ".p", ".dill"});
}

/// What no format claims may still be what somebody unpickles. Its name or its first bytes say so;
/// else the walk, which soon breaks off in other files, must find more than chance would.
Findings audit_possible_pickle(std::string_view lower, ByteView head, ByteSource& source) {
  const auto text = as_text(head);
  const bool is_marked = text.size() >= 2 && text[0] == '\x80' && text[1] <= 5 && text[1] >= 2;
  const auto scan = scan_pickles(source);
  const bool is_whole = scan.pickles > 0 && (is_marked || scan.verdict == PickleVerdict::Dangerous);
  const bool names_more = scan.verdict == PickleVerdict::Dangerous || scan.pickles > 0;
  const bool is_pickle =
      has_pickle_name(lower) || is_whole || (names_more && !scan.globals.empty());
  return is_pickle ? Findings{finding_of(scan)} : Findings();
}

Findings audit_other(std::string_view name, ByteView head, ByteSource& source,
                     AuditBudget& budget) {
  const auto lower = ascii_lower(name);
  Findings findings;
  if (is_weights_name(name))
    findings.push_back({"weights.broken", Severity::Fail,
                        "has the name of a weight file and not the content of one"});
  if (as_text(head).starts_with("PK\x03\x04") || as_text(head).starts_with("PK\x05\x06")) {
    append(findings, audit_archive(Format::NotWeights, source, budget));
    return findings;
  }
  append(findings, audit_opaque(name, head));
  append(findings, audit_possible_pickle(lower, head, source));
  if (source.size() > kTextLimitBytes || !looks_like_text(as_text(head))) return findings;
  const auto bytes = source.read(0, source.size());
  if (!bytes) return {{"file.unreadable", Severity::Fail, bytes.error().message}};
  append(findings, audit_text(name, as_text(*bytes)));
  return findings;
}

/// A ZIP's end record at the end of what is no ZIP: another reader sees another file.
Findings audit_polyglot(ByteView head, ByteSource& source) {
  if (as_text(head).starts_with("PK")) return {};
  const auto is_zip = ends_as_zip(source);
  if (!is_zip) return {{"file.unreadable", Severity::Fail, is_zip.error().message}};
  if (!*is_zip) return {};
  return {{"polyglot.zip", Severity::Fail, "is also a ZIP archive"}};
}

Findings audit_format(Format format, std::string_view name, ByteView head, ByteSource& source,
                      AuditBudget& budget) {
  switch (format) {
    case Format::Gguf:
      return audit_gguf(source, name);
    case Format::TorchZip:
      return audit_torch_zip(source, name, budget);
    case Format::Pickle:
      return audit_pickle(source);
    case Format::Numpy:
      return audit_numpy(source, head, budget);
    case Format::Onnx:
      return audit_onnx(source);
    case Format::Hdf5:
      return audit_hdf5(source);
    case Format::KerasZip:
      return audit_keras(source, budget);
    case Format::Safetensors:
    case Format::LegacyGgml:
      return findings_of(format, inspect(name, source));
    case Format::LfsPointer:
      return {{"lfs.pointer", Severity::Fail, "is a Git LFS pointer, not the file itself"}};
    case Format::NotWeights:
      break;
  }
  return audit_other(name, head, source, budget);
}

}  // namespace

Findings audit_within(std::string_view name, ByteSource& source, AuditBudget& budget) {
  const auto head = source.read(0, std::min(source.size(), kHeadLimitBytes));
  if (!head) return {{"file.unreadable", Severity::Fail, head.error().message}};
  auto findings = audit_code(name, *head);
  append(findings, audit_polyglot(*head, source));
  const auto format = recognise(name, *head, source.size());
  append(findings, audit_format(format, name, *head, source, budget));
  return findings;
}

Findings audit(std::string_view name, ByteSource& source) {
  AuditBudget budget;
  return audit_within(name, source, budget);
}

}  // namespace owrd::weights
