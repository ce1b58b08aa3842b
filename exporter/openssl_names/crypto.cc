// SPDX-License-Identifier: Apache-2.0
// libcrypto.so for CivetWeb: nothing but its dependency, OpenSSL 3.
