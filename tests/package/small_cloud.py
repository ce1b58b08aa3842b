#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A Keystone and a Neutron that has one floating IP, on loopback, for those who know the password. tests/openstack has real
ones.

small_cloud.py PORT PASSWORD
"""

import http.server
import json
import sys

PORT, PASSWORD = int(sys.argv[1]), sys.argv[2]
URL = f"http://127.0.0.1:{PORT}"
TOKEN = {"token": {
    "issued_at": "2026-01-01T00:00:00.000000Z", "expires_at": "2026-01-01T01:00:00.000000Z",
    "user": {"name": "admin"}, "project": {"id": "1", "name": "admin"}, "roles": [{"name": "admin"}],
    "catalog": [
        {"type": "network", "endpoints": [{"interface": "public", "region_id": "RegionOne", "url": URL}]}
    ],
}}  # fmt: skip
LISTS = {"/v2.0/floatingips": {"floatingips": [
    {"id": "7", "status": "ACTIVE", "project_id": "1", "floating_network_id": "2", "floating_ip_address": "203.0.113.7"}
]}}  # fmt: skip


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        login = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        right = login["auth"]["identity"]["password"]["user"]["password"] == PASSWORD
        self.send(201 if right else 401, TOKEN if right else {"error": {}}, **{"X-Subject-Token": "of-the-cloud"})

    def do_GET(self):
        found = LISTS.get(self.path.split("?")[0])
        known = self.headers["X-Auth-Token"] == "of-the-cloud"
        self.send(401 if not known else 200 if found else 404, found or {})

    def send(self, status, body, **headers):
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": len(text)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(text)


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
