// Out of memory: files, data, checkpoints, and the runner that all tables of scenarios share.
#include <cstdio>
#include <new>
#include <thread>

#include "tenon/data/batches.hpp"
#include "tenon/data/csv.hpp"
#include "tenon/data/idx.hpp"
#include "tenon/io/checkpoint.hpp"
#include "tenon/io/svg.hpp"
#include "tenon/train/log.hpp"
#include "tests/catch.hpp"
#include "tests/counting_new.hpp"
#include "tests/faults/faults.hpp"
#include "tests/io/text_helpers.hpp"

namespace faults {

World::World() : net(tn::nn::init<Net>(rng)), x({6, 3}), y({6, 2}), labels({6}) {
  rng.fill_normal(x.mut().data(), x.size());
  rng.fill_normal(y.mut().data(), y.size());
  for (Index i = 0; i < 6; ++i) labels.mut()(i) = static_cast<std::int32_t>(i % 2);
}

namespace {

std::vector<float> bits(const Net& net) {
  std::vector<float> all;
  tn::for_each_parameter(
      net, [&](const tn::Path&, const auto& p) { all.insert(all.end(), p.value().begin(), p.value().end()); });
  return all;
}

enum class Outcome { finished, out_of_memory, something_else };
struct Attempt {
  Outcome outcome = Outcome::something_else;
  long refusals = 0;       ///< of requests; 0: there was no n-th one
  bool kept_bits = false;  ///< of the parameters
  bool works_after = false;
};

/// One run in a world of its own, with request `n` of the scenario refused, or all from there on; n < 0: none.
Attempt attempt(const Scenario& scenario, const std::string& folder, long n, bool once) {
  using namespace tenon_test;
  Attempt result;
  World world;
  world.folder = folder;
  const auto before = bits(world.net);
  const long first = new_calls;
  fail_new_once = once;
  fail_new_at = n + 1;
  try {
    scenario.run(world);
    result.outcome = Outcome::finished;
  } catch (const std::bad_alloc&) {
    result.outcome = Outcome::out_of_memory;
  } catch (...) {
  }
  const bool refused = fail_new_at.exchange(0) <= 0 && n >= 0;
  result.refusals = !refused ? 0 : once ? 1 : new_calls - first - n;
  result.kept_bits = bits(world.net) == before || (scenario.trains && result.outcome == Outcome::finished);
  try {
    scenario.run(world);
    result.works_after = true;
  } catch (...) {
  }
  return result;
}
/// In a thread of its own, because threads keep memory for the next use.
Attempt attempt_afresh(const Scenario& scenario, const std::string& folder, long n, bool once) {
  Attempt result;
  std::thread([&] { result = attempt(scenario, folder, n, once); }).join();
  return result;
}

long check_scenario(const Scenario& scenario, const std::string& folder) {
  long refusals = 0;
  for (const bool once : {true, false}) {
    (void)attempt_afresh(scenario, folder, -1, once);
    long n = 0;
    for (bool refused = true; refused; ++n) {
      const long live = tenon_test::new_calls - tenon_test::delete_calls;
      const Attempt a = attempt_afresh(scenario, folder, n, once);
      const long leaked = tenon_test::new_calls - tenon_test::delete_calls - live - a.refusals;
      refused = a.refusals > 0;
      if (a.outcome == Outcome::something_else || !a.kept_bits || !a.works_after || leaked != 0)
        FAIL_CHECK(scenario.name << ", request " << n << (once ? " alone" : " and later ones") << ": "
                                 << (a.outcome == Outcome::something_else ? "not bad_alloc " : "")
                                 << (a.kept_bits ? "" : "parameters changed ")
                                 << (a.works_after ? "" : "does not work afterwards ") << leaked << " blocks leaked");
      if (n > 5000) FAIL(scenario.name << " has no end");
    }
    CHECK(n > 1);  // a scenario that asks for no memory tests nothing
    refusals += n - 1;
  }
  return refusals;
}
}  // namespace

long check_scenarios(std::span<const Scenario> scenarios) {
  const io_test::Folder folder;
  long refusals = 0;
  for (const Scenario& s : scenarios) refusals += check_scenario(s, folder.path());
  return refusals;
}

namespace {

tn::data::Dataset<tn::Tensor<float, dyn, dyn>> small_set(World& w) { return {w.x.clone(), w.labels.clone()}; }

const Scenario readers[] = {
    {"a text file, written and read",
     [](World& w) {
       tn::io::write_text(w.folder + "/text", std::string(3000, 'x'));
       if (tn::io::read_text(w.folder + "/text").size() != 3000) throw 1;
     }},
    {"a file that is missing",
     [](World& w) {
       if (tn::io::try_read_file(w.folder + "/none")) throw 1;
     }},
    {"a table in CSV",
     [](World&) {
       const auto t = tn::io::parse_csv<float>("a, \"b \"\"c\"\"\"\n1,2.5\n3,nan\n", "t", {.header = true});
       if (t.rows != 2) throw 1;
     }},
    {"a table in CSV with a fault",
     [](World&) {
       if (tn::io::try_parse_csv<float>("1,2\n3,x\n", "t")) throw 1;
     }},
    {"images in IDX",
     [](World&) {
       std::vector<std::byte> file{std::byte{0}, std::byte{0}, std::byte{8}, std::byte{1}, std::byte{0},
                                   std::byte{0}, std::byte{0}, std::byte{2}, std::byte{7}, std::byte{9}};
       if (tn::io::parse_idx(file).values<float>().at(1) != 9) throw 1;
       file.pop_back();
       if (tn::io::try_parse_idx(file)) throw 1;
     }},
    {"a safetensors file, written and read",
     [](World& w) {
       tn::io::write_safetensors(w.folder + "/tensors",
                                 {tn::io::safe_tensor("x", w.x), tn::io::safe_tensor("labels", w.labels)},
                                 {{"format", "pt"}});
       const auto file = tn::io::read_safetensors(w.folder + "/tensors");
       if (file.tensor<float, dyn, 3>("x").size() != 18) throw 1;
     }},
    {"a safetensors file with a fault",
     [](World&) {
       std::vector<std::byte> file(40);
       file[0] = std::byte{32};
       if (tn::io::try_parse_safetensors(std::move(file))) throw 1;
     }},
    {"weights of another net, saved and loaded",
     [](World& w) {
       tn::Rng other(9);
       const Net net = tn::nn::init<Net>(other);
       tn::io::save(w.folder + "/weights", net);
       tn::io::load(w.folder + "/weights", w.net);
     },
     true},
    {"a checkpoint saved",
     [](World& w) {
       long epoch = 3;
       std::string name = "a name that is too long to be stored in place";
       tn::io::checkpoint("net", w.net, "rng", w.rng, "epoch", epoch, "name", name).save(w.folder + "/run");
     }},
    {"a checkpoint loaded into another net",
     [](World& w) {
       long epoch = 0;
       std::string name = "a name that is too long to be stored in place";
       tn::Rng other(9);
       Net net = tn::nn::init<Net>(other);
       auto all = tn::io::checkpoint("net", w.net, "rng", w.rng, "epoch", epoch, "name", name);
       tn::io::checkpoint("net", net, "rng", other, "epoch", epoch, "name", name).save(w.folder + "/other");
       all.load(w.folder + "/other");
     },
     true},
    {"a data set, split, in batches",
     [](World& w) {
       const auto set = small_set(w);
       auto [a, b] = tn::data::split(set, 0.5, w.rng);
       auto batches = tn::data::batches(a, 2, w.rng);
       for (int epoch = 0; epoch < 2; ++epoch)
         for (auto [x, y] : batches)
           if (x.shape()[0] > 2) throw 1;
     }},
    {"a data set with a wrong label",
     [](World& w) {
       auto labels = w.labels.clone();
       labels.mut()(5) = 2;
       try {
         (void)tn::data::Dataset(w.x.clone(), std::move(labels), 2);
         throw 1;
       } catch (const tn::ValueError&) {
       }
     }},
    {"a log, and a chart",
     [](World& w) {
       tn::train::Log log({"epoch", "loss, of \"all\""});
       for (int i = 0; i < 4; ++i) log.add({1.0 * i, 0.5});
       log.write(w.folder + "/log.csv");
       tn::io::svg::LineChart{.title = "t", .series = {{"loss", log["epoch"], log["epoch"]}}}.write(w.folder +
                                                                                                    "/a.svg");
     }},
};
}  // namespace
}  // namespace faults

TEST_CASE("faults: readers, data and checkpoints when memory runs out", "[faults][readers]") {
  CHECK(faults::check_scenarios(faults::readers) > 500);
}
