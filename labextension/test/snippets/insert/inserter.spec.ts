import type { CodeMirrorEditor } from '@jupyterlab/codemirror';
import { runScopeHandlers } from '@codemirror/view';

import { Invalid } from '../../../src/base/errors';
import { magicFor } from '../../../src/base/insert/languages';
import { Inserter, type IInserterOptions } from '../../../src/snippets/insert/inserter';
import { inSession } from '../../../src/snippets/insert/session';
import { Bench, cellsOf, editorOf, snippet, until } from './lab';

let bench: Bench;
let confirm: jest.Mock;

function inserter(more: Partial<IInserterOptions> = {}): Inserter {
  return new Inserter({
    ...bench.places,
    confirmLanguage: confirm,
    world: () => ({ project: 'sample', lake: 'sample/lake' }),
    ...more
  });
}

function tab(editor: CodeMirrorEditor): boolean {
  return runScopeHandlers(
    editor.editor,
    new KeyboardEvent('keydown', { key: 'Tab' }),
    'editor'
  );
}

function select(editor: CodeMirrorEditor, from: number, to = from): void {
  editor.editor.dispatch({ selection: { anchor: from, head: to } });
}

beforeEach(() => {
  bench = new Bench();
  confirm = jest.fn().mockResolvedValue('insert');
});

afterEach(() => bench.dispose());

describe('the target', () => {
  it('is nothing at first, and says what to do', async () => {
    const one = inserter();
    expect(one.target()).toBeNull();
    expect(one.describeTarget()).toEqual({
      enabled: false,
      text: 'Open a notebook, console or text file first',
      language: ''
    });
    await expect(one.insert(snippet('a'))).rejects.toThrow(Invalid);
  });

  it('is where the person works, told in words', async () => {
    const one = inserter();
    const told = jest.fn();
    one.targetChanged.connect(told);
    const panel = await bench.notebook([
      { source: 'a' },
      { source: '# b', cell_type: 'markdown' }
    ]);
    expect(told).toHaveBeenCalled();
    const name = panel.context.path;
    expect(one.describeTarget()).toEqual({
      enabled: true,
      text: `Insert into ${name}, cell 1`,
      language: 'python'
    });
    expect(one.describeTarget('cells').text).toBe(
      `Insert as new cells below ${name}, cell 1`
    );
    panel.content.activeCellIndex = 1;
    expect(one.describeTarget().language).toBe('markdown');
    await bench.file('work/run.sh', 'a\nb', 'text/x-sh');
    expect(one.describeTarget()).toMatchObject({
      text: 'Insert into run.sh, line 1',
      language: 'bash'
    });
    const console = await bench.console();
    expect(one.target()?.kind).toBe('console');
    expect(one.describeTarget().text).toBe(`Insert into ${console.title.label}`);
  });

  it('stays when the person goes to something else, and goes when it is closed', async () => {
    const one = inserter();
    const panel = await bench.notebook([{ source: 'a' }]);
    bench.currentWidget = null;
    expect(one.target()?.widget).toBe(panel);
    panel.dispose();
    expect(one.target()).toBeNull();
  });

  it('refuses what is read-only', async () => {
    const one = inserter();
    const panel = await bench.notebook([{ source: 'a' }]);
    panel.content.model!.readOnly = true;
    expect(one.describeTarget()).toMatchObject({
      enabled: false,
      text: `${panel.context.path} is read-only`
    });
    await expect(one.insert(snippet('x'))).rejects.toThrow('is read-only');
    expect(cellsOf(panel)).toEqual([['code', 'a']]);
  });

  it('refuses a cell that may not be edited', async () => {
    const panel = await bench.notebook([{ source: 'a' }]);
    editorOf(panel, 0).setOption('readOnly', true);
    await expect(inserter().insert(snippet('x'))).rejects.toThrow(
      'cannot be written to here'
    );
  });

  it('is told no more after dispose', async () => {
    const one = inserter();
    const told = jest.fn();
    one.targetChanged.connect(told);
    expect(one.isDisposed).toBe(false);
    one.dispose();
    expect(one.isDisposed).toBe(true);
    await bench.notebook([{}]);
    expect(told).not.toHaveBeenCalled();
  });
});

