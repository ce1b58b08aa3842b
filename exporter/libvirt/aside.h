// SPDX-License-Identifier: Apache-2.0
// Work beside a read, on a thread of its own, which may hang without holding later reads up.
#ifndef VIRT_EXPORTER_LIBVIRT_ASIDE_H_
#define VIRT_EXPORTER_LIBVIRT_ASIDE_H_

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "exporter/process/log.h"
#include "exporter/threads/inbox.h"
#include "exporter/threads/thread_pool.h"

namespace virt {

// One work at a time. Used by the thread that runs the inbox's reports.
template <typename Result>
class Aside {
 public:
  // `threads` and `log` must live longer; `name` is for the log.
  Aside(std::string name, ThreadPool& threads, std::shared_ptr<Inbox> inbox, LogOnce& log)
      : name_(std::move(name)), threads_(threads), inbox_(std::move(inbox)), log_(log) {}

  // Whatever is still out is not of the read that begins now.
  void begin_read() { is_of_this_read_ = false; }

  // Begins the work of a read, unless the last one still hangs. It must own what it uses. If it throws, or no thread
  // is to be had, that is logged and there is no result: it must not cost the rest of the read.
  template <typename Work>
  void begin(Work work) {
    if (is_out_) return;
    const auto result = std::make_shared<std::optional<Result>>();
    const auto error = std::make_shared<std::string>();
    const auto run = [result, error, work = std::move(work)] {
      try {
        *result = work();
      } catch (const std::exception& exception) {
        *error = exception.what();
      }
    };
    result_.reset();
    try {
      threads_.run(run, [this, inbox = inbox_, result, error] {
        inbox->post([this, result, error] { finish(std::move(*result), *error); });
      });
      is_out_ = is_of_this_read_ = true;
    } catch (const std::system_error& no_thread) {
      log_.problem(name_, no_thread.what());
    }
  }

  bool is_out() const { return is_out_; }
  // The work that this read began is out.
  bool is_awaited() const { return is_out_ && is_of_this_read_; }
  // What the last work that came back gave, once.
  std::optional<Result> take() { return std::exchange(result_, std::nullopt); }

 private:
  void finish(std::optional<Result> result, const std::string& error) {
    is_out_ = false;
    result_ = std::move(result);
    if (result_)
      log_.no_problem(name_, "readable again");
    else
      log_.problem(name_, error);
  }

  const std::string name_;
  ThreadPool& threads_;
  const std::shared_ptr<Inbox> inbox_;
  LogOnce& log_;
  bool is_out_ = false, is_of_this_read_ = false;
  std::optional<Result> result_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_ASIDE_H_
