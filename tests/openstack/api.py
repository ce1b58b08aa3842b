# SPDX-License-Identifier: Apache-2.0
"""OpenStack's APIs as a client sees them: log in, ask, read all pages."""

import json
import urllib.error
import urllib.parse
import urllib.request

VERSIONS = {
    "neutron": "/v2.0", "nova": "/v2.1", "keystone": "/v3", "cinder": "/v3", "glance": "/v2", "placement": ""
}  # fmt: skip
# Each service refuses or ignores the header of another.
MICROVERSIONS = {"nova": "compute 2.87", "cinder": "volume 3.48", "placement": "placement 1.28"}


class Refused(Exception):
    """An API's answer that is not a success."""

    def __init__(self, method, url, status, body):
        super().__init__(f"{method} {url}: {status} {body[:300]!r}")
        self.status = status


def request(method, url, body=None, headers=None):
    """Gives (the parsed body or None, the headers). Throws Refused."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=120) as answer:
            text = answer.read()
            return (json.loads(text) if text else None), answer.headers
    except urllib.error.HTTPError as error:
        raise Refused(method, url, error.code, error.read()) from None


def log_in(auth):
    """Gives a token for the `auth` part of a cloud in clouds.yaml."""
    if "application_credential_id" in auth:
        secret = {"id": auth["application_credential_id"], "secret": auth["application_credential_secret"]}
        body = {"identity": {"methods": ["application_credential"], "application_credential": secret}}
    else:
        user = {"name": auth["username"], "domain": {"name": "Default"}, "password": auth["password"]}
        body = {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope(auth)}
    return request("POST", auth["auth_url"] + "/auth/tokens", {"auth": body})[1]["X-Subject-Token"]


def scope(auth):
    if "system_scope" in auth:
        return {"system": {"all": True}}
    return {"project": {"name": auth["project_name"], "domain": {"name": "Default"}}}


class Api:
    """The services at some addresses, as the owner of a token sees them."""

    def __init__(self, addresses, token):
        self._addresses, self._headers = addresses, {"X-Auth-Token": token}

    def call(self, service, method, path, body=None, /, **headers):
        if service in MICROVERSIONS:
            headers["OpenStack-API-Version"] = MICROVERSIONS[service]
        url = self._addresses[service] + VERSIONS[service] + path
        return request(method, url, body, {**self._headers, **headers})[0]

    def get(self, service, path):
        return self.call(service, "GET", path)

    def post(self, service, path, /, **body):
        """Creates one thing; the answer is that thing."""
        return next(iter(self.call(service, "POST", path, body).values()))

    def all(self, service, path, key=None):
        """Gives all items of a list, of however many pages."""
        key = key or path.split("?")[0].strip("/").replace("-", "_")
        items, page = [], self.get(service, path)
        while True:
            items += page[key]
            following = [link["href"] for link in page.get(f"{key}_links", []) if link["rel"] == "next"]
            following += [page["next"]] if "next" in page else []  # Glance's way
            if not following:
                return items
            page = self.get(service, f"{path.split('?')[0]}?{urllib.parse.urlsplit(following[0]).query}")