describe('into a cell', () => {
  it('goes to the cursor, with the indent of its line, and starts the stops', async () => {
    const panel = await bench.notebook([{ source: 'if x:\n    ' }]);
    const editor = editorOf(panel, 0);
    select(editor, 10);
    const done = await inserter().insert(snippet('for ${1:i} in y:\r\n\tprint($1)$0'));
    expect(cellsOf(panel)).toEqual([
      ['code', 'if x:\n    for i in y:\n        print(i)']
    ]);
    expect(done).toMatchObject({ cells: 0, where: `${panel.context.path}, cell 1` });
    expect(inSession(editor.editor)).toBe(true);
    expect(panel.content.mode).toBe('edit');
    expect(bench.activated).toEqual([panel.id]);
    expect(editor.state.selection.main).toMatchObject({ from: 14, to: 15 });
    expect(editor.editor.dom.querySelector('[aria-live]')?.textContent).toBe(
      'Field 1 of 1'
    );
  });

  it('replaces the selection, which it may use', async () => {
    const panel = await bench.notebook([
      { source: 'def f():\n    a = 1\n    b = 2\n    c' }
    ]);
    select(editorOf(panel, 0), 13, 28);
    await inserter().insert(
      snippet('try:\n    $SELECTION\nexcept ${1:Error}:\n    pass')
    );
    expect(cellsOf(panel)[0][1]).toBe(
      'def f():\n    try:\n        a = 1\n        b = 2\n    except Error:\n        pass\n    c'
    );
  });

  it('is one undo step', async () => {
    const panel = await bench.notebook([{ source: 'a\n' }]);
    const editor = editorOf(panel, 0);
    select(editor, 2);
    editor.editor.dispatch({
      changes: { from: 2, insert: 'b=' },
      selection: { anchor: 4 }
    });
    await inserter().insert(snippet('${1:x} = $1\n$1'));
    expect(cellsOf(panel)[0][1]).toBe('a\nb=x = x\nx');
    editor.undo();
    expect(cellsOf(panel)[0][1]).toBe('a\nb=');
    editor.undo();
    expect(cellsOf(panel)[0][1]).toBe('a\n');
  });

  it('does not run into the statement before it', async () => {
    const panel = await bench.notebook([{ source: 'if x:\n    import os' }]);
    const editor = editorOf(panel, 0);
    select(editor, 19);
    await inserter().insert(snippet('for ${1:i} in y:\n\tprint($1)'));
    expect(cellsOf(panel)[0][1]).toBe(
      'if x:\n    import os\n    for i in y:\n        print(i)'
    );
    editor.undo();
    expect(cellsOf(panel)[0][1]).toBe('if x:\n    import os');
    await inserter().insert(snippet('one_line'));
    expect(cellsOf(panel)[0][1]).toBe('if x:\n    import os\n    one_line');
  });

  it.each([
    ['df', '.head()', 'df.head()'],
    ['df = ', 'make()', 'df = make()'],
    ['f(', 'x', 'f(x'],
    ['x = 1', '# a comment', 'x = 1\n# a comment']
  ])('goes on with %j by %j: %j', async (before, text, after) => {
    const panel = await bench.notebook([{ source: before }]);
    select(editorOf(panel, 0), before.length);
    await inserter().insert(snippet(text));
    expect(cellsOf(panel)[0][1]).toBe(after);
  });

  it('becomes a cell of its own in command mode, and says so', async () => {
    const panel = await bench.notebook([{ source: 'a' }, { source: '' }]);
    const inserting = inserter();
    const focusOn = (node: Element): void =>
      void node.dispatchEvent(new FocusEvent('focusin', { bubbles: true }));
    const changes = jest.fn();
    inserting.targetChanged.connect(changes);
    focusOn(panel.content.widgets[0].node);
    expect(changes).toHaveBeenCalledTimes(1);
    expect(inserting.describeTarget().text).toBe(
      'Insert as new cells below untitled.ipynb, cell 1'.replace(
        'untitled.ipynb',
        panel.context.path
      )
    );
    // The panel takes the focus: how the person left the notebook is remembered.
    focusOn(document.body);
    await inserting.insert(snippet('b'));
    expect(cellsOf(panel).map(([, source]) => source)).toEqual(['a', 'b', '']);
    panel.content.activeCellIndex = 2;
    await inserting.insert(snippet('c'));
    expect(cellsOf(panel).map(([, source]) => source)).toEqual(['a', 'b', 'c']);
    focusOn(editorOf(panel, 2).editor.contentDOM);
    expect(inserting.describeTarget().text).toContain('Insert into');
  });

  it('of plain syntax means nothing but itself', async () => {
    const panel = await bench.notebook([{ source: '' }]);
    await inserter().insert(snippet('echo $HOME ${1:x}', { syntax: 'plain' }));
    expect(cellsOf(panel)[0][1]).toBe('echo $HOME ${1:x}');
    expect(inSession(editorOf(panel, 0).editor)).toBe(false);
  });

  it('asks for the clipboard only when it is used, and goes on without it', async () => {
    const panel = await bench.notebook([{ source: '' }]);
    const readClipboard = jest.fn().mockResolvedValue('copied');
    await inserter({ readClipboard }).insert(snippet('$PROJECT '));
    expect(readClipboard).not.toHaveBeenCalled();
    await inserter({ readClipboard }).insert(snippet('$CLIPBOARD '));
    readClipboard.mockRejectedValue(new Error('not allowed'));
    await inserter({ readClipboard }).insert(snippet('[$CLIPBOARD]'));
    await inserter().insert(snippet('[$CLIPBOARD] ${DATAFRAME}'));
    expect(cellsOf(panel)[0][1]).toBe('sample copied [][] df');
  });
});

