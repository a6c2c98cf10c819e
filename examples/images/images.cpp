#include "images.hpp"

#include <sys/stat.h>

#include "tenon/data/csv.hpp"
#include "tenon/data/idx.hpp"
#include "tenon/io/gzip.hpp"
#include "tenon/op/divide.hpp"
#include "tenon/op/subtract.hpp"

namespace tn = tenon;
using std::string;

namespace {

bool is_folder(const string& path) {
  struct stat s;
  return ::stat(path.c_str(), &s) == 0 && S_ISDIR(s.st_mode);
}
/// Beside this source file, or where the program is started in the repository.
string digits_folder() {
  const string here = __FILE__;
  const string beside = here.substr(0, here.find_last_of('/') + 1) + "data";
  return is_folder(beside) ? beside : "examples/images/data";
}
/// The content of folder/name.gz, or else of folder/name.
std::vector<std::byte> read(const string& folder, const string& name) {
  auto packed = tn::io::try_read_file_or_gzip(folder + "/" + name + ".gz");
  if (packed) return std::move(packed).value();
  auto plain = tn::io::try_read_file_or_gzip(folder + "/" + name);
  if (plain) return std::move(plain).value();
  throw packed.error();
}
void require_folder(const string& folder, const string& fix) {
  if (!is_folder(folder)) throw tn::FileError({}, folder + ": there is no such folder", fix);
}
tn::io::IdxData read_idx(const string& folder, const string& name) {
  return tn::io::parse_idx(read(folder, name), folder + "/" + name);
}
/// The set that make() gives, of images with `pixels` pixels in [0, 1]. Errors name the files.
template <class Make> Images::Set checked(const string& files, tn::Index pixels, Make make) {
  try {
    Images::Set set = make();
    if (set.features().shape()[1] != pixels)
      throw tn::FileError(
          {}, "an image has " + std::to_string(set.features().shape()[1]) + " pixels, not " + std::to_string(pixels),
          "give a folder with the files of this data set");
    const float* first = set.features().begin();
    for (const float* p = first; p != set.features().end(); ++p)
      if (!(*p >= 0 && *p <= 1))
        throw tn::FileError({},
                            "pixel " + std::to_string((p - first) % pixels) + " of sample " +
                                std::to_string((p - first) / pixels) + " is no brightness",
                            "correct the files, or fetch them again");
    return set;
  } catch (const tn::Error& error) {
    throw tn::FileError({}, files + ": " + std::string(error.problem()), error.fix());
  }
}
void require_images(const string& files, const Images::Part& train, const Images::Part& validation,
                    const Images::Part& test) {
  if (train.size() == 0 || validation.size() == 0 || test.size() == 0)
    throw tn::FileError({}, files + ": too few images to train, validate and test with", "fetch the files again");
}
void normalize(Images::Set& set, float mean, float deviation) {
  set.mut_features() = (set.features() - mean) / deviation;
}
}  // namespace

Images load_digits(const string& given, tn::Rng& rng) {
  const string folder = given.empty() ? digits_folder() : given;
  require_folder(folder, "give the folder that holds digits.csv.gz: --data DIR");
  const auto bytes = read(folder, "digits.csv");
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto table = tn::io::parse_csv<float>(text, folder + "/digits.csv");

  const float mean = 0.305f, deviation = 0.376f;
  std::vector<Images::Set> sets;
  sets.push_back(checked(folder + "/digits.csv", 64, [&] { return tn::data::from_csv(table, -1, 10, 1.f / 16); }));
  normalize(sets[0], mean, deviation);
  auto [test, rest] = tn::data::split(sets[0], 0.2, rng);
  auto [validation, train] = tn::data::split(rest, 0.1, rng);
  require_images(folder, train, validation, test);
  return {"hand-written digits (UCI, 8 x 8 pixels)",
          {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"},
          mean,
          deviation,
          std::move(sets),
          std::move(train),
          std::move(validation),
          std::move(test)};
}

Images load_fashion(const string& given, tn::Rng& rng) {
  const string folder = given.empty() ? "/usr/share/datasets/fashion-mnist" : given;
  require_folder(folder,
                 "install the Debian package dataset-fashion-mnist, or give the folder that holds "
                 "train-images-idx3-ubyte.gz: --data DIR");
  const float mean = 0.286f, deviation = 0.353f;
  std::vector<Images::Set> sets;
  for (const string name : {"train", "t10k"}) {
    const auto images = read_idx(folder, name + "-images-idx3-ubyte"),
               labels = read_idx(folder, name + "-labels-idx1-ubyte");
    sets.push_back(checked(folder + "/" + name + "-*", 784, [&] { return tn::data::from_idx(images, labels, 10); }));
    normalize(sets.back(), mean, deviation);
  }
  auto [validation, train] = tn::data::split(sets[0], 1.0 / 12, rng);
  auto test = sets[1].subset();
  require_images(folder, train, validation, test);
  return {"Fashion-MNIST (28 x 28 pixels)",
          {"T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"},
          mean,
          deviation,
          std::move(sets),
          std::move(train),
          std::move(validation),
          std::move(test)};
}
