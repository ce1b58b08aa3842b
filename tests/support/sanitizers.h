// SPDX-License-Identifier: Apache-2.0
// What the sanitizer that all of this is built with adds to a process.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_SANITIZERS_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_SANITIZERS_H_

namespace virt {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1  // as GCC has it
#elif __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif

#if defined(__SANITIZE_THREAD__)
inline constexpr bool kHasSanitizer = true;
inline constexpr int kSanitizersThreads = 1;  // begins with the first that the process starts
#elif defined(__SANITIZE_ADDRESS__)
inline constexpr bool kHasSanitizer = true;
inline constexpr int kSanitizersThreads = 0;
#else
inline constexpr bool kHasSanitizer = false;
inline constexpr int kSanitizersThreads = 0;
#endif

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_SANITIZERS_H_