describe('into a text', () => {
  it.each([
    // Text with the cursor at |, what is inserted, and what comes of it.
    ['|print(1)', 'import os', 'import os\nprint(1)'],
    ['    |print(1)', 'import os', '    import os\n    print(1)'],
    ['a|b', 'import os', 'ab\nimport os'],
    ['x = 1|', 'y = 2', 'x = 1\ny = 2'],
    ['x = 1 |', 'import os', 'x = 1 \nimport os'],
    ['x = 1 |# why', 'y = 2', 'x = 1 # why\ny = 2'],
    ['if x:\n    f(x)|', 'y = 1\nz = 2', 'if x:\n    f(x)\n    y = 1\n    z = 2'],
    ['if x:\n    f|(x)', 'y = 1', 'if x:\n    f(x)\n    y = 1'],
    ['x = |', 'f(1)', 'x = f(1)'],
    ['f(|)', 'x', 'f(x)'],
    ['f(|x)', '.a', 'f(.a x)'],
    ['f(a, |b)', 'c', 'f(a, c b)'],
    ['df|', '.head()', 'df.head()'],
    ['df|.x', '.head()', 'df.head().x'],
    ['|', 'import os', 'import os'],
    ['a\n|\nb', 'import os', 'a\nimport os\nb'],
    // A call stays whole: what would be glued in it, or is a statement, goes below it.
    ['x = foo(|1, 2)', 'f(v)', 'x = foo(1, 2)\nf(v)'],
    ['x = foo(|1, 2)', 'a = b + c', 'x = foo(1, 2)\na = b + c'],
    ['x = foo(|1, 2)', 'for i in y:\n    f(i)', 'x = foo(1, 2)\nfor i in y:\n    f(i)'],
    ['foo(\n    1,|\n)\nz', 'a = b', 'foo(\n    1,\n)\na = b\nz'],
    ['foo(\n    1|,\n    2)', 'f(v)', 'foo(\n    1,\n    2)\nf(v)'],
    ['foo(\n    |1,\n)', 'f(v)', 'foo(\n    1,\n)\nf(v)'],
    [
      'if x:\n    foo(bar(|))',
      'for i in y:\n    f(i)',
      'if x:\n    foo(bar())\n    for i in y:\n        f(i)'
    ],
    ['foo("(", |1) # )', 'f(v)', 'foo("(", 1) # )\nf(v)'],
    ['foo(|', 'import os', 'foo(\nimport os'],
    ['foo(|"a")', 'b', 'foo("a")\nb'],
    ['foo(|(1, 2))', 'f(v)', 'foo((1, 2))\nf(v)'],
    ['d = {|1: 2}', 'import os', 'd = {1: 2}\nimport os'],
    // What belongs into the brackets goes there.
    ['foo(|)', 'f(\n    1,\n)', 'foo(f(\n    1,\n))'],
    ['foo(|)', 'jobs=1', 'foo(jobs=1)'],
    ['[x |]', 'for x in y', '[x for x in y]'],
    ['foo(\n    |\n)', 'f(v)', 'foo(\n    f(v)\n)'],
    ['(df\n    |\n)', '.a()\n.b()', '(df\n    .a()\n    .b()\n)'],
    ['df|["a"]', '.head()', 'df.head()["a"]'],
    // A bracket that was never closed is not around what comes later.
    ['foo(\nx = |', 'f(v)', 'foo(\nx = f(v)'],
    // A block goes into the body of what has one, and into the middle of nothing.
    ['if x:|', 'import os', 'if x:\n    import os'],
    ['if x: # why\n  y|', 'import os', 'if x: # why\n  y\n  import os'],
    ['if f(x|): # why\n  y', 'import os', 'if f(x): # why\n  import os\n  y'],
    ['x = |', 'for i in y:\n    f(i)', 'x = \nfor i in y:\n    f(i)']
  ])('%j takes %j', async (before, body, after) => {
    const panel = await bench.notebook([{ source: before.replace('|', '') }]);
    select(editorOf(panel, 0), before.indexOf('|'));
    await inserter().insert(snippet(body, { syntax: 'plain' }));
    expect(cellsOf(panel)).toEqual([['code', after]]);
  });

  it.each([
    [
      'for i in [items]:\n    f(i)',
      'for j in y:\n    g(j)',
      'for i in items:\n    for j in y:\n        g(j)\n    f(i)'
    ],
    ['x = [1]', 'a = 2', 'x = 1\na = 2'],
    ['foo([x])', 'f(v)', 'foo(f(v))'],
    ['foo([x])', 'jobs=1', 'foo(jobs=1)'],
    ['[x = 1]', 'import os', 'import os'],
    ['    [x = 1]\ny', 'if x:\n    f(x)', '    if x:\n        f(x)\ny'],
    ['print("[name]")', 'with love', 'print("with love")']
  ])('%j, with that selected, takes %j', async (before, body, after) => {
    const panel = await bench.notebook([{ source: before.replace(/[[\]]/g, '') }]);
    select(editorOf(panel, 0), before.indexOf('['), before.indexOf(']') - 1);
    await inserter().insert(snippet(body, { syntax: 'plain' }));
    expect(cellsOf(panel)).toEqual([['code', after]]);
  });

  it.each([
    [
      'f <- function() {\n  |\n}',
      'for (i in x) {\n  i\n}',
      'f <- function() {\n  for (i in x) {\n    i\n  }\n}'
    ],
    ['try({\n  y|\n})', 'x = 1', 'try({\n  y\n  x = 1\n})'],
    ['g(|1)', 'x = 1', 'g(1)\nx = 1'],
    ['if (x) {|', 'library(a)', 'if (x) {\n    library(a)']
  ])('%j takes %j in a language with braces', async (before, body, after) => {
    const file = await bench.file('a.R', before.replace('|', ''), 'text/x-rsrc');
    select(file.content.editor as CodeMirrorEditor, before.indexOf('|'));
    await inserter().insert(snippet(body, { syntax: 'plain', language: 'r' }));
    expect(file.context.model.toString()).toBe(after);
  });

  it('goes as prose into prose', async () => {
    const file = await bench.file('a.txt', 'with (you)', 'text/plain');
    select(file.content.editor as CodeMirrorEditor, 6, 9);
    await inserter().insert(snippet('for me\nalone', { language: 'text' }));
    expect(file.context.model.toString()).toBe('with (for me\nalone)');
  });

  it('makes a new cell in a notebook that nobody has written in yet', async () => {
    const panel = await bench.notebook([{ source: 'a' }]);
    panel.content.mode = 'command';
    await inserter().insert(snippet('b'));
    expect(cellsOf(panel)).toEqual([
      ['code', 'a'],
      ['code', 'b']
    ]);
  });
});

