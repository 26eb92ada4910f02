/**
 * Builds the page of administration: one script and one style sheet, named by their content, into the hub's package.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { rspack } from '@rspack/core';

const labextension = dirname(dirname(fileURLToPath(import.meta.url)));
const output = join(dirname(labextension), 'hub', 'orrery_hub', 'admin', 'static');
const scratch = join(labextension, 'lib', 'admin');
const require = createRequire(import.meta.url);

// The lab's own variables: those of the light theme, and those of the others where the page says so.
const THEMES = [
  ['@jupyterlab/theme-light-extension', ':root'],
  ['@jupyterlab/theme-dark-extension', ":root[data-theme='dark']"],
  [
    '@jupyterlab/theme-dark-high-contrast-extension',
    ":root[data-theme='high-contrast']"
  ]
];

function writeThemes() {
  const sheets = THEMES.map(([name, selector]) => {
    const folder = dirname(require.resolve(`${name}/package.json`));
    const text = readFileSync(join(folder, 'style', 'variables.css'), 'utf-8');
    return text.replace(/^:root(?= \{)/gm, selector);
  });
  mkdirSync(scratch, { recursive: true });
  writeFileSync(join(scratch, 'themes.css'), sheets.join('\n'));
}

const configuration = {
  mode: 'production',
  context: labextension,
  entry: { admin: './admin/main.tsx' },
  output: {
    path: scratch,
    // A part that is fetched when it is first used lies beside the script, wherever that is served.
    publicPath: 'auto',
    filename: '[name].js',
    chunkFilename: 'admin.[contenthash:16].js',
    cssFilename: '[name].css'
  },
  target: ['web', 'es2022'],
  devtool: false,
  resolve: {
    extensions: ['.ts', '.tsx', '.js', '.mjs'],
    alias: { 'orrery-themes': join(scratch, 'themes.css') }
  },
  module: {
    rules: [
      {
        test: /\.tsx?$/,
        loader: 'builtin:swc-loader',
        type: 'javascript/auto',
        options: {
          jsc: {
            parser: { syntax: 'typescript', tsx: true },
            target: 'es2022',
            transform: { react: { runtime: 'classic' } }
          }
        }
      },
      // The components of the lab name a file of theirs without its suffix.
      { test: /\.m?js$/, resolve: { fullySpecified: false } },
      { test: /\.css$/, type: 'css', sideEffects: true }
    ]
  },
  optimization: {
    minimizer: [
      new rspack.SwcJsMinimizerRspackPlugin({
        extractComments: { condition: 'some', filename: 'admin.LICENSES.txt', banner: false }
      }),
      new rspack.LightningCssMinimizerRspackPlugin()
    ]
  },
  performance: false
};

/** The licences that a part of the bundle may have. */
const LICENSES = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']);

/** The licence texts of every package in the bundle, which go with it. */
function licensesOf(stats) {
  const names = new Set(['@jupyterlab/theme-light-extension']);
  // What is in the bundle, and what was left out of it while it was made.
  for (const path of stats.compilation.fileDependencies) {
    const match = /.*node_modules\/(@[^/]+\/[^/]+|[^@/][^/]*)\//.exec(path);
    if (match) {
      names.add(match[1]);
    }
  }
  return [...names].sort().map(name => {
    const folder = join(labextension, 'node_modules', name);
    const { license, version } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf-8')
    );
    if (!LICENSES.has(license)) {
      throw new Error(`${name} has the licence ${license}, which may not be shipped.`);
    }
    const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(folder, file), 'utf-8') : '';
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
}

// A part of the script that is fetched later.
const PART = /^admin\.[0-9a-f]{16}\.js$/;

/** Copy what was built under names that hold a digest, and list it. */
function publish(stats) {
  mkdirSync(output, { recursive: true });
  for (const name of readdirSync(output)) {
    rmSync(join(output, name));
  }
  const manifest = {};
  for (const [key, suffix] of [
    ['script', 'js'],
    ['style', 'css']
  ]) {
    const content = readFileSync(join(scratch, `admin.${suffix}`));
    const digest = createHash('sha256').update(content).digest('hex').slice(0, 16);
    manifest[key] = `admin.${digest}.${suffix}`;
    writeFileSync(join(output, manifest[key]), content);
    const sizes = [content.length, gzipSync(content, { level: 9 }).length];
    const [size, compressed] = sizes.map(bytes => `${Math.round(bytes / 1000)} kB`);
    process.stdout.write(`${manifest[key]}: ${size}, ${compressed} compressed\n`);
  }
  const names = stats.compilation.getAssets().map(({ name }) => name);
  const parts = names.filter(name => PART.test(name));
  parts.sort().forEach((name, index) => {
    manifest[`part${index}`] = name;
    writeFileSync(join(output, name), readFileSync(join(scratch, name)));
  });
  writeFileSync(join(output, 'licenses.txt'), licensesOf(stats).join('\n'));
  writeFileSync(join(output, 'manifest.json'), `${JSON.stringify(manifest)}\n`);
}

writeThemes();
rspack(configuration, (failure, stats) => {
  if (failure || stats.hasErrors() || stats.hasWarnings()) {
    process.stderr.write(`${failure ?? stats.toString('errors-warnings')}\n`);
    process.exitCode = 1;
    return;
  }
  publish(stats);
});
