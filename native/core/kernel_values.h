// Plain values that kernels of every device read, those of an ISA too: C alone, and no functions.
#pragma once

#include <stdint.h>

namespace optiproxy {

/// A dropout mask as a function of its place in a random stream (see random.h).  Element e of a block of 128 takes the
/// (e / 16 % 2)th half, 16 bits from below, of word e / 32 of counter block * 16 + e % 16.
struct MaskStream {
  uint32_t key[2];
  uint32_t counter[3];  // the upper three words; the lowest counts
  uint32_t threshold;   // keep where a uniform 16-bit number is at least this
  float scale;          // 1 / keep probability
};

/// One AdamW step's constants.
struct AdamWStep {
  float shrink;  // 1 - lr * weight_decay
  float beta1;
  float beta2;
  float rest1;  // 1 - beta1 and 1 - beta2, subtracted in double: in float 1 - 0.999 is off by 1.3e-5
  float rest2;
  float step;          // lr / (1 - beta1^t)
  float root_correct;  // 1 / sqrt(1 - beta2^t)
  float epsilon;
};

}  // namespace optiproxy
