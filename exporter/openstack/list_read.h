// SPDX-License-Identifier: Apache-2.0
// One read of a list, page by page.
#ifndef VIRT_EXPORTER_OPENSTACK_LIST_READ_H_
#define VIRT_EXPORTER_OPENSTACK_LIST_READ_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "exporter/openstack/cloud_session.h"
#include "exporter/openstack/equal_items.h"
#include "exporter/openstack/json_page.h"
#include "exporter/openstack/lists.h"
#include "exporter/openstack/transfers.h"

namespace virt {

// Why there are no items, as metrics say it.
enum class Failure {
  kNone,
  kLogin,         // there is no token
  kScope,         // the token does not see all of it
  kNoService,     // the catalog does not have the service
  kAbsent,        // the service does not have this part of its API: 404
  kUnauthorized,  // 401, with a new token as well
  kForbidden,     // 403
  kStatus,        // another status
  kNoAnswer,      // the service cannot be reached, or broke off
  kTimeout,
  kContent,  // what came is not a list
  kTooMany,  // items, or pages
};
std::string_view to_text(Failure failure);

struct ListResult {
  Failure failure = Failure::kNone;
  std::string detail;  // for the log
  std::shared_ptr<const CloudItems> items;
  std::size_t count = 0;  // of items, equal ones included
  std::size_t pages = 0;
  std::optional<std::chrono::seconds> retry_after;
};

// The newest microversion of each service's API that both sides know, for all reads. Of one thread.
class Microversions {
 public:
  using Use = std::function<void(const ApiResponse&)>;

  // Nothing of a service that was not asked yet, or has none.
  std::optional<Microversion> of(Service service) const;
  void know(Service service, Microversion version) { known_[service] = version; }

  // Keeps `use` for answer(). True if it is the first of a service, so that the caller has to ask.
  bool wait(Service service, Use use);
  void answer(Service service, const ApiResponse& response);

 private:
  std::map<Service, Microversion> known_;
  std::map<Service, std::vector<Use>> waiting_;
};

class ListRead {
 public:
  using Done = std::function<void(ListResult)>;
  struct Context {
    CloudSession& session;
    Transfers& transfers;
    Microversions& microversions;
  };
  struct Limits {
    std::size_t pages = 1000, items = 200000;
  };

  // Calls `done` once, in Transfers::run() or at once; must live until then. A page that is refused (401) is asked for
  // again with a new token; a list whose next page is gone (404) is begun again once.
  ListRead(const ListSpec& list, Context context, Done done) : ListRead(list, context, std::move(done), Limits{}) {}
  ListRead(const ListSpec& list, Context context, Done done, Limits limits);
  void begin();

 private:
  void go_on(const TokenPtr& token);
  void ask_version();
  void note_version(const ApiResponse& response);
  void go_on_asking();
  void ask_page();
  void take_page(ApiResponse response);
  void ask_detail();
  void take_detail(const ApiResponse& response);
  void take_refusal();
  bool begins_again();
  void send(const std::string& url, Transfers::Done done);
  void fail(Failure failure, std::string detail);
  void fail(const ApiResponse& response);
  void finish();
  std::string page_url() const;

  const ListSpec& list_;
  const Context context_;
  const Done done_;
  const Limits limits_;
  const PageShape shape_;
  const std::vector<std::string_view> details_;  // paths of an item's other documents

  TokenPtr token_;
  bool was_refused_ = false, was_begun_again_ = false;
  std::string base_, query_;  // of the page at hand
  JsonPage page_;             // with the items of all pages so far
  EqualItems equal_;          // those items of a list that is counted
  std::size_t pages_ = 0;
  bool has_pages_ = false;  // all of them
  std::size_t detail_ = 0;  // the next one, counted over all items
};

}  // namespace virt

#endif  // VIRT_EXPORTER_OPENSTACK_LIST_READ_H_
