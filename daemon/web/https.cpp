#include "daemon/web/https.h"

#include <curl/curl.h>

#include <array>
#include <cstdlib>
#include <memory>

namespace owrd::web {
namespace {

struct Download {
  Bytes bytes;
  std::uint64_t limit_bytes;
  bool is_too_long = false;
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* context) {
  auto& download = *static_cast<Download*>(context);
  const auto part = as_bytes({data, size * count});
  if (download.bytes.size() + part.size() > download.limit_bytes) {
    download.is_too_long = true;
    return 0;
  }
  download.bytes.insert(download.bytes.end(), part.begin(), part.end());
  return part.size();
}

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};

}  // namespace

Result<Bytes> fetch_https(const std::string& url, std::uint64_t limit_bytes) {
  Download download{{}, limit_bytes};
  std::array<char, CURL_ERROR_SIZE> reason{};
  const std::unique_ptr<CURL, EasyDeleter> easy(curl_easy_init());
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(easy.get(), CURLOPT_REDIR_PROTOCOLS_STR, "https");
  curl_easy_setopt(easy.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(easy.get(), CURLOPT_CONNECTTIMEOUT, 15L);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT, 120L);
  // libcurl leaves it to its callers, unlike the proxies.
  if (const char* authorities = std::getenv("SSL_CERT_FILE"); authorities && *authorities != '\0')
    curl_easy_setopt(easy.get(), CURLOPT_CAINFO, authorities);
  curl_easy_setopt(easy.get(), CURLOPT_USERAGENT, "owrd/" OWRD_VERSION);
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, reason.data());
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &download);
  const auto code = curl_easy_perform(easy.get());

  if (download.is_too_long)
    return Error{ErrorCode::InvalidInput,
                 "fetching " + url + ": it is over " + std::to_string(limit_bytes) + " bytes",
                 "give the URL of a .owr or .owrp file; none is so long"};
  if (code == CURLE_UNSUPPORTED_PROTOCOL)
    return Error{ErrorCode::InvalidInput, "fetching " + url + ": only https:// is fetched",
                 "fetch the file by other means and give its path"};
  if (code != CURLE_OK)
    return Error{
        ErrorCode::Unavailable,
        "fetching " + url + ": " + (reason[0] != '\0' ? reason.data() : curl_easy_strerror(code)),
        "try again, or fetch the file by other means and give its path"};
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status == 200) return std::move(download.bytes);
  return Error{status == 404 || status == 410 ? ErrorCode::NotFound : ErrorCode::Unavailable,
               "fetching " + url + ": the server answered with status " + std::to_string(status),
               "try again, or ask who gave you the URL"};
}

}  // namespace owrd::web