describe('as cells', () => {
  const several = snippet([
    { kind: 'markdown', source: '# ${1:Title}' },
    { kind: 'code', source: '${1:df} = 1\n$1' },
    { kind: 'raw', source: 'raw' },
    { kind: 'code', source: 'f(${1:x})' }
  ]);

  it('several stay apart, below the active one, as one undo step', async () => {
    const panel = await bench.notebook([{ source: 'a' }, { source: 'z' }]);
    const done = await inserter().insert(several);
    expect(cellsOf(panel)).toEqual([
      ['code', 'a'],
      ['markdown', '# Title'],
      ['code', 'df = 1\ndf'],
      ['raw', 'raw'],
      ['code', 'f(x)'],
      ['code', 'z']
    ]);
    expect(done).toMatchObject({ cells: 4, where: `${panel.context.path}, cell 2` });
    panel.model!.sharedModel.undo();
    expect(cellsOf(panel)).toEqual([
      ['code', 'a'],
      ['code', 'z']
    ]);
  });

  it('are filled in one after the other', async () => {
    const panel = await bench.notebook([{ source: 'a' }]);
    await inserter().insert(several);
    expect(panel.content.activeCellIndex).toBe(1);
    expect(inSession(editorOf(panel, 1).editor)).toBe(true);
    expect(tab(editorOf(panel, 1))).toBe(true);
    await until(() => inSession(editorOf(panel, 2).editor));
    expect(panel.content.activeCellIndex).toBe(2);
    expect(panel.content.mode).toBe('edit');
    tab(editorOf(panel, 2));
    await until(() => inSession(editorOf(panel, 4).editor));
    expect(panel.content.activeCellIndex).toBe(4);
    tab(editorOf(panel, 4));
    expect(inSession(editorOf(panel, 4).editor)).toBe(false);
  });

  it('are not filled in where somebody wrote meanwhile', async () => {
    const panel = await bench.notebook([{ source: 'a' }]);
    await inserter().insert(several);
    panel.content.widgets[2].model.sharedModel.setSource('other');
    tab(editorOf(panel, 1));
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(inSession(editorOf(panel, 2).editor)).toBe(false);
  });

  it('one is a new cell when that is asked for', async () => {
    const panel = await bench.notebook([{ source: 'a' }]);
    await inserter().insert(snippet('b$0c'), 'cells');
    expect(cellsOf(panel)).toEqual([
      ['code', 'a'],
      ['code', 'bc']
    ]);
    expect(panel.content.activeCellIndex).toBe(1);
    expect(editorOf(panel, 1).state.selection.main.head).toBe(1);
    expect(panel.content.widgets[1].model.sharedModel.getMetadata('trusted')).toBe(
      true
    );
  });

  it('prose goes below code, and is shown rendered', async () => {
    const panel = await bench.notebook([{ source: 'a' }]);
    await inserter().insert(snippet('# Title', { language: 'markdown' }));
    expect(cellsOf(panel)[1]).toEqual(['markdown', '# Title']);
    expect(panel.content.mode).toBe('command');
    expect(confirm).not.toHaveBeenCalled();
  });

  it('go to an index, and into an empty notebook', async () => {
    const panel = await bench.notebook([{ source: 'a' }]);
    const one = inserter();
    await one.insertCells(snippet('first'), panel, 0);
    expect(cellsOf(panel).map(cell => cell[1])).toEqual(['first', 'a']);
    await one.insertCells(snippet('last'), panel, 99);
    expect(cellsOf(panel).map(cell => cell[1])).toEqual(['first', 'a', 'last']);
  });

  it('code of Orrery itself becomes a cell', async () => {
    const panel = await bench.notebook([{ source: 'a' }]);
    inserter().insertCode('%pip install polars');
    expect(cellsOf(panel)[1]).toEqual(['code', '%pip install polars']);
  });

  it('code of Orrery itself goes into the active cell when that is blank', async () => {
    const panel = await bench.notebook([{ source: '' }]);
    inserter().insertCode('%pip install polars');
    expect(cellsOf(panel)).toEqual([['code', '%pip install polars']]);
  });

  it('are what a drag carries', () => {
    expect(inserter().asNotebookCells(several)).toEqual([
      { cell_type: 'markdown', source: '# Title', metadata: {} },
      {
        cell_type: 'code',
        source: 'df = 1\ndf',
        metadata: {},
        outputs: [],
        execution_count: null
      },
      { cell_type: 'raw', source: 'raw', metadata: {} },
      {
        cell_type: 'code',
        source: 'f(x)',
        metadata: {},
        outputs: [],
        execution_count: null
      }
    ]);
  });
});

