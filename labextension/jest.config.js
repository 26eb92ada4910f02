const jestJupyterLab = require('@jupyterlab/testing/lib/jest-config');

const esModules = [
  '@codemirror',
  '@jupyter',
  '@jupyterlab',
  '@marijn',
  '@microsoft',
  '@observablehq',
  '@rjsf',
  '@tanstack',
  'crelt',
  'exenv-es6',
  'isoformat',
  'lib0',
  'marked',
  'nanoid',
  'style-mod',
  'vscode-ws-jsonrpc',
  'w3c-keyname',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

const base = jestJupyterLab(__dirname);

module.exports = {
  ...base,
  // Nothing else runs beside it; by default it leaves a processor free, which is half of two.
  maxWorkers: '100%',
  // Jest transforms no .mjs.
  moduleNameMapper: {
    ...base.moduleNameMapper,
    '^d3$': '<rootDir>/node_modules/d3/dist/d3.js'
  },
  reporters: ['default'],
  setupFiles: [...base.setupFiles, './test/setup.js'],
  testEnvironment: './test/environment.js',
  testRegex: 'test/.*\\.spec\\.tsx?$',
  transform: {
    ...base.transform,
    '^.+\\.jsx?$': './test/transform.js',
    '^.+\\.tsx?$': ['ts-jest', { tsconfig: 'tsconfig.json' }]
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules})/).*`]
};
