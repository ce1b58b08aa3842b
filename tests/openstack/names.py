# SPDX-License-Identifier: Apache-2.0
"""Ids that are the same in every lab."""

import uuid


def name_id(*words):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, "-".join(map(str, words)) + ".lab"))