describe('into prose', () => {
  it('code is fenced, on lines of its own', async () => {
    const panel = await bench.notebook([
      { source: 'before after', cell_type: 'markdown' }
    ]);
    const widget = panel.content.activeCell as unknown as { rendered: boolean };
    widget.rendered = false;
    select(editorOf(panel, 0), 7);
    await inserter().insert(snippet('x = "```"\n${1:y}'), 'cursor');
    expect(cellsOf(panel)[0][1]).toBe('before \n````python\nx = "```"\ny\n````\nafter');
    expect(confirm).not.toHaveBeenCalled();
    const editor = editorOf(panel, 0);
    expect(
      editor.state.sliceDoc(
        editor.state.selection.main.from,
        editor.state.selection.main.to
      )
    ).toBe('y');
  });

  it('code becomes a cell of its own when the prose is rendered', async () => {
    const panel = await bench.notebook([{ source: 'text', cell_type: 'markdown' }]);
    await inserter().insert(snippet('x'));
    expect(cellsOf(panel)).toEqual([
      ['markdown', 'text'],
      ['code', 'x']
    ]);
  });

  it('of a file, several cells become one text', async () => {
    const file = await bench.file('notes.md', '', 'text/x-markdown');
    await inserter().insert(
      snippet([
        { kind: 'markdown', source: '# Title' },
        { kind: 'code', source: 'x\n' },
        { kind: 'raw', source: 'raw' }
      ])
    );
    expect(file.context.model.toString()).toBe('# Title\n\n```python\nx\n```\n\nraw');
  });
});

