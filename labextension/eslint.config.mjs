import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const capabilities = ['eda', 'projects', 'snippets'];

// Inside a capability the arrows run down: a file may not import what stands above it.
const above = {
  schemas: ['tokens', 'api', 'commands', 'model', 'widget', 'index'],
  tokens: ['api', 'commands', 'model', 'widget', 'index'],
  api: ['commands', 'model', 'widget', 'index'],
  model: ['commands', 'widget', 'index'],
  commands: ['api', 'model', 'widget', 'index'],
  widget: ['api', 'index']
};

const zones = [
  ...capabilities.map(one => ({
    target: `./src/${one}`,
    from: './src',
    except: [
      `./${one}`,
      './base',
      ...capabilities
        .filter(other => other !== one)
        .map(other => `./${other}/tokens.ts`)
    ],
    message:
      "A capability may import base and another capability's tokens.ts, nothing else."
  })),
  {
    target: './src/base',
    from: './src',
    except: ['./base'],
    message: 'The base knows no capability.'
  },
  // What draws is a .tsx file and a screen; only index, and screens that loads them late, may know one.
  ...capabilities.flatMap(one => [
    {
      target: `./src/${one}/**/!(index|screens).ts`,
      from: [`./src/${one}/**/*.tsx`, `./src/${one}/screens.ts*`],
      message: 'Only index and screens know what draws.'
    },
    {
      target: `./src/${one}/**/*.tsx`,
      from: ['api', 'index', 'screens'].map(name => `./src/${one}/${name}.ts*`),
      message: 'What draws asks the model and the commands.'
    },
    {
      target: `./src/${one}/**/!(index|screens|commands|hooks).ts`,
      from: [`./src/${one}/commands.ts*`],
      message: 'The commands stand on the model.'
    }
  ]),
  ...capabilities.flatMap(one =>
    Object.entries(above).map(([file, higher]) => ({
      target: `./src/${one}/${file}.ts*`,
      from: higher.map(name => `./src/${one}/${name}.ts*`),
      message:
        'Imports point down: index, widget, commands, model, api, tokens, schemas.'
    }))
  )
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
  prettier
);
