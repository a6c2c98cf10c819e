// What readers, writers, data sets and the tools of training say, word for word.
#include <cstring>

#include "tenon/autodiff/step.hpp"
#include "tenon/data/batches.hpp"
#include "tenon/data/csv.hpp"
#include "tenon/data/idx.hpp"
#include "tenon/io/checkpoint.hpp"
#include "tenon/io/svg.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/tensor/make.hpp"
#include "tenon/train/early_stop.hpp"
#include "tenon/train/log.hpp"
#include "tenon/train/metrics.hpp"
#include "tenon/train/progress.hpp"
#include "tests/io/text_helpers.hpp"
#include "tests/ownership/messages.hpp"

namespace tn = tenon;
using io_test::Folder;
using messages::Case, messages::check_all;
using tn::dyn;
using tn::Index;

namespace {

template <Index... E> using F = tn::Tensor<float, E...>;
using Bytes = std::vector<std::byte>;
Bytes bytes(std::initializer_list<int> values) {
  Bytes b;
  for (int v : values) b.push_back(static_cast<std::byte>(v));
  return b;
}
/// A safetensors file of this header and so many bytes of data.
Bytes file_of(std::string_view header, std::size_t data = 0) {
  Bytes b(8 + header.size() + data);
  const std::uint64_t size = header.size();
  std::memcpy(b.data(), &size, 8);
  if (!header.empty()) std::memcpy(b.data() + 8, header.data(), header.size());
  return b;
}
void parse(std::string_view header, std::size_t data = 0) { tn::io::parse_safetensors(file_of(header, data), "f"); }
void csv(std::string_view text, tn::io::CsvOptions options = {}) { tn::io::parse_csv<float>(text, "x.csv", options); }
tn::io::CsvTable<float> table_of(std::string_view text) { return tn::io::parse_csv<float>(text); }
tn::io::IdxData idx(std::vector<Index> shape, int value = 0) {
  tn::io::IdxData d;
  d.type = tn::io::IdxType::uint8;
  Index n = 1;
  for (Index e : shape) n *= e;
  d.shape = std::move(shape);
  d.bytes.assign(static_cast<std::size_t>(n), static_cast<std::byte>(value));
  return d;
}
tn::data::Dataset<F<dyn, dyn>> numbered(Index n) { return {tn::zeros<float>(n, 2), tn::zeros<std::int32_t>(n)}; }
struct Net {
  tn::Parameter<float, 2> w;
};
void learn(Net& net) {
  tn::Arena arena;
  tn::Step step(arena, net);
  std::move(step).backward(tn::sum(net.w));
}
const F<2> pair = {1, 2};
tn::io::SafeTensor entry(std::string name, std::string_view dtype = "F32", std::vector<Index> shape = {2}) {
  auto t = tn::io::safe_tensor(std::move(name), pair);
  t.dtype = dtype;
  t.shape = std::move(shape);
  return t;
}
void write(std::vector<tn::io::SafeTensor> tensors, const tn::io::Metadata& more = {}) {
  const Folder folder;
  tn::io::write_safetensors(folder / "t", std::move(tensors), more);
}

}  // namespace