describe('into a file', () => {
  it('several cells are joined, prose as comments, with all stops', async () => {
    const file = await bench.file('work/run.py', 'x = 1\n', 'text/x-python');
    const editor = file.content.editor as CodeMirrorEditor;
    select(editor, 6);
    const done = await inserter().insert(
      snippet([
        { kind: 'markdown', source: '# ${1:Title}\n\nText' },
        { kind: 'code', source: 'print("$TM_FILENAME_BASE", ${1:y})$0' }
      ])
    );
    expect(file.context.model.toString()).toBe(
      'x = 1\n# # Title\n\n# Text\n\nprint("run", y)'
    );
    expect(done?.where).toBe('run.py, line 2');
    const chosen = () =>
      editor.state.sliceDoc(
        editor.state.selection.main.from,
        editor.state.selection.main.to
      );
    expect(chosen()).toBe('Title');
    tab(editor);
    expect(chosen()).toBe('y');
    tab(editor);
    expect(editor.state.selection.main.head).toBe(file.context.model.toString().length);
    editor.undo();
    expect(file.context.model.toString()).toBe('x = 1\n');
  });

  it('prose becomes a block comment where there are no others', async () => {
    const file = await bench.file('a.css', '', 'text/css');
    await inserter().insert(snippet('Title', { language: 'markdown' }));
    expect(file.context.model.toString()).toBe('/* Title */');
  });

  it('goes to an offset', async () => {
    const file = await bench.file('a.txt', 'ab', 'text/plain');
    const one = inserter();
    await one.insertAt(snippet('-'), one.target()!, 1);
    expect(file.context.model.toString()).toBe('a-b');
    expect(confirm).not.toHaveBeenCalled();
  });

  it('keeps tabs where they mean something, and uses the indent of the editor elsewhere', async () => {
    const file = await bench.file('Makefile', '', 'text/plain');
    await inserter().insert(snippet('all:\n\techo', { language: 'makefile' }));
    expect(file.context.model.toString()).toBe('all:\n\techo');
    const other = await bench.file('a.py', '', 'text/x-python');
    await inserter().insert(snippet('if x:\n\ty', { syntax: 'plain' }));
    expect(other.context.model.toString()).toBe('if x:\n    y');
  });
});

