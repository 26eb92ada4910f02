/**
 * JupyterLab's jsdom with Node's own signals: jsdom's cannot be combined, and Node's fetch refuses them.
 */
const JupyterLabEnvironment = require('@jupyterlab/testing/lib/jest-env.js').default;

module.exports = class extends JupyterLabEnvironment {
  constructor(...args) {
    super(...args);
    this.global.AbortController = AbortController;
    this.global.AbortSignal = AbortSignal;
  }
};
