// jsdom has no fetch: this makes the one of Node available to tests.
const { TestEnvironment } = require("jest-environment-jsdom");

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.nodeFetch = fetch;
  }
};
