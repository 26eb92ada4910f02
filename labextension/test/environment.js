/**
 * JupyterLab's jsdom with Node's own signals: jsdom's cannot be combined, and Node's fetch refuses them.
 * The lab warns of a browser without a clipboard, so this one has a clipboard that holds nothing.
 */
const JupyterLabEnvironment = require('@jupyterlab/testing/lib/jest-env.js').default;

module.exports = class extends JupyterLabEnvironment {
  constructor(...args) {
    super(...args);
    this.global.AbortController = AbortController;
    this.global.AbortSignal = AbortSignal;
    Object.defineProperty(this.global.navigator, 'clipboard', {
      configurable: true,
      value: { read: async () => [], readText: async () => '', writeText: async () => {} }
    });
  }
};
