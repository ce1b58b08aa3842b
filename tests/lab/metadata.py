# SPDX-License-Identifier: Apache-2.0
"""What people and Nova write into a domain's definition: names that break things, and metadata of all ages."""

from xml.sax.saxutils import escape

# What virt-manager and people write: the description has lines, and more of them than a label may.
TITLED = """<title>Shop front, Berlin</title><description>owner: blue
  cost centre: 7
{more}</description><metadata><libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
  <libosinfo:os id="http://debian.org/debian/12"/></libosinfo:libosinfo></metadata>""".format(more="more, " * 10_000)

# What nothing in libvirt forbids and what breaks a scrape that is put together without care.
HOSTILE_NAMES = (
    'quo"te',
    "back\\slash\\n",
    "apos'trophe",
    "dinosaur-🦖-ünïcödé",
    "long-" + "n" * 195,
    '{brace="s",}',
    " space",
    "tab\tulator",
    "<&amp;>",
    "<img src=x onerror=ran=1>",
)

NOVA = """<metadata><nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/{version}">
  <nova:package version="25.1.1"/><nova:name>{name}</nova:name>
  <nova:creationTime>2024-02-29 12:34:56</nova:creationTime>
  <nova:flavor name="m1.small"><nova:memory>2048</nova:memory><nova:disk>20</nova:disk><nova:swap>512</nova:swap>
    <nova:ephemeral>5</nova:ephemeral><nova:vcpus>2</nova:vcpus></nova:flavor>
  <nova:owner><nova:user uuid="user-id">alice</nova:user>
    <nova:project uuid="project-id">physics</nova:project></nova:owner>
  {root}
  <nova:ports><nova:port uuid="port-id"><nova:ip type="fixed" address="10.0.0.5" ipVersion="4"/></nova:port>
  </nova:ports>
</nova:instance></metadata>"""

BROKEN_NOVA = """<metadata><nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
  <nova:creationTime>the day before</nova:creationTime><nova:owner/><nova:ports><nova:port/></nova:ports>
  <nova:flavor><nova:memory>lots</nova:memory><nova:vcpus/></nova:flavor>
</nova:instance></metadata>"""


IMAGE, VOLUME = '<nova:root type="image" uuid="image-id"/>', '<nova:root type="volume"/>'


def nova(version, name, root=IMAGE):
    return NOVA.format(version=version, name=escape(name), root=root)
