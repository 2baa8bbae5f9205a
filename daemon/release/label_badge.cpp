#include "daemon/release/label_badge.h"

#include <vector>

namespace owrd::release {
namespace {

constexpr int kLetterWidth = 9;  // With the gap after it.
constexpr int kPadding = 5;

/// The strokes of a letter in a box of 7 by 10.
std::string_view strokes(char letter) {
  switch (letter) {
    case 'O':
      return "M2 0H5L7 2V8L5 10H2L0 8V2Z";
    case 'M':
      return "M0 10V0L3.5 5L7 0V10";
    case 'W':
      return "M0 0L1.5 10L3.5 4L5.5 10L7 0";
    case 'D':
      return "M0 0H4L7 3V7L4 10H0Z";
    default:
      return "M1 5H6";
  }
}

struct Field {
  std::string_view text;
  std::string_view colour;
};

/// What is there in colour; what is not is not drawn.
std::vector<Field> fields_of(Label label) {
  if (label == Label::None) return {{"--", "#5a5a5a"}};
  std::vector<Field> fields{{"OM", "#1b4f8f"}};
  if (label == Label::OM_OD || label == Label::OM_OD_OW) fields.push_back({"OD", "#7a3e00"});
  if (label == Label::OM_OW || label == Label::OM_OD_OW) fields.push_back({"OW", "#14603a"});
  return fields;
}

int width_of(const Field& field) {
  return static_cast<int>(field.text.size()) * kLetterWidth - 2 + 2 * kPadding;
}

std::string draw(const Field& field, int x) {
  std::string out = "<rect x=\"" + std::to_string(x) + "\" width=\"" +
                    std::to_string(width_of(field)) + "\" height=\"20\" stroke=\"none\" fill=\"" +
                    std::string(field.colour) + "\"/>\n";
  x += kPadding;
  for (const char letter : field.text) {
    out += "<path transform=\"translate(" + std::to_string(x) + " 5)\" d=\"" +
           std::string(strokes(letter)) + "\"/>\n";
    x += kLetterWidth;
  }
  return out;
}

}  // namespace

std::string label_svg(Label label) {
  std::string body;
  int width = 0;
  for (const auto& field : fields_of(label)) {
    body += draw(field, width);
    width += width_of(field);
  }
  const auto size = std::to_string(width);
  const std::string name(long_name(label));
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + size +
         "\" height=\"20\" viewBox=\"0 0 " + size + " 20\" role=\"img\" aria-label=\"" + name +
         "\">\n<title>" + name +
         "</title>\n<g fill=\"none\" stroke=\"#fff\" stroke-width=\"1.8\" "
         "stroke-linejoin=\"round\" stroke-linecap=\"round\">\n" +
         body + "</g>\n</svg>\n";
}

std::string label_markdown(Label label, std::string_view image_url) {
  std::string url;
  // Parentheses, blanks and angle brackets would end the link.
  for (const char c : image_url) {
    if (c == '(')
      url += "%28";
    else if (c == ')')
      url += "%29";
    else if (c == ' ')
      url += "%20";
    else if (c == '<')
      url += "%3C";
    else if (c == '>')
      url += "%3E";
    else if (c >= ' ')
      url += c;
  }
  return "![" + std::string(long_name(label)) + "](" + url + ")\n";
}

}  // namespace owrd::release
