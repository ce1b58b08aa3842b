// SPDX-License-Identifier: Apache-2.0
#include "tests/support/program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace virt {

Program::Program(const std::vector<std::string>& flags, const std::string& file)
    : out_(memfd_create("stdout", MFD_CLOEXEC)) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  err_ = ends[0];
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out_, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  std::vector<char*> arguments{const_cast<char*>(file.c_str())};
  for (const std::string& flag : flags) arguments.push_back(const_cast<char*>(flag.c_str()));
  arguments.push_back(nullptr);
  const int error = posix_spawn(&pid_, file.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) throw std::runtime_error("cannot run " + file);
}

Program::~Program() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(out_);
  close(err_);
}

bool Program::read_error() {
  pollfd waited{err_, POLLIN, 0};
  if (poll(&waited, 1, 60'000) != 1) throw std::runtime_error("the program hangs; it said: " + error_);
  char piece[4096];
  const ssize_t size = read(err_, piece, sizeof piece);
  error_.append(piece, static_cast<std::size_t>(size > 0 ? size : 0));
  return size > 0;
}

void Program::wait_for_log(std::string_view text) {
  while (error_.find(text) == std::string::npos && read_error()) continue;
}

std::string Program::wait_for_addresses() {
  constexpr std::string_view kBefore = " listens on ", kAfter = ", path ";
  wait_for_log(kAfter);
  const auto at = error_.find(kBefore);
  if (at == std::string::npos) throw std::runtime_error("the program does not listen; it said: " + error_);
  const auto begin = at + kBefore.size();
  return error_.substr(begin, error_.find(kAfter, begin) - begin);
}

int Program::wait_for_port() {
  const std::string addresses = wait_for_addresses(), first = addresses.substr(0, addresses.find(','));
  return std::stoi(first.substr(first.rfind(':') + 1));
}

void Program::signal(int number) const { kill(pid_, number); }

Ended Program::wait() {
  while (read_error()) continue;
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  std::string out(static_cast<std::size_t>(lseek(out_, 0, SEEK_END)), '\0');
  if (pread(out_, out.data(), out.size(), 0) != static_cast<ssize_t>(out.size())) throw std::runtime_error("no output");
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), out, error_};
}

}  // namespace virt