describe('into a console', () => {
  it('goes to the prompt', async () => {
    const console = await bench.console();
    const prompt = console.console.promptCell!;
    const done = await inserter().insert(
      snippet([
        { kind: 'code', source: 'a = ${1:1}' },
        { kind: 'code', source: 'b' }
      ]),
      'cells'
    );
    expect(prompt.model.sharedModel.getSource()).toBe('a = 1\n\nb');
    expect(done).toMatchObject({ cells: 0, where: console.title.label });
    expect(inSession((prompt.editor as CodeMirrorEditor).editor)).toBe(true);
  });
});

describe('the language', () => {
  it('is asked about when it differs, and nothing happens when the person declines', async () => {
    const panel = await bench.notebook([{ source: '' }]);
    confirm.mockResolvedValue('cancel');
    const bash = snippet('ls', { language: 'bash' });
    expect(await inserter().insert(bash)).toBeNull();
    expect(confirm).toHaveBeenCalledWith(
      bash,
      expect.objectContaining({ kind: 'notebook' })
    );
    expect(cellsOf(panel)).toEqual([['code', '']]);
  });

  it('may be that of a cell of its own, by a magic', async () => {
    const panel = await bench.notebook([{ source: 'a' }]);
    confirm.mockResolvedValue('magic');
    await inserter().insert(snippet('ls ${1:-l}', { language: 'sh' }));
    expect(cellsOf(panel)[1]).toEqual(['code', '%%bash\nls -l']);
    const { from, to } = editorOf(panel, 1).state.selection.main;
    expect([from, to]).toEqual([10, 12]);
    confirm.mockResolvedValue('insert');
    panel.content.activeCellIndex = 0;
    await inserter().insert(snippet('x', { language: 'r' }));
    expect(cellsOf(panel)[0]).toEqual(['code', 'x\na']);
  });

  it('is that of the magic in a cell', async () => {
    const panel = await bench.notebook([{ source: '%%sql\n' }]);
    const one = inserter();
    expect(one.target()?.textLanguage).toBe('sql');
    await one.insert(snippet('select 1', { language: 'SQL' }));
    expect(confirm).not.toHaveBeenCalled();
    expect(cellsOf(panel)[0][1]).toContain('select 1');
  });

  it('comes from the kernel spec when nothing else tells', async () => {
    await bench.notebook([{}], {
      language_info: undefined,
      kernelspec: { name: 'ir', display_name: 'R', language: 'R' }
    });
    expect(inserter().target()?.language).toBe('r');
  });

  it('has a magic only where IPython knows one', () => {
    expect(magicFor('bash', 'python')).toBe('%%bash');
    expect(magicFor('r', 'python')).toBeNull();
    expect(magicFor('bash', 'r')).toBeNull();
  });
});
