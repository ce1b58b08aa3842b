// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_NO_THREADS_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_NO_THREADS_H_

#include <sys/resource.h>
#include <unistd.h>

#include <system_error>

namespace virt {

// For as long as it lives, no thread is to be had in this process. Root has no limit, so the process becomes a user
// without other processes, and stays one: for processes of their own (EXPECT_EXIT), that begin as root.
class NoThreads {
 public:
  NoThreads() {
    const auto user = static_cast<uid_t>(100'000 + getpid());
    if (setresuid(user, user, user) != 0) throw std::system_error(errno, std::generic_category(), "setresuid");
    getrlimit(RLIMIT_NPROC, &before_);
    const rlimit none{0, before_.rlim_max};
    setrlimit(RLIMIT_NPROC, &none);
  }
  ~NoThreads() { setrlimit(RLIMIT_NPROC, &before_); }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

 private:
  rlimit before_{};
};

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_NO_THREADS_H_
