import type { CodeMirrorEditor } from '@jupyterlab/codemirror';

import {
  Capture,
  draftOfCells,
  draftOfText,
  suggestName
} from '../../../src/snippets/insert/capture';
import { Bench, editorOf } from './lab';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => bench.dispose());

function select(editor: CodeMirrorEditor, from: number, to: number): void {
  editor.editor.dispatch({ selection: { anchor: from, head: to } });
}

describe('Capture', () => {
  it('has nothing to take at first', () => {
    const capture = new Capture(bench.places);
    expect(capture.target()).toBeNull();
    expect([
      capture.selection(),
      capture.cells(),
      capture.file(),
      capture.best()
    ]).toEqual([null, null, null, null]);
  });

  it('takes the selected text of a cell, without the indent that all its lines have', async () => {
    const panel = await bench.notebook([
      { source: 'def f():\n    a = 1\n    if a:\n        b\n' }
    ]);
    const capture = new Capture(bench.places);
    expect(capture.selection()).toBeNull();
    select(editorOf(panel, 0), 13, 38);
    expect(capture.best()).toEqual({
      name: 'a = 1',
      language: 'python',
      syntax: 'plain',
      tags: [],
      cells: [{ kind: 'code', source: 'a = 1\nif a:\n    b' }]
    });
  });

  it('takes the selected cells apart, and leaves empty ones', async () => {
    const panel = await bench.notebook([
      { source: '# Load the data', cell_type: 'markdown' },
      { source: ' ' },
      { source: 'x' },
      { source: 'raw', cell_type: 'raw' },
      { source: 'not selected' }
    ]);
    panel.content.activeCellIndex = 0;
    panel.content.extendContiguousSelectionTo(3);
    expect(new Capture(bench.places).best()).toMatchObject({
      name: 'Load the data',
      language: 'python',
      cells: [
        { kind: 'markdown', source: '# Load the data' },
        { kind: 'code', source: 'x' },
        { kind: 'raw', source: 'raw' }
      ]
    });
  });

  it('takes prose as markdown, and a magic as its language', async () => {
    const panel = await bench.notebook([
      { source: 'Text', cell_type: 'markdown' },
      { source: '%%bash\nls' }
    ]);
    const capture = new Capture(bench.places);
    panel.content.activeCellIndex = 0;
    expect(capture.cells()).toMatchObject({ language: 'markdown', name: 'Text' });
    panel.content.activeCellIndex = 1;
    expect(capture.cells()?.language).toBe('bash');
  });

  it('takes a part of a file or the whole', async () => {
    const file = await bench.file('a.sql', '-- Count\nselect 1', 'text/x-sql');
    const capture = new Capture(bench.places);
    expect(capture.best()).toMatchObject({
      name: 'Count',
      language: 'sql',
      cells: [{ kind: 'code', source: '-- Count\nselect 1' }]
    });
    select(file.content.editor as CodeMirrorEditor, 9, 17);
    expect(capture.best()?.cells).toEqual([{ kind: 'code', source: 'select 1' }]);
    expect(capture.cells()).toBeNull();
  });

  it('takes what stands at the prompt of a console', async () => {
    const panel = await bench.console();
    panel.console.promptCell!.model.sharedModel.setSource('y = 2');
    expect(new Capture(bench.places).best()?.cells).toEqual([
      { kind: 'code', source: 'y = 2' }
    ]);
  });
});

describe('drafts', () => {
  it('of cells in a file take lines and texts', () => {
    const cells = [
      { cell_type: 'code', metadata: {}, source: ['a\n', 'b'] },
      { cell_type: 'markdown', metadata: {}, source: 'c' }
    ];
    expect(draftOfCells(cells, 'r')).toMatchObject({
      language: 'r',
      cells: [
        { kind: 'code', source: 'a\nb' },
        { kind: 'markdown', source: 'c' }
      ]
    });
    expect(draftOfCells([], 'r')).toBeNull();
  });

  it('of a text are null when it is blank', () => {
    expect(draftOfText(' \n', 'python')).toBeNull();
    expect(draftOfText('# T', 'markdown')?.cells[0].kind).toBe('markdown');
    expect(draftOfText('\ta\r\n\n\tb', 'python')?.cells[0].source).toBe('a\n\nb');
  });
});

describe('suggestName', () => {
  const code = (source: string) => [{ kind: 'code' as const, source }];
  it.each([
    [
      'a first comment',
      code('# Plot a *histogram*\nplot()'),
      'python',
      'Plot a *histogram*'
    ],
    [
      'a definition',
      code('import os\n\nasync def load_all(x):\n    pass'),
      'python',
      'load_all'
    ],
    ['a class', code('class Größe:\n    pass'), 'python', 'Größe'],
    ['the first line', code('\n\nx = 1\ny = 2'), 'python', 'x = 1'],
    ['no shebang', code('#!/bin/bash\nls'), 'bash', '#!/bin/bash'],
    ['a comment of another language', code('-- All rows\nselect *'), 'sql', 'All rows'],
    [
      'a comment of many marks',
      code('//// Section ////\nx'),
      'javascript',
      'Section ////'
    ],
    ['nothing for nothing', code(''), 'python', '']
  ])('%s', (_, cells, language, name) => {
    expect(suggestName(cells, language)).toBe(name);
  });

  it('takes a heading before everything else', () => {
    const heading = {
      kind: 'markdown' as const,
      source: 'Text\n\n## The   heading ##\n'
    };
    expect(suggestName([...code('# comment'), heading])).toBe('The heading');
  });

  it('is short', () => {
    const name = suggestName(code(`# ${'word '.repeat(40)}`));
    expect(name.length).toBeLessThanOrEqual(60);
    expect(name).toMatch(/word…$/);
  });
});
