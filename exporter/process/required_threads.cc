// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/required_threads.h"

#include <pthread.h>

#include <chrono>
#include <filesystem>
#include <iterator>
#include <latch>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

namespace virt {
namespace {

std::size_t running_threads() {
  std::error_code error;
  const std::filesystem::directory_iterator tasks{"/proc/self/task", error};
  return error ? 1 : static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

// A joined thread counts against the limits until the kernel has released it, a little later.
void wait_until_released(std::size_t running) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{1};
  while (running_threads() > running && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
}

void* wait(void* all_started) {
  static_cast<std::latch*>(all_started)->wait();
  return nullptr;
}

// How many of `count` threads can be had at once.
std::size_t try_threads(unsigned count) {
  std::latch all_started{1};
  std::vector<pthread_t> threads;
  threads.reserve(count);
  for (pthread_t thread; threads.size() < count && pthread_create(&thread, nullptr, wait, &all_started) == 0;)
    threads.push_back(thread);
  all_started.count_down();
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
  return threads.size();
}

}  // namespace

void require_threads(unsigned count, const std::string& remedy) {
  const std::size_t running = running_threads();
  const std::size_t had = try_threads(count);
  wait_until_released(running);
  if (had < count)
    throw std::runtime_error("needs " + std::to_string(running + count) + " threads and may have only " +
                             std::to_string(running + had) + "; " + remedy);
}

}  // namespace virt
