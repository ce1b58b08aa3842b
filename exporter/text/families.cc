// SPDX-License-Identifier: Apache-2.0
#include "exporter/text/families.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <memory_resource>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "exporter/text/number.h"

namespace virt {
namespace {

std::string family_name(const Meter& meter, std::string_view star) {
  std::string name{meter.name};
  const auto at = name.find('*');
  if (at == std::string::npos) return name;
  std::string middle{star};
  if (middle.ends_with("_ns")) middle.replace(middle.size() - 3, 3, "_seconds");
  for (char& c : middle) {
    if (!is_word(c)) c = '_';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name.replace(at, 1, middle);
}

// ---- Labels ------------------------------------------------------------------------------------------------

// Names are good, as they compiled (see literal.h); but one that is there twice costs Prometheus the whole scrape.
void check_labels(const Resource& resource) {
  const auto first = resource.labels.begin();
  for (auto label = first; label != resource.labels.end(); ++label) {
    const auto same = [&](const Label& other) { return other.name == label->name; };
    if (std::any_of(first, label, same) || (resource.domain != nullptr && label->name == "domain"))
      throw std::logic_error("a resource has the label '" + std::string{label->name} + "' twice");
  }
}

// Strict readers of the format refuse a page with a bound that is not a number.
bool is_bound(std::string_view text) {
  const auto number = to_number<double>(text);
  return text == "+Inf" || (number && std::isfinite(*number));
}

constexpr std::uint32_t kNone = static_cast<std::uint32_t>(-1);

// A resource's labels as they stand in its samples, "{domain=\"a\",vcpu=\"0\"}", or nothing; and the last family that
// has a sample with them.
using LabelTexts = std::pmr::unordered_map<std::string_view, std::uint32_t>;
using LabelText = LabelTexts::value_type;

class LabelWriter {
 public:
  explicit LabelWriter(const DomainLabels& domain_labels) : domain_labels_(domain_labels) {}

  // Lives until the next call.
  std::string_view write(const Resource& resource) {
    check_labels(resource);
    begin(resource.domain);
    if (resource.domain != nullptr) add_chosen(resource);
    for (const Label& label : resource.labels) add(label.name, label.value);
    if (!text_.empty()) text_.append("}");
    return text_.view();
  }

 private:
  // What all resources of a domain begin with stays, as they follow each other.
  void begin(const Domain* domain) {
    const bool is_new = domain != domain_;
    text_.resume_at(is_new ? 0 : domain_size_);
    if (!is_new) return;
    if (domain != nullptr) add("domain", domain->name);
    domain_ = domain;
    domain_size_ = text_.size();
  }

  void add_chosen(const Resource& resource) {
    for (const auto& chosen : domain_labels_.chosen()) {
      const auto same = [&](const Label& label) { return label.name == chosen.name; };
      if (std::none_of(resource.labels.begin(), resource.labels.end(), same))
        add(chosen.name, chosen.value(*resource.domain));
    }
  }

  void add(std::string_view name, std::string_view value) {
    text_.append(text_.empty() ? "{" : ",");
    append_label(name, value, text_);
  }

  const DomainLabels& domain_labels_;
  Text text_;
  const Domain* domain_ = nullptr;
  std::size_t domain_size_ = 0;  // after its label
};

// ---- Families ----------------------------------------------------------------------------------------------

struct Family {
  std::string name;
  const Meter* meter;
  std::uint32_t size = 0;  // samples
};

// Families by meter; those of a meter with a '*' by the text that stands for it as well.
class Families {
 public:
  explicit Families(const std::vector<Meters>& tables) : tables_(tables) {
    for (const Meters& table : tables) index_.emplace_back(table.size(), kNone);
  }

  // The number of the counter's family.
  std::uint32_t of(const Counter& counter) {
    std::uint32_t& declared = declaration(counter.meter);
    std::uint32_t& index =
        counter.star.empty() ? declared : open_[counter.meter].try_emplace(counter.star, kNone).first->second;
    if (index == kNone) index = open(*counter.meter, family_name(*counter.meter, counter.star));
    return index;
  }

  std::vector<Family>& all() { return families_; }

 private:
  // Where the meter's family is, or kNone.
  std::uint32_t& declaration(const Meter* meter) {
    const std::less<const Meter*> before;
    for (std::size_t i = 0; i < tables_.size(); ++i)
      if (!before(meter, tables_[i].data()) && before(meter, tables_[i].data() + tables_[i].size()))
        return index_[i][static_cast<std::size_t>(meter - tables_[i].data())];
    throw std::logic_error("undeclared meter: " + std::string{meter->name});
  }

  // Two stars may become one name ("a.b" and "a_b"), and two meters may share one (the same for two keys).
  std::uint32_t open(const Meter& meter, const std::string& name) {
    const auto next = static_cast<std::uint32_t>(families_.size());
    const std::uint32_t index = by_name_.try_emplace(name, next).first->second;
    if (index == next) families_.push_back({name, &meter});
    for (const std::string& sample_name : sample_names(name, meter.type))
      if (by_name_.try_emplace(sample_name, index).first->second != index) refuse(name);
    if (families_[index].name != name || families_[index].meter->type != meter.type) refuse(name);
    return index;
  }

  [[noreturn]] static void refuse(const std::string& name) {
    throw std::logic_error("two families of different types would have samples called " + name);
  }

  const std::vector<Meters>& tables_;
  std::vector<std::vector<std::uint32_t>> index_;  // by table and row
  std::unordered_map<const Meter*, std::unordered_map<std::string_view, std::uint32_t>> open_;
  std::map<std::string, std::uint32_t> by_name_;  // of the family, or of its samples
  std::vector<Family> families_;
};

// ---- Samples -----------------------------------------------------------------------------------------------

struct Sample {
  std::uint32_t family;
  LabelText* labels;
  double value;
};

// A bucket's bound is its last label, so the rest is what stands before it.
constexpr std::string_view kLastBound = "le=\"+Inf\"}";

void write_bucket(const std::string& name, std::string_view labels, double value, Pieces& pieces) {
  write_sample(name + "_bucket", labels, value, pieces);
  if (!labels.ends_with(kLastBound)) return;
  std::string rest{labels.substr(0, labels.size() - kLastBound.size() - 1)};
  if (!rest.empty()) rest += '}';
  write_sample(name + "_count", rest, value, pieces);  // libvirt's histograms have no sum
}

// The samples of a scrape's pollster, each with its family and its labels.
class Samples {
 public:
  Samples(const std::vector<Meters>& tables, const Counters& counters, const DomainLabels& domain_labels)
      : families_(tables) {
    samples_.reserve(counters.size());
    LabelWriter label_writer{domain_labels};
    const Resource* resource = nullptr;  // a resource's counters follow each other and share its labels
    LabelText* labels = nullptr;
    for (const Counter& counter : counters) {
      const std::uint32_t family = families_.of(counter);
      if (counter.resource != resource) {
        resource = counter.resource;
        labels = &known(label_writer.write(*resource));
      }
      if (counter.meter->type == Type::kHistogram) check_bound(*counter.meter, *resource);
      ++families_.all()[family].size;
      samples_.push_back({family, labels, counter.volume});
    }
  }

  void write(Pieces& pieces) {
    const auto sorted = by_family();
    auto sample = sorted.begin();
    Text head;
    for (const Family& family : families_.all()) {
      head.resume_at(0);
      append_head(family.name, family.meter->help, type_name(family.meter->type), head);
      pieces.append(head.view());
      for (std::uint32_t i = 0; i < family.size; ++i, ++sample) write(family, **sample, pieces);
    }
  }

 private:
  static void check_bound(const Meter& meter, const Resource& resource) {
    if (resource.labels.empty() || resource.labels.back().name != "le" || !is_bound(resource.labels.back().value))
      throw std::logic_error("histogram counter whose last label is not a numeric le: " + std::string{meter.name});
  }

  // The one text of these labels.
  LabelText& known(std::string_view labels) {
    char* const copy = static_cast<char*>(memory_.allocate(labels.size(), 1));
    write_text(labels, copy);
    return *label_texts_.try_emplace(std::string_view{copy, labels.size()}, kNone).first;
  }

  // In their order within each family.
  std::vector<const Sample*> by_family() {
    std::vector<std::size_t> next;
    std::size_t end = 0;
    for (const Family& family : families_.all()) {
      next.push_back(end);
      end += family.size;
    }
    std::vector<const Sample*> sorted(end);
    for (const Sample& sample : samples_) sorted[next[sample.family]++] = &sample;
    return sorted;
  }

  // Prometheus silently keeps the first of two equal series, and so do we.
  static void write(const Family& family, const Sample& sample, Pieces& pieces) {
    if (std::exchange(sample.labels->second, sample.family) == sample.family) return;
    if (family.meter->type == Type::kHistogram)
      write_bucket(family.name, sample.labels->first, sample.value, pieces);
    else
      write_sample(family.name, sample.labels->first, sample.value, pieces);
  }

  Families families_;
  std::pmr::monotonic_buffer_resource memory_;  // of the texts, which are freed together
  LabelTexts label_texts_{&memory_};
  std::vector<Sample> samples_;
};

}  // namespace

std::string_view type_name(Type type) {
  switch (type) {
    case Type::kCumulative: return "counter";
    case Type::kHistogram: return "histogram";
    case Type::kGauge: break;
  }
  return "gauge";
}

std::vector<std::string> sample_names(std::string_view family, Type type) {
  std::vector<std::string> names{std::string{family}};
  if (type != Type::kHistogram) return names;
  for (const char* part : {"_bucket", "_count", "_sum"}) names.push_back(names[0] + part);
  return names;
}

void write_families(const std::vector<Meters>& tables, const Counters& counters, const DomainLabels& labels,
                    Pieces& pieces) {
  Samples{tables, counters, labels}.write(pieces);
}

std::string families_text(const std::vector<Meters>& tables, const Counters& counters, const DomainLabels& labels) {
  std::string text;
  Pieces pieces{[&](const Piece& piece) { text += piece.text(); }};
  write_families(tables, counters, labels, pieces);
  pieces.finish();
  return text;
}

}  // namespace virt
