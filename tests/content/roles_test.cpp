#include "daemon/content/roles.h"

#include <gtest/gtest.h>

namespace owrd::content {
namespace {

TEST(Roles, FollowBytesFirstAndNamesThen) {
  using weights::Format;
  struct Case {
    std::string path;
    Format format;
    v1::FileRole role;
  };
  const Case cases[] = {
      {"model.safetensors", Format::Safetensors, v1::FILE_ROLE_WEIGHTS},
      {"README.md", Format::Gguf, v1::FILE_ROLE_WEIGHTS},
      {"model.safetensors", Format::NotWeights, v1::FILE_ROLE_OTHER},
      {"LICENSE", Format::NotWeights, v1::FILE_ROLE_LICENSE},
      {"legal/Licence.txt", Format::NotWeights, v1::FILE_ROLE_LICENSE},
      {"COPYING", Format::NotWeights, v1::FILE_ROLE_LICENSE},
      {"NOTICE", Format::NotWeights, v1::FILE_ROLE_LICENSE},
      {"license_check.py", Format::NotWeights, v1::FILE_ROLE_CODE},
      {"README.md", Format::NotWeights, v1::FILE_ROLE_CARD},
      {"MODEL_CARD.md", Format::NotWeights, v1::FILE_ROLE_CARD},
      {"config.json", Format::NotWeights, v1::FILE_ROLE_CONFIG},
      {"generation_config.json", Format::NotWeights, v1::FILE_ROLE_CONFIG},
      {"model.safetensors.index.json", Format::NotWeights, v1::FILE_ROLE_CONFIG},
      {"tokenizer_config.json", Format::NotWeights, v1::FILE_ROLE_TOKENIZER},
      {"tokenizer.model", Format::NotWeights, v1::FILE_ROLE_TOKENIZER},
      {"vocab.json", Format::NotWeights, v1::FILE_ROLE_TOKENIZER},
      {"merges.txt", Format::NotWeights, v1::FILE_ROLE_TOKENIZER},
      {"tokenization_atlas.py", Format::NotWeights, v1::FILE_ROLE_CODE},
      {"kernel.cpp", Format::NotWeights, v1::FILE_ROLE_CODE},
      {"figure.png", Format::NotWeights, v1::FILE_ROLE_OTHER},
  };
  for (const auto& [path, format, role] : cases) EXPECT_EQ(role_of(path, format), role) << path;
}

}  // namespace
}  // namespace owrd::content
