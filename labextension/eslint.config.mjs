import { existsSync, readdirSync } from 'node:fs';

import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

// A capability is a folder of src with plugins in its index.
const source = new URL('./src/', import.meta.url);
const capabilities = readdirSync(source, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(({ name }) => name)
  .filter(name => existsSync(new URL(`${name}/index.ts`, source)));

// Inside a capability the arrows run down: a file may not import what stands above it.
const above = {
  schemas: [
    'tokens',
    'calls',
    'client',
    'model',
    'context',
    'commands',
    'widget',
    'index'
  ],
  tokens: ['calls', 'client', 'model', 'context', 'commands', 'widget', 'index'],
  calls: ['client', 'model', 'context', 'commands', 'widget', 'index'],
  client: ['model', 'context', 'commands', 'widget', 'index'],
  model: ['context', 'commands', 'widget', 'index'],
  context: ['commands', 'widget', 'index'],
  commands: ['widget', 'index'],
  widget: ['index']
};

// What asks the server, which only models do.
const clients = ['calls', 'client'];

// Only these load the screens, when they are first shown.
const loaders = 'index|opener';

const zonesOf = capability => {
  const own = `./src/${capability}`;
  return [
    {
      target: own,
      from: './src',
      except: [
        `./${capability}`,
        './base',
        ...capabilities
          .filter(other => other !== capability)
          .map(other => `./${other}/tokens.ts`)
      ],
      message:
        "A capability may import base and another capability's tokens.ts, nothing else."
    },
    // What draws is a .tsx file, a screen.
    {
      target: `${own}/**/!(${loaders}).ts`,
      from: [`${own}/**/*.tsx`, `${own}/opener.ts*`],
      message: 'Only index and the opener know what draws.'
    },
    {
      target: `${own}/**/*.tsx`,
      from: [...clients, 'index', 'opener'].map(name => `${own}/${name}.ts*`),
      message: 'What draws asks the model and the commands.'
    },
    {
      target: `${own}/commands.ts`,
      from: [...clients, 'model'].map(name => `${own}/${name}.ts*`),
      message: 'The commands are given what they work on by the context.'
    },
    {
      target: [
        `${own}/!(${loaders}|commands).ts`,
        // Rows and toolbars are made of commands.
        `${own}/!(panel)/**/*.ts`
      ],
      from: [`${own}/commands.ts*`],
      message: 'The commands stand on the model.'
    },
    ...Object.entries(above).map(([file, higher]) => ({
      target: `${own}/${file}.ts*`,
      from: higher.map(name => `${own}/${name}.ts*`),
      message:
        'Imports point down: index, widget, commands, context, model, client, tokens, schemas.'
    }))
  ];
};

const zones = [
  ...capabilities.flatMap(zonesOf),
  {
    target: './src/base',
    from: './src',
    except: ['./base'],
    message: 'The base knows no capability.'
  },
  {
    target: './admin',
    from: './src',
    except: [
      './base/errors.ts',
      './base/schemas.ts',
      './base/chart',
      './base/shared/schemas.ts'
    ],
    message:
      'The page of the hub runs without a lab: errors, shapes and charts are all they share.'
  },
  {
    target: './src',
    from: './admin',
    message: 'The page of the hub is no part of the lab.'
  }
];

export default tseslint.config(
  {
    ignores: ['lib', 'node_modules', '**/schemas.ts', 'scripts', '**/*.mjs', '**/*.js']
  },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname }
    },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createTypeScriptImportResolver({ project: './tsconfig.json' })
      ]
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      // A signal takes a method and, beside it, the object that it belongs to.
      '@typescript-eslint/unbound-method': 'off',
      curly: ['error', 'all'],
      eqeqeq: 'error',
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { zones }],
      'no-console': 'error',
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^\\.{1,2}$|/index$' }] }
      ]
    }
  },
  { files: ['src/index.ts'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['admin/**/*.ts', 'admin/**/*.tsx'],
    rules: {
      'max-lines-per-function': ['error', 60]
    }
  },
  prettier
);
