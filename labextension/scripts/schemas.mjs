/**
 * Makes every `schemas.ts` and `calls.ts` from the server's manifests; with `--check`, says which ones are out of date.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { compile } from 'json-schema-to-typescript';
import { format, resolveConfig } from 'prettier';

const labextension = dirname(dirname(fileURLToPath(import.meta.url)));
const repository = dirname(labextension);

// What the page of the hub and the labs' panels exchange with the hub in the same shape.
const SHARED = 'src/base/shared';

/** The Python that has the server's dependencies: the one asked for, the repository's own, or the one on the path. */
function python() {
  const own = join(repository, '.venv', 'bin', 'python');
  return process.env.PYTHON ?? (existsSync(own) ? own : 'python3');
}

function serverSchemas() {
  const packages = ['wire', 'engine', 'server_ext', 'hub'].map(name =>
    join(repository, name)
  );
  const path = [...packages, process.env.PYTHONPATH];
  const text = execFileSync(python(), [join(repository, 'tools', 'schemas.py')], {
    encoding: 'utf-8',
    env: { ...process.env, PYTHONPATH: path.filter(Boolean).join(delimiter) }
  });
  return JSON.parse(text);
}

/** The TypeScript of what a list holds: a named shape, a plain type, a choice of types, or another list. */
function nameOf(schema) {
  if (schema.$ref) {
    return schema.$ref.split('/').at(-1);
  }
  if (schema.anyOf) {
    return `(${[...new Set(schema.anyOf.map(nameOf))].join(' | ')})`;
  }
  if (schema.type === 'array') {
    return `(readonly ${nameOf(schema.items)}[])`;
  }
  const known = {
    boolean: 'boolean',
    integer: 'number',
    null: 'null',
    number: 'number',
    object: 'Readonly<Record<string, unknown>>',
    string: 'string'
  };
  return known[schema.type] ?? 'T';
}

/** The schema as the compiler wants it: no titles, which would become types, and read-only lists. */
function prepared(schema, shared, isProperty = false) {
  if (Array.isArray(schema)) {
    return schema.map(one => prepared(one, shared));
  }
  if (schema === null || typeof schema !== 'object') {
    return schema;
  }
  const { title, default: _, ...rest } = schema;
  if (rest.$ref && shared.includes(nameOf(rest))) {
    return { description: rest.description, tsType: nameOf(rest) };
  }
  if (rest.type === 'array') {
    const { description } = rest;
    return { description, tsType: `readonly ${nameOf(rest.items)}[]` };
  }
  const answer = Object.fromEntries(
    Object.entries(rest).map(([key, value]) =>
      key === 'properties' || key === '$defs'
        ? [
            key,
            Object.fromEntries(
              Object.entries(value).map(([k, v]) => [k, prepared(v, shared, true)])
            )
          ]
        : [key, prepared(value, shared)]
    )
  );
  // A reference drops its neighbours: the words about the property would be lost.
  if (isProperty && answer.$ref && answer.description) {
    return { description: answer.description, tsType: nameOf(answer) };
  }
  return answer;
}

/** The names that a folder takes from `base/shared`, and gives on. */
function sharedImport(folder, names) {
  if (names.length === 0) {
    return [];
  }
  const from = relative(folder, SHARED);
  const list = names.join(', ');
  return [
    `import type { ${list} } from '${from}/schemas';`,
    '',
    `export type { ${list} };`
  ];
}

