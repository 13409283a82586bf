#!/usr/bin/env python3
"""Serves the folder `site` beside this file. Needs Python 3.7 or later and nothing else.

    python3 serve.py [PORT] [ADDRESS]

PORT is 8080 unless it is given; previews of published ports get the next one. ADDRESS is 127.0.0.1, this computer alone;
0.0.0.0 lets others in, whose browsers then keep nothing for use without a network, as they do so on HTTPS alone.
"""
import json
import os
import re
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

SITE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "site")
TYPES = json.loads("""@TYPES@""")
IMMUTABLE = re.compile(r"@IMMUTABLE@")


class Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ports = (0, 0)

    def __init__(self, *args):
        super().__init__(*args, directory=SITE)

    def do_GET(self):
        if self.path.split("?")[0] == "/site.json":
            return self.send_config()
        super().do_GET()

    def send_config(self):
        name = re.sub(r":\d+$", "", self.headers.get("Host", "localhost"))
        page, preview = ("http://%s:%d/" % (name, port) for port in self.ports)
        body = json.dumps({"page": page, "preview": preview}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def list_directory(self, path):
        self.send_error(404)

    def guess_type(self, path):
        return TYPES.get(os.path.splitext(path)[1].lower(), "application/octet-stream")

    def end_headers(self):
        path = self.path.split("?")[0]
        kept = "public, max-age=31536000, immutable" if IMMUTABLE.search(path) else "no-cache"
        self.send_header("Cache-Control", kept)
        super().end_headers()

    def log_message(self, *args):
        pass


def main():
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
    address = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
    page = ThreadingHTTPServer((address, first), Handler)
    preview = ThreadingHTTPServer((address, first + 1 if first else 0), Handler)
    Handler.ports = (page.server_port, preview.server_port)
    threading.Thread(target=preview.serve_forever, daemon=True).start()
    name = "localhost" if address == "127.0.0.1" else address
    print("Porthole is at http://%s:%d/ (Ctrl-C stops it)" % (name, page.server_port), flush=True)
    try:
        page.serve_forever()
    except KeyboardInterrupt:
        pass


main()
