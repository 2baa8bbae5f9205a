#include "daemon/weights/keras.h"

#include "daemon/core/text.h"
#include "daemon/weights/json_walk.h"
#include "daemon/weights/zip.h"

namespace owrd::weights {
namespace {

constexpr std::size_t kSentenceLimit = 50;

bool is_of_keras(std::string_view module) {
  for (const std::string_view known : {"keras", "keras_nlp", "keras_hub", "keras_cv", "builtins"})
    if (module == known || (module.starts_with(known) && module[known.size()] == '.')) return true;
  return module == "tensorflow.python.keras" || module.starts_with("tensorflow.python.keras.") ||
         module.starts_with("tensorflow.keras");
}

/// keras, src/saving/serialization_lib.py: objects are {"module", "class_name", "config",
/// "registered_name"}.
class CodeVisitor : public JsonVisitor {
 public:
  std::vector<std::string> sentences;

  Result<> on_open(const JsonPath&, JsonContainer) override { return Done{}; }
  Result<> on_close(const JsonPath&) override { return Done{}; }
  Result<> on_scalar(const JsonPath& path, const JsonScalar& scalar) override {
    if (path.empty() || scalar.kind != JsonScalar::Kind::String) return Done{};
    const auto& key = path.back().key;
    if (key == "class_name" && scalar.text == "Lambda") add("a Lambda layer");
    if (key == "class_name" && scalar.text == "__lambda__") add("a serialized lambda");
    if (key == "module" && !is_of_keras(scalar.text))
      add("an object of module " + quoted(scalar.text));
    return Done{};
  }

 private:
  void add(std::string sentence) {
    if (sentences.size() < kSentenceLimit) sentences.push_back(std::move(sentence));
  }
};

}  // namespace

Result<Inventory> read_keras_zip(ByteSource& source) {
  const auto directory = read_zip_directory(source);
  if (!directory) return directory.error();
  if (directory->find("config.json") == nullptr)
    return Error{ErrorCode::InvalidInput, "Keras: no config.json in the archive"};
  Inventory inventory;
  inventory.format = Format::KerasZip;
  return inventory;
}

Result<std::vector<std::string>> find_keras_code(std::string_view config) {
  CodeVisitor visitor;
  const auto walked = walk_json(config, visitor);
  if (!walked) return walked.error();
  return std::move(visitor.sentences);
}

}  // namespace owrd::weights
