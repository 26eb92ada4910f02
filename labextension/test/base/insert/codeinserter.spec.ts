import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import { Invalid } from '../../../src/base/errors';
import { CodeInserter } from '../../../src/base/insert/codeinserter';
import { Bench, cellsOf, editorOf } from '../../snippets/insert/lab';

let bench: Bench;
let commands: CommandRegistry;
let app: JupyterFrontEnd;
const trans = nullTranslator.load('orrery');

const inserter = (withApp = true): CodeInserter =>
  new CodeInserter({ ...bench.places, trans, app: withApp ? app : null });

beforeEach(() => {
  Notification.dismiss();
  bench = new Bench();
  commands = new CommandRegistry();
  app = {
    commands,
    serviceManager: { kernelspecs: { specs: { default: 'python3' } } }
  } as unknown as JupyterFrontEnd;
});

afterEach(() => bench.dispose());

describe('code', () => {
  it('becomes a cell below the active one, as one undo step', async () => {
    const panel = await bench.notebook([{ source: 'a' }, { source: 'z' }]);
    const target = inserter().insert('x = 1\ny = 2');
    expect(target?.widget).toBe(panel);
    expect(cellsOf(panel).map(([, source]) => source)).toEqual([
      'a',
      'x = 1\ny = 2',
      'z'
    ]);
    expect(panel.content.activeCellIndex).toBe(1);
    expect(bench.activated).toEqual([panel.id]);
    panel.content.model!.sharedModel.undo();
    expect(cellsOf(panel)).toHaveLength(2);
  });

  it('goes into the active cell while that is blank', async () => {
    const panel = await bench.notebook([{ source: ' ' }]);
    inserter().insert('x');
    expect(cellsOf(panel)[0][1]).toContain('x');
    expect(cellsOf(panel)).toHaveLength(1);
  });

  it.each([
    ['', 0, 'x'],
    ['a = 1', 5, 'a = 1\nx'],
    ['a = 1', 0, 'x\na = 1'],
    ['    ', 4, '    x']
  ])(
    'of a file with %j stands on lines of its own at %i',
    async (before, at, after) => {
      const file = await bench.file('a.py', before, 'text/x-python');
      const { editor } = file.content;
      editor.setCursorPosition(editor.getPositionAt(at)!);
      inserter().insert('x');
      expect(editor.model.sharedModel.getSource()).toBe(after);
    }
  );

  it('goes to the prompt of a console', async () => {
    const panel = await bench.console();
    inserter().insert('x');
    expect(panel.console.promptCell!.model.sharedModel.getSource()).toBe('x');
  });

  it('is refused where there is no place, and where that is read-only', async () => {
    expect(() => inserter(false).insert('x')).toThrow(Invalid);
    const panel = await bench.notebook([{ source: 'a' }]);
    panel.model!.readOnly = true;
    expect(() => inserter().insert('x')).toThrow('is read-only');
  });

  it('goes into a new notebook that is offered where there is no place', async () => {
    const made = jest.fn(() => bench.notebook([{ source: '' }]));
    commands.addCommand('notebook:create-new', { execute: made });
    expect(inserter().insert('x')).toBeNull();
    const [{ message, options }] = Notification.manager.notifications;
    expect(message).toContain('There is no place to insert into');
    expect(options.actions![0].label).toBe('New notebook');
    options.actions![0].callback(new MouseEvent('click'));
    await new Promise(resolve => setTimeout(resolve, 50));
    const panel = bench.currentWidget as NotebookPanel;
    expect(made).toHaveBeenCalledWith({ kernelName: 'python3' });
    expect(cellsOf(panel)[0][1]).toBe('x');
    expect(editorOf(panel, 0).hasFocus()).toBe(true);
  });
});
