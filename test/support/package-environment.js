// Some packages exist as ES modules only, and jest's own loader cannot import those: here Node's loader does it for them.
const SharedConstructors = require('./environment.js');

module.exports = class PackageEnvironment extends SharedConstructors {
  async setup() {
    await super.setup();
    this.global.importPackage = (name) => import(name);
  }
};
