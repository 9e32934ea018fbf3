"""A simulated shop for locustfile.py: searches are slow, and one order in twenty fails."""

import random
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 8000


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        is_search = self.path.startswith("/search")
        time.sleep(random.uniform(0.1, 0.4) if is_search else random.uniform(0.005, 0.05))
        self.answer(200)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(random.uniform(0.02, 0.1))
        self.answer(500 if random.random() < 0.05 else 201)

    def answer(self, status):
        body = b"ok\n"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing: Locust counts."""


if __name__ == "__main__":
    ThreadingHTTPServer(("", PORT), Shop).serve_forever()
