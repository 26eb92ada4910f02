/**
 * Turns the ES modules of packages into CommonJS for Jest with the compiler of the build, Rspack's SWC, which
 * @jupyter/builder brings: in a fresh tree Babel takes twice as long as all tests.
 */
const { createHash } = require('crypto');
const { readFileSync } = require('fs');
const { experiments, rspackVersion } = require('@rspack/core');

const options = {
  jsc: { parser: { syntax: 'ecmascript', jsx: true }, target: 'es2022' },
  module: { type: 'commonjs' },
  sourceMaps: true
};
const compiler = createHash('sha1')
  .update(readFileSync(__filename))
  .update(rspackVersion)
  .digest('hex');

module.exports = {
  getCacheKey: (source, filename) =>
    createHash('sha1').update(compiler).update(filename).update(source).digest('hex'),
  process: (source, filename) =>
    experiments.swc.transformSync(source, { ...options, filename })
};
