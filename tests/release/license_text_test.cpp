#include "daemon/release/license_text.h"

#include <gtest/gtest.h>

namespace owrd::release {
namespace {

constexpr auto kMit =
    "MIT License\n\nCopyright (c) 2026 Acme\n\nPermission is hereby granted, free of charge, to "
    "any "
    "person obtaining a copy\nof this software\n\nThe above copyright notice and this permission\n"
    "notice shall be included";
constexpr auto kApache =
    "                                 Apache License\n                           Version 2.0, "
    "January 2004\n";
constexpr auto kLlama = "LLAMA 3.1 COMMUNITY LICENSE AGREEMENT\nLlama 3.1 Version Release Date:";

TEST(LicenseText, IsRecognisedByItsTitleOrFirstWords) {
  EXPECT_EQ(recognise_license(kMit), "MIT");
  EXPECT_EQ(recognise_license(kApache), "Apache-2.0");
  EXPECT_EQ(recognise_license(kLlama), "LicenseRef-hf-llama3.1");
  EXPECT_EQ(recognise_license("META LLAMA 3 COMMUNITY LICENSE AGREEMENT"), "LicenseRef-hf-llama3");
  EXPECT_EQ(recognise_license("GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007"), "GPL-3.0");
  EXPECT_EQ(recognise_license("Attribution-NonCommercial 4.0 International"), "CC-BY-NC-4.0");
  EXPECT_EQ(
      recognise_license("Redistributions of source code must retain x. Neither the name of y"),
      "BSD-3-Clause");
  EXPECT_EQ(recognise_license("Redistributions of source code must retain x."), "BSD-2-Clause");
  EXPECT_EQ(recognise_license("All rights reserved."), "");
  EXPECT_EQ(recognise_license(std::string(3000, 'x') + kApache), "") << "too far down";
}

TEST(LicenseText, ContradictsAnotherId) {
  const struct {
    const char *text, *expression;
    bool may_be;
  } cases[] = {
      {kMit, "MIT", true},
      {kMit, "MIT OR Apache-2.0", true},
      {kMit, "Apache-2.0", false},
      {kApache, "LicenseRef-hf-llama3.1", false},
      {kLlama, "Apache-2.0", false},
      {kLlama, "LicenseRef-hf-llama3", false},
      {"GNU GENERAL PUBLIC LICENSE Version 3", "GPL-3.0-or-later", true},
      {"GNU GENERAL PUBLIC LICENSE Version 3", "GPL-2.0-only", false},
      {kMit, "LicenseRef-acme", true},
      {kMit, "LicenseRef-hf-modified-mit", true},
      {"Some other words", "MIT", true},
  };
  for (const auto& [text, expression, may_be] : cases)
    EXPECT_EQ(may_be_text_of(text, expression), may_be) << expression;
}

}  // namespace
}  // namespace owrd::release
