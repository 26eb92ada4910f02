/**
 * JupyterLab's jsdom with Node's own signals: jsdom's cannot be combined, and Node's fetch refuses them.
 * The lab warns of a browser without a clipboard, so this one has a clipboard that holds nothing; a data
 * grid needs a canvas, so this one has a canvas that draws nothing.
 */
const JupyterLabEnvironment = require('@jupyterlab/testing/lib/jest-env.js').default;

module.exports = class extends JupyterLabEnvironment {
  constructor(...args) {
    super(...args);
    this.global.AbortController = AbortController;
    this.global.AbortSignal = AbortSignal;
    Object.defineProperty(this.global.navigator, 'clipboard', {
      configurable: true,
      value: {
        read: async () => [],
        readText: async () => '',
        writeText: async () => {}
      }
    });
    const context = new Proxy(
      { measureText: text => ({ width: 7 * text.length }) },
      { get: (known, name) => known[name] ?? (() => undefined), set: () => true }
    );
    this.global.HTMLCanvasElement.prototype.getContext = () => context;
  }
};
