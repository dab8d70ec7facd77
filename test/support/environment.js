// jest runs tests in a realm of its own, with constructors of its own; native addons make objects of the outer realm.
// Sharing the constructors makes `instanceof` and `toThrow` mean in tests what they mean in Node.
const { TestEnvironment } = require('jest-environment-node');

module.exports = class SharedConstructors extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.assign(this.global, {
      Float32Array,
      Float64Array,
      Uint8Array,
      Int32Array,
      BigInt64Array,
      ArrayBuffer,
      Error,
      TypeError,
      RangeError,
    });
  }
};