TEST_CASE("messages: files", "[ownership][messages]") {
  static const Case cases[] = {
      {"/nonexistent/a: cannot be opened: No such file or directory; fix: check the path and the permissions",
       [] { tn::io::read_file("/nonexistent/a"); }},
      {"/tmp: cannot be read: Is a directory; fix: check that it is a file and that its disk is well",
       [] { tn::io::read_file("/tmp"); }},
      {"/nonexistent/a: cannot be created: No such file or directory; fix: check that the folder exists and may be "
       "written",
       [] { tn::io::write_text("/nonexistent/a", "x"); }},
      {"DIR: cannot be replaced: Is a directory; fix: give the path of a file, in a folder that may be written",
       [] {
         const Folder folder;
         tn::io::write_text(folder.path(), "x");
       }},
      {"x.idx: this is gzip, not plain IDX; fix: read it with read_file_or_gzip of tenon/io/gzip.hpp, then parse_idx",
       [] {
         tn::io::parse_idx(bytes({0x1f, 0x8b, 8, 0}), "x.idx");
       }},
      {"x.idx: the file has 3 bytes, an IDX header at least 4; fix: the file is cut short: fetch it again",
       [] {
         tn::io::parse_idx(bytes({0, 0, 8}), "x.idx");
       }},
      {"x.idx: not an IDX file: it starts with 0x6c 0x61 instead of two zero bytes; fix: give the file of images or "
       "labels itself, unpacked",
       [] {
         tn::io::parse_idx(bytes({'l', 'a', 8, 1}), "x.idx");
       }},
      {"x.idx: unknown IDX type code 0x07; fix: give a file of a known type: 0x08, 0x09 or 0x0b to 0x0e",
       [] {
         tn::io::parse_idx(bytes({0, 0, 7, 1}), "x.idx");
       }},
      {"x.idx: the rank is 9, more than 8; fix: the header is damaged: fetch the file again",
       [] {
         tn::io::parse_idx(bytes({0, 0, 8, 9}), "x.idx");
       }},
      {"x.idx: the file ends within its header: 6 bytes of 8; fix: the file is cut short: fetch it again",
       [] {
         tn::io::parse_idx(bytes({0, 0, 8, 1, 0, 0}), "x.idx");
       }},
      {"x.idx: the size of shape (4294967295, 4294967295, 4294967295) overflows; fix: the header is damaged: fetch the "
       "file again",
       [] {
         tn::io::parse_idx(bytes({0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}), "x.idx");
       }},
      {"x.idx: shape (2) needs 2 bytes of values, the file has 1; fix: the file is cut short: fetch it again",
       [] {
         tn::io::parse_idx(bytes({0, 0, 8, 1, 0, 0, 0, 2, 1}), "x.idx");
       }},
      {"x.idx: shape (1) needs 1 bytes of values, the file has 2; fix: its header is damaged or something was "
       "appended: fetch it again",
       [] {
         tn::io::parse_idx(bytes({0, 0, 8, 1, 0, 0, 0, 1, 1, 1}), "x.idx");
       }},
  };
  check_all(cases);
}
TEST_CASE("messages: csv, charts", "[ownership][messages]") {
  static const Case cases[] = {
      {"x.csv:2:2: the quote that opens this field is never closed; fix: close it, or double quotes inside a field",
       [] { csv("1,2\n3,\"4\n5,6\n"); }},
      {"x.csv:1:2: text follows the closing quote; fix: quote the whole field and double the quotes inside it",
       [] { csv("1,\"2\"3\n"); }},
      {"x.csv:1:2: the field is empty; fix: every field must hold a number; nan is one", [] { csv("1,\n"); }},
      {"x.csv:1:1: '1e39' is out of range for float32; fix: read the table as a wider type", [] { csv("1e39\n"); }},
      {"x.csv:2:1: 'x' is not a number; fix: correct the field", [] { csv("1\nx\n"); }},
      {"x.csv:1:1: 'x' is not a number; fix: if the first line holds the names of the columns, set .header = true; "
       "else check the separator",
       [] { csv("x\n"); }},
      {"x.csv:2:1: '2.0' is not an integer; fix: correct the field or read the table as float or double",
       [] { tn::io::parse_csv<std::int32_t>("1\n2.0\n", "x.csv"); }},
      {"x.csv: the text is UTF-16; fix: save it as UTF-8", [] { csv("\xFF\xFE"); }},
      {"x.csv: the file is empty; fix: it should hold at least one line", [] { csv(""); }},
      {"x.csv:2: this line has 2 fields, line 1 has 3; fix: give every line the same number of fields",
       [] { csv("1,2,3\n4,5\n"); }},
      {"F:L: tenon::io::parse_csv: the separator is a quote, an end of line or NUL; fix: use ',', ';', '\\t' or ' '",
       [] { tn::io::parse_csv<float>("1", "x.csv", {.separator = '"'}); }},
      {"F:L: tenon::io::svg::Series: \"loss\" has 3 x values and 4 y values; fix: give as many of each",
       [] { tn::io::svg::Series("loss", std::vector<float>(3), std::vector<float>(4)); }},
      {"F:L: tenon::io::svg::BarChart: \"a\" has 2 values for 1 categories; fix: give one value a category",
       [] {
         tn::io::svg::BarChart{.categories = {"p"}, .bars = {{"a", std::vector<float>{1, 2}}}}.to_svg();
       }},
  };
  check_all(cases);
}
TEST_CASE("messages: safetensors", "[ownership][messages]") {
  static const Case cases[] = {
      {"f: the file has 7 bytes, a safetensors file at least 8; fix: the file is cut short: fetch it again",
       [] { tn::io::parse_safetensors(Bytes(7), "f"); }},
      {"f: not a safetensors file: its first 8 bytes give a header of 72057594037927936 bytes; fix: headers have up to "
       "100 MB; files packed or of another format have readers of their own",
       [] {
         tn::io::parse_safetensors(bytes({0, 0, 0, 0, 0, 0, 0, 1}), "f");
       }},
      {"f: the header has 3 bytes, the file 0 behind its length; fix: the file is cut short: fetch it again",
       [] {
         tn::io::parse_safetensors(bytes({3, 0, 0, 0, 0, 0, 0, 0}), "f");
       }},
      {"f: byte 0: the header does not begin with '{'; fix: give a file in the safetensors format",
       [] { parse("[]"); }},
      {"f: byte 34: '__metadata__' stands twice in the header; fix: the file is damaged or its writer at fault: fetch "
       "or write it again",
       [] { parse("{\"__metadata__\":{},\"__metadata__\":{}}"); }},
      {"f: byte 41: a checksum that this version of tenon does not know; fix: read it with the version that wrote it",
       [] { parse("{\"__metadata__\":{\"tenon.checksum\":\"md5 x\"}}"); }},
      {"f: the checksum is d48e0cc6c114d6a6 but the file says 0000000000000000; fix: the file is damaged: use an older "
       "one, or fetch it again",
       [] { parse("{\"__metadata__\":{\"tenon.checksum\":\"crc64/xz 0000000000000000\"}}"); }},
      {"f: byte 4: an unknown escape in a string; fix: the file is damaged or its writer at fault: fetch or write it "
       "again",
       [] { parse("{\"\\x\"}"); }},
      {"f: byte 6: \\u wants four hexadecimal digits; fix: the file is damaged or its writer at fault: fetch or write "
       "it again",
       [] { parse("{\"\\u12g4\"}"); }},
      {"f: byte 13: tensor 't' has an unknown member 'type'; fix: the file is damaged or its writer at fault: fetch or "
       "write it again",
       [] { parse("{\"t\":{\"type\":\"F32\"}}", 4); }},
      {"f: byte 19: tensor 't' has the unknown dtype 'F33'; fix: the file is damaged or its writer at fault: fetch or "
       "write it again",
       [] { parse("{\"t\":{\"dtype\":\"F33\",\"shape\":[],\"data_offsets\":[0,4]}}", 4); }},
      {"f: byte 45: tensor 't' has a rank above 8; fix: the file is damaged or its writer at fault: fetch or write it "
       "again",
       [] { parse("{\"t\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}", 4); }},
      {"f: byte 49: tensor 't': data_offsets are two numbers; fix: the file is damaged or its writer at fault: fetch "
       "or write it again",
       [] { parse("{\"t\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0]}}", 4); }},
      {"f: byte 53: tensor 't', F32 (2), needs 8 bytes, its data_offsets are 0 and 4; fix: the file is damaged or its "
       "writer at fault: fetch or write it again",
       [] { parse("{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4); }},
      {"f: byte 73: the size of tensor 't', shape (4611686018427387904, 4), overflows; fix: the file is damaged or its "
       "writer at fault: fetch or write it again",
       [] { parse("{\"t\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,4]}}", 4); }},
      {"f: the tensors need 4 bytes of data, the file has 3; fix: the file is cut short: fetch it again",
       [] { parse("{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 3); }},
      {"f: the tensors need 4 bytes of data, the file has 5; fix: something was appended to the file: cut it off, or "
       "fetch it again",
       [] { parse("{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 5); }},
      {"f: tensor 't' begins at byte 4 of the data, but the header ends at 0; fix: there must be no hole between "
       "tensors: write the file again",
       [] { parse("{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8); }},
      {"f: there is no tensor 't'; fix: the file holds no tensors: give one that was made of this module",
       [] { tn::io::parse_safetensors(file_of("{}"), "f").at("t"); }},
      {"f: there is no tensor 'w'; fix: the file holds 't': give the module it was made of",
       [] {
         tn::io::parse_safetensors(file_of("{\"t\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}"), "f")
             .at("w");
       }},
      {"f: tensor 't' is F32 (0) in the file but F32 (2) in the program; fix: build the module with the sizes and the "
       "dtype of the file",
       [] {
         tn::io::parse_safetensors(file_of("{\"t\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}"), "f")
             .tensor<float, 2>("t");
       }},
      {"f: tensor 't' holds a bool that is neither 0 nor 1; fix: the file is damaged or its writer at fault: fetch or "
       "write it again",
       [] {
         Bytes b = file_of("{\"t\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1);
         b.back() = std::byte{2};
         tn::io::parse_safetensors(std::move(b), "f").tensor<bool, 1>("t");
       }},
      {"F:L: tenon::io::write_safetensors: tensor '__metadata__' has the name of the metadata; fix: give it another "
       "name",
       [] { write({entry("__metadata__")}); }},
      {"F:L: tenon::io::write_safetensors: tensor '\xff' has a name that is no UTF-8; fix: give it another name",
       [] { write({entry("\xff")}); }},
      {"F:L: tenon::io::write_safetensors: tensor 't' has an unknown dtype; fix: make entries by safe_tensor(name, "
       "tensor)",
       [] { write({entry("t", "F33")}); }},
      {"F:L: tenon::io::write_safetensors: tensor 't' has a rank above 8; fix: make entries by safe_tensor(name, "
       "tensor)",
       [] {
         write({entry("t", "F32", {1, 1, 1, 1, 1, 1, 1, 1, 2})});
       }},
      {"F:L: tenon::io::write_safetensors: tensor 't' has a negative extent; fix: make entries by safe_tensor(name, "
       "tensor)",
       [] { write({entry("t", "F32", {-2})}); }},
      {"F:L: tenon::io::write_safetensors: tensor 't' has 8 bytes for shape (3); fix: make entries by "
       "safe_tensor(name, tensor)",
       [] { write({entry("t", "F32", {3})}); }},
      {"F:L: tenon::io::write_safetensors: tensor 't' is given twice; fix: give each tensor a name of its own",
       [] {
         write({entry("t"), entry("t")});
       }},
      {"F:L: tenon::io::write_safetensors: metadata 'tenon.checksum' is no UTF-8, or tenon's own; fix: give it another "
       "name, or its value as UTF-8",
       [] {
         write({entry("t")}, {{"tenon.checksum", "x"}});
       }},
      {"F:L: tenon::io::write_safetensors: the names make a header above 100 MB; fix: write several files",
       [] { write({entry(std::string(100'000'000, 'x'))}); }},
  };
  check_all(cases);
}
TEST_CASE("messages: checkpoints", "[ownership][messages]") {
  static const Case cases[] = {
      {"F:L: tenon::io::Checkpoint: parameter 'net.w' has a gradient, which a checkpoint does not hold; fix: save "
       "after update(), or call clear_gradients(net) first",
       [] {
         Net net;
         learn(net);
         const Folder folder;
         tn::io::checkpoint("net", net).save(folder / "run");
       }},
      {"F:L: tenon::io::load: an open Step or Scope (opened at F:L) learns or reads 'w'; fix: end the frame, then load",
       [] {
         Net net;
         const Folder folder;
         tn::io::save(folder / "run", net);
         tn::Arena arena;
         tn::Step step(arena, net);
         tn::io::load(folder / "run", net);
       }},
      {"F:L: tenon::io::Checkpoint: 'a' is given twice; fix: give each thing a name of its own",
       [] {
         int a = 1;
         const Folder folder;
         tn::io::checkpoint("a", a, "a", a).save(folder / "run");
       }},
      {"F:L: tenon::io::load: 'a' is asked for twice; fix: give each thing a name of its own",
       [] {
         int a = 1;
         const Folder folder;
         tn::io::checkpoint("a", a).save(folder / "run");
         tn::io::checkpoint("a", a, "a", a).load(folder / "run");
       }},
      {"DIR/run: there is no 'epoch'; fix: give what the checkpoint was made of, by the same names",
       [] {
         int a = 1;
         const Folder folder;
         tn::io::checkpoint("a", a).save(folder / "run");
         tn::io::checkpoint("a", a, "epoch", a).load(folder / "run");
       }},
      {"DIR/run: 'epoch' is 'one', which is no whole number in range; fix: give what the checkpoint was made of, by "
       "the same names",
       [] {
         int a = 1;
         const std::string word = "one";
         const Folder folder;
         tn::io::checkpoint("epoch", word).save(folder / "run");
         tn::io::checkpoint("epoch", a).load(folder / "run");
       }},
      {"DIR/run: the program asks for no 'b'; fix: give what the file was made of, or name a part of it: {.prefix = "
       "\"net.\"}",
       [] {
         int a = 1;
         const Folder folder;
         tn::io::checkpoint("a", a, "b", a).save(folder / "run");
         tn::io::checkpoint("a", a).load(folder / "run");
       }},
      {"DIR/run: this is no checkpoint of tenon's; fix: load weights alone by tenon::io::load(path, net)",
       [] {
         Net net;
         const Folder folder;
         tn::io::save(folder / "run", net);
         tn::io::checkpoint("net", net).load(folder / "run");
       }},
      {"DIR/run: the checkpoint has the format '9'; fix: load it with the version of tenon that wrote it",
       [] {
         Net net;
         const Folder folder;
         tn::io::write_safetensors(folder / "run", {}, {{"tenon.checkpoint", "9"}});
         tn::io::checkpoint("net", net).load(folder / "run");
       }},
      {"DIR/run: 'batches': tenon::data::Batches: the position 0 is one among 5 samples, 2 a batch, in order, but "
       "these are 6 samples, 2 a batch, in order; fix: resume with the data and the batch size that the checkpoint was "
       "made with",
       [] {
         const auto set = numbered(5), other = numbered(6);
         auto batches = tn::data::batches(set, 2), longer = tn::data::batches(other, 2);
         const Folder folder;
         tn::io::checkpoint("batches", batches).save(folder / "run");
         tn::io::checkpoint("batches", longer).load(folder / "run");
       }},
  };
  check_all(cases);
}
TEST_CASE("messages: data", "[ownership][messages]") {
  static const Case cases[] = {
      {"F:L: tenon::data::Dataset: 2 samples but 3 labels; fix: give one label a sample; check that both come from the "
       "same files",
       [] { tn::data::Dataset(tn::zeros<float>(2, 3), tn::zeros<std::int32_t>(3)); }},
      {"F:L: tenon::data::Dataset: sample 0 has label 4 of 3 classes; fix: labels count from 0 and are below the "
       "number of classes",
       [] { tn::data::Dataset(tn::zeros<float>(1, 3), tn::full<std::int32_t>(4, 1), 3); }},
      {"F:L: tenon::data::Dataset: 0 classes; fix: give at least 1",
       [] { tn::data::Dataset(tn::zeros<float>(1, 3), tn::zeros<std::int32_t>(1), 0); }},
      {"F:L: tenon::data: sample 5 of 3; fix: samples count from 0 and are below size()",
       [] {
         const auto set = numbered(3);
         (void)set.sample(5);
       }},
      {"F:L: tenon::data::split: 4 samples of 3; fix: give a number of samples between 0 and all, or a fraction "
       "between 0.0 and 1.0",
       [] {
         const auto set = numbered(3);
         tn::Rng rng(1);
         (void)tn::data::split(set, 4, rng);
       }},
      {"F:L: tenon::data::split: a fraction of 1.500000; fix: give one between 0.0 and 1.0, or a whole number of "
       "samples",
       [] {
         const auto set = numbered(3);
         tn::Rng rng(1);
         (void)tn::data::split(set, 1.5, rng);
       }},
      {"F:L: tenon::data::batches: the batch size is 0; fix: give at least 1",
       [] {
         const auto set = numbered(3);
         (void)tn::data::batches(set, 0);
       }},
      {"F:L: tenon::data::batches: 3 samples make no batch of 4, and an incomplete one is dropped; fix: use a smaller "
       "batch, or batches(set, n), which keeps it",
       [] {
         const auto set = numbered(3);
         (void)tn::data::batches<4>(set);
       }},
      {"F:L: tenon::data::from_csv: label column 2 of a table with 2 columns; fix: columns count from 0; give one of "
       "the table",
       [] { tn::data::from_csv<1>(table_of("1,7\n"), 2); }},
      {"F:L: tenon::data::from_csv: the label of sample 1 is 1.500000; fix: a label is a whole number from 0 on; check "
       "the label column",
       [] { tn::data::from_csv<1>(table_of("1,0\n1,1.5\n"), 1); }},
      {"F:L: tenon::data::from_csv: a sample has shape (1,) but the type asks for (64,); fix: give the extents of a "
       "sample in the type, or dyn where they vary",
       [] { tn::data::from_csv<64>(table_of("1,7\n"), 1); }},
      {"F:L: tenon::data::from_idx: images of shape (2,) and labels of shape (2, 2, 3); fix: images are (n, height, "
       "width) and labels (n,); check that the files are not exchanged",
       [] {
         tn::data::from_idx<6>(idx({2}), idx({2, 2, 3}));
       }},
      {"F:L: tenon::data::from_idx: a label is 0.500000; fix: a label is a whole number from 0 on; check that the "
       "files are not exchanged",
       [] {
         tn::io::IdxData labels;
         labels.type = tn::io::IdxType::float32;
         labels.shape = {1};
         const float half = 0.5f;
         labels.bytes.resize(4);
         std::memcpy(labels.bytes.data(), &half, 4);
         tn::data::from_idx<6>(idx({1, 2, 3}), labels);
       }},
  };
  check_all(cases);
}
TEST_CASE("messages: training", "[ownership][messages]") {
  static const Case cases[] = {
      {"F:L: tenon::train: predictions of shape (3,) but labels of shape (2,); fix: give one prediction, or one row of "
       "scores, for each label",
       [] { (void)tn::train::accuracy(tn::zeros<std::int32_t>(3), tn::zeros<std::int32_t>(2)); }},
      {"F:L: tenon::train::ConfusionMatrix: class 4 taken for 1, of 3 classes; fix: classes count from 0 and are below "
       "the number that the constructor got",
       [] { tn::train::ConfusionMatrix(3).add(1, 4); }},
      {"F:L: tenon::train::ConfusionMatrix: 0 classes; fix: give at least 1",
       [] { tn::train::ConfusionMatrix(Index{0}); }},
      {"F:L: tenon::train::Log: 1 numbers for 2 columns; fix: give one number for each column that the constructor "
       "named",
       [] {
         tn::train::Log({"epoch", "loss"}).add({1});
       }},
      {"tenon::train::Log: no column is called 'accuracy'; fix: columns() lists the names",
       [] {
         (void)tn::train::Log({"epoch", "loss"})["accuracy"];
       }},
      {"F:L: tenon::train::Progress: 0 epochs of 10 samples; fix: give at least one epoch, and no negative number of "
       "samples",
       [] { tn::train::Progress(0, 10); }},
      {"F:L: tenon::train::EarlyStop: patience 0, least 0.000000; fix: patience is at least 1 and the least "
       "improvement not negative",
       [] { tn::train::EarlyStop(0); }},
  };
  check_all(cases);
}