async function typescript(folder, source, { shared = [], ...schema }) {
  const body = await compile({ ...prepared(schema, shared), type: 'object' }, 'Root', {
    additionalProperties: false,
    bannerComment: '',
    format: false,
    unreachableDefinitions: true
  });
  const text = [
    `// Generated from the shapes of ${source} by "jlpm schemas"; change those and run it again.`,
    ...sharedImport(folder, shared),
    '',
    body
      .replace(/export interface Root \{\s*\}\n?/, '')
      .replaceAll(
        /^.*This interface was referenced by.*\n^.*via the `(definition|patternProperty)`.*\n/gm,
        ''
      )
      .replaceAll(/(\n\s*\*[ \t]*)+(?=\n\s*\*\/)/g, '')
      .replaceAll(/\/\*\*\n\s*\*\/\n/g, '')
      .replaceAll(/\/\*\*\n\s*\* (.*)\n\s*\*\//g, '/** $1 */')
      .replaceAll('}\nexport', '}\n\nexport')
      .replaceAll('}\n/**', '}\n\n/**')
      .replace('export interface Page {', 'export interface Page<T> {')
  ].join('\n');
  return written(join(labextension, folder, 'schemas.ts'), text);
}

async function written(path, text) {
  const options = await resolveConfig(path);
  return [path, await format(text, { ...options, parser: 'typescript' })];
}

const camelCase = name =>
  name.replaceAll(/_(\w)/g, (_, letter) => letter.toUpperCase());
const className = capability =>
  `${capability[0].toUpperCase()}${capability.slice(1)}Calls`;

/** One call as a method: path parameters, then the body, then the query, then the options. */
function method(call) {
  const types = { int: 'number', str: 'string' };
  const parameters = call.parameters.map(([name, type]) => `${name}: ${types[type]}`);
  const init = ['...options'];
  if (call.method !== 'GET') {
    init.push(`method: '${call.method}'`);
  }
  if (call.body) {
    parameters.push(`body: ${call.body}`);
    init.push('body');
  }
  if (call.query) {
    parameters.push(`query: ${call.query}${call.needsQuery ? '' : ' = {}'}`);
    init.push('query: { ...query }');
  }
  const path = call.path.includes('{')
    ? '`' + call.path.replaceAll(/\{(\w+)\}/g, '${segment($1)}') + '`'
    : `'${call.path}'`;
  const [item] = call.response;
  const type = item === undefined ? 'void' : call.isPage ? `Page<${item}>` : item;
  return `
    /** ${call.summary}. */
    ${camelCase(call.name)}(${[...parameters, 'options: ICallOptions = {}'].join(', ')}): Promise<${type}${call.isOptional ? ' | undefined' : ''}> {
      return request(${path}, ${init.length > 1 ? `{ ${init.join(', ')} }` : 'options'}, this._settings);
    }`;
}

/** The class with one method per call; streams and downloads are not asked for as JSON, and are left out. */
async function client(capability, calls) {
  const plain = calls.filter(({ kind }) => kind === 'json' || kind === 'empty');
  const shapes = plain.flatMap(({ body, query, response }) => [
    body,
    query,
    ...response
  ]);
  const names = [...new Set(shapes.filter(Boolean))].sort();
  const segment = plain.some(({ path }) => path.includes('{')) ? 'segment, ' : '';
  const text = `// Generated from the routes of orrery_server/${capability} by "jlpm schemas"; change those and run it again.
import type { ServerConnection } from '@jupyterlab/services';

import { request, ${segment}type ICallOptions } from '../base/request';
${plain.some(call => call.isPage) ? "import type { Page } from '../base/schemas';" : ''}
import type { ${names.join(', ')} } from './schemas';

/** The calls of ${capability}, one per route of the lab's server. */
export class ${className(capability)} {
  constructor(settings?: ServerConnection.ISettings) {
    this._settings = settings;
  }
${plain.map(method).join('\n')}

  private readonly _settings: ServerConnection.ISettings | undefined;
}
`;
  return written(join(labextension, 'src', capability, 'calls.ts'), text);
}

const check = process.argv.includes('--check');
const stale = [];
const files = [];
const { lab, admin, shared } = serverSchemas();
files.push(await typescript(SHARED, 'orrery_wire', shared));
files.push(await typescript('admin', 'orrery_hub', admin));
for (const [capability, { schema, calls }] of Object.entries(lab)) {
  files.push(
    await typescript(`src/${capability}`, `orrery_server/${capability}`, schema)
  );
  if (calls.length > 0) {
    files.push(await client(capability, calls));
  }
}
for (const [path, text] of files) {
  if (existsSync(path) && readFileSync(path, 'utf-8') === text) {
    continue;
  }
  stale.push(relative(labextension, path));
  if (!check) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
if (check && stale.length > 0) {
  process.stderr.write(`Out of date: ${stale.join(', ')}. Run "jlpm schemas".\n`);
  process.exitCode = 1;
}
