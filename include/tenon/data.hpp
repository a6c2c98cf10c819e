// Data sets, batches, augmentation, and sets from CSV and IDX files.
#pragma once

#include "tenon/data/batches.hpp"
#include "tenon/data/csv.hpp"
#include "tenon/data/dataset.hpp"
#include "tenon/data/idx.hpp"
#include "tenon/data/map.hpp"
