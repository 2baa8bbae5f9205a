"""An HTTPS server on loopback for the system tests, with a certificate of an authority that openssl makes. Standard
library only."""

import http.server
import ssl
import subprocess
import threading
from pathlib import Path


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    """Whoever is told of `certificate` (SSL_CERT_FILE) believes the servers that it vouches for."""

    def __init__(self, directory, name="ca"):
        self.directory, self.name = Path(directory), name
        self.key, self.certificate = self.directory / f"{name}.key", self.directory / f"{name}.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                f"/CN={name}", "-keyout", self.key, "-out", self.certificate)

    def vouch(self):
        """A certificate and key for 127.0.0.1, in one file."""
        key, request, both = (self.directory / f"{self.name}-server.{end}" for end in ("key", "csr", "pem"))
        extensions = self.directory / f"{self.name}-server.ext"
        extensions.write_text("subjectAltName=IP:127.0.0.1\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=127.0.0.1",
                "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-days",
                "2", "-extfile", extensions, "-out", both)
        both.write_text(both.read_text() + key.read_text())
        return both


class Server:
    """Answers each path of `pages` with bytes, or lets a function do so with the request's handler. A plain one speaks
    HTTP without TLS."""

    def __init__(self, test, authority, is_plain=False):
        self.scheme = "http" if is_plain else "https"
        self.pages = {}
        self.asked = {}
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                server.asked[self.path] = server.asked.get(self.path, 0) + 1
                page = server.pages.get(self.path)
                try:
                    if callable(page):
                        page(self)
                    elif page is None:
                        self.send_error(404)
                    else:
                        self.send_response(200)
                        self.send_header("Content-Length", str(len(page)))
                        self.end_headers()
                        self.wfile.write(page)
                except OSError:
                    pass  # Whoever asked has gone.

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_):
                pass  # Hand-shakes that the other side gives up.

        self.listener = Listener(("127.0.0.1", 0), Handler)
        if not is_plain:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(authority.vouch())
            # The hand-shake is for the thread of the connection.
            self.listener.socket = context.wrap_socket(self.listener.socket, server_side=True,
                                                       do_handshake_on_connect=False)
        threading.Thread(target=self.listener.serve_forever, args=(0.1,), daemon=True).start()
        test.addCleanup(self.close)

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()

    def url(self, path):
        return "%s://127.0.0.1:%d%s" % (self.scheme, self.listener.server_address[1], path)
